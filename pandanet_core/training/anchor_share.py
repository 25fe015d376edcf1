"""How many people of the training data get an anchor: those who get none teach nothing."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, cluster_anchors
from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.selection import positive_anchors
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.priors import LEAST_PEOPLE, first_batches
from pandanet_core.weights import load_weights

ENOUGH_PICTURES = 96
"""The share is then known to a few hundredths."""


@dataclass(frozen=True)
class AnchorShare:
    """Who has anchors in A+, as a training would begin.

    Attributes:
        pictures: Augmented pictures that were looked at.
        people: People to find in them.
        with_anchor: Of these, those with at least one anchor in A+.
    """

    pictures: int
    people: int
    with_anchor: int


def measure_anchor_share(data: AugmentedBatches, config: TrainingConfig) -> AnchorShare | None:
    """Count people over the training's first pictures, with anchors clustered on these or those of
    `config.initial`; None where too few people are there to cluster.

    Raises UserError where a picture or the initial weights cannot be read.
    """
    seen = first_batches(data, ENOUGH_PICTURES, config.workers)
    boxes = torch.cat([batch.boxes for batch in seen])
    if len(boxes) < LEAST_PEOPLE:
        return None
    stride, size = config.network.stride, config.augmentation
    anchors = _anchors(boxes, config.initial)
    grid = AnchorGrid(anchors, stride, size.height_px // stride, size.width_px // stride)
    with_anchor = 0
    for batch in seen:
        positives = positive_anchors(batch.people_boxes, grid, config.selection)
        with_anchor += len(positives.person.unique())
    return AnchorShare(len(seen) * data.batch_size, len(boxes), with_anchor)


def _anchors(boxes: Tensor, initial: str | None) -> Tensor:
    """(N_A, 2) px: those to start from, or clustered on boxes (P, 4)."""
    if initial:
        return load_weights(Path(initial)).network.anchors
    return torch.from_numpy(cluster_anchors((boxes[:, 2:] - boxes[:, :2]).numpy()))
