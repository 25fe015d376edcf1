"""Anchors: clustering their sizes on a data set (spec, section 3) and the grid A they form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ANCHOR_COUNT = 10
"""N_A, anchors a position."""


def centred_iou(sizes: NDArray[Any], anchors: NDArray[Any]) -> NDArray[np.float64]:
    """IoU (M, N_A) of boxes (M, 2) and anchors (N_A, 2), width and height, on a common centre."""
    overlap = np.minimum(sizes[:, None], anchors[None]).prod(-1)
    union = sizes.prod(-1)[:, None] + anchors.prod(-1)[None] - overlap
    result: NDArray[np.float64] = overlap / union
    return result


def cluster_anchors(
    sizes: NDArray[Any], count: int = ANCHOR_COUNT, seed: int = 0, iterations: int = 100
) -> NDArray[np.float32]:
    """Cluster box sizes by k-means with the distance 1 - IoU.

    Args:
        sizes: (M, 2) widths and heights in px of the training set's boxes, M >= count.
        count: N_A.
        seed: Chooses the first centres.
        iterations: Upper bound; it stops when no box changes its cluster.

    Returns:
        (N_A, 2) widths and heights in px, sorted by area.
    """
    if len(sizes) < count:
        raise ValueError(f"{count} anchors need at least {count} boxes, but there are {len(sizes)}")
    random = np.random.default_rng(seed)
    sizes = np.asarray(sizes, np.float64)
    by_area = sizes[np.argsort(sizes.prod(1), kind="stable")]
    centres = by_area[((np.arange(count) + 0.5) / count * len(sizes)).astype(int)]
    members = np.full(len(sizes), -1)
    for _ in range(iterations):
        nearest = centred_iou(sizes, centres).argmax(1)
        if (nearest == members).all():
            break
        members = nearest
        for cluster in range(count):
            own = sizes[members == cluster]
            centres[cluster] = np.median(own, 0) if len(own) else sizes[random.integers(len(sizes))]
    return centres[np.argsort(centres.prod(1), kind="stable")].astype(np.float32)


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
