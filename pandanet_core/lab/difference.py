"""Two traces of one frame side by side: other settings, or other weights."""

from dataclasses import dataclass

import numpy as np

from pandanet_core.evaluation.matching import match
from pandanet_core.lab.fate import Fate
from pandanet_core.lab.frame_trace import Flags, FrameTrace


@dataclass(frozen=True, eq=False)
class Difference:
    """What is other in the second trace than in the first.

    Masks say of each anchor, or each of the final people, whether only its own trace has it.

    Attributes:
        same_anchors: Both have the same A. Where not, anchors of one are none of the other.
        same_truth: Both look for the same people. Where not, fates are not compared.
        positives: (M1,), (M2,) in one A+ alone.
        selected: (M1,), (M2,) in one A++ alone.
        people: (P1,), (P2,) found in one alone: no box of the other overlaps by what counts as
            found.
        fates: People of the truth whose fate is another one: first and second.
    """

    same_anchors: bool
    same_truth: bool
    positives: tuple[Flags, Flags]
    selected: tuple[Flags, Flags]
    people: tuple[Flags, Flags]
    fates: tuple[tuple[Fate, Fate], ...]

    @property
    def now_found(self) -> int:
        """People of the truth who were lost and are found."""
        return sum(second.reason is None for _, second in self.fates)

    @property
    def now_lost(self) -> int:
        """People of the truth who were found and are lost."""
        return sum(first.reason is None for first, _ in self.fates)


def compare(first: FrameTrace, second: FrameTrace) -> Difference:
    """Mark what is other in the second trace of a frame than in the first."""
    ours, theirs = first.positives, second.positives
    same_anchors = first.grid.shape == second.grid.shape and np.array_equal(
        first.grid.sizes_px, second.grid.sizes_px
    )
    same_truth = first.truth.skeleton == second.truth.skeleton and np.array_equal(
        np.rint(first.truth.boxes * np.tile(first.stretch, 2)),
        np.rint(second.truth.boxes * np.tile(second.stretch, 2)),
    )
    fates = zip(first.fates, second.fates, strict=True) if same_truth else ()
    return Difference(
        same_anchors,
        same_truth,
        _apart(first, second, same_anchors, np.ones(len(ours), bool), np.ones(len(theirs), bool)),
        _apart(first, second, same_anchors, ours.selected, theirs.selected),
        _people_apart(first, second),
        tuple(pair for pair in fates if pair[0].reason is not pair[1].reason),
    )


def _apart(
    first: FrameTrace, second: FrameTrace, same_anchors: bool, ours: Flags, theirs: Flags
) -> tuple[Flags, Flags]:
    """Which of our anchors, a mask, are none of theirs, and the other way round."""
    if not same_anchors:
        return ours, theirs
    own = np.zeros(first.grid.shape, bool)
    other = np.zeros(first.grid.shape, bool)
    at = [(t.positives.anchor, t.positives.row, t.positives.column) for t in (first, second)]
    own[at[0]], other[at[1]] = ours, theirs
    return ours & ~other[at[0]], theirs & ~own[at[1]]


def _people_apart(first: FrameTrace, second: FrameTrace) -> tuple[Flags, Flags]:
    boxes = [trace.people.boxes * np.tile(trace.stretch, 2) for trace in (first, second)]
    wanted = np.ones(len(boxes[0]), bool)
    iou = second.settings.found_iou
    found = match(boxes[1], second.people.scores, boxes[0], wanted, iou=iou).person
    gone = wanted.copy()
    gone[found[found >= 0]] = False
    return gone, found < 0
