"""Crops, rotations and mirror images of annotated pictures.

Picture, 2D joints, 3D joints and camera change together: the camera of the result projects its 3D
joints onto its 2D joints.
"""

import math
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.sample import Sample


def crop(
    sample: Sample,
    scale: float,
    left: float,
    top: float,
    width: int,
    height: int,
    border: NDArray[Any],
    rotation_deg: float = 0.0,
) -> Sample:
    """A width x height px view of the sample.

    The picture is turned clockwise about the camera's axis, that is about its principal point, then
    resized by `scale`, then cut at (left, top). What lies outside has the colour `border` (3,).
    """
    turned = rotate_labels(sample, rotation_deg)
    camera = sample.camera
    # p -> linear @ p + shift takes a point of the picture to its place in the view.
    linear = scale * _rotation_in_picture(camera, rotation_deg)
    centre = np.array([camera.cx, camera.cy])
    shift = scale * centre - linear @ centre - (left, top)
    image = _warp(sample.image, scale, linear, shift, (width, height), border)
    offset = np.array([left, top], np.float32)
    return replace(
        turned,
        image=image,
        pose2d=(turned.pose2d * scale - offset).astype(np.float32),
        boxes=(turned.boxes * scale - np.tile(offset, 2)).astype(np.float32),
        ignore_boxes=(turned.ignore_boxes * scale - np.tile(offset, 2)).astype(np.float32),
        camera=replace(
            camera,
            fx=camera.fx * scale,
            fy=camera.fy * scale,
            cx=camera.cx * scale - left,
            cy=camera.cy * scale - top,
            width=width,
            height=height,
        ),
    )


def _warp(
    image: NDArray[np.uint8],
    scale: float,
    linear: NDArray[np.float64],
    shift: NDArray[np.float64],
    size: tuple[int, int],
    border: NDArray[Any],
) -> NDArray[np.uint8]:
    """The picture whose points p lie at linear @ p + shift; `scale` is how much that resizes."""
    source: NDArray[Any] = image
    if scale <= 0.7:  # INTER_AREA works in resize only; without it shrinking aliases
        original = np.array([image.shape[1], image.shape[0]])
        resized = np.maximum(np.rint(original * scale).astype(int), 1)
        source = cv2.resize(image, resized.tolist(), interpolation=cv2.INTER_AREA)
        linear = linear * (original / resized)
    # Pixel centres lie at half-integers here and at integers in OpenCV.
    matrix = np.column_stack([linear, linear @ (0.5, 0.5) + shift - 0.5])
    warped = cv2.warpAffine(
        source, matrix, size, flags=cv2.INTER_LINEAR, borderValue=border.tolist()
    )
    return warped.astype(np.uint8, copy=False)


def rotate_labels(sample: Sample, rotation_deg: float) -> Sample:
    """The sample's labels in the picture turned clockwise about the principal point; the picture
    itself is left as it is.

    3D joints turn about the camera's axis. A box becomes that of the turned ellipse in it and of
    the turned joints; a region to ignore becomes the box of its turned corners.
    """
    if rotation_deg == 0:
        return sample
    camera = sample.camera
    pose2d = turn_points(sample.pose2d, camera, rotation_deg)
    about_axis = np.eye(3)
    about_axis[:2, :2] = _rotation(rotation_deg)
    corners = turn_points(corners_of(sample.ignore_boxes), camera, rotation_deg)
    in_picture = _rotation_in_picture(camera, rotation_deg)
    centre = np.array([camera.cx, camera.cy])
    return replace(
        sample,
        pose2d=pose2d.astype(np.float32),
        pose3d_mm=(sample.pose3d_mm @ about_axis.T).astype(np.float32),
        boxes=_turned_boxes(sample.boxes, pose2d, sample.has_2d, in_picture, centre),
        ignore_boxes=np.concatenate([corners.min(1), corners.max(1)], 1).astype(np.float32),
    )


def turn_points(points: NDArray[Any], camera: Camera, rotation_deg: float) -> NDArray[np.float64]:
    """Points (..., 2) px of a picture in the picture turned clockwise about the principal point."""
    centre = np.array([camera.cx, camera.cy])
    turned: NDArray[np.float64] = points - centre
    return turned @ _rotation_in_picture(camera, rotation_deg).T + centre


def corners_of(boxes: NDArray[Any]) -> NDArray[Any]:
    """(N, 4, 2) corners of boxes (N, 4)."""
    return boxes[:, [[0, 1], [2, 1], [0, 3], [2, 3]]]


def _rotation(angle_deg: float) -> NDArray[np.float64]:
    """(2, 2) that turns x towards y: clockwise, as y points down."""
    cosine, sine = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return np.array([[cosine, -sine], [sine, cosine]])


def _rotation_in_picture(camera: Camera, angle_deg: float) -> NDArray[np.float64]:
    """(2, 2) what a turn about the camera's axis does to px from the principal point; a plain
    rotation where pixels are square."""
    focal = np.array([camera.fx, camera.fy])
    return focal[:, None] * _rotation(angle_deg) / focal


def _turned_boxes(
    boxes: NDArray[np.float32],
    turned2d: NDArray[Any],
    has_2d: NDArray[np.bool_],
    turn: NDArray[np.float64],
    centre: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Boxes (N, 4) round the turned ellipses in `boxes` and the turned joints (N, K, 2)."""
    middle = ((boxes[:, :2] + boxes[:, 2:]) / 2 - centre) @ turn.T + centre
    half = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (turn.T**2))
    known = has_2d[..., None]
    low = np.where(known, turned2d, np.inf).min(1, initial=np.inf)
    high = np.where(known, turned2d, -np.inf).max(1, initial=-np.inf)
    low, high = np.minimum(low, middle - half), np.maximum(high, middle + half)
    return np.concatenate([low, high], 1).astype(np.float32)


def mirror(sample: Sample) -> Sample:
    """The sample seen in a mirror: left and right joints change places."""
    width = sample.image.shape[1]
    order = list(sample.skeleton.mirror)
    flip2d = np.array([-1, 1], np.float32)
    swapped, flip_box = [2, 1, 0, 3], np.array([-1, 1, -1, 1], np.float32)
    far_side = np.array([width, 0, width, 0], np.float32)
    return replace(
        sample,
        image=cv2.flip(sample.image, 1).astype(np.uint8, copy=False),
        pose2d=sample.pose2d[:, order] * flip2d + np.array([width, 0], np.float32),
        pose3d_mm=sample.pose3d_mm[:, order] * np.array([-1, 1, 1], np.float32),
        occluded=sample.occluded[:, order],
        self_occluded=sample.self_occluded[:, order],
        has_2d=sample.has_2d[:, order],
        has_3d=sample.has_3d[:, order],
        boxes=sample.boxes[:, swapped] * flip_box + far_side,
        ignore_boxes=sample.ignore_boxes[:, swapped] * flip_box + far_side,
        camera=replace(sample.camera, cx=width - sample.camera.cx),
    )
