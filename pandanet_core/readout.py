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
    return candidates_among(scores, network, features, grid, settings)


@torch.inference_mode()
def candidates_among(
    scores: Tensor,
    network: PandaNet,
    features: HeadFeatures,
    grid: AnchorGrid,
    settings: ReadoutSettings,
) -> ReadoutTrace:
    """As find_candidates, with the scores (N_A, rows, columns) after the sigmoid known already."""
    scores = scores.flatten()
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
