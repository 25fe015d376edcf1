"""What a readout is told and what it tells: candidates, their suppression, and people; no torch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.weights_notes import DEFAULT_NMS_IOU


@dataclass(frozen=True)
class ReadoutSettings:
    """How people are read off the score maps.

    Attributes:
        min_score: Anchors that score less are no candidates.
        nms_iou: A candidate whose box overlaps a better one's by more than this IoU is suppressed.
        top_k: At most this many candidates; about 75 belong to one person.
    """

    min_score: float = 0.3
    nms_iou: float = DEFAULT_NMS_IOU
    top_k: int = 1000


@dataclass(frozen=True)
class ReadoutTrace:
    """What became of every candidate of one picture, best score first.

    Attributes:
        anchor, row, column: (C,) kind and output cell.
        scores: (C,) after the sigmoid.
        boxes: (C, 4) px of the network's input.
        suppressed_by: (C,) index of the candidate in whose favour it was suppressed, -1 for
            survivors.
    """

    anchor: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    suppressed_by: NDArray[np.int64]

    @property
    def survivors(self) -> NDArray[np.int64]:
        """Indices of the candidates that became people."""
        return np.flatnonzero(self.suppressed_by < 0)


@dataclass(frozen=True)
class People:
    """The survivors of one picture, N people, in the pixels of the network's input.

    Attributes:
        boxes: (N, 4) px.
        scores: (N,).
        pose2d: (N, K, 2) px.
        pose3d: (N, K, 3) root-relative, as the network gives it (bone lengths sum to about 1).
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    pose2d: NDArray[np.float32]
    pose3d: NDArray[np.float32]


def suppress(boxes: NDArray[Any], nms_iou: float) -> NDArray[np.int64]:
    """Greedy non-maximum suppression of boxes (C, 4) sorted by falling score.

    Returns:
        (C,) for each box the index of the better box that suppressed it, -1 for the survivors.
    """
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    suppressed_by = np.full(len(boxes), -1)
    remaining = np.arange(len(boxes))
    while len(remaining):
        best, others = remaining[0], remaining[1:]
        low = np.maximum(boxes[others, :2], boxes[best, :2])
        high = np.minimum(boxes[others, 2:], boxes[best, 2:])
        overlap = (high - low).clip(0).prod(1)
        iou = overlap / np.maximum(areas[others] + areas[best] - overlap, 1e-9)
        lost = iou > nms_iou
        suppressed_by[others[lost]] = best
        remaining = others[~lost]
    return suppressed_by
