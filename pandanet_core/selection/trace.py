"""Which anchors of A+ may be read: the pose-aware A++ and everything that decided it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection.positive import PositiveAnchors
from pandanet_core.selection_settings import SelectionRule, SelectionSettings


@dataclass(frozen=True)
class AnchorTrace:
    """Everything that decided which anchors of a batch may be read.

    `explain_person` and `explain_anchor` put it together for one person or anchor.

    Attributes:
        positives: A+ (M anchors) with matched person, IoU and PONO.
        box_overlap: (M,) IoU of predicted and true box (Eq. 4).
        joint_overlap: (M, K) unit-square IoU of each joint (Eq. 6).
        counted: (M, K) joints that count towards the pose overlap.
        pose_overlap: (M,) mean of joint_overlap over the joints that count; 1 where none does.
        quality: (M,) what the rule compares with the threshold.
        selected: (M,) which anchors of A+ are in A++.
        settings: The rule and its thresholds.
    """

    positives: PositiveAnchors
    box_overlap: Tensor
    joint_overlap: Tensor
    counted: Tensor
    pose_overlap: Tensor
    quality: Tensor
    selected: Tensor
    settings: SelectionSettings

    def people_without_anchor(self) -> Tensor:
        """(P,) people whom no anchor overlaps more than it overlaps somebody else."""
        return self.positives.best_iou == 0

    def people_selected(self) -> Tensor:
        """(P,) people who have at least one anchor in A++."""
        anchors = torch.zeros_like(self.positives.best_iou)
        anchors.index_add_(0, self.positives.person, self.selected.to(anchors.dtype))
        return anchors > 0

    def label_map(self, pictures: int, grid: AnchorGrid) -> Tensor:
        """C (B, N_A, H, W): 1 on A++, 0 elsewhere (Eq. 9)."""
        labels = torch.zeros(pictures, *grid.shape, device=grid.sizes.device)
        labels[self.positives.at] = self.selected.to(labels.dtype)
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
        joint_overlap: (M, K) unit-square IoU of each joint; anything, NaN too, where not counted.
        counted: (M, K) joints that count towards the pose overlap; an anchor with none is judged by
            PONO alone.
        settings: Rule and thresholds.
    """
    joints = counted.sum(1)
    pose_overlap = torch.where(counted, joint_overlap, 0.0).sum(1) / joints.clamp(min=1)
    pose_overlap = torch.where(joints > 0, pose_overlap, 1.0)
    quality = positives.pono * judged_overlap(settings.rule, box_overlap, pose_overlap)
    return AnchorTrace(
        positives,
        box_overlap.detach(),
        joint_overlap.detach(),
        counted,
        pose_overlap.detach(),
        quality,
        quality > settings.selected_above,
        settings,
    )


def judged_overlap(rule: SelectionRule, box_overlap: Tensor, pose_overlap: Tensor) -> Tensor:
    """(M,) what a rule multiplies PONO with: one of two overlaps (M,), or 1."""
    return {
        "none": torch.ones_like(box_overlap),
        "box-aware": box_overlap,
        "pose-aware": pose_overlap,
    }[rule]
