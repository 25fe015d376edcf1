"""What the anchors of a picture's people say: matched, selected, and how they score."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import to_anchor_space
from pandanet_core.boxes import iou_and_giou, unit_square_iou
from pandanet_core.detector import Examination
from pandanet_core.evaluation.people import AnnotatedPeople
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.selection import AnchorTrace, SelectionSettings, positive_anchors, select


@dataclass(frozen=True, eq=False)
class AnchorsOfPeople:
    """A+ of one picture's P people who count, M anchors in all, read by a network.

    Attributes:
        trace: Who was matched with which anchor, and which anchors may be read (A++) given the
            network's present poses.
        scores: (M,) after the sigmoid.
        boxes: (M, 4) px of the picture, as the network predicts them.
    """

    trace: AnchorTrace
    scores: NDArray[np.floating[Any]]
    boxes: NDArray[np.floating[Any]]

    def of(self, person: int) -> NDArray[np.int64]:
        """Places in A+ of one person's anchors."""
        own: NDArray[np.int64] = np.flatnonzero(self.trace.positives.person.cpu() == person)
        return own

    def cell(self, place: int) -> tuple[int, int, int]:
        """Kind, row and column of a place in A+."""
        chosen = self.trace.positives
        return int(chosen.anchor[place]), int(chosen.row[place]), int(chosen.column[place])


@torch.inference_mode()
def anchors_of_people(
    network: PandaNet,
    examined: Examination,
    people: AnnotatedPeople,
    settings: SelectionSettings,
) -> AnchorsOfPeople:
    """Match and select anchors for the people who count, as training would (Eq. 1, 9).

    Args:
        network: What examined the picture.
        examined: Its features and anchors.
        people: Everybody who counts, P people, px of the picture.
        settings: Rule and thresholds of the selection.
    """
    device = examined.features.score.device
    stretch = torch.from_numpy(examined.stretch).to(device)
    boxes = _tensor(people.boxes, device) / stretch.repeat(2)
    pose2d = _tensor(people.pose2d, device) / stretch
    counted = torch.from_numpy(people.inside).to(device)

    positives = positive_anchors([boxes], examined.grid, settings)
    at = (positives.picture, positives.anchor, positives.row, positives.column)
    outputs = network.read_at(examined.features, examined.grid, *at)
    scores = network.score_logits(examined.features)[at].sigmoid()
    person = positives.person
    box_overlap, _ = iou_and_giou(outputs.boxes, boxes[person])
    anchor_boxes = examined.grid.boxes_at(*at[1:])
    truth = to_anchor_space(pose2d[person], anchor_boxes)
    joint_overlap, _ = unit_square_iou(outputs.pose2d - truth)
    trace = select(positives, box_overlap, joint_overlap, counted[person], settings)
    boxes_px = outputs.boxes * stretch.repeat(2)
    return AnchorsOfPeople(trace, scores.cpu().numpy(), boxes_px.cpu().numpy())


def _tensor(values: NDArray[np.floating[Any]], device: torch.device) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float32)).to(device)
