"""Why people were not found: at which step of matching, selection and readout each one was lost.

The evaluation's report and the anchor lab say the same, because both ask here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.reasons import Reason
from pandanet_core.lab.fate import Fate
from pandanet_core.lab.frame_trace import PositiveTable
from pandanet_core.selection import PersonExplanation, SelectionSettings
from pandanet_core.skeleton import Skeleton

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Candidates:
    """Everything that could have become a detection of one picture, C candidates, and the people.

    Attributes:
        boxes: (C, 4) px, clipped to the picture.
        scores: (C,) falling.
        suppressed_by: (C,) as in ReadoutTrace.
        people: (N + R, 4) px, everybody, clipped to the picture.
        overlap: (C, N + R) IoU with everybody: the N who are to be found, then the others.
        found_iou: Overlap from which on a candidate lies on somebody.
        min_score: Score from which on a detection is accepted.
    """

    boxes: Floats
    scores: Floats
    suppressed_by: Integers
    people: Floats
    overlap: Floats
    found_iou: float
    min_score: float

    def best_on(self, person: int) -> int:
        """The best candidate that lies on a person more than on anybody else, -1 for none."""
        own = np.flatnonzero(
            (self.overlap[:, person] >= self.found_iou) & (self._nearest == person)
        )
        return int(own[0]) if len(own) else -1

    @cached_property
    def _nearest(self) -> Integers:
        """(C,) whom each candidate overlaps most."""
        return self.overlap.argmax(1) if self.overlap.size else np.zeros(len(self.scores), np.int64)


@dataclass(frozen=True, eq=False)
class Finders:
    """Which candidate found each of the N people.

    Attributes:
        candidate: (N,) -1 for none.
        right: (N,) whether its pose is right.
        words: How wrong the pose of a person is, by number.
    """

    candidate: Integers
    right: Flags
    words: Callable[[int], str]


@dataclass(frozen=True, eq=False)
class ReadAnchors:
    """A+ of one picture as the network reads it.

    Attributes:
        table: M anchors.
        boxes: (M, 4) what the network gives there, in px as in Candidates, clipped to the picture.
        explain: What became of a person, by number.
        selection: Rule and thresholds.
        skeleton: What the joints are.
    """

    table: PositiveTable
    boxes: Floats
    explain: Callable[[int], PersonExplanation]
    selection: SelectionSettings
    skeleton: Skeleton

    def of(self, person: int) -> Integers:
        """Places of a person's anchors, rising."""
        order, sorted_people = self._by_person
        start, stop = np.searchsorted(sorted_people, (person, person + 1))
        return order[start:stop]

    def best(self, person: int) -> int:
        """Place of the person's anchor of the best quality, -1 without any."""
        own = self.of(person)
        return int(own[self.table.quality[own].argmax()]) if len(own) else -1

    @cached_property
    def _by_person(self) -> tuple[Integers, Integers]:
        """Places in the order of their people, and the people in that order."""
        order = np.argsort(self.table.person, kind="stable")
        return order, self.table.person[order]


def fates_of(
    finders: Finders, candidates: Candidates, anchors: ReadAnchors | None = None
) -> tuple[Fate, ...]:
    """What became of each of the N people, in their order.

    The first that applies: found (with a right pose or a wrong one); a candidate on the person was
    suppressed; no anchor; none in A++; none that scores enough; one whose box went astray.

    Args:
        finders: Who was found by what.
        candidates: What could have found them.
        anchors: What the anchors of the people say; None where only detections are known.
    """
    return tuple(
        _fate(finders, candidates, anchors, person) for person in range(len(finders.candidate))
    )


def _fate(
    finders: Finders, candidates: Candidates, anchors: ReadAnchors | None, person: int
) -> Fate:
    finder = int(finders.candidate[person])
    best = anchors.best(person) if anchors else -1
    if finder >= 0 and candidates.scores[finder] >= candidates.min_score:
        score = float(candidates.scores[finder])
        found = Fate(person, None, score, "", finder=finder, candidate=finder, anchor=best)
        if finders.right[person]:
            return found
        return replace(found, reason=Reason.POSE_WRONG, evidence=finders.words(person))
    on = candidates.best_on(person)
    if on >= 0 and candidates.scores[on] >= candidates.min_score:
        suppressed = _suppressed(candidates, person, on)
        if suppressed:
            return replace(suppressed, anchor=best)
    if anchors is None:
        return _lost_among_candidates(candidates, person, on)
    lost = _lost_at_anchors(candidates, anchors, person, on)
    return replace(lost, anchor=best if lost.anchor < 0 else lost.anchor)


def _suppressed(candidates: Candidates, person: int, lost: int) -> Fate | None:
    """In whose favour the candidate `lost` of a person was suppressed; None if it was not."""
    winner = int(candidates.suppressed_by[lost])
    if winner < 0:
        return None
    iou = overlaps(candidates.boxes[[lost]], candidates.boxes[[winner]])[0].item()
    words = f"in favour of a candidate that scored {candidates.scores[winner]:.2f}, IoU {iou:.2f}"
    overlap = candidates.overlap[winner]
    by = int(overlap.argmax())
    if overlap[by] < candidates.found_iou:
        words += f", which overlaps the person itself by {overlap[person]:.2f}"
        by = -1
    score = float(candidates.scores[lost])
    return Fate(person, Reason.SUPPRESSED, score, words, by, candidate=lost)


def _lost_among_candidates(candidates: Candidates, person: int, on: int) -> Fate:
    """What can be said of a missed person without anchors."""
    if on >= 0:
        score = float(candidates.scores[on])
        words = f"its best candidate: {score:.2f}"
        return Fate(person, Reason.BELOW_SCORE, score, words, candidate=on)
    near = candidates.overlap[:, person]
    best = int(near.argmax()) if len(near) else -1
    if best >= 0 and near[best] > 0 and candidates.overlap[best].argmax() == person:
        score, words = (
            float(candidates.scores[best]),
            f"the best box near overlaps {near[best]:.2f}",
        )
        enough = score >= candidates.min_score
        reason = Reason.POSE_WRONG if enough else Reason.BELOW_SCORE
        return Fate(person, reason, score, words, candidate=best)
    return Fate(person, Reason.NOT_DETECTED, float("nan"), "nothing lies on the person")


def _lost_at_anchors(candidates: Candidates, anchors: ReadAnchors, person: int, on: int) -> Fate:
    """Where a person was lost whose best candidate, if there is one, scored too little."""
    table = anchors.table
    own = anchors.of(person)
    best_candidate = float(candidates.scores[on]) if on >= 0 else float("nan")
    if not len(own):
        return _without_anchor(anchors.explain(person), person, best_candidate)
    score = float(np.nanmax([table.scores[own].max(), best_candidate]))
    if not table.selected[own].any():
        words = _why_not_selected(anchors, own)
        return Fate(person, Reason.NOT_SELECTED, score, words, candidate=on)
    good = own[table.scores[own] >= candidates.min_score]
    read = good[table.candidate[good] >= 0]
    if len(read):
        return _astray(candidates, anchors, read, person)
    words = f"best of {len(own)} anchors: {score:.2f}"
    if len(good):
        words += ", but not among the best candidates of the picture"
    return Fate(person, Reason.BELOW_SCORE, score, words, candidate=on)


def _without_anchor(explained: PersonExplanation, person: int, best_candidate: float) -> Fate:
    if not explained.takers:
        words = f"no anchor overlaps this box, the closest by {explained.closest_iou:.2f}"
        return Fate(person, Reason.NO_ANCHOR, best_candidate, words)
    words = f"{explained.alone} anchors would do, but each overlaps somebody else more"
    return Fate(person, Reason.NO_ANCHOR, best_candidate, words, explained.takers[0].person)


def _why_not_selected(anchors: ReadAnchors, own: Integers) -> str:
    table, selection = anchors.table, anchors.selection
    best = own[table.quality[own].argmax()]
    by_box = selection.rule == "box-aware"
    overlap = {
        "none": 1.0,
        "box-aware": table.box_overlap[best],
        "pose-aware": table.pose_overlap[best],
    }[selection.rule]
    words = (
        f"best of {len(own)} anchors: overlap {table.pono[best]:.2f} × "
        f"{'box' if by_box else 'pose'} {overlap:.2f} = {table.quality[best]:.2f}, needs over "
        f"{selection.selected_above:.2f}"
    )
    counted = np.flatnonzero(table.counted[best])
    if selection.rule == "pose-aware" and len(counted):
        worst = counted[table.joint_overlap[best, counted].argmin()]
        words += f"; worst joint: {anchors.skeleton.joints[worst]}"
    return words


def _astray(candidates: Candidates, anchors: ReadAnchors, read: Integers, person: int) -> Fate:
    """A person some of whose anchors, `read` in A+, became candidates that score enough, while none
    of them lies on the person more than on anybody else, or the one that does was suppressed."""
    table = anchors.table
    overlap, _ = overlaps(anchors.boxes[read], candidates.people)
    best = int(overlap[:, person].argmax())
    place, nearest = int(read[best]), int(overlap[best].argmax())
    score, candidate = float(table.scores[place]), int(table.candidate[place])
    words = f"its best anchor's box overlaps {overlap[best, person]:.2f}"
    wrong = Fate(person, Reason.POSE_WRONG, score, words, candidate=candidate, anchor=place)
    if overlap[best, person] < candidates.found_iou:
        return wrong
    suppressed = _suppressed(candidates, person, candidate)
    if suppressed:
        return replace(suppressed, anchor=place)
    words += f", but somebody else's {overlap[best, nearest]:.2f}"
    return replace(wrong, evidence=words, by=nearest)
