"""Why a person has an anchor to be read at, or none; why an anchor was chosen, or not.

Facts only: whoever shows them finds the words.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from pandanet_core.selection.overlaps import Overlaps, overlaps_of
from pandanet_core.selection.positive import PositiveAnchors
from pandanet_core.selection.trace import AnchorTrace, judged_overlap

Outcome = Literal["selected", "not selected", "hidden", "out of reach"]
"""A++ anchors; anchors in A+ that all fell below the threshold; every anchor on the person overlaps
somebody else more; no anchor overlaps the person at all."""


@dataclass(frozen=True)
class AnchorPlace:
    """One anchor of a batch: picture, kind, output cell."""

    picture: int
    anchor: int
    row: int
    column: int


@dataclass(frozen=True)
class PersonOverlap:
    """IoU of an anchor with a person, who is numbered through the batch."""

    person: int
    iou: float


@dataclass(frozen=True)
class JointOverlap:
    """Unit-square IoU of a joint, predicted and true (Eq. 6)."""

    joint: int
    overlap: float


@dataclass(frozen=True)
class Judgement:
    """How an anchor of A+ was judged.

    Attributes:
        index: Its place in A+.
        box_overlap: IoU of predicted and true box (Eq. 4).
        pose_overlap: Mean over the joints that count; 1 where none does.
        joints: The joints that count, the worst first.
        overlap: Whichever of the two the rule multiplies PONO with; 1 under the rule "none".
        quality: PONO times overlap.
        selected: Whether the quality exceeds the threshold: A++.
        weaker: The smaller factor: what a greater quality lacks most.
    """

    index: int
    box_overlap: float
    pose_overlap: float
    joints: tuple[JointOverlap, ...]
    overlap: float
    quality: float
    selected: bool
    weaker: Literal["pono", "overlap"]


@dataclass(frozen=True)
class AnchorExplanation:
    """What became of one anchor.

    Attributes:
        place: The anchor.
        overlaps: The people it overlaps, most first: the first one got it (Eq. 1).
        person: Whom it is matched to; None where it overlaps nobody.
        iou: IoU with that person; 0 where nobody.
        best_iou: The largest IoU among that person's anchors, which PONO is normalised by.
        pono: iou / best_iou; 0 where nobody.
        judgement: How it was judged; None outside A+.
    """

    place: AnchorPlace
    overlaps: tuple[PersonOverlap, ...]
    person: int | None
    iou: float
    best_iou: float
    pono: float
    judgement: Judgement | None


@dataclass(frozen=True)
class Taker:
    """Somebody whom some of a person's anchors overlap more, and how many do."""

    person: int
    anchors: int


@dataclass(frozen=True)
class PersonExplanation:
    """What became of one person.

    Attributes:
        person: Number in the batch.
        picture: Number of the picture.
        outcome: How it ended.
        closest_iou: The largest IoU that any anchor has with the person, whoever got that anchor.
        best_iou: The largest among the anchors that are matched to the person; 0 without.
        alone: How many anchors would be in A+ if the person were alone in the picture.
        takers: Who got those of them that are matched to others, most first.
        positive, selected: How many anchors in A+ and in A++ the person has.
        best: The person's anchor in A+ of the best quality; None without A+.
    """

    person: int
    picture: int
    outcome: Outcome
    closest_iou: float
    best_iou: float
    alone: int
    takers: tuple[Taker, ...]
    positive: int
    selected: int
    best: AnchorExplanation | None


def explain_anchor(trace: AnchorTrace, place: AnchorPlace) -> AnchorExplanation:
    """Why this anchor, anywhere on the grid, is matched, in A+ and in A++, or is not.

    Raises IndexError for a place that is not on the grid.
    """
    positives = trace.positives
    people, overlaps = _people_of(positives, place.picture)
    kinds, rows, columns = positives.grid.shape
    if not (0 <= place.anchor < kinds and 0 <= place.row < rows and 0 <= place.column < columns):
        raise IndexError(f"{place} is not on a grid of {positives.grid.shape}.")
    cell = (place.anchor * rows + place.row) * columns + place.column
    iou = overlaps.at(torch.tensor([cell], device=people.device))[0]
    order = iou.argsort(descending=True, stable=True)
    order = order[iou[order] > 0]
    found = tuple(PersonOverlap(int(people[n]), float(iou[n])) for n in order)
    if not found:
        return AnchorExplanation(place, (), None, 0.0, 0.0, 0.0, None)
    best_iou = float(positives.best_iou[found[0].person])
    index = _index_of(positives, place)
    pono = found[0].iou / best_iou if index is None else float(positives.pono[index])
    judgement = None if index is None else _judge(trace, index)
    return AnchorExplanation(place, found, found[0].person, found[0].iou, best_iou, pono, judgement)


def explain_person(trace: AnchorTrace, person: int) -> PersonExplanation:
    """Why this person, numbered through the batch, can be read at some anchor or at none."""
    positives = trace.positives
    picture = int(positives.person_picture[person])
    people, overlaps = _people_of(positives, picture)
    own = person - int(people[0])
    closest_iou = float(overlaps.largest()[own])
    owners = _owners_if_alone(overlaps, own, trace.settings.positive_above)
    takers = [Taker(int(people[n]), int((owners == n).sum())) for n in owners.unique() if n != own]
    indices = (positives.person == person).nonzero().squeeze(1)
    selected = int(trace.selected[indices].sum())
    best_iou = float(positives.best_iou[person])
    outcome: Outcome = "selected" if selected else "not selected"
    if best_iou == 0:
        outcome = "hidden" if closest_iou > 0 else "out of reach"
    best = None
    if len(indices):
        index = int(indices[trace.quality[indices].argmax()])
        best = explain_anchor(trace, AnchorPlace(*(int(part[index]) for part in positives.at)))
    return PersonExplanation(
        person,
        picture,
        outcome,
        closest_iou,
        best_iou,
        len(owners),
        tuple(sorted(takers, key=lambda taker: -taker.anchors)),
        len(indices),
        selected,
        best,
    )


def _people_of(positives: PositiveAnchors, picture: int) -> tuple[Tensor, Overlaps]:
    """(N,) numbers of a picture's people, and how they overlap the grid."""
    people = (positives.person_picture == picture).nonzero().squeeze(1)
    return people, overlaps_of(positives.person_boxes[people], positives.grid)


def _owners_if_alone(overlaps: Overlaps, own: int, positive_above: float) -> Tensor:
    """For each anchor that would be in person `own`'s A+ without the others: whom it overlaps
    most."""
    closest = overlaps.largest()
    bound = torch.full_like(closest, torch.inf)
    bound[own] = 0
    iou = overlaps.at(overlaps.windows(bound))
    return iou[iou[:, own] / closest[own] > positive_above].max(1).indices


def _index_of(positives: PositiveAnchors, place: AnchorPlace) -> int | None:
    """The anchor's place in A+, None if it is not there."""
    wanted = (place.picture, place.anchor, place.row, place.column)
    same = [part == value for part, value in zip(positives.at, wanted, strict=True)]
    index = torch.stack(same).all(0).nonzero()
    return int(index[0]) if len(index) else None


def _judge(trace: AnchorTrace, index: int) -> Judgement:
    counted = trace.counted[index].nonzero().squeeze(1)
    worst_first = counted[trace.joint_overlap[index, counted].argsort(stable=True)]
    box_overlap, pose_overlap = trace.box_overlap[index], trace.pose_overlap[index]
    overlap = float(judged_overlap(trace.settings.rule, box_overlap, pose_overlap))
    return Judgement(
        index,
        float(box_overlap),
        float(pose_overlap),
        tuple(JointOverlap(int(k), float(trace.joint_overlap[index, k])) for k in worst_first),
        overlap,
        float(trace.quality[index]),
        bool(trace.selected[index]),
        "pono" if float(trace.positives.pono[index]) < overlap else "overlap",
    )
