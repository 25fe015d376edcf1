"""Who is meant by a click: pure functions."""

import numpy as np
from numpy.typing import NDArray

from pandanet_core.detections import Detections
from pandanet_core.skeleton import Skeleton

FOLLOW_IOU = 0.3
"""A selected person is found again in the next frame if the boxes overlap at least this much."""


def person_at(
    detections: Detections, skeleton: Skeleton, x_px: float, y_px: float, reach_px: float
) -> int | None:
    """The person whose bone is nearest to a point of the picture, else the smallest box around it.

    Args:
        detections: N people.
        skeleton: Their joints.
        x_px: Point, picture pixels.
        y_px: Point, picture pixels.
        reach_px: How far from a bone still counts.

    Returns:
        Row of the person, or None.
    """
    if len(detections) == 0:
        return None
    point = np.array([x_px, y_px], np.float32)
    distance = _distance_to_bones(detections.pose2d, skeleton, point)
    nearest = int(np.argmin(distance))
    if distance[nearest] <= reach_px:
        return nearest
    low, high = detections.boxes[:, :2], detections.boxes[:, 2:]
    area = np.where(((low <= point) & (point <= high)).all(1), (high - low).prod(1), np.inf)
    smallest = int(np.argmin(area))
    return smallest if np.isfinite(area[smallest]) else None


def same_person(box: NDArray[np.float32], boxes: NDArray[np.float32]) -> int | None:
    """Row of `boxes` (N, 4) that overlaps `box` (4,) most, at least FOLLOW_IOU; None otherwise."""
    if len(boxes) == 0:
        return None
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    overlap = np.clip(high - low, 0, None).prod(1)
    union = (boxes[:, 2:] - boxes[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - overlap
    iou = overlap / np.maximum(union, 1e-6)
    best = int(np.argmax(iou))
    return best if iou[best] >= FOLLOW_IOU else None


def _distance_to_bones(
    pose2d: NDArray[np.float32], skeleton: Skeleton, point: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(N,) distance in px from `point` to the nearest bone of each person."""
    bones = np.array(skeleton.bones)
    start, stop = pose2d[:, bones[:, 0]], pose2d[:, bones[:, 1]]
    along = stop - start
    length2 = np.maximum((along**2).sum(-1), 1e-6)
    share = np.clip(((point - start) * along).sum(-1) / length2, 0, 1)
    nearest = start + share[..., None] * along
    return np.linalg.norm(nearest - point, axis=-1).min(1)
