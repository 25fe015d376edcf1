"""One batch through the network: selection, losses and what is worth logging."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

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
        weighted: The four terms of the loss; of a part of a batch its share of them.
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


@dataclass(frozen=True)
class Portion:
    """What part of the whole batch goes through the network at once.

    Attributes:
        pictures: Share of the pictures of the whole batch, above 0 and at most 1.
        positive_count: N+ of the whole batch, over all its parts and ranks.
    """

    pictures: float
    positive_count: float


class Objective(nn.Module):
    """The network with its λ, from pictures to losses: whatever learns is inside."""

    def __init__(
        self,
        network: PandaNet,
        loss_weights: LossWeights,
        selection: SelectionSettings,
        bfloat16: bool,
        channels_last: bool = True,
    ) -> None:
        super().__init__()
        self.network = network
        self.loss_weights = loss_weights
        self.selection = selection
        self.in_bfloat16 = bfloat16
        self.channels_last = channels_last

    def positives(self, batch: Batch) -> PositiveAnchors:
        """A+ of a batch: a matter of its boxes alone, known before the network runs."""
        grid = self.network.grid(*batch.images.shape[1:3])
        return positive_anchors(batch.people_boxes, grid, self.selection)

    def forward(self, batch: Batch, positives: PositiveAnchors, portion: Portion) -> StepResult:
        """Forward pass, selection of A++ and the weighted losses of a part of a batch.

        The losses of all parts, of all ranks, sum to those of the whole batch, and so do their
        gradients: N+, H·W·N_A and the terms log(1/λ) are divided among the parts by pictures.
        """
        images = normalise(batch.images)
        if not self.channels_last:
            images = images.contiguous()
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self.in_bfloat16):
            features = self.network(images)
        grid = self.network.grid(*batch.images.shape[1:3])
        at = (positives.picture, positives.anchor, positives.row, positives.column)
        outputs = self.network.read_at(features, grid, *at)
        trace, losses = _compare(
            self.network,
            features,
            outputs,
            positives,
            grid,
            batch,
            self.loss_weights,
            self.selection,
        )
        own_positives = max(portion.positive_count, 1) * portion.pictures
        weighted = weigh(
            losses, positives.anchor, self.loss_weights, images.new_full((), own_positives)
        )
        return StepResult(
            _scaled(weighted, portion.pictures),
            losses,
            trace,
            outputs,
            _feature_spread(features, positives),
        )


def _scaled(weighted: WeightedLosses, share: float) -> WeightedLosses:
    return WeightedLosses(*(share * term for term in vars(weighted).values()))


@torch.no_grad()
def _feature_spread(features: HeadFeatures, positives: PositiveAnchors) -> Tensor:
    at_people = features.pose3d.permute(0, 2, 3, 1)[
        positives.picture, positives.row, positives.column
    ].float()
    return at_people.std(0).mean() if len(positives) > 1 else at_people.new_zeros(())


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
