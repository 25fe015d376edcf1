"""COCO's keypoint average precision: detections found by object keypoint similarity (OKS)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.detections import Detections
from pandanet_core.evaluation.average_precision import PrecisionRecall, precision_recall
from pandanet_core.evaluation.matching import assign

Floats = NDArray[np.floating[Any]]

SIGMAS = np.array(
    [26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89], np.float64
) / 1000  # fmt: skip
"""COCO's spread of annotators of its 17 joints, as a share of the person's size."""

SIMILARITIES = np.linspace(0.5, 0.95, 10)
"""OKS from which on a detection finds somebody; AP is the mean over these."""

AREAS_PX = {"all": (0.0, 1e10), "medium": (32.0**2, 96.0**2), "large": (96.0**2, 1e10)}
"""Areas of people, px²."""

MOST_DETECTIONS = 20
"""Of each picture the best so many count."""


@dataclass(frozen=True, eq=False)
class KeypointTruth:
    """The M people and crowds of one COCO picture.

    Attributes:
        pose2d: (M, 17, 2) px.
        labelled: (M, 17) joints with a place, hidden ones too.
        boxes: (M, 4) px.
        areas: (M,) px², of the segmentation.
        crowd: (M,) a region of people who are not annotated one by one.
    """

    pose2d: Floats
    labelled: NDArray[np.bool_]
    boxes: Floats
    areas: Floats
    crowd: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class KeypointMatches:
    """What became of the N best detections of one picture at T similarities.

    Attributes:
        scores: (N,).
        right: (T, N) the detection found somebody.
        ignored: (T, N) it is neither right nor wrong.
        people: How many people were to be found.
    """

    scores: Floats
    right: NDArray[np.bool_]
    ignored: NDArray[np.bool_]
    people: int


def keypoint_similarity(found: Floats, truth: KeypointTruth) -> NDArray[np.float64]:
    """OKS (N, M) of poses (N, 17, 2) px and people: mean over labelled joints of
    exp(-d² / (2 area (2 sigma)²)).

    Somebody without a labelled joint, or a crowd, is as far from a joint as twice the box around it
    is.
    """
    spread = (2 * SIGMAS) ** 2
    difference = np.abs(found[:, None] - truth.pose2d[None].astype(np.float64))
    size = truth.boxes[:, 2:] - truth.boxes[:, :2]
    low, high = truth.boxes[:, :2] - size, truth.boxes[:, 2:] + size
    outside = (low[:, None] - found[:, None]).clip(0) + (found[:, None] - high[:, None]).clip(0)
    unlabelled = truth.labelled.sum(1, keepdims=True) == 0
    distance = np.where(unlabelled[..., None], outside, difference)
    counted = truth.labelled | unlabelled
    exponent = (distance**2).sum(-1) / spread / (truth.areas[:, None] + np.spacing(1)) / 2
    likeness: NDArray[np.float64] = (np.exp(-exponent) * counted).sum(-1) / counted.sum(-1)
    return likeness


def match_keypoints(
    detections: Detections, truth: KeypointTruth, area_px: tuple[float, float] = AREAS_PX["all"]
) -> KeypointMatches:
    """Match the best detections of one picture with people whose area lies in a range of px².

    Whoever is of another size, has no labelled joint or is a crowd is ignored; so are detections
    of another size that find nobody.
    """
    best = np.argsort(-detections.scores, kind="stable")[:MOST_DETECTIONS]
    pose2d, scores = detections.pose2d[best].astype(np.float64), detections.scores[best]
    counts = ~truth.crowd & truth.labelled.any(1) & _between(truth.areas, area_px)
    similarity = keypoint_similarity(pose2d, truth)
    extent = (pose2d.max(1) - pose2d.min(1)).prod(1) if len(best) else np.zeros(0)
    matchings = [assign(similarity, scores, counts, truth.crowd, least) for least in SIMILARITIES]
    right = np.array([matching.person >= 0 for matching in matchings])
    ignored = np.array([matching.ignored for matching in matchings])
    ignored |= ~right & ~_between(extent, area_px)
    return KeypointMatches(scores, right, ignored, int(counts.sum()))


def keypoint_curves(pictures: Sequence[KeypointMatches]) -> tuple[PrecisionRecall, ...]:
    """Precision and recall of all pictures together, at each of the T similarities."""
    people = sum(picture.people for picture in pictures)
    scores = np.concatenate([picture.scores for picture in pictures])
    right = np.concatenate([picture.right for picture in pictures], 1)
    counted = ~np.concatenate([picture.ignored for picture in pictures], 1)
    return tuple(
        precision_recall(scores[use], found[use], people)
        for found, use in zip(right, counted, strict=True)
    )


def _between(values: Floats, limits: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= limits[0]) & (values <= limits[1])
