"""Anchors: clustering their sizes on a data set (spec, section 3) and the grid A they form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ANCHOR_COUNT = 10
"""N_A, anchors a position."""


MOST_CLUSTERED = 10_000
"""Of more boxes this many are clustered, evenly spaced by area: more would hardly move anchors."""

_CANDIDATES = 64
"""Boxes that are tried as one more anchor."""

_CHUNK = 1 << 16
"""Boxes that are compared with the anchors at once, to bound memory."""


def centred_iou(sizes: NDArray[Any], anchors: NDArray[Any]) -> NDArray[np.float64]:
    """IoU (M, N_A) of boxes (M, 2) and anchors (N_A, 2), width and height, on a common centre."""
    width = np.minimum(sizes[:, None, 0], anchors[None, :, 0])
    overlap = width * np.minimum(sizes[:, None, 1], anchors[None, :, 1])
    union = sizes.prod(-1)[:, None] + anchors.prod(-1)[None] - overlap
    result: NDArray[np.float64] = overlap / union
    return result


def best_centred_iou(
    sizes: NDArray[Any], anchors: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """IoU (M,) of boxes (M, 2) with the anchor (N_A, 2) that fits each best on a common centre, and
    which one that is (M,)."""
    best, which = np.zeros(len(sizes)), np.zeros(len(sizes), np.int64)
    for start in range(0, len(sizes), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        iou = centred_iou(sizes[chunk], anchors)
        best[chunk], which[chunk] = iou.max(1), iou.argmax(1)
    return best, which


def cluster_anchors(
    sizes: NDArray[Any], count: int = ANCHOR_COUNT, seed: int = 0
) -> NDArray[np.float32]:
    """Cluster box sizes by k-means with the distance 1 - IoU.

    Args:
        sizes: (M, 2) widths and heights in px of the training set's boxes, M >= count.
        count: N_A.
        seed: Chooses the boxes that are tried as further anchors.

    Returns:
        (N_A, 2) widths and heights in px, sorted by area.
    """
    return cluster_up_to(sizes, count, seed)[-1]


def cluster_up_to(sizes: NDArray[Any], most: int, seed: int = 0) -> tuple[NDArray[np.float32], ...]:
    """As cluster_anchors, for every count from 1 to `most`.

    Each count starts twice, from boxes evenly spaced by area, and from the anchors of the count
    before and the box that they and all others gain most from. The better end is kept, so that
    the mean IoU of the clustered boxes never falls as anchors are added.
    """
    if len(sizes) < most:
        raise ValueError(f"{most} anchors need at least {most} boxes, but there are {len(sizes)}")
    random = np.random.default_rng(seed)
    boxes = _evenly_by_area(np.asarray(sizes, np.float64), min(len(sizes), MOST_CLUSTERED))
    found: list[NDArray[np.float64]] = []
    for count in range(1, most + 1):
        starts = [_evenly_by_area(boxes, count)]
        if found:
            candidates = boxes[(random.random(_CANDIDATES) * len(boxes)).astype(int)]
            starts.append(_with_one_more(boxes, found[-1], candidates))
        ends = [_cluster_from(boxes, start) for start in starts]
        _, anchors = max(ends, key=lambda end: end[0])
        found.append(anchors[np.argsort(anchors.prod(1), kind="stable")])
    return tuple(anchors.astype(np.float32) for anchors in found)


def _evenly_by_area(sizes: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    by_area = sizes[np.lexsort((sizes[:, 0], sizes.prod(1)))]
    return by_area[((np.arange(count) + 0.5) / count * len(sizes)).astype(int)]


def _with_one_more(
    sizes: NDArray[np.float64], anchors: NDArray[np.float64], candidates: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The anchors and the candidate that raises the mean IoU of the boxes most."""
    so_far = centred_iou(sizes, anchors).max(1, keepdims=True)
    gain = np.maximum(centred_iou(sizes, candidates) - so_far, 0).mean(0)
    return np.concatenate([anchors, candidates[[gain.argmax()]]])


def _cluster_from(
    sizes: NDArray[np.float64], centres: NDArray[np.float64], iterations: int = 100
) -> tuple[float, NDArray[np.float64]]:
    """Mean IoU and centres of the best turn of a k-means whose centres are medians."""
    best = (-1.0, centres)
    members = np.full(len(sizes), -1)
    for _ in range(iterations):
        iou = centred_iou(sizes, centres)
        best = max(best, (float(iou.max(1).mean()), centres), key=lambda turn: turn[0])
        nearest = iou.argmax(1)
        if (nearest == members).all():
            break
        members = nearest
        clusters = [sizes[members == cluster] for cluster in range(len(centres))]
        centres = np.array(
            [
                np.median(own, 0) if len(own) else centre
                for own, centre in zip(clusters, centres, strict=True)
            ]
        )
    return best


@dataclass(frozen=True)
class AnchorGrid:
    """The grid A: N_A boxes centred on every output cell, in input pixels.

    Maps over the grid are laid out (N_A, rows, columns), as the network's outputs are.

    Attributes:
        sizes: (N_A, 2) widths and heights in px.
        stride: Input pixels an output cell.
        rows: H, output cells from top to bottom.
        columns: W, output cells from left to right.
    """

    sizes: Tensor
    stride: int
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N_A, rows, columns)."""
        return len(self.sizes), self.rows, self.columns

    def boxes_at(self, anchor: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """Boxes (M, 4) in px of anchors given by kind and cell, (M,) each."""
        centre = (torch.stack([column, row], -1) + 0.5) * self.stride
        half = self.sizes[anchor] / 2
        return torch.cat([centre - half, centre + half], -1)

    def all_boxes(self) -> Tensor:
        """Boxes (N_A, rows, columns, 4) in px of the whole grid."""
        kinds, rows, columns = (torch.arange(n, device=self.sizes.device) for n in self.shape)
        anchor, row, column = torch.meshgrid(kinds, rows, columns, indexing="ij")
        flat = self.boxes_at(anchor.flatten(), row.flatten(), column.flatten())
        return flat.view(*self.shape, 4)


def to_anchor_space(pose2d: Tensor, anchor_boxes: Tensor) -> Tensor:
    """Joints (M, K, 2) px -> anchor space: minus the anchor's centre, divided by its width and
    height."""
    size = anchor_boxes[:, None, 2:] - anchor_boxes[:, None, :2]
    centre = (anchor_boxes[:, None, 2:] + anchor_boxes[:, None, :2]) / 2
    return (pose2d - centre) / size


def from_anchor_space(pose2d: Tensor, anchor_boxes: Tensor) -> Tensor:
    """Inverse of to_anchor_space."""
    size = anchor_boxes[:, None, 2:] - anchor_boxes[:, None, :2]
    centre = (anchor_boxes[:, None, 2:] + anchor_boxes[:, None, :2]) / 2
    return pose2d * size + centre
