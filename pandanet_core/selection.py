"""Which anchors learn and which may be read: matching, PONO, A+ and the pose-aware A++ (spec,
section 4).

Training, the anchor views and the notebooks all read the AnchorTrace made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid

SelectionRule = Literal["none", "box-aware", "pose-aware"]
"""Table 1's variants: O > t, O * box overlap > t, O * pose overlap > t."""


@dataclass(frozen=True)
class SelectionSettings:
    """How anchors are chosen.

    Attributes:
        rule: Table 1's variant.
        positive_above: A+ = anchors whose PONO exceeds this.
        selected_above: A++ = anchors whose quality exceeds this (Eq. 9).
        ignored_above: Anchors that overlap a person who is no object to find by more than this IoU
            carry
            no classification loss.
    """

    rule: SelectionRule = "pose-aware"
    positive_above: float = 0.5
    selected_above: float = 0.5
    ignored_above: float = 0.35


@dataclass(frozen=True)
class Matching:
    """Every anchor of one picture with the person it overlaps most (Eq. 1).

    Attributes:
        person: (N_A, H, W) index of the matched person, -1 where no person overlaps.
        iou: (N_A, H, W) IoU with that person, 0 where none.
        pono: (N_A, H, W) Per-Object Normalised Overlap O, 0 where none.
        best_iou: (N,) the largest IoU among the anchors matched to each person; 0 for a person who
            is
            nobody's best match (hidden behind another).
    """

    person: Tensor
    iou: Tensor
    pono: Tensor
    best_iou: Tensor


def grid_iou(boxes: Tensor, grid: AnchorGrid) -> Tensor:
    """IoU (N, N_A, H, W) of boxes (N, 4) with every anchor; overlap is separable in x and y."""
    device = grid.sizes.device
    centre_x = (torch.arange(grid.columns, device=device) + 0.5) * grid.stride
    centre_y = (torch.arange(grid.rows, device=device) + 0.5) * grid.stride
    half = grid.sizes / 2
    overlap_x = _interval_overlap(boxes[:, 0], boxes[:, 2], centre_x, half[:, 0])  # (N, N_A, W)
    overlap_y = _interval_overlap(boxes[:, 1], boxes[:, 3], centre_y, half[:, 1])  # (N, N_A, H)
    overlap = overlap_y[..., :, None] * overlap_x[..., None, :]
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(1)[:, None] + grid.sizes.prod(1)[None]
    return overlap / (areas[..., None, None] - overlap)


def _interval_overlap(low: Tensor, high: Tensor, centre: Tensor, half: Tensor) -> Tensor:
    """Lengths (N, N_A, C) that N intervals share with N_A intervals of half length `half` round C
    centres."""
    upper = torch.minimum(high[:, None, None], centre + half[:, None])
    lower = torch.maximum(low[:, None, None], centre - half[:, None])
    return (upper - lower).clamp(min=0)


def match(boxes: Tensor, grid: AnchorGrid) -> Matching:
    """Match every anchor of the grid to the person (boxes (N, 4) px) it overlaps most (Eq. 1)."""
    if len(boxes) == 0:
        nothing = torch.zeros(grid.shape, device=grid.sizes.device)
        return Matching(
            torch.full_like(nothing, -1, dtype=torch.long), nothing, nothing, boxes.new_zeros(0)
        )
    iou, person = grid_iou(boxes, grid).max(0)
    best_iou = boxes.new_zeros(len(boxes)).scatter_reduce(
        0, person.flatten(), iou.flatten(), "amax"
    )
    pono = iou / best_iou.clamp(min=torch.finfo(iou.dtype).tiny)[person]
    matched = iou > 0
    return Matching(
        torch.where(matched, person, -1), iou, torch.where(matched, pono, 0.0), best_iou
    )


@dataclass(frozen=True)
class PositiveAnchors:
    """A+ of a batch: M anchors, and the P people of all its pictures in one list.

    Attributes:
        picture: (M,) number of the picture in the batch.
        anchor: (M,) kind of anchor, 0..N_A - 1.
        row, column: (M,) output cell.
        person: (M,) index of the matched person among the batch's P people.
        iou, pono: (M,) overlap of the anchor with that person.
        best_iou: (P,) as in Matching.
    """

    picture: Tensor
    anchor: Tensor
    row: Tensor
    column: Tensor
    person: Tensor
    iou: Tensor
    pono: Tensor
    best_iou: Tensor

    def __len__(self) -> int:
        return len(self.picture)


def positive_anchors(
    people_boxes: Sequence[Tensor], grid: AnchorGrid, settings: SelectionSettings
) -> PositiveAnchors:
    """A+ of a batch from the boxes (N, 4) px of each picture's people."""
    rows = []
    first_person = 0
    for picture, boxes in enumerate(people_boxes):
        matching = match(boxes, grid)
        anchor, row, column = (matching.pono > settings.positive_above).nonzero(as_tuple=True)
        at = (anchor, row, column)
        person = matching.person[at] + first_person
        rows.append(
            (
                torch.full_like(anchor, picture),
                *at,
                person,
                matching.iou[at],
                matching.pono[at],
                matching.best_iou,
            )
        )
        first_person += len(boxes)
    return PositiveAnchors(*(torch.cat(column) for column in zip(*rows, strict=True)))


def ignored_anchors(
    ignored_boxes: Sequence[Tensor],
    positives: PositiveAnchors,
    grid: AnchorGrid,
    settings: SelectionSettings,
) -> Tensor:
    """(B, N_A, H, W) anchors on people who are no objects to find: right or wrong, they are not
    judged."""
    ignored = torch.zeros(
        len(ignored_boxes), *grid.shape, dtype=torch.bool, device=grid.sizes.device
    )
    for picture, boxes in enumerate(ignored_boxes):
        if len(boxes):
            ignored[picture] = grid_iou(boxes, grid).amax(0) > settings.ignored_above
    ignored[positives.picture, positives.anchor, positives.row, positives.column] = False
    return ignored


@dataclass(frozen=True)
class AnchorTrace:
    """Everything that decided which anchors of a batch may be read.

    Attributes:
        positives: A+ (M anchors) with matched person, IoU and PONO.
        box_overlap: (M,) IoU of predicted and true box (Eq. 4).
        joint_overlap: (M, K) unit-square IoU of each joint (Eq. 6).
        pose_overlap: (M,) mean of joint_overlap over the joints that count.
        quality: (M,) what the rule compares with the threshold.
        selected: (M,) which anchors of A+ are in A++.
        settings: The rule and its thresholds.
    """

    positives: PositiveAnchors
    box_overlap: Tensor
    joint_overlap: Tensor
    pose_overlap: Tensor
    quality: Tensor
    selected: Tensor
    settings: SelectionSettings

    def people_without_anchor(self) -> Tensor:
        """(P,) people whom no anchor overlaps more than it overlaps somebody else."""
        return self.positives.best_iou == 0

    def people_selected(self) -> Tensor:
        """(P,) people who have at least one anchor in A++."""
        found = torch.zeros_like(self.positives.best_iou, dtype=torch.bool)
        found[self.positives.person[self.selected]] = True
        return found

    def label_map(self, pictures: int, grid: AnchorGrid) -> Tensor:
        """C (B, N_A, H, W): 1 on A++, 0 elsewhere (Eq. 9)."""
        labels = torch.zeros(pictures, *grid.shape, device=grid.sizes.device)
        chosen = self.positives
        at = (chosen.picture, chosen.anchor, chosen.row, chosen.column)
        labels[tuple(index[self.selected] for index in at)] = 1
        return labels


@torch.no_grad()
def select(
    positives: PositiveAnchors,
    box_overlap: Tensor,
    joint_overlap: Tensor,
    counted: Tensor,
    settings: SelectionSettings,
) -> AnchorTrace:
    """Choose A++ among A+ (Eq. 9).

    Args:
        positives: A+, M anchors.
        box_overlap: (M,) IoU of predicted and matched box.
        joint_overlap: (M, K) unit-square IoU of each joint.
        counted: (M, K) joints that count towards the pose overlap; an anchor with none is judged by
            PONO alone.
        settings: Rule and thresholds.
    """
    joints = counted.sum(1)
    pose_overlap = (joint_overlap * counted).sum(1) / joints.clamp(min=1)
    pose_overlap = torch.where(joints > 0, pose_overlap, 1.0)
    overlap = {
        "none": torch.ones_like(box_overlap),
        "box-aware": box_overlap,
        "pose-aware": pose_overlap,
    }[settings.rule]
    quality = positives.pono * overlap
    return AnchorTrace(
        positives,
        box_overlap.detach(),
        joint_overlap.detach(),
        pose_overlap.detach(),
        quality,
        quality > settings.selected_above,
        settings,
    )
