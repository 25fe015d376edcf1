"""From score maps to people: top-k, NMS, and poses at the surviving anchors only (spec, section
6)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.network.pandanet import HeadFeatures, PandaNet
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


@torch.inference_mode()
def find_candidates(
    network: PandaNet, features: HeadFeatures, grid: AnchorGrid, settings: ReadoutSettings
) -> ReadoutTrace:
    """Candidates of the first picture of a batch, and what NMS makes of them."""
    scores = network.score_logits(features)[0].sigmoid().flatten()
    best, index = scores.topk(min(settings.top_k, len(scores)))
    index = index[best > settings.min_score]
    cells = grid.rows * grid.columns
    anchor, row, column = index // cells, index % cells // grid.columns, index % grid.columns
    boxes = network.boxes_at(features, grid, torch.zeros_like(anchor), anchor, row, column)
    boxes_px = _array(boxes)
    return ReadoutTrace(
        anchor.cpu().numpy(),
        row.cpu().numpy(),
        column.cpu().numpy(),
        _array(scores[index]),
        boxes_px,
        suppress(boxes_px, settings.nms_iou),
    )


@torch.inference_mode()
def read_people(
    network: PandaNet, features: HeadFeatures, grid: AnchorGrid, trace: ReadoutTrace
) -> People:
    """Boxes and poses of the survivors; nothing is computed for the other anchors."""
    kept = trace.survivors
    device = features.score.device
    anchor, row, column = (
        torch.from_numpy(part[kept]).to(device) for part in (trace.anchor, trace.row, trace.column)
    )
    outputs = network.read_at(features, grid, torch.zeros_like(anchor), anchor, row, column)
    return People(
        trace.boxes[kept], trace.scores[kept], _array(outputs.pose2d_px), _array(outputs.pose3d)
    )


def _array(values: Tensor) -> NDArray[np.float32]:
    return values.float().cpu().numpy()
