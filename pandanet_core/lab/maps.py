"""Maps of one frame over the grid (N_A, rows, columns), for pictures: NaN where nothing is known."""

import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import Floats, FrameTrace, LabSettings, Truth
from pandanet_core.lab.positives import lab_anchors
from pandanet_core.selection import match


def pono_map(maps: FrameMaps, truth: Truth, settings: LabSettings) -> NDArray[np.float32]:
    """PONO of every anchor with the person whom it overlaps most; 0 where it overlaps nobody."""
    grid = lab_anchors(maps.grid, settings.anchors_px).grid
    boxes = torch.from_numpy(np.asarray(truth.boxes, np.float32)).to(grid.sizes.device)
    pono: NDArray[np.float32] = match(boxes, grid).pono.cpu().numpy()
    return pono


def pose_overlap_map(trace: FrameTrace) -> NDArray[np.float32]:
    """Pose overlap on A+."""
    return on_positives(trace, trace.positives.pose_overlap)


def quality_map(trace: FrameTrace) -> NDArray[np.float32]:
    """What the rule compares with its threshold, on A+."""
    return on_positives(trace, trace.positives.quality)


def on_positives(trace: FrameTrace, values: Floats) -> NDArray[np.float32]:
    """Values (M,) of A+ at their places."""
    filled = np.full(trace.grid.shape, np.nan, np.float32)
    positives = trace.positives
    filled[positives.anchor, positives.row, positives.column] = values
    return filled


@torch.inference_mode()
def box_map(maps: FrameMaps, anchor: int) -> NDArray[np.float32]:
    """(rows, columns, 4) px, the box that one kind of the network's anchors gives at each cell."""
    _, rows, columns = maps.grid.shape
    row, column = (
        part.flatten()
        for part in torch.meshgrid(
            torch.arange(rows, device=maps.scores.device),
            torch.arange(columns, device=maps.scores.device),
            indexing="ij",
        )
    )
    outputs = maps.read(torch.full_like(row, anchor), row, column)
    boxes: NDArray[np.float32] = outputs.boxes.view(rows, columns, 4).cpu().numpy()
    return boxes
