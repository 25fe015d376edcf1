"""Vertices of the ground and of solids, and the noise that mottles them."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.scene import Box, Scene, Solid, Surface, Turned

Floats = NDArray[np.floating[Any]]

VERTEX_FORMAT = "3f 3f 3f 3f 3f 2f"
VERTEX_NAMES = ("position", "normal", "local", "first_albedo", "second_albedo", "pattern")

GROUND_REACH_M = 150.0
_SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]], float)
FACETS = 10
"""Sides of a solid of revolution."""

_SIDES = [(axis, sign) for axis in range(3) for sign in (1.0, -1.0)]
_AXIS, _U, _V = np.repeat(
    [[axis, *(i for i in range(3) if i != axis)] for axis, _ in _SIDES], 6, axis=0
).T
"""Of each of a cuboid's 36 vertices: the axis that its side faces, and the two axes of that side."""


def place_vertices(scene: Scene) -> NDArray[np.float32]:
    """All vertices (V, 17) of the ground and the solids of a scene, three to a triangle."""
    ground = ground_vertices(scene.ground, scene.view.eye)
    return np.concatenate([ground, solid_vertices(scene.solids)])


def ground_vertices(surface: Surface, eye: Floats) -> NDArray[np.float32]:
    """Vertices (6, 17) of the ground round a camera."""
    level = np.concatenate([_SQUARE * GROUND_REACH_M + eye[:2], np.zeros((6, 1))], 1)[None]
    upwards = np.broadcast_to([0.0, 0, 1], level.shape)
    return _with_surfaces(level, upwards, level, [surface])[0]


def vertex_count(solid: Solid) -> int:
    """How many vertices `solid_vertices` gives a solid."""
    return 6 * len(_SIDES) if isinstance(solid, Box) else 6 * FACETS * (len(solid.radii) + 1)


def solid_vertices(solids: Sequence[Solid]) -> NDArray[np.float32]:
    """Vertices (V, 17) of solids one after the other; those of one kind are worked out together."""
    counts = np.array([vertex_count(solid) for solid in solids], int)
    starts = np.cumsum(counts) - counts
    vertices = np.empty((counts.sum(), 17), np.float32)
    kinds: dict[int, list[int]] = {}
    for index, solid in enumerate(solids):
        kinds.setdefault(0 if isinstance(solid, Box) else len(solid.radii), []).append(index)
    for kind in kinds.values():
        boxes = [solid for index in kind if isinstance(solid := solids[index], Box)]
        turned = [solid for index in kind if isinstance(solid := solids[index], Turned)]
        rows = starts[kind][:, None] + np.arange(counts[kind[0]])
        vertices[rows] = _cuboids(boxes) if boxes else _turned(turned)
    return vertices


def noise_texture() -> NDArray[np.uint8]:
    """Three scales of tiling noise (256, 256, 3)."""
    noise = np.random.default_rng(0).random((256, 256, 3))
    for channel, sigma in enumerate((1.2, 4.0, 0.7)):
        tiled = cv2.GaussianBlur(np.tile(noise[..., channel], (3, 3)), (0, 0), sigma)[
            256:512, 256:512
        ]
        noise[..., channel] = (tiled - tiled.min()) / np.ptp(tiled)
    return (noise * 255).astype(np.uint8)


def _cuboids(boxes: list[Box]) -> NDArray[np.float32]:
    """(N, 36, 17)."""
    x, y, bottom, top = np.array([(b.x, b.y, b.bottom, b.top) for b in boxes]).T[..., None]
    sizes = [(b.half_width, b.half_depth, (b.top - b.bottom) / 2) for b in boxes]
    sine, cosine = (f([b.yaw_rad for b in boxes])[:, None] for f in (np.sin, np.cos))
    middle = (bottom + top) / 2
    normals = np.zeros((36, 3))
    normals[range(36), _AXIS] = np.repeat([sign for _, sign in _SIDES], 6)
    corners = normals.copy()
    corners[range(36), _U], corners[range(36), _V] = np.tile(_SQUARE, (len(_SIDES), 1)).T
    corners = corners * np.array(sizes)[:, None]
    across, along, outward = (corners[:, range(36), axis] for axis in (_U, _V, _AXIS))
    local = np.stack([across + x, along + np.where(_V == 2, middle, y), outward], -1)

    def turned(points: Floats) -> Floats:
        ahead, aside, up = np.moveaxis(points, -1, 0)
        turned_ahead, turned_aside = cosine * ahead - sine * aside, sine * ahead + cosine * aside
        return np.stack([turned_ahead, turned_aside, np.broadcast_to(up, turned_ahead.shape)], -1)

    world = turned(corners) + np.concatenate([x, y, middle], 1)[:, None]
    return _with_surfaces(world, turned(normals), local, [b.surface for b in boxes])


def _turned(solids: list[Turned]) -> NDArray[np.float32]:
    """(N, 60 (R + 1), 17) for solids that all have R radii."""
    start = np.array([s.start for s in solids], float)
    axis = np.array([s.end for s in solids]) - start
    length = np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-6)
    axis = axis / length
    across = np.cross(axis, np.where(np.abs(axis[:, :1]) < 0.9, [1.0, 0, 0], [0.0, 1, 0]))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    angle = (np.arange(FACETS + 1) * 2 * np.pi / FACETS)[:, None]
    outward = np.cos(angle) * across[:, None] + np.sin(angle) * np.cross(axis, across)[:, None]
    radii = np.pad([s.radii for s in solids], ((0, 0), (1, 1)))  # closed at both ends
    along = length * np.pad(np.linspace(0, 1, radii.shape[1] - 2), 1, mode="edge")
    points = (start[:, None] + along[..., None] * axis[:, None])[:, :, None]
    points = points + radii[..., None, None] * outward[:, None]
    rings, facets = (i.ravel() for i in np.mgrid[: radii.shape[1] - 1, :FACETS])
    corners = [(0, 0), (0, 1), (1, 1), (0, 0), (1, 1), (1, 0)]
    rows = np.stack([rings + i for i, _ in corners], 1).ravel()
    columns = np.stack([facets + j for _, j in corners], 1).ravel()
    ring = rings.repeat(6)
    rise, fall = np.diff(along)[:, ring, None], -np.diff(radii)[:, ring, None]
    slope = np.maximum(np.hypot(rise, fall), 1e-9)
    sides = rise / slope * outward[:, columns] + fall / slope * axis[:, None]
    ends = np.where(ring == 0, -1.0, 1.0)[:, None] * axis[:, None]
    turn_m = columns * 2 * np.pi / FACETS * radii.max(1, keepdims=True)
    local = np.stack([turn_m + start[:, :1], along[:, rows] + start[:, 1:2], radii[:, rows]], -1)
    normals = np.where(rise > 0, sides, ends)
    return _with_surfaces(points[:, rows, columns], normals, local, [s.surface for s in solids])


def _with_surfaces(
    world: Floats, normals: Floats, local: Floats, surfaces: list[Surface]
) -> NDArray[np.float32]:
    """Vertices (N, V, 17) of N things with V vertices each, from (N, V, 3) and N surfaces."""
    looks = np.array([[*s.first, *s.second, s.pattern, s.scale] for s in surfaces], np.float32)
    looks = np.broadcast_to(looks[:, None], (*world.shape[:2], looks.shape[1]))
    return np.concatenate([world, normals, local, looks], -1, dtype=np.float32)
