"""Precision, recall and PASCAL VOC's average precision (Everingham et al., IJCV 2010 and 2015)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class PrecisionRecall:
    """Precision and recall of a detector as its score threshold falls.

    Attributes:
        scores: (D,) falling; entry d means "every detection up to the d-th".
        precision: (D,) share of those detections that are right.
        recall: (D,) share of the people whom they found.
        people: Number of people to be found.
    """

    scores: Floats
    precision: Floats
    recall: Floats
    people: int

    def at(self, score: float) -> tuple[float, float]:
        """Precision and recall of the detections whose score is at least `score`.

        Without any such detection the precision is NaN.
        """
        accepted = int((self.scores >= score).sum())
        if accepted == 0:
            return float("nan"), 0.0 if self.people else float("nan")
        return float(self.precision[accepted - 1]), float(self.recall[accepted - 1])

    def best_score(self) -> float:
        """Score threshold with the highest F1, the harmonic mean of precision and recall.

        NaN where nothing was found.
        """
        both = self.precision + self.recall
        if not (both > 0).any():
            return float("nan")
        f1 = 2 * self.precision * self.recall / np.where(both > 0, both, 1)
        complete = np.append(np.diff(self.scores) != 0, True)
        return float(self.scores[np.where(complete, f1, 0).argmax()])

    def highest_recall(self) -> float:
        """Recall of all detections together; NaN of nobody."""
        if self.people == 0:
            return float("nan")
        return float(self.recall[-1]) if len(self.recall) else 0.0

    def average_precision(self) -> float:
        """Area under the envelope of precision over recall (VOC 2010 and later); NaN of nobody."""
        if self.people == 0:
            return float("nan")
        steps = np.diff(self.recall, prepend=0.0)
        return float((steps * self._envelope()).sum())

    def eleven_point_average_precision(self) -> float:
        """Mean of the envelope at recalls 0, 0.1, ..., 1 (VOC 2007); NaN of nobody."""
        return self._mean_at(np.arange(11) / 10)

    def coco_average_precision(self) -> float:
        """Mean of the envelope at recalls 0, 0.01, ..., 1 (COCO); NaN of nobody."""
        return self._mean_at(np.linspace(0, 1, 101))

    def _mean_at(self, recalls: Floats) -> float:
        if self.people == 0:
            return float("nan")
        envelope = np.append(self._envelope(), 0.0)
        return float(envelope[np.searchsorted(self.recall, recalls)].mean())

    def _envelope(self) -> Floats:
        """(D,) the best precision at this recall or any higher one."""
        return np.maximum.accumulate(self.precision[::-1])[::-1]


def precision_recall(scores: Floats, right: NDArray[np.bool_], people: int) -> PrecisionRecall:
    """The curve of the detections of all pictures together.

    Args:
        scores: (D,) of the detections that count, ignored ones left out; equal scores keep
            their order.
        right: (D,) which of them found somebody.
        people: Number of people to be found.
    """
    order = np.argsort(-scores, kind="stable")
    found = right[order].cumsum()
    accepted = np.arange(1, len(order) + 1)
    recall = found / people if people else np.full(len(order), np.nan)
    return PrecisionRecall(scores[order], found / accepted, recall, people)
