"""One batch through the network: selection, losses and what is worth logging."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, to_anchor_space
from pandanet_core.data.loader import Batch
from pandanet_core.losses import (
    AnchorLosses,
    LossWeights,
    WeightedLosses,
    box_loss,
    classification_loss,
    pose2d_loss,
    pose3d_loss,
    weigh,
)
from pandanet_core.network.pandanet import AnchorOutputs, HeadFeatures, PandaNet
from pandanet_core.network.pictures import normalise
from pandanet_core.selection import (
    AnchorTrace,
    PositiveAnchors,
    SelectionSettings,
    ignored_anchors,
    positive_anchors,
    select,
)


@dataclass(frozen=True)
class StepResult:
    """What one batch gave.

    Attributes:
        weighted: The four terms of the loss.
        losses: The same at every anchor, before weighing.
        trace: Which anchors were matched and selected.
        outputs: What the network said at A+.
        feature_spread: Standard deviation of the 3D head's features at A+: near 0 when the head has
            died.
    """

    weighted: WeightedLosses
    losses: AnchorLosses
    trace: AnchorTrace
    outputs: AnchorOutputs
    feature_spread: Tensor


def run_step(
    network: PandaNet,
    loss_weights: LossWeights,
    batch: Batch,
    selection: SelectionSettings,
    bfloat16: bool,
) -> StepResult:
    """Forward pass, selection of A++ and the weighted losses of one batch."""
    with torch.autocast(batch.images.device.type, torch.bfloat16, enabled=bfloat16):
        features = network(normalise(batch.images))
    grid = network.grid(*batch.images.shape[1:3])
    positives = positive_anchors(batch.people_boxes, grid, selection)
    at = (positives.picture, positives.anchor, positives.row, positives.column)
    outputs = network.read_at(features, grid, *at)
    trace, anchor_losses = _compare(
        network, features, outputs, positives, grid, batch, loss_weights, selection
    )
    positive_count = torch.tensor(max(len(positives), 1), device=batch.images.device)
    weighted = weigh(anchor_losses, positives.anchor, loss_weights, positive_count)
    with torch.no_grad():
        at_people = features.pose3d.permute(0, 2, 3, 1)[
            positives.picture, positives.row, positives.column
        ].float()
        spread = at_people.std(0).mean() if len(positives) > 1 else torch.zeros(())
    return StepResult(weighted, anchor_losses, trace, outputs, spread)


def _compare(
    network: PandaNet,
    features: HeadFeatures,
    outputs: AnchorOutputs,
    positives: PositiveAnchors,
    grid: AnchorGrid,
    batch: Batch,
    loss_weights: LossWeights,
    selection: SelectionSettings,
) -> tuple[AnchorTrace, AnchorLosses]:
    """Predictions at A+ against the truth: overlaps, A++ and losses."""
    person = positives.person
    anchor_boxes = grid.boxes_at(positives.anchor, positives.row, positives.column)
    generalised = loss_weights.settings.generalised
    box, box_overlap = box_loss(outputs.boxes, batch.boxes[person], generalised)
    true_pose2d = to_anchor_space(batch.pose2d[person], anchor_boxes)
    pose2d, joint_overlap = pose2d_loss(
        outputs.pose2d, true_pose2d, batch.has_2d[person], generalised
    )
    pose3d = pose3d_loss(outputs.pose3d, batch.pose3d[person], batch.has_3d[person])
    counted = (batch.has_2d & batch.inside)[person]
    trace = select(positives, box_overlap, joint_overlap, counted, selection)
    ignored = ignored_anchors(batch.ignored_boxes, positives, grid, selection)
    labels = trace.label_map(len(batch.images), grid)
    scores = classification_loss(network.score_logits(features), labels, ignored)
    return trace, AnchorLosses(scores, box, pose2d, pose3d, box_overlap, joint_overlap)


@torch.no_grad()
def measure(result: StepResult, batch: Batch, mean_pose3d: Tensor) -> dict[str, float]:
    """Numbers for the run log; pose errors in mm with true scale, the constant mean pose's beside
    the network's."""
    trace = result.trace
    person, selected = trace.positives.person, trace.selected
    scale = batch.scale_mm[person]
    error = (result.outputs.pose3d - batch.pose3d[person]).norm(dim=-1).mean(1) * scale
    constant = (mean_pose3d - batch.pose3d[person]).norm(dim=-1).mean(1) * scale
    people = len(batch.pose2d)
    return {
        "loss": result.weighted.total.item(),
        "loss_classification": result.weighted.classification.item(),
        "loss_box": result.weighted.box.item(),
        "loss_pose2d": result.weighted.pose2d.item(),
        "loss_pose3d": result.weighted.pose3d.item(),
        "bce": result.losses.classification.mean().item(),
        "box_iou": _mean(trace.box_overlap),
        "pose_overlap": _mean(trace.pose_overlap),
        "mpjpe_mm": _mean(error),
        "mean_pose_mpjpe_mm": _mean(constant),
        "positives": float(len(person)),
        "selected_share": _mean(selected.float()),
        "people": float(people),
        "people_with_selected_anchor": _mean(trace.people_selected().float()),
        "people_without_anchor": float(trace.people_without_anchor().sum()),
        "pose3d_feature_spread": float(result.feature_spread),
    }


def _mean(values: Tensor) -> float:
    return float(values.mean()) if len(values) else 0.0
