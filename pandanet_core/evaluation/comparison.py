"""The detections of one picture beside its annotations: who was found by which detection."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation.matching import Matching, match
from pandanet_core.evaluation.people import AnnotatedPeople, annotated_people

FOUND_FROM_IOU = 0.5
"""Overlap from which on a detection finds somebody (PASCAL VOC's)."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Who was found by which detection in one picture.

    Attributes:
        sample: The annotated picture, M people.
        people: What is known of them; boxes clipped to the picture.
        detections: N, of every score.
        boxes: (N, 4) px, of the detections, clipped to the picture.
        matching: What became of each detection.
        finder: (M,) detection that found each person who counts, -1 for nobody.
        iou: Overlap of boxes from which on a detection finds somebody.
    """

    sample: Sample
    people: AnnotatedPeople
    detections: Detections
    boxes: NDArray[np.floating[Any]]
    matching: Matching
    finder: NDArray[np.int64]
    iou: float


def compare(
    sample: Sample,
    detections: Detections,
    rule: PeopleRule | None = None,
    iou: float = FOUND_FROM_IOU,
) -> Comparison:
    """Match the detections of one picture with its people, both clipped to the picture.

    Args:
        sample: The annotated picture; its skeleton must be that of the detections.
        detections: Every detection, also of low score.
        rule: Who counts.
        iou: Overlap of boxes from which on a detection finds somebody.
    """
    people = annotated_people(sample, rule or PeopleRule())
    height, width = sample.image.shape[:2]
    boxes = clip_boxes(detections.boxes, width, height)
    regions = clip_boxes(sample.ignore_boxes, width, height)
    matching = match(boxes, detections.scores, people.boxes, people.counts, regions, iou)
    finder = np.full(len(people.counts), -1)
    found_someone = np.flatnonzero(matching.person >= 0)
    finder[matching.person[found_someone]] = found_someone
    return Comparison(sample, people, detections, boxes, matching, finder, iou)
