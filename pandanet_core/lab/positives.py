"""A+ and A++ of one frame: matched and selected as in training, and read by the network."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, best_centred_iou, to_anchor_space
from pandanet_core.boxes import iou_and_giou, unit_square_iou
from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import Floats, Integers, PositiveTable, Truth
from pandanet_core.readout_trace import ReadoutTrace
from pandanet_core.selection import AnchorTrace, SelectionSettings, positive_anchors, select


@dataclass(frozen=True, eq=False)
class LabAnchors:
    """The anchors that people are matched with, and which of the network's own speaks for each.

    Attributes:
        grid: A.
        own_kind: (N_A,) for each kind the network's own kind that is most alike, by IoU on a common
            centre.
    """

    grid: AnchorGrid
    own_kind: Tensor


def lab_anchors(own: AnchorGrid, sizes_px: tuple[tuple[float, float], ...] | None) -> LabAnchors:
    """Anchors of these sizes at the cells of the network's; its own where None."""
    device = own.sizes.device
    if sizes_px is None:
        return LabAnchors(own, torch.arange(len(own.sizes), device=device))
    sizes = np.array(sizes_px, np.float32)
    _, kind = best_centred_iou(sizes, own.sizes.cpu().numpy())
    grid = AnchorGrid(torch.from_numpy(sizes).to(device), own.stride, own.rows, own.columns)
    return LabAnchors(grid, torch.from_numpy(kind).to(device))


def trace_positives(
    maps: FrameMaps,
    truth: Truth,
    anchors: LabAnchors,
    settings: SelectionSettings,
    readout: ReadoutTrace,
) -> tuple[AnchorTrace, PositiveTable]:
    """Match and select anchors for the people of a truth (Eq. 1, 9).

    Args:
        maps: What the network saw.
        truth: Who is to be found.
        anchors: What they are matched with.
        settings: Rule and thresholds.
        readout: The candidates of the same maps.
    """
    device = maps.scores.device
    boxes = _tensor(truth.boxes, device)
    positives = positive_anchors([boxes], anchors.grid, settings)
    person, (_, anchor, row, column) = positives.person, positives.at
    at = (anchors.own_kind[anchor], row, column)
    outputs = maps.read(*at, with_pose3d=False)
    box_overlap, _ = iou_and_giou(outputs.boxes, boxes[person])
    anchor_boxes = anchors.grid.boxes_at(anchor, row, column)
    true_pose2d = to_anchor_space(_tensor(truth.pose2d, device)[person], anchor_boxes)
    pose2d = outputs.pose2d
    if anchors.grid is not maps.grid:
        pose2d = to_anchor_space(outputs.pose2d_px, anchor_boxes)
    joint_overlap, _ = unit_square_iou(pose2d - true_pose2d)
    counted = torch.from_numpy(truth.has_2d).to(device)[person]
    trace = select(positives, box_overlap, joint_overlap, counted, settings)
    own = tuple(_array(part) for part in at)
    table = PositiveTable(
        anchor=_array(anchor),
        row=own[1],
        column=own[2],
        person=_array(person),
        iou=_array(positives.iou),
        pono=_array(positives.pono),
        box_overlap=_array(box_overlap),
        joint_overlap=_array(joint_overlap),
        counted=_array(counted),
        pose_overlap=_array(trace.pose_overlap),
        quality=_array(trace.quality),
        selected=_array(trace.selected),
        scores=_array(maps.scores[at]),
        boxes=_array(outputs.boxes),
        pose2d=_array(outputs.pose2d_px),
        candidate=_candidates_at(own, readout, maps.grid.shape),
    )
    return trace, table


def _candidates_at(
    at: tuple[Integers, ...], readout: ReadoutTrace, shape: tuple[int, int, int]
) -> Integers:
    """(M,) the candidate at each of M anchors of the network, -1 for none."""
    candidate = np.full(shape, -1, np.int64)
    candidate[readout.anchor, readout.row, readout.column] = np.arange(len(readout.scores))
    return candidate[at]


def _tensor(values: Floats, device: torch.device) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float32)).to(device)


def _array(values: Tensor) -> NDArray[Any]:
    array: NDArray[Any] = values.cpu().numpy()
    return array
