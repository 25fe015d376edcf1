"""Small rigid shapes that hats, bags and hair are built from."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.meshes import Mesh

Floats = NDArray[np.floating[Any]]

TILE_M = 0.35
"""Size of one repeat of a texture."""


def rigid(mesh: Mesh, bone: int, bones: int) -> Mesh:
    """A mesh that moves with one of so many bones."""
    weights = np.zeros((len(mesh), bones))
    weights[:, bone] = 1
    return Mesh(mesh.vertices, mesh.uvs, weights, mesh.faces)


def rounded_box(centre: Floats, half: Floats, roundness: float, cells: int = 14) -> Mesh:
    """A superellipsoid: roundness 1 is an ellipsoid, 0.3 a box with soft edges."""
    pitch = np.linspace(-np.pi / 2, np.pi / 2, cells // 2 + 1)
    around = np.linspace(-np.pi, np.pi, cells + 1)
    pitch, around = np.meshgrid(pitch, around, indexing="ij")

    def soft(values: Floats) -> Floats:
        return np.sign(values) * np.abs(values) ** roundness

    ring = soft(np.cos(pitch))
    points = np.stack(
        [ring * soft(np.cos(around)), ring * soft(np.sin(around)), soft(np.sin(pitch))], -1
    )
    return _grid(centre + points * half)


def revolved(
    centre: Floats, radii: Floats, heights: Floats, shares: Floats, cells: int = 20
) -> Mesh:
    """Elliptic rings round a vertical axis.

    Args:
        centre: (3,) of the axis.
        radii: (2,) half axes in x and y of a ring with share 1.
        heights: (R,) above the centre, with shares (R,) of the radii.
    """
    around = np.linspace(-np.pi, np.pi, cells + 1)
    ring = np.stack([np.cos(around) * radii[0], np.sin(around) * radii[1]], -1)
    flat = shares[:, None, None] * ring
    up = np.broadcast_to(heights[:, None, None], (len(heights), cells + 1, 1))
    return _grid(centre + np.concatenate([flat, up], -1))


def tube(path: Floats, radius_m: Floats | float, cells: int = 8) -> Mesh:
    """A round cord along points (N, 3) in the plane of x and z or y and z, m."""
    way = np.gradient(path, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    flat = np.ptp(path, 0)
    side = np.broadcast_to([0.0, 1.0, 0.0] if flat[1] < flat[0] else [1.0, 0.0, 0.0], way.shape)
    other = np.cross(way, side)
    around = np.linspace(0, 2 * np.pi, cells + 1)[None, :, None]
    radius = np.broadcast_to(radius_m, len(path))[:, None, None]
    offset = np.cos(around) * side[:, None] + np.sin(around) * other[:, None]
    return _grid(path[:, None] + radius * offset)


def joined(meshes: list[Mesh]) -> Mesh:
    """Several meshes as one."""
    starts = np.cumsum([0] + [len(mesh) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.uvs for mesh in meshes]),
        np.concatenate([mesh.weights for mesh in meshes]),
        np.concatenate([mesh.faces + start for mesh, start in zip(meshes, starts, strict=True)]),
    )


def _grid(points: Floats) -> Mesh:
    """A sheet of points (R, C, 3) with texture coordinates by distance."""
    rows, columns = points.shape[:2]
    along = np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(1)
    across = np.linalg.norm(np.diff(points, axis=1), axis=-1).max(0)
    v, u = (np.concatenate([[0.0], np.cumsum(steps)]) / TILE_M for steps in (along, across))
    uvs = np.stack(np.meshgrid(u, v), -1).reshape(-1, 2)
    corner = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    right, up, over = corner + 1, corner + columns, corner + columns + 1
    faces = np.concatenate([np.stack([corner, right, over], 1), np.stack([corner, over, up], 1)])
    return Mesh(points.reshape(-1, 3), uvs, np.zeros((rows * columns, 1)), faces)
