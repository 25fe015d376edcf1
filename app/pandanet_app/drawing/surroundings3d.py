"""What people stand in: a grid on the floor, the filming camera as a frustum, its picture."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.mesh3d import Mesh, lines, merged
from pandanet_app.drawing.scene3d import SceneRequest

Floats = NDArray[np.floating[Any]]

GRID_MARGIN_M = 2.0
MOST_LINES = 40
FRUSTUM_DEPTH_M = 1.5
BACKDROP_M = 3.0
"""Seen from the filming camera itself, the picture hangs this far behind the last person."""


def surroundings_mesh(request: SceneRequest) -> Mesh:
    """The grid, and the frustum where the request has a camera and is not seen from within it."""
    parts = [_grid(request)]
    if request.camera is not None and not seen_from_camera(request):
        parts.append(_frustum(request))
    return merged(parts)


def seen_from_camera(request: SceneRequest) -> bool:
    """Whether the eye is at the filming camera, where its frustum would only be in the way."""
    return bool(np.linalg.norm(request.orbit.eye - request.ground.to_display(np.zeros(3))) < 0.3)


def picture_corners_m(request: SceneRequest) -> Floats | None:
    """(4, 3) the picture's corners, clockwise from its top left; None without a picture.

    It fills the frustum's end. Seen from the filming camera it hangs behind everybody instead,
    where it covers the same part of the view.
    """
    if request.camera is None or request.picture is None:
        return None
    depth_m = FRUSTUM_DEPTH_M
    if seen_from_camera(request):
        depths = np.asarray(request.people_mm)[..., 2]
        depth_m = BACKDROP_M + float(np.nanmax(depths, initial=5000.0)) / 1000
    return _corners(request, depth_m)


def grid_extent_m(request: SceneRequest) -> tuple[float, float, float, float, float]:
    """x0, z0, x1, z1 of the grid and the distance between its lines, metres."""
    places = request.sight_m[:, [0, 2]]
    if request.camera is not None or len(places) == 0:
        places = np.concatenate([places, [[0.0, 0.0]]])
    low, high = places.min(0) - GRID_MARGIN_M, places.max(0) + GRID_MARGIN_M
    step = next(step for step in (1.0, 2.0, 5.0, 10.0) if (high - low).max() / step <= MOST_LINES)
    low, high = np.floor(low / step) * step, np.ceil(high / step) * step
    return float(low[0]), float(low[1]), float(high[0]), float(high[1]), step


def _grid(request: SceneRequest) -> Mesh:
    """Lines on the floor, every fifth one stronger."""
    x0, z0, x1, z1, step = grid_extent_m(request)
    xs, zs = np.arange(x0, x1 + step / 2, step), np.arange(z0, z1 + step / 2, step)
    along_z = [((x, 0.0, z0), (x, 0.0, z1), x) for x in xs]
    along_x = [((x0, 0.0, z), (x1, 0.0, z), z) for z in zs]
    starts, ends, places = zip(*along_z, *along_x, strict=True)
    strong = np.isclose(np.mod(np.array(places) / step + 0.5, 5), 0.5)
    colours = np.where(strong[:, None], request.theme.strong_line, request.theme.line)
    return lines(np.array(starts), np.array(ends), 1.2, colours, request.orbit, request.height)


def _frustum(request: SceneRequest) -> Mesh:
    """The filming camera's pyramid of sight and a pole down to the floor."""
    apex = request.ground.to_display(np.zeros((1, 3)))
    corners = _corners(request, FRUSTUM_DEPTH_M)
    starts = np.concatenate([apex.repeat(4, 0), corners, apex])
    ends = np.concatenate([corners, np.roll(corners, -1, 0), apex * (1, 0, 1)])
    colours = np.broadcast_to(request.theme.frustum, starts.shape)
    return lines(starts, ends, 2.0, colours, request.orbit, request.height)


def _corners(request: SceneRequest, depth_m: float) -> Floats:
    """(4, 3) the picture's corners, clockwise from its top left, that far ahead of the camera."""
    camera = request.camera
    assert camera is not None
    pixels = np.array(
        [[0, 0], [camera.width, 0], [camera.width, camera.height], [0, camera.height]]
    )
    rays = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    return request.ground.to_display(1000 * depth_m * np.concatenate([rays, np.ones((4, 1))], 1))
