"""Vertices of the ground and of solids, and the noise that mottles them."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.scene import Box, Scene, Surface, Turned

Floats = NDArray[np.floating[Any]]

VERTEX_FORMAT = "3f 3f 3f 3f 3f 2f"
VERTEX_NAMES = ("position", "normal", "local", "first_albedo", "second_albedo", "pattern")

GROUND_REACH_M = 150.0
_SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]], float)
FACETS = 10
"""Sides of a solid of revolution."""

_SIDES = [(axis, sign) for axis in range(3) for sign in (1.0, -1.0)]


def place_vertices(scene: Scene) -> NDArray[np.float32]:
    """All vertices (V, 17) of the ground and the solids of a scene, three to a triangle."""
    parts = [_ground(scene.ground, scene.view.eye)]
    parts += [_cuboid(s) if isinstance(s, Box) else _turned(s) for s in scene.solids]
    return np.concatenate(parts).astype(np.float32)


def noise_texture() -> NDArray[np.uint8]:
    """Three scales of tiling noise (256, 256, 3)."""
    noise = np.random.default_rng(0).random((256, 256, 3))
    for channel, sigma in enumerate((1.2, 4.0, 0.7)):
        tiled = cv2.GaussianBlur(np.tile(noise[..., channel], (3, 3)), (0, 0), sigma)[
            256:512, 256:512
        ]
        noise[..., channel] = (tiled - tiled.min()) / np.ptp(tiled)
    return (noise * 255).astype(np.uint8)


def _ground(surface: Surface, eye: Floats) -> Floats:
    level = np.concatenate([_SQUARE * GROUND_REACH_M + eye[:2], np.zeros((6, 1))], 1)
    return _with_surface(level, np.tile([0.0, 0, 1], (6, 1)), level, surface)


def _cuboid(box: Box) -> Floats:
    half = np.array([box.half_width, box.half_depth, (box.top - box.bottom) / 2])
    sine, cosine = np.sin(box.yaw_rad), np.cos(box.yaw_rad)
    turn = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    middle = (box.bottom + box.top) / 2
    points, normals, local = [], [], []
    for axis, sign in _SIDES:
        u, v = (other for other in range(3) if other != axis)
        corners = np.zeros((6, 3))
        corners[:, axis] = sign * half[axis]
        corners[:, u], corners[:, v] = _SQUARE[:, 0] * half[u], _SQUARE[:, 1] * half[v]
        points.append(corners @ turn.T)
        normals.append(np.tile(turn @ (sign * np.eye(3)[axis]), (6, 1)))
        rise = middle if v == 2 else box.y
        local.append(np.stack([corners[:, u] + box.x, corners[:, v] + rise, corners[:, axis]], 1))
    world = np.concatenate(points) + np.array([box.x, box.y, middle])
    return _with_surface(world, np.concatenate(normals), np.concatenate(local), box.surface)


def _turned(solid: Turned) -> Floats:
    start, axis = np.array(solid.start), np.array(solid.end) - np.array(solid.start)
    length = max(float(np.linalg.norm(axis)), 1e-6)
    axis = axis / length
    across = np.cross(axis, [1.0, 0, 0] if abs(axis[0]) < 0.9 else [0.0, 1, 0])
    across /= np.linalg.norm(across)
    angle = np.arange(FACETS + 1) * 2 * np.pi / FACETS
    outward = np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * np.cross(axis, across)
    radii = np.concatenate([[0.0], solid.radii, [0.0]])  # closed at both ends
    along = np.linspace(0, length, len(solid.radii))[[0, *range(len(solid.radii)), -1]]
    points = start + along[:, None, None] * axis + radii[:, None, None] * outward
    rings, facets = (i.ravel() for i in np.mgrid[: len(radii) - 1, :FACETS])
    corners = [(0, 0), (0, 1), (1, 1), (0, 0), (1, 1), (1, 0)]
    rows = np.stack([rings + i for i, _ in corners], 1).ravel()
    columns = np.stack([facets + j for _, j in corners], 1).ravel()
    rise, fall = np.diff(along)[rings], -np.diff(radii)[rings]
    slope = np.maximum(np.hypot(rise, fall), 1e-9)
    lean, up = np.repeat(rise / slope, 6)[:, None], np.repeat(fall / slope, 6)[:, None]
    ends = np.repeat(np.where(rings == 0, -1.0, 1.0) * (rise == 0), 6)[:, None]
    normals = np.where(
        rise.repeat(6)[:, None] > 0, lean * outward[columns] + up * axis, ends * axis
    )
    turn_m = columns * 2 * np.pi / FACETS * max(solid.radii)
    local = np.stack([turn_m + start[0], along[rows] + start[1], radii[rows]], 1)
    return _with_surface(points[rows, columns], normals, local, solid.surface)


def _with_surface(world: Floats, normals: Floats, local: Floats, surface: Surface) -> Floats:
    looks = np.array([*surface.first, *surface.second, surface.pattern, surface.scale])
    return np.concatenate([world, normals, local, np.tile(looks, (len(world), 1))], 1)
