"""Which detection found whom: greedy matching by score, as PASCAL VOC and COCO do it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Matching:
    """What became of the N detections of one picture.

    Attributes:
        person: (N,) index of the person that each detection found, -1 for none.
        ignored: (N,) the detection lies on something that does not count: neither right nor wrong.
    """

    person: NDArray[np.int64]
    ignored: NDArray[np.bool_]


def match(
    boxes: Floats,
    scores: Floats,
    people: Floats,
    counts: NDArray[np.bool_],
    regions: Floats | None = None,
    iou: float = 0.5,
) -> Matching:
    """Give each detection, the highest score first, the free person whom it overlaps most.

    Args:
        boxes: (N, 4) detections, px.
        scores: (N,) equal scores are taken in the order given.
        people: (M, 4) boxes of annotated people, px.
        counts: (M,) who is to be found; the others are ignored.
        regions: (R, 4) parts of the picture where people are not annotated one by one, px; each
            absorbs every detection that lies in it with the share `iou` of its own area.
        iou: Overlap from which on a detection finds somebody.
    """
    people_overlap, _ = overlaps(boxes, people)
    _, region_overlap = overlaps(boxes, np.zeros((0, 4)) if regions is None else regions)
    endless = np.arange(len(counts) + region_overlap.shape[1]) >= len(counts)
    counts = np.concatenate([counts, np.zeros(region_overlap.shape[1], bool)])
    return assign(np.concatenate([people_overlap, region_overlap], 1), scores, counts, endless, iou)


def assign(
    overlap: Floats,
    scores: Floats,
    counts: NDArray[np.bool_],
    endless: NDArray[np.bool_],
    least: float,
) -> Matching:
    """Give each detection, the highest score first, the free target that it overlaps most.

    A target that counts is preferred; one that does not (somebody hidden or tiny) absorbs one
    detection, an endless one (a crowd) any number; of equal ones the last is taken. These are
    COCO's rules, "ignore" and "iscrowd". What a detection is given never depends on detections of
    lower score, so the assignment of `scores >= t` is part of the assignment of all.

    Args:
        overlap: (N, M) of detections and targets, by whatever measure.
        scores: (N,) equal scores are taken in the order given.
        counts: (M,) what is to be found; the others are ignored.
        endless: (M,) what absorbs any number of detections.
        least: Overlap from which on a detection finds something.
    """
    free = np.ones(len(counts), bool)
    target = np.full(len(scores), -1)
    ignored = np.zeros(len(scores), bool)
    for detection in np.argsort(-scores, kind="stable"):
        for wanted in (free & counts, free & ~counts):
            candidates = np.flatnonzero(wanted & (overlap[detection] >= least))[::-1]
            if len(candidates):
                best = candidates[overlap[detection, candidates].argmax()]
                free[best] = endless[best]
                ignored[detection] = not counts[best]
                target[detection] = best if counts[best] else -1
                break
    return Matching(target, ignored)


def overlaps(boxes: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Overlap of every box (N, 4) with every other (M, 4).

    Returns:
        IoU (N, M), and the share (N, M) of each box's own area that lies in the other.
    """
    # x and y apart, as long rows: numpy is slow at short ones.
    first = np.asarray(boxes, np.float64).T[:, :, None]
    second = np.asarray(others, np.float64).T[:, None]
    width = np.minimum(first[2], second[2]) - np.maximum(first[0], second[0])
    height = np.minimum(first[3], second[3]) - np.maximum(first[1], second[1])
    common = width.clip(0) * height.clip(0)
    own, other = ((box[2:] - box[:2]).clip(0).prod(0) for box in (first, second))
    tiny = np.finfo(np.float64).tiny
    return common / np.maximum(own + other - common, tiny), common / np.maximum(own, tiny)
