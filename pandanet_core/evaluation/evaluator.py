"""Measures pictures one after the other and keeps what the report needs of them: no picture."""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.detections import Detections
from pandanet_core.detector import Examination
from pandanet_core.evaluation.anchors_of_people import anchors_of_people
from pandanet_core.evaluation.comparison import FOUND_FROM_IOU, Comparison, compare
from pandanet_core.evaluation.measure import Measurement, measure, together
from pandanet_core.evaluation.missed import missed_people
from pandanet_core.evaluation.protocols.meter import Meter
from pandanet_core.evaluation.reasons import Missed, Reason
from pandanet_core.lab.fates import ReadAnchors
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.selection import SelectionSettings


@dataclass(frozen=True)
class EvaluationSettings:
    """How pictures are measured.

    Attributes:
        pose_score: Score from which on a detection counts as a pose, and finds somebody in the
            pictures of the report.
        iou: Overlap of boxes from which on a detection finds somebody.
        rule: Who counts.
        selection: The selection that the weights were trained with.
        worst_pictures: So many pictures with the most missed people are remembered.
    """

    pose_score: float = 0.3
    iou: float = FOUND_FROM_IOU
    rule: PeopleRule = field(default_factory=PeopleRule)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    worst_pictures: int = 12


@dataclass(frozen=True, eq=False)
class PictureOutcome:
    """What became of the people of one picture; the picture itself has to be decoded again.

    Attributes:
        index: Number of the picture in its data set.
        name: Where it came from.
        detections: Those with the score that poses need.
        wrong: Which of them are false alarms.
        counted: How many people count.
        missed: Who was missed, or found with a wrong pose.
    """

    index: int
    name: str
    detections: Detections
    wrong: NDArray[np.bool_]
    counted: int
    missed: tuple[Missed, ...]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What an evaluator found.

    Attributes:
        measurement: Of all pictures together.
        reasons: Why people were missed, or found with a wrong pose, and how many.
        worst: The pictures with the most of these, the worst first.
    """

    measurement: Measurement
    reasons: Counter[Reason]
    worst: tuple[PictureOutcome, ...]


class Evaluator:
    """Takes picture after picture."""

    def __init__(
        self,
        settings: EvaluationSettings,
        meter: Meter,
        mean_pose3d: NDArray[np.floating[Any]] | None = None,
        network: PandaNet | None = None,
    ) -> None:
        """Nothing measured yet.

        Args:
            settings: How to measure.
            meter: The protocol's own, given every picture too.
            mean_pose3d: (K, 3) the pose to beat.
            network: What examines the pictures: tells why people were missed.
        """
        self._settings, self._meter = settings, meter
        self._mean_pose3d, self._network = mean_pose3d, network
        self._measurements: list[Measurement] = []
        self._reasons: Counter[Reason] = Counter()
        self._worst: list[tuple[int, int, PictureOutcome]] = []

    def __len__(self) -> int:
        return len(self._measurements)

    def add(
        self,
        index: int,
        sample: Sample,
        detections: Detections,
        examined: Examination | None = None,
    ) -> None:
        """Measure one picture.

        Args:
            index: Its number in the data set.
            sample: Its annotations; its skeleton is that of the detections.
            detections: Every detection, also of low score.
            examined: What led to them.
        """
        settings = self._settings
        comparison = compare(sample, detections, settings.rule, settings.iou)
        measured = measure(comparison, self._mean_pose3d)
        self._measurements.append(measured)
        self._meter.add(index, sample, detections, measured)
        anchors = self._anchors(comparison, examined)
        missed = missed_people(comparison, measured.people, settings.pose_score, examined, anchors)
        self._reasons.update(person.reason for person in missed)
        self._remember(_outcome(index, comparison, missed, settings.pose_score))

    def finish(self) -> Evaluation:
        """What was found; ValueError when nothing was added."""
        worst = tuple(outcome for *_, outcome in sorted(self._worst, reverse=True))
        return Evaluation(together(self._measurements), self._reasons, worst)

    def _anchors(self, comparison: Comparison, examined: Examination | None) -> ReadAnchors | None:
        if self._network is None or examined is None:
            return None
        return anchors_of_people(self._network, examined, comparison, self._settings.selection)

    def _remember(self, outcome: PictureOutcome) -> None:
        """Keep the picture if it is among the worst; of equal ones the first."""
        if outcome.missed:
            heapq.heappush(self._worst, (len(outcome.missed), -outcome.index, outcome))
        if len(self._worst) > self._settings.worst_pictures:
            heapq.heappop(self._worst)


def _outcome(
    index: int, comparison: Comparison, missed: Iterable[Missed], pose_score: float
) -> PictureOutcome:
    accepted = comparison.detections.scores >= pose_score
    wrong = (comparison.matching.person < 0) & ~comparison.matching.ignored
    return PictureOutcome(
        index=index,
        name=comparison.sample.name,
        detections=comparison.detections.take(accepted),
        wrong=wrong[accepted],
        counted=int(comparison.people.counts.sum()),
        missed=tuple(missed),
    )
