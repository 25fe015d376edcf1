"""Boxes as (x0, y0, x1, y1): overlap, generalised overlap, and the anchors' offset code."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

JOINT_MARGIN = 0.07
"""Margin of a box around joints, as a share of its longer side: joints lie inside the body."""

SMALLEST_AREA_PX2 = 1e-6
"""Two boxes that cover less than this together have no overlap to speak of: it counts as 0."""

LARGEST_LOG_SCALE = 3.0
"""Predicted width and height stay within e^±3 of the anchor's, so that an untrained network cannot
overflow."""


def box_around_joints(pose2d: NDArray[Any]) -> NDArray[np.float32]:
    """Boxes (N, 4) in px around the joints (N, K, 2) in px, not clipped to any picture."""
    low, high = pose2d.min(1), pose2d.max(1)
    margin = JOINT_MARGIN * (high - low).max(1, keepdims=True)
    return np.concatenate([low - margin, high + margin], 1).astype(np.float32)


def clip_boxes(boxes: NDArray[Any], width: int, height: int) -> NDArray[np.float32]:
    """Boxes (N, 4) cut at the picture's edges."""
    return np.clip(boxes, 0, np.array([width, height, width, height])).astype(np.float32)


def box_areas(boxes: Tensor) -> Tensor:
    """Areas (...) of boxes (..., 4); inverted boxes have none."""
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def _share(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, and 0 without gradient where there is no whole."""
    some = whole > SMALLEST_AREA_PX2
    # The quotient itself must be finite everywhere: 0 times an infinite gradient is NaN.
    return torch.where(some, part / torch.where(some, whole, 1.0), 0.0)


def iou_and_giou(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (N,) of box n of `first` (N, 4) with box n of `second` (N, 4).

    Generalised IoU (Rezatofighi et al., the paper's [38]) = IoU - (enclosing - union) / enclosing:
    it keeps a gradient where the boxes do not touch. Boxes without area have no overlap with
    anything; nothing becomes infinite or NaN, gradients neither.
    """
    low = torch.maximum(first[:, :2], second[:, :2])
    high = torch.minimum(first[:, 2:], second[:, 2:])
    overlap = (high - low).clamp(min=0).prod(-1)
    union = box_areas(first) + box_areas(second) - overlap
    outer_low = torch.minimum(first[:, :2], second[:, :2])
    outer_high = torch.maximum(first[:, 2:], second[:, 2:])
    enclosing = (outer_high - outer_low).prod(-1)
    iou = _share(overlap, union)
    return iou, iou - _share(enclosing - union, enclosing)


def decode_boxes(offsets: Tensor, anchor_boxes: Tensor) -> Tensor:
    """Boxes (N, 4) from offsets (tx, ty, tw, th) (N, 4) and anchor boxes (N, 4) (spec, section
    3)."""
    size = anchor_boxes[:, 2:] - anchor_boxes[:, :2]
    centre = (anchor_boxes[:, :2] + anchor_boxes[:, 2:]) / 2 + offsets[:, :2] * size
    scale = offsets[:, 2:].clamp(-LARGEST_LOG_SCALE, LARGEST_LOG_SCALE).exp()
    half = size * scale / 2
    return torch.cat([centre - half, centre + half], 1)


def unit_square_iou(difference: Tensor) -> tuple[Tensor, Tensor]:
    """IoU (Eq. 6) and generalised IoU (...) of two unit squares whose centres differ by (...,
    2)."""
    distance = difference.abs()
    overlap = (1 - distance).clamp(min=0).prod(-1)
    union = 2 - overlap
    enclosing = (1 + distance).prod(-1)
    iou = overlap / union
    return iou, iou - (enclosing - union) / enclosing
