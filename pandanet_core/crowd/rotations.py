"""Rotation matrices: about an axis, between two directions, composed."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def about_axis(axis: Floats, angle_rad: Floats | float) -> Floats:
    """Rotations (..., 3, 3) about unit axes (..., 3) by angles (...), right-handed (Rodrigues)."""
    axis, angle = np.broadcast_arrays(axis, np.asarray(angle_rad)[..., None])
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    cross = np.stack([np.stack(row, -1) for row in rows], -2)
    sine, cosine = np.sin(angle[..., :1, None]), np.cos(angle[..., :1, None])
    return np.eye(3) + sine * cross + (1 - cosine) * (cross @ cross)


def about_x(angle_rad: Floats | float) -> Floats:
    """Rotations (..., 3, 3) about x."""
    return about_axis(np.array([1.0, 0.0, 0.0]), angle_rad)


def about_y(angle_rad: Floats | float) -> Floats:
    """Rotations (..., 3, 3) about y."""
    return about_axis(np.array([0.0, 1.0, 0.0]), angle_rad)


def about_z(angle_rad: Floats | float) -> Floats:
    """Rotations (..., 3, 3) about z."""
    return about_axis(np.array([0.0, 0.0, 1.0]), angle_rad)


def between(start: Floats, end: Floats) -> Floats:
    """The smallest rotation (3, 3) that turns direction `start` (3,) into direction `end` (3,)."""
    start, end = unit(start), unit(end)
    axis = np.cross(start, end)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-9:
        if start @ end > 0:
            return np.eye(3)
        helper = np.eye(3)[np.argmin(np.abs(start))]
        return about_axis(unit(np.cross(start, helper)), np.pi)
    return about_axis(axis / sine, float(np.arctan2(sine, start @ end)))


def power(rotations: Floats, share: Floats | float) -> Floats:
    """The part `share` of the way (0 to 1) from no rotation to small `rotations` (..., 3, 3)."""
    skew = (rotations - np.swapaxes(rotations, -1, -2)) / 2
    axis = np.stack([skew[..., 2, 1], skew[..., 0, 2], skew[..., 1, 0]], -1)
    sine = np.linalg.norm(axis, axis=-1)
    trace = np.trace(rotations, axis1=-2, axis2=-1)
    angle = np.arctan2(sine, (trace - 1) / 2)
    return about_axis(unit(axis), angle * share)


def unit(vectors: Floats) -> Floats:
    """Vectors (..., 3) scaled to length 1; zero vectors stay zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(length, 1e-12)
