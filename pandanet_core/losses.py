"""The four losses and their learned weights λ (Eq. 4-15; spec, section 5)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from pandanet_core.boxes import iou_and_giou, unit_square_iou
from pandanet_core.loss_settings import LossSettings


class LossWeights(nn.Module):
    """Every λ, held as its logarithm s so that it stays positive: λ = exp(s), s from 0.

    Attributes:
        task: (4,) for classification, box, 2D pose, 3D pose, in this order.
        anchor: (2, N_A) for classification and box.
        joint: (2, N_A, N_K) for 2D and 3D pose.
    """

    def __init__(self, anchor_count: int, joint_count: int, settings: LossSettings) -> None:
        super().__init__()
        self.settings = settings
        self.task = nn.Parameter(torch.zeros(4), requires_grad=settings.learn_task)
        self.anchor = nn.Parameter(
            torch.zeros(2, anchor_count), requires_grad=settings.learn_anchor
        )
        self.joint = nn.Parameter(
            torch.zeros(2, anchor_count, joint_count), requires_grad=settings.learn_joint
        )

    @torch.no_grad()
    def project(self) -> None:
        """Bring s back into its bounds after an optimiser step; inside the loss a clamp would kill
        the gradient."""
        if self.settings.task_bound is not None:
            self.task.clamp_(-self.settings.task_bound, self.settings.task_bound)
        if self.settings.detail_bound is not None:
            self.anchor.clamp_(-self.settings.detail_bound, self.settings.detail_bound)
            self.joint.clamp_(-self.settings.detail_bound, self.settings.detail_bound)


@dataclass(frozen=True)
class AnchorLosses:
    """Losses before weighing: classification at every anchor, the others at the M anchors of A+.

    Attributes:
        classification: (B, N_A, H, W) (Eq. 10); 0 where ignored.
        box: (M,) (Eq. 5).
        pose2d: (M, K) (Eq. 7); 0 where not annotated.
        pose3d: (M, K) (Eq. 8); 0 where not annotated.
        box_overlap: (M,) plain IoU of predicted and true box (Eq. 4).
        joint_overlap: (M, K) plain unit-square IoU (Eq. 6).
    """

    classification: Tensor
    box: Tensor
    pose2d: Tensor
    pose3d: Tensor
    box_overlap: Tensor
    joint_overlap: Tensor


@dataclass(frozen=True)
class WeightedLosses:
    """The four terms of L_total (Eq. 11-15), scalars."""

    classification: Tensor
    box: Tensor
    pose2d: Tensor
    pose3d: Tensor

    @property
    def total(self) -> Tensor:
        """L_total (Eq. 15)."""
        return self.classification + self.box + self.pose2d + self.pose3d


def box_loss(predicted: Tensor, true: Tensor, generalised: bool) -> tuple[Tensor, Tensor]:
    """(1 - overlap)² (M,) of boxes (M, 4) (Eq. 5), and their plain IoU (M,)."""
    iou, giou = iou_and_giou(predicted, true)
    return (1 - (giou if generalised else iou)) ** 2, iou


def pose2d_loss(
    predicted: Tensor, true: Tensor, annotated: Tensor, generalised: bool
) -> tuple[Tensor, Tensor]:
    """(1 - overlap)² (M, K) of joints (M, K, 2) in anchor space (Eq. 7), and the plain overlap (M,
    K); both 0 where not annotated, whatever stands there in `true`."""
    difference = torch.where(annotated[..., None], predicted - true, 0.0)
    iou, giou = unit_square_iou(difference)
    # Without a difference the overlap is 1, so joints that are not annotated have no loss.
    return (1 - (giou if generalised else iou)) ** 2, torch.where(annotated, iou, 0.0)


def pose3d_loss(predicted: Tensor, true: Tensor, annotated: Tensor) -> Tensor:
    """Euclidean distance (M, K) of joints (M, K, 3), root-relative, bone lengths summing to 1 (Eq.
    8); 0 where not annotated, whatever stands there in `true`."""
    difference = torch.where(annotated[..., None], predicted - true, 0.0)
    # The square root has no gradient at 0, hence the floor far below any visible error.
    distance = difference.square().sum(-1).clamp(min=1e-12).sqrt()
    return torch.where(annotated, distance, 0.0)


def classification_loss(logits: Tensor, labels: Tensor, ignored: Tensor) -> Tensor:
    """Binary cross-entropy (B, N_A, H, W) of scores against C (Eq. 10), 0 where ignored."""
    loss = functional.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return loss.masked_fill(ignored, 0.0)


def weigh(
    losses: AnchorLosses, anchor: Tensor, weights: LossWeights, positive_count: Tensor
) -> WeightedLosses:
    """Weigh and normalise the losses by every λ (Eq. 11-14).

    The pose terms are divided by N_K · N+, as the paper writes it: by every joint at every anchor
    in A+, annotated or not. Where half the people have no 3D (COCO beside MuCo) the 3D term is half
    as large as on the others alone, and its learned λ settles twice as high. To divide by the
    annotated joints instead would weigh an annotated joint alike in every mixture; the paper says
    only that the others' loss is zero, and so does this.

    Args:
        losses: Losses of this rank's part of the batch.
        anchor: (M,) kind of each anchor in A+.
        weights: The λ.
        positive_count: N+, over the whole batch and all ranks; at least 1.
    """
    task, anchors, joints = weights.task.exp(), weights.anchor.exp(), weights.joint.exp()
    joint_count = joints.shape[-1]
    by_anchor = (
        losses.classification.sum((0, 2, 3)) / losses.classification.numel()
    )  # Σ_ij / (H W N_A) over the batch
    classification = task[0] * (anchors[0] * by_anchor).sum()
    box = task[1] * (anchors[1][anchor] * losses.box).sum() / positive_count
    pose2d = task[2] * (joints[0][anchor] * losses.pose2d).sum() / (joint_count * positive_count)
    pose3d = task[3] * (joints[1][anchor] * losses.pose3d).sum() / (joint_count * positive_count)
    return WeightedLosses(
        classification - weights.task[0] - weights.anchor[0].mean(),
        box - weights.task[1] - weights.anchor[1].mean(),
        pose2d - weights.task[2] - weights.joint[0].mean(),
        pose3d - weights.task[3] - weights.joint[1].mean(),
    )
