"""Who suppressed whom, around one person."""

from dataclasses import dataclass

import numpy as np

from pandanet_core.evaluation.matching import overlaps
from pandanet_core.lab.frame_trace import Flags, Floats, FrameTrace, Integers


@dataclass(frozen=True, eq=False)
class SuppressionGraph:
    """V candidates around one person, and E of them that lost to a better one.

    Attributes:
        person: Number among the truth's people.
        candidate: (V,) which candidates, the best score first.
        owner: (V,) person whose anchor each stands at, or on whom it lies; -1 for nobody.
        survived: (V,) which of them became people.
        loser, winner: (E,) candidates, the best loser first; each winner survived.
        box_iou: (E,) IoU of their boxes: what NMS compares with its threshold.
        pose_overlap: (E,) mean unit-square IoU (Eq. 6) of the joints, in the winner's box.
    """

    person: int
    candidate: Integers
    owner: Integers
    survived: Flags
    loser: Integers
    winner: Integers
    box_iou: Floats
    pose_overlap: Floats


def suppression_around(trace: FrameTrace, person: int) -> SuppressionGraph:
    """The candidates of a person, those that they lost to, and those that lost to its finder."""
    owner = owners(trace)
    by = trace.readout.suppressed_by
    own = owner == person
    finder = trace.fates[person].finder
    if finder >= 0:
        own |= by == finder
        own[finder] = True
    winners = by[own & (by >= 0)]
    shown = own.copy()
    shown[winners] = True
    loser = np.flatnonzero(own & (by >= 0))
    winner = by[loser]
    boxes, poses = trace.readout.boxes, trace.candidate_pose2d
    return SuppressionGraph(
        person,
        np.flatnonzero(shown),
        owner[shown],
        by[shown] < 0,
        loser,
        winner,
        _paired_iou(boxes[loser], boxes[winner]),
        pose_overlaps(poses[loser], poses[winner], boxes[winner]),
    )


def owners(trace: FrameTrace) -> Integers:
    """(C,) whom each candidate belongs to: the person matched to its anchor, or else on whom its
    box lies with the IoU that counts as found; -1 for nobody."""
    readout, truth = trace.readout, trace.truth
    owner = np.full(len(readout.scores), -1, np.int64)
    if len(truth) and len(owner):
        overlap, _ = overlaps(readout.boxes, truth.boxes)
        nearest = overlap.argmax(1)
        lies = overlap.max(1) >= trace.settings.found_iou
        owner[lies] = nearest[lies]
    matched = trace.positives.candidate >= 0
    owner[trace.positives.candidate[matched]] = trace.positives.person[matched]
    return owner


def pose_overlaps(first: Floats, second: Floats, boxes: Floats) -> Floats:
    """(E,) mean unit-square IoU (Eq. 6) of poses (E, K, 2) px, in the space of boxes (E, 4) px."""
    size = np.maximum(boxes[:, None, 2:] - boxes[:, None, :2], 1e-6)
    shared = (1 - np.abs(first - second) / size).clip(0).prod(-1)
    overlap: Floats = (shared / (2 - shared)).mean(-1)
    return overlap


def _paired_iou(first: Floats, second: Floats) -> Floats:
    """(E,) IoU of box n of the one with box n of the other."""
    low = np.maximum(first[:, :2], second[:, :2])
    high = np.minimum(first[:, 2:], second[:, 2:])
    shared = (high - low).clip(0).prod(1)
    areas = (first[:, 2:] - first[:, :2]).prod(1) + (second[:, 2:] - second[:, :2]).prod(1)
    iou: Floats = shared / np.maximum(areas - shared, 1e-9)
    return iou
