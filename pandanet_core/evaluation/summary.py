"""The numbers that an evaluation is quoted by, and the tables of its report."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.average_precision import PrecisionRecall
from pandanet_core.evaluation.evaluator import Evaluation
from pandanet_core.evaluation.measure import MeasuredPeople, Measurement
from pandanet_core.evaluation.pose_metrics import auc_3d, mpjpe, pck_3d
from pandanet_core.evaluation.reasons import EXPLANATIONS, Reason
from pandanet_core.evaluation.table import Table, Value
from pandanet_core.skeleton import Skeleton

_SCORES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Headline:
    """An evaluation in a handful of numbers; poses at one score threshold."""

    average_precision: float
    mpjpe_mm: float
    constant_mpjpe_mm: float
    """Of the constant mean pose, for the same people; NaN where no mean pose is known."""
    pck_3d: float
    """Share of joints nearer than 150 mm; a missed person has none."""
    auc_3d: float

    @property
    def better_than_constant(self) -> float:
        """How far the MPJPE lies under the constant mean pose's, as a share of the latter."""
        return 1 - self.mpjpe_mm / self.constant_mpjpe_mm


def headline(measurement: Measurement, pose_score: float) -> Headline:
    """Average precision over all detections; poses of the detections from `pose_score` on."""
    people = measurement.people.at(pose_score)
    return Headline(
        average_precision=measurement.curve().average_precision(),
        mpjpe_mm=mpjpe(people.errors_mm),
        constant_mpjpe_mm=mpjpe(people.constant_errors_mm[people.found]),
        pck_3d=pck_3d(people.errors_mm),
        auc_3d=auc_3d(people.errors_mm),
    )


def report_tables(
    evaluation: Evaluation, skeleton: Skeleton, pose_score: float
) -> tuple[Table, ...]:
    """Every table that all protocols share; poses of the detections from `pose_score` on."""
    measurement = evaluation.measurement
    people = measurement.people.at(pose_score)
    everybody = [("everybody", np.ones(len(people), bool))]
    return (
        _detection_table(measurement),
        reasons_table(evaluation.reasons, len(people)),
        thresholds_table(measurement.curve()),
        _people_table("Poses", _pose_note(pose_score), people, everybody),
        _joints_table(people, skeleton),
        _people_table(
            "By height",
            "Height of the whole box in the picture, also of what lies outside of it.",
            people,
            breakdown.by_height(people),
        ),
        _people_table(
            "By distance",
            "Distance of the root from the camera, in the steps of the paper's Table 3.",
            people,
            breakdown.by_distance(people),
        ),
        _people_table(
            "By the picture's edge",
            "Cut: more than an eighth of the box lies outside the picture.",
            people,
            breakdown.by_cut(people),
        ),
        _people_table(
            "By visible share",
            "Share of the joints that are inside the picture and not hidden by others.",
            people,
            breakdown.by_visibility(people),
        ),
    )


def reasons_table(reasons: Counter[Reason], people: int) -> Table:
    """Why people were missed, the commonest reason first."""
    rows: list[dict[str, Value]] = [
        {
            "reason": reason.value,
            "people": count,
            "% of everybody": 100 * count / people,
            "what it means": EXPLANATIONS[reason],
        }
        for reason, count in reasons.most_common()
    ]
    note = "Everybody who counts and was missed, or was found with a wrong pose."
    return Table("Why people were missed", note, tuple(rows))


def thresholds_table(curve: PrecisionRecall, scores: Iterable[float] = _SCORES) -> Table:
    """Precision and recall at score thresholds."""
    rows: list[dict[str, Value]] = []
    for score in scores:
        precision, recall = curve.at(score)
        rows.append(
            {
                "score from": f"{score:g}",
                "detections": int((curve.scores >= score).sum()),
                "precision %": 100 * precision,
                "recall %": 100 * recall,
            }
        )
    note = "Detections from a score on: how many are right, and how many people they find."
    return Table("Precision and recall", note, tuple(rows))


def _detection_table(measurement: Measurement) -> Table:
    curve = measurement.curve()
    best = curve.best_score()
    precision, recall = curve.at(best)
    row: dict[str, Value] = {
        "people": len(measurement.people),
        "AP %": 100 * curve.average_precision(),
        "11-point AP %": 100 * curve.eleven_point_average_precision(),
        "best score": f"{best:.2f}",
        "precision there %": 100 * precision,
        "recall there %": 100 * recall,
        "detections": len(measurement.scores),
        "right": int(measurement.right.sum()),
        "people ignored": measurement.ignored_people,
        "detections ignored": measurement.ignored_detections,
    }
    note = (
        "PASCAL VOC average precision: area under the envelope of precision over recall, all "
        "detections. Best score: the threshold with the highest F1 on these pictures. Whoever is "
        "ignored counts neither as found nor as missed."
    )
    return Table("Detection", note, (row,))


def _pose_note(pose_score: float) -> str:
    return (
        f"Detections with a score from {pose_score:g} on. MPJPE: root-aligned, each person's true "
        "size given, over all joints of the people found. Constant pose: the MPJPE of the training "
        "data's mean pose for the same people. PA: each pose first aligned with the true one. "
        "3DPCK: share of joints nearer than 150 mm; of all people, where the missed have none, and "
        "of those found. AUC: mean 3DPCK of all people over 0, 5, ..., 150 mm. 2D: error of "
        "the joints inside the picture as a share of the person's height."
    )


def _people_table(
    title: str, note: str, people: MeasuredPeople, groups: Iterable[breakdown.Group]
) -> Table:
    """A row a group of people; groups of nobody are left out."""
    rows: list[dict[str, Value]] = [
        {"people who are": name, **_people_row(people.choose(chosen))}
        for name, chosen in groups
        if chosen.any()
    ]
    return Table(title, note, tuple(rows))


def _people_row(people: MeasuredPeople) -> dict[str, Value]:
    found = people.choose(people.found)
    return {
        "people": len(people),
        "found %": 100 * len(found) / len(people),
        **_against_constant(found.errors_mm, found.constant_errors_mm),
        "PA-MPJPE mm": mpjpe(found.aligned_errors_mm),
        "3DPCK all %": 100 * pck_3d(people.errors_mm),
        "3DPCK found %": 100 * pck_3d(found.errors_mm),
        "AUC all %": 100 * auc_3d(people.errors_mm),
        "2D error %": 100 * mpjpe(found.errors_2d),
    }


def _joints_table(people: MeasuredPeople, skeleton: Skeleton) -> Table:
    found = people.choose(people.found)
    rows: list[dict[str, Value]] = [
        {
            "joints": name,
            **_against_constant(found.errors_mm[:, joints], found.constant_errors_mm[:, joints]),
            "3DPCK all %": 100 * pck_3d(people.errors_mm[:, joints]),
            "3DPCK found %": 100 * pck_3d(found.errors_mm[:, joints]),
            "2D error %": 100 * mpjpe(found.errors_2d[:, joints]),
        }
        for name, joints in breakdown.joint_groups(skeleton)
    ]
    return Table("By joint", "The groups of the paper's Table 4.", tuple(rows))


def _against_constant(errors_mm: np.ndarray, constant_errors_mm: np.ndarray) -> dict[str, Value]:
    """MPJPE of people who were found, beside that of the constant mean pose."""
    ours, constant = mpjpe(errors_mm), mpjpe(constant_errors_mm)
    return {
        "MPJPE mm": ours,
        "constant pose mm": constant,
        "better by %": 100 * (1 - ours / constant) if constant else float("nan"),
    }
