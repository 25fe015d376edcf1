"""Low-polygon meshes, built for many parts at once, with the light in their vertex colours."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.orbit_camera import NEAR_PLANE_M, OrbitCamera

Floats = NDArray[np.floating[Any]]

TUBE_SIDES = 6
DISC_SIDES = 20
SHADOW_SIDE = 0.6
"""Brightness of a surface that faces away from the light; 1 where it faces it."""


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in display space, to be drawn without further light.

    Attributes:
        vertices: (V, 3) metres.
        triangles: (T, 3) vertex indices, int32.
        colours: (V, 3) RGB from 0 to 1.
    """

    vertices: Floats
    triangles: NDArray[np.int32]
    colours: Floats


def merged(meshes: list[Mesh]) -> Mesh:
    """One mesh of all parts, drawn in one go."""
    counts = [len(mesh.vertices) for mesh in meshes]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int32)
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, first, strict=True)]),
        np.concatenate([mesh.colours for mesh in meshes]),
    )


def light_direction(orbit: OrbitCamera) -> Floats:
    """(3,) unit vector in display space towards the light, over the viewer's left shoulder."""
    towards = np.array([-0.45, -0.65, -0.65]) @ orbit.extrinsic()[:3, :3]
    return towards / np.linalg.norm(towards)


def tubes(starts: Floats, ends: Floats, radii: Floats, colours: Floats, light: Floats) -> Mesh:
    """Open prisms from starts (B, 3) to ends (B, 3), radii (B, 2) at both, colours (B, 3)."""
    along = ends - starts
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    # Any vector that is not parallel to the prism gives its first side.
    helper = np.where(np.abs(along[:, 1:2]) < 0.9, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    across = np.cross(helper, along)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    angle = np.arange(TUBE_SIDES) * 2 * np.pi / TUBE_SIDES
    ring = (
        across[:, None] * np.cos(angle)[:, None]
        + np.cross(along, across)[:, None] * np.sin(angle)[:, None]
    )

    centres = np.stack([starts, ends], 1)[:, :, None]
    vertices = centres + radii[:, :, None, None] * ring[:, None]  # (B, 2, sides, 3)
    shade = np.concatenate([_brightness(ring, light)] * 2, 1)
    points = vertices.reshape(len(starts), 2 * TUBE_SIDES, 3)
    return _copies(points, _band(TUBE_SIDES), colours, shade)


def balls(
    centres: Floats, radii: Floats, colours: Floats, light: Floats, fine: bool = False
) -> Mesh:
    """Icosahedra round centres (M, 3), radii (M,), colours (M, 3); `fine` ones with 80 faces."""
    directions, triangles = _FINE_BALL if fine else _BALL
    vertices = centres[:, None] + radii[:, None, None] * directions
    shade = np.broadcast_to(_brightness(directions, light), vertices.shape[:2])
    return _copies(vertices, triangles, colours, shade)


def discs(centres: Floats, inner: float, outer: float, colours: Floats) -> Mesh:
    """Level rings round centres (M, 3) between two radii in metres; colours (M, 3), unlit."""
    angle = np.arange(DISC_SIDES) * 2 * np.pi / DISC_SIDES
    circle = np.stack([np.cos(angle), np.zeros(DISC_SIDES), np.sin(angle)], 1)
    ring = np.concatenate([circle * inner, circle * outer])
    vertices = centres[:, None] + ring
    return _copies(vertices, _band(DISC_SIDES), colours, np.ones(vertices.shape[:2]))


def lines(
    starts: Floats,
    ends: Floats,
    width_px: float,
    colours: Floats,
    orbit: OrbitCamera,
    height_px: int,
) -> Mesh:
    """Flat ribbons that face the eye, width_px wide on a picture of that height, near or far.

    OpenGL's own wide lines are one pixel wide on some drivers, whatever is asked for.

    Args:
        starts, ends: (L, 3) display space, metres; parts behind the eye are cut off.
        width_px: Width on the screen.
        colours: (L, 3) without light.
        orbit: The camera one looks through.
        height_px: Height of the picture.
    """
    starts, ends, kept = _in_front(starts, ends, orbit)
    points = np.stack([starts, ends], 1)
    sight = points - orbit.eye
    across = np.cross((ends - starts)[:, None], sight)
    across /= np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-9)
    half_width = width_px / 2 * orbit.view(points)[..., 2:] / orbit.focal_px(height_px)
    vertices = np.concatenate([points - across * half_width, points + across * half_width], 1)
    triangles = np.array([[0, 1, 2], [1, 3, 2]])
    return _copies(vertices, triangles, colours[kept], np.ones(vertices.shape[:2]))


def _in_front(
    starts: Floats, ends: Floats, orbit: OrbitCamera
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Cut line segments at the near plane: what is left, and which (L,) are left at all."""
    nearest = 2 * NEAR_PLANE_M
    start_depth, end_depth = orbit.view(starts)[:, 2], orbit.view(ends)[:, 2]
    kept = (start_depth > nearest) | (end_depth > nearest)
    starts, ends, start_depth, end_depth = (
        starts[kept],
        ends[kept],
        start_depth[kept],
        end_depth[kept],
    )
    span = np.where(start_depth == end_depth, 1.0, end_depth - start_depth)
    cut = starts + ((nearest - start_depth) / span)[:, None] * (ends - starts)
    return (
        np.where((start_depth < nearest)[:, None], cut, starts),
        np.where((end_depth < nearest)[:, None], cut, ends),
        kept,
    )


def _copies(vertices: Floats, triangles: NDArray[np.int_], colours: Floats, shade: Floats) -> Mesh:
    """Mesh of M like parts: vertices (M, P, 3), one's triangles, colours (M, 3), shade (M, P)."""
    parts, points = vertices.shape[:2]
    first = (np.arange(parts) * points)[:, None, None]
    return Mesh(
        vertices.reshape(-1, 3),
        (triangles + first).reshape(-1, 3).astype(np.int32),
        (colours[:, None] * shade[..., None]).reshape(-1, 3),
    )


def _brightness(normals: Floats, light: Floats) -> Floats:
    """Brightness of surfaces with unit normals (..., 3): soft, so that no side is black."""
    return SHADOW_SIDE + (1 - SHADOW_SIDE) * (normals @ light + 1) / 2


def _band(sides: int) -> NDArray[np.int_]:
    """(2 sides, 3) triangles between two rings of that many points each, one after the other."""
    side = np.arange(sides)
    after = (side + 1) % sides
    lower = np.stack([side, after, sides + side], 1)
    upper = np.stack([after, sides + after, sides + side], 1)
    return np.concatenate([lower, upper])


def _icosahedron() -> tuple[Floats, NDArray[np.int_]]:
    """(12, 3) unit directions and (20, 3) triangles."""
    golden = (1 + 5**0.5) / 2
    corners = [(-1, golden, 0), (1, golden, 0), (-1, -golden, 0), (1, -golden, 0)]
    points = np.array([np.roll(corner, turn) for turn in range(3) for corner in corners])
    joined = np.isclose(np.linalg.norm(points[:, None] - points, axis=-1), 2)
    triangles = [
        (a, b, c)
        for a, b, c in combinations(range(12), 3)
        if joined[a, b] and joined[b, c] and joined[c, a]
    ]
    return points / np.linalg.norm(points[0]), np.array(triangles)


def _divided(points: Floats, triangles: NDArray[np.int_]) -> tuple[Floats, NDArray[np.int_]]:
    """Every triangle cut into four, the new corners on the unit sphere."""
    middles = points[triangles] + points[np.roll(triangles, -1, 1)]
    middle = len(points) + np.arange(3 * len(triangles)).reshape(-1, 3)
    outer = np.stack([triangles, middle, np.roll(middle, 1, 1)], -1).reshape(-1, 3)
    points = np.concatenate([points, middles.reshape(-1, 3)])
    points = points / np.linalg.norm(points, axis=1, keepdims=True)
    return points, np.concatenate([outer, middle])


_BALL = _icosahedron()
_FINE_BALL = _divided(*_BALL)
