"""Pictures of a distorting lens made into those of a pinhole camera.

The network's 3D poses are placed with a pinhole camera, so its training pictures have to come from
one: the picture is bent straight rather than the labels bent to the picture. The focal lengths stay;
the picture grows as far as its middle rows and columns reach, so that no seen person is cut away but
in the corners, and nothing is made up at the edges.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.panoptic.calibration import DomeCamera

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]

_STEPS = 60
"""Of undoing a distortion; the dome's lenses need 20 for a thousandth of a pixel."""


def undistort(image: Image, camera: DomeCamera, scale: float = 1.0) -> tuple[Image, Camera]:
    """The straight picture, and the pinhole camera that it could be from.

    Args:
        image: (H, W, 3) as the camera took it, made smaller by `scale`.
        camera: Whose picture it is.
        scale: Size of the picture over the size that the calibration is for.
    """
    pinhole = pinhole_camera(camera, scale)
    if not camera.is_distorted:
        return image, pinhole
    straight = cv2.remap(
        image, *_maps(camera, scale), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return straight.astype(np.uint8, copy=False), pinhole


def pinhole_camera(camera: DomeCamera, scale: float = 1.0) -> Camera:
    """The camera of the straight picture. In this project's pixels: the top-left pixel's centre is
    at (0.5, 0.5)."""
    matrix = _scaled(camera.matrix, scale)
    left, top, right, bottom = _inner_rectangle(camera, scale)
    return Camera(
        fx=float(matrix[0, 0]),
        fy=float(matrix[1, 1]),
        cx=float(matrix[0, 2]) + 0.5 - left,
        cy=float(matrix[1, 2]) + 0.5 - top,
        width=right - left,
        height=bottom - top,
    )


def _scaled(matrix: Floats, scale: float) -> Floats:
    """OpenCV's intrinsics for a picture resized by `scale`."""
    scaled = matrix.copy()
    scaled[:2] *= scale
    scaled[:2, 2] += 0.5 * scale - 0.5
    return scaled


@lru_cache(maxsize=1024)
def _inner_rectangle(camera: DomeCamera, scale: float) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the largest upright picture that the bent one fills, px."""
    width, height = round(camera.width * scale), round(camera.height * scale)
    if not camera.is_distorted:
        return 0, 0, width, height
    along = np.linspace(0, 1, 33)
    zero, one = np.zeros_like(along), np.ones_like(along)
    edges = [np.stack(xy, 1) for xy in ((zero, along), (along, zero), (one, along), (along, one))]
    left, top, right, bottom = (_straight(edge * (width, height), camera, scale) for edge in edges)
    return (
        int(np.ceil(left[:, 0].max())),
        int(np.ceil(top[:, 1].max())),
        int(np.floor(right[:, 0].min())),
        int(np.floor(bottom[:, 1].min())),
    )


def _straight(points_px: Floats, camera: DomeCamera, scale: float) -> Floats:
    """Where points (N, 2) of the bent picture are in the straight one, px.

    Undoes OpenCV's model of distortion step by step, until nothing changes any more.
    """
    matrix = _scaled(camera.matrix, scale)
    bent = (np.c_[points_px - 0.5, np.ones(len(points_px))] @ np.linalg.inv(matrix).T)[:, :2]
    k1, k2, p1, p2, k3 = camera.distortion
    straight = bent
    for _ in range(_STEPS):
        x, y = straight.T
        r2 = x * x + y * y
        radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
        tangential = np.stack(
            [2 * p1 * x * y + p2 * (r2 + 2 * x * x), p1 * (r2 + 2 * y * y) + 2 * p2 * x * y], 1
        )
        straight = (bent - tangential) / radial[:, None]
    pinhole = _no_skew(matrix)
    return straight * pinhole[[0, 1], [0, 1]] + pinhole[:2, 2] + 0.5


def _no_skew(matrix: Floats) -> Floats:
    upright = matrix.copy()
    upright[0, 1] = 0
    return upright


@lru_cache(maxsize=2)
def _maps(camera: DomeCamera, scale: float) -> tuple[NDArray[np.int16], NDArray[np.uint16]]:
    """OpenCV's maps from the straight picture's pixels to the bent one's. Pictures come camera after
    camera, so those of the last ones are kept: 12 MB each at 1920x1080."""
    matrix = _scaled(camera.matrix, scale)
    left, top, right, bottom = _inner_rectangle(camera, scale)
    shifted = _no_skew(matrix) - np.array([[0, 0, left], [0, 0, top], [0, 0, 0]])
    maps = cv2.initUndistortRectifyMap(
        matrix,
        camera.distortion,
        np.eye(3),
        shifted,
        (right - left, bottom - top),
        cv2.CV_16SC2,
    )
    return maps[0].astype(np.int16, copy=False), maps[1].astype(np.uint16, copy=False)
