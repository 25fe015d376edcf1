"""Why people were missed: at which step of matching, selection and readout each one was lost."""

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.detector import Examination
from pandanet_core.evaluation.anchors_of_people import AnchorsOfPeople
from pandanet_core.evaluation.candidates import Candidates, candidates_of
from pandanet_core.evaluation.comparison import Comparison
from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.measure import MeasuredPeople
from pandanet_core.evaluation.pose_metrics import PCK_THRESHOLD_MM
from pandanet_core.evaluation.reasons import Missed, Reason
from pandanet_core.selection import PersonExplanation, SelectionSettings, explain_person
from pandanet_core.skeleton import Skeleton

RIGHT_POSE_SHARE = 0.5
"""A pose is wrong when fewer of the annotated joints than this are right."""

PCK_2D_SHARE = 0.1
"""Where nothing is annotated in 3D, a joint is right nearer than this part of the height."""


def missed_people(
    comparison: Comparison,
    measured: MeasuredPeople,
    min_score: float,
    examined: Examination | None = None,
    anchors: AnchorsOfPeople | None = None,
) -> tuple[Missed, ...]:
    """Everybody who counts and was missed at a score threshold, or whose pose is wrong.

    Args:
        comparison: One picture.
        measured: Its people who count, P of them.
        min_score: Score from which on a detection is accepted.
        examined: What led to the detections; without it, and `anchors`, only what the detections
            tell is said.
        anchors: What the anchors of the people who count say.
    """
    candidates = candidates_of(comparison, min_score, examined)
    finder_scores = comparison.finder_scores()
    right = _pose_is_right(measured)
    missed = []
    for place, person in enumerate(np.flatnonzero(comparison.people.counts).tolist()):
        if finder_scores[person] >= min_score:
            if not right[place]:
                missed.append(_wrong_pose(measured, place, person))
            continue
        lost = candidates.suppressed(person)
        if lost is None and anchors is not None:
            lost = _lost_at_anchors(comparison, anchors, candidates, place, person)
        missed.append(lost or candidates.lost(person))
    return tuple(missed)


def _pose_is_right(measured: MeasuredPeople) -> NDArray[np.bool_]:
    """(P,) whether at least half of the annotated joints are right; in 2D where there is no 3D."""
    in_3d = ~np.isnan(measured.errors_mm)
    in_2d = ~np.isnan(measured.errors_2d)
    good_3d = (measured.errors_mm < PCK_THRESHOLD_MM).sum(1)
    good_2d = (measured.errors_2d < PCK_2D_SHARE).sum(1)
    right: NDArray[np.bool_] = np.where(
        in_3d.any(1),
        good_3d >= RIGHT_POSE_SHARE * in_3d.sum(1),
        good_2d >= RIGHT_POSE_SHARE * in_2d.sum(1),
    )
    return right


def _wrong_pose(measured: MeasuredPeople, place: int, person: int) -> Missed:
    score, errors = float(measured.score[place]), measured.errors_mm[place]
    known = errors[~np.isnan(errors)]
    if len(known):
        words = (
            f"{int((known < PCK_THRESHOLD_MM).sum())} of {len(known)} joints within "
            f"{PCK_THRESHOLD_MM:.0f} mm, {known.mean():.0f} mm off on average"
        )
    else:
        off = measured.errors_2d[place]
        off = off[~np.isnan(off)]
        words = f"joints off by {off.mean():.0%} of the height on average"
    return Missed(person, Reason.POSE_WRONG, score, words)


def _lost_at_anchors(
    comparison: Comparison,
    anchors: AnchorsOfPeople,
    candidates: Candidates,
    place: int,
    person: int,
) -> Missed:
    """Where a person was lost whose candidates, if any, scored too little; `place` is the person's
    number among those who count."""
    own, on = anchors.of(place), candidates.on(person)
    best_candidate = float(candidates.scores[on[0]]) if len(on) else float("nan")
    explained = explain_person(anchors.trace, place)
    if explained.best is None:
        return _without_anchor(comparison, explained, person, best_candidate)
    best_anchor = int(own[anchors.scores[own].argmax()])
    score = float(np.nanmax([anchors.scores[best_anchor], best_candidate]))
    if explained.outcome == "not selected":
        words = _why_not_selected(anchors.trace.settings, explained, comparison.sample.skeleton)
        return Missed(person, Reason.NOT_SELECTED, score, words)
    if score < candidates.min_score:
        words = f"best of {len(own)} anchors: {score:.2f}"
        return Missed(person, Reason.BELOW_SCORE, score, words)
    return _box_went_astray(comparison, anchors, candidates, own, person)


def _without_anchor(
    comparison: Comparison, explained: PersonExplanation, person: int, best_candidate: float
) -> Missed:
    if not explained.takers:
        words = f"no anchor overlaps this box, the closest by {explained.closest_iou:.2f}"
        return Missed(person, Reason.NO_ANCHOR, best_candidate, words)
    counted = np.flatnonzero(comparison.people.counts)
    words = f"{explained.alone} anchors would do, but each overlaps somebody else more"
    by = int(counted[explained.takers[0].person])
    return Missed(person, Reason.NO_ANCHOR, best_candidate, words, by)


def _why_not_selected(
    settings: SelectionSettings, explained: PersonExplanation, skeleton: Skeleton
) -> str:
    best = explained.best
    if best is None or best.judgement is None:
        return ""
    judged = best.judgement
    factor = "box" if settings.rule == "box-aware" else "pose"
    words = (
        f"best of {explained.positive} anchors: overlap {best.pono:.2f} × {factor} "
        f"{judged.overlap:.2f} = {judged.quality:.2f}, needs over {settings.selected_above:.2f}"
    )
    if settings.rule == "pose-aware" and judged.joints:
        words += f"; worst joint: {skeleton.joints[judged.joints[0].joint]}"
    return words


def _box_went_astray(
    comparison: Comparison,
    anchors: AnchorsOfPeople,
    candidates: Candidates,
    own: NDArray[np.int64],
    person: int,
) -> Missed:
    """A person one of whose anchors, `own` in A+, scores enough, while no candidate lies on the
    person more than on anybody else."""
    good = own[anchors.scores[own] >= candidates.min_score]
    good = good if len(good) else own
    height, width = comparison.sample.image.shape[:2]
    boxes = clip_boxes(anchors.boxes[good], width, height)
    overlap, _ = overlaps(boxes, comparison.people.boxes)
    best = int(overlap[:, person].argmax())
    score, nearest = float(anchors.scores[good[best]]), int(overlap[best].argmax())
    words = f"its best anchor's box overlaps {overlap[best, person]:.2f}"
    if overlap[best, person] < comparison.iou:
        return Missed(person, Reason.BOX_WRONG, score, words)
    candidate = candidates.at_anchor(anchors, int(good[best]))
    suppressed = candidates.suppression(person, candidate) if candidate >= 0 else None
    words += f", but somebody else's {overlap[best, nearest]:.2f}"
    return suppressed or Missed(person, Reason.BOX_WRONG, score, words, nearest)
