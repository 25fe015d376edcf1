"""From score maps to people: top-k, NMS, and poses at the surviving anchors only (spec, section
6)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.network.pandanet import HeadFeatures, PandaNet
from pandanet_core.readout_trace import People, ReadoutSettings, ReadoutTrace, suppress


@torch.inference_mode()
def find_candidates(
    network: PandaNet, features: HeadFeatures, grid: AnchorGrid, settings: ReadoutSettings
) -> ReadoutTrace:
    """Candidates of the first picture of a batch, and what NMS makes of them."""
    scores = network.score_logits(features)[0].sigmoid()
    anchor, row, column = best_anchors(scores, settings)
    boxes = network.boxes_at(features, grid, torch.zeros_like(anchor), anchor, row, column)
    return trace_candidates(scores, (anchor, row, column), boxes, settings)


def best_anchors(scores: Tensor, settings: ReadoutSettings) -> tuple[Tensor, Tensor, Tensor]:
    """Kind, row and column (C,) of the candidates, best first, from the scores after the sigmoid
    (N_A, rows, columns)."""
    _, rows, columns = scores.shape
    best, index = scores.flatten().topk(min(settings.top_k, scores.numel()))
    index = index[best > settings.min_score]
    cells = rows * columns
    return index // cells, index % cells // columns, index % columns


def trace_candidates(
    scores: Tensor, at: tuple[Tensor, Tensor, Tensor], boxes: Tensor, settings: ReadoutSettings
) -> ReadoutTrace:
    """What NMS makes of the candidates that best_anchors found, whose boxes (C, 4) px are known."""
    boxes_px = _array(boxes)
    anchor, row, column = (part.cpu().numpy() for part in at)
    suppressed_by = suppress(boxes_px, settings.nms_iou)
    return ReadoutTrace(anchor, row, column, _array(scores[at]), boxes_px, suppressed_by)


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
