"""From detections and annotations to what every number of a report is computed from."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation.average_precision import PrecisionRecall, precision_recall
from pandanet_core.evaluation.comparison import FOUND_FROM_IOU, Comparison, compare
from pandanet_core.evaluation.pose_metrics import aligned_errors_mm, sized_errors_mm

Floats = NDArray[np.floating[Any]]

NEVER_FOUND = -1.0
"""The score, in arrays, of a person whom no detection found."""


@dataclass(frozen=True)
class MeasuredPeople:
    """What became of P people who count, of one picture or many.

    Errors are arrays as in `pose_metrics`: infinity for missed people, NaN for what is not known.

    Attributes:
        score: (P,) score of the detection that found each person, or NEVER_FOUND.
        height_px: (P,) height of the whole box, also of what lies outside the picture.
        distance_mm: (P,) from the camera to the root.
        share_visible: (P,) share of the joints inside the picture and not hidden by others.
        cut: (P,) cut by the picture's edge.
        errors_mm: (P, K) root-aligned 3D errors of the pose, given the person's true size.
        aligned_errors_mm: (P, K) the same after a Procrustes alignment of each person.
        constant_errors_mm: (P, K) what the constant mean pose has, given the true size; of missed
            people too.
        errors_2d: (P, K) 2D errors as a share of height_px; NaN for joints outside the picture.
    """

    score: Floats
    height_px: Floats
    distance_mm: Floats
    share_visible: Floats
    cut: NDArray[np.bool_]
    errors_mm: Floats
    aligned_errors_mm: Floats
    constant_errors_mm: Floats
    errors_2d: Floats

    def __len__(self) -> int:
        return len(self.score)

    @property
    def found(self) -> NDArray[np.bool_]:
        """(P,) who was found."""
        return self.score > NEVER_FOUND

    def at(self, score: float) -> "MeasuredPeople":
        """The same people when only detections with at least this score are accepted."""
        missed = self.score < score

        def without_missed(errors: Floats) -> Floats:
            return np.where(missed[:, None] & ~np.isnan(errors), np.inf, errors)

        return replace(
            self,
            score=np.where(missed, NEVER_FOUND, self.score),
            errors_mm=without_missed(self.errors_mm),
            aligned_errors_mm=without_missed(self.aligned_errors_mm),
            errors_2d=without_missed(self.errors_2d),
        )

    def choose(self, chosen: NDArray[np.bool_]) -> "MeasuredPeople":
        """Only the people of a mask (P,)."""
        return MeasuredPeople(*(getattr(self, field.name)[chosen] for field in fields(self)))


@dataclass(frozen=True)
class Measurement:
    """People who were to be found, and the D detections that count, of one picture or many.

    Attributes:
        people: Everybody who counts.
        scores: (D,) of the detections that are right or wrong, ignored ones left out.
        right: (D,) which of them found somebody.
        pictures: How many pictures.
        ignored_people: Annotated people who do not count.
        ignored_detections: Detections of people who do not count.
    """

    people: MeasuredPeople
    scores: Floats
    right: NDArray[np.bool_]
    pictures: int
    ignored_people: int
    ignored_detections: int

    def curve(self) -> PrecisionRecall:
        """Precision and recall over all score thresholds."""
        return precision_recall(self.scores, self.right, len(self.people))


def measure_picture(
    sample: Sample,
    detections: Detections,
    rule: PeopleRule | None = None,
    iou: float = FOUND_FROM_IOU,
    mean_pose3d: Floats | None = None,
) -> Measurement:
    """Compare the detections of one picture with its annotations, both clipped to the picture.

    Args:
        sample: The annotated picture; its skeleton must be that of the detections.
        detections: Every detection, also of low score.
        rule: Who counts.
        iou: Overlap of boxes from which on a detection finds somebody.
        mean_pose3d: (K, 3) mean of the training poses, root-relative, bone sum 1: the pose to beat.
    """
    return measure(compare(sample, detections, rule, iou), mean_pose3d)


def measure(comparison: Comparison, mean_pose3d: Floats | None = None) -> Measurement:
    """The numbers of a comparison; mean_pose3d as in measure_picture."""
    counted, ignored = comparison.people.counts, comparison.matching.ignored
    return Measurement(
        people=_measure_people(comparison, mean_pose3d),
        scores=comparison.detections.scores[~ignored],
        right=comparison.matching.person[~ignored] >= 0,
        pictures=1,
        ignored_people=int((~counted).sum()),
        ignored_detections=int(ignored.sum()),
    )


def together(measurements: Iterable[Measurement]) -> Measurement:
    """One measurement of the pictures of all; ValueError when there are none."""
    parts = list(measurements)
    people = (
        np.concatenate([getattr(part.people, field.name) for part in parts])
        for field in fields(MeasuredPeople)
    )
    return Measurement(
        people=MeasuredPeople(*people),
        scores=np.concatenate([part.scores for part in parts]),
        right=np.concatenate([part.right for part in parts]),
        pictures=sum(part.pictures for part in parts),
        ignored_people=sum(part.ignored_people for part in parts),
        ignored_detections=sum(part.ignored_detections for part in parts),
    )


def _measure_people(comparison: Comparison, mean_pose3d: Floats | None) -> MeasuredPeople:
    """Errors of everybody who counts."""
    truth = comparison.people.choose(comparison.people.counts)
    finder = comparison.finder[comparison.people.counts]
    detections, skeleton = comparison.detections, comparison.sample.skeleton
    found = finder >= 0
    score = np.full(len(finder), NEVER_FOUND)
    score[found] = detections.scores[finder[found]]

    errors = np.where(truth.has_3d, np.inf, np.nan)
    aligned, constant = errors.copy(), np.full(errors.shape, np.nan)
    seen, pose3d = truth.choose(found), detections.pose3d[finder[found]]
    errors[found] = sized_errors_mm(pose3d, seen.pose3d_mm, seen.has_3d, skeleton)
    aligned[found] = aligned_errors_mm(pose3d, seen.pose3d_mm, seen.has_3d)
    if mean_pose3d is not None:
        everywhere = np.broadcast_to(mean_pose3d, truth.pose3d_mm.shape)
        constant = sized_errors_mm(everywhere, truth.pose3d_mm, truth.has_3d, skeleton)

    errors_2d = np.where(truth.inside, np.inf, np.nan)
    offset_px = np.linalg.norm(detections.pose2d[finder[found]] - seen.pose2d, axis=-1)
    errors_2d[found] = np.where(seen.inside, offset_px / seen.height_px[:, None], np.nan)
    return MeasuredPeople(
        score=score,
        height_px=truth.height_px,
        distance_mm=truth.distance_mm,
        share_visible=truth.share_visible,
        cut=truth.cut,
        errors_mm=errors,
        aligned_errors_mm=aligned,
        constant_errors_mm=constant,
        errors_2d=errors_2d,
    )
