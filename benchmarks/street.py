"""A real street that nobody trained on: recall and precision of boxes, PETS 2009 S2.L1, view 1.

60 boxes of MOT15 on 15 frames of `vtest.avi` (795 frames of 768x576). Checked on drawn pictures and
against moving pixels: frame n of the file is the video's n-th frame, boxes are left, top, width,
height in px. Three people who are just entering at the right edge have no box: detections of them
are ignored, and the table says beside it what the precision is when they count as false.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import tyro
from numpy.typing import NDArray
from shared_data import SHARED_DATA

from pandanet_core.detections import Detections
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.errors import UserError
from pandanet_core.evaluation.average_precision import PrecisionRecall, precision_recall
from pandanet_core.evaluation.matching import Matching, match, overlaps
from pandanet_core.evaluation.table import Table, table_to_markdown
from pandanet_core.video import Video
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE

WANTED_RECALL, WANTED_PRECISION = 0.90, 0.85
SCORES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9)

ENTERING = {10: (736, 290, 768, 416), 20: (730, 266, 768, 386), 40: (742, 280, 768, 404)}
"""By frame number: a box (x0, y0, x1, y1, px) around the person who is not annotated."""


@dataclass(frozen=True)
class StreetFrame:
    """A frame, who is on it, and what was found: `number` counts from 1, boxes are in px."""

    number: int
    image: NDArray[np.uint8]
    people: NDArray[np.float64]
    entering: NDArray[np.float64]
    found: Detections

    def matching(self, ignore_entering: bool = True) -> Matching:
        """Who was found by which detection."""
        everybody = np.ones(len(self.people), bool)
        regions = self.entering if ignore_entering else None
        return match(self.found.boxes, self.found.scores, self.people, everybody, regions)


@dataclass(frozen=True)
class Street:
    """Recall and precision on a real street (PETS 2009) over the score threshold."""

    weights: Path | None = None
    """Weights to measure; those that come with PandaNet if none are given."""

    data: Path = SHARED_DATA / "real" / "pets09_s2l1"
    """Folder with vtest.avi and gt_subset_mot15.txt."""

    min_score: float = DEFAULT_MIN_SCORE
    """The threshold to judge by, 0 to 1."""

    pictures: Path | None = None
    """Folder for the frames with found, missed and false people drawn."""

    def run(self) -> None:
        """Print the table and whether what is wanted is reached."""
        if not (self.data / "vtest.avi").exists():
            print(f"Skipped: {self.data} has no vtest.avi; set PANDANET_DATA or give --data.")
            return
        detector = Detector(self.weights, DetectorOptions(min_score=SCORES[0]))
        frames = list(detected_frames(self.data, detector))
        curve, strict = curve_of(frames), curve_of(frames, ignore_entering=False)
        print(table_to_markdown(thresholds(curve, strict, detector.weights_name)))
        print(f"\nIoU of the people found: {mean_iou(frames, self.min_score):.3f} on average.")
        print(verdict(curve, self.min_score))
        print(f"Highest F1 on these frames: {verdict(curve, curve.best_score())}")
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            for frame in frames:
                draw(frame, self.min_score, self.pictures / f"street_{frame.number:03}.png")


def detected_frames(folder: Path, detector: Detector) -> Iterator[StreetFrame]:
    """Every annotated frame with what the detector finds on it."""
    boxes = defaultdict(list)
    for number, _, left, top, width, height, *_ in np.loadtxt(
        folder / "gt_subset_mot15.txt", delimiter=","
    ):
        boxes[int(number)].append((left, top, left + width, top + height))
    with Video(folder / "vtest.avi") as video:
        for number, people in boxes.items():
            image = video.read(number - 1).image
            entering = np.array([ENTERING[number]] if number in ENTERING else [], float)
            yield StreetFrame(
                number, image, np.array(people), entering.reshape(-1, 4), detector(image)
            )


def curve_of(frames: Sequence[StreetFrame], ignore_entering: bool = True) -> PrecisionRecall:
    """Precision and recall of all frames together."""
    matchings = [frame.matching(ignore_entering) for frame in frames]
    pairs = list(zip(frames, matchings, strict=True))
    return precision_recall(
        np.concatenate([frame.found.scores[~matching.ignored] for frame, matching in pairs]),
        np.concatenate([matching.person[~matching.ignored] >= 0 for _, matching in pairs]),
        people=sum(len(frame.people) for frame in frames),
    )


def thresholds(curve: PrecisionRecall, strict: PrecisionRecall, weights: str) -> Table:
    """A row a score threshold."""
    rows = []
    for score in SCORES:
        precision, recall = curve.at(score)
        row = {"score from": f"{score:g}", "recall %": 100 * recall, "precision %": 100 * precision}
        row |= {"precision %, entering count": 100 * strict.at(score)[0]}
        rows.append(row | {"wanted": reached(recall, precision)})
    note = f"Weights {weights}, {curve.people} people, IoU from 0.5, AP "
    note += f"{100 * curve.average_precision():.1f} %."
    return Table("Real street (PETS 2009 S2.L1, view 1)", note, tuple(rows))


def reached(recall: float, precision: float) -> bool:
    """Whether what is wanted is there."""
    return recall >= WANTED_RECALL and precision >= WANTED_PRECISION


def verdict(curve: PrecisionRecall, score: float) -> str:
    """One sentence about one threshold."""
    precision, recall = curve.at(score)
    return (
        f"From score {score:.2f}: recall {recall:.3f} (wanted {WANTED_RECALL:.2f}), precision "
        f"{precision:.3f} (wanted {WANTED_PRECISION:.2f}): "
        f"{'reached' if reached(recall, precision) else 'not reached'}."
    )


def mean_iou(frames: Sequence[StreetFrame], min_score: float) -> float:
    """Mean IoU of people and the detections that found them."""
    values = []
    for frame in frames:
        person = frame.matching().person
        finder = np.flatnonzero((person >= 0) & (frame.found.scores >= min_score))
        values += list(overlaps(frame.found.boxes, frame.people)[0][finder, person[finder]])
    return float(np.mean(values)) if values else float("nan")


def draw(frame: StreetFrame, min_score: float, path: Path, enlarged: int = 2) -> None:
    """Write the frame with found (green), false (red), ignored (grey) and missed (yellow) boxes."""
    matching = frame.matching()
    picture = cv2.resize(frame.image[..., ::-1], None, fx=enlarged, fy=enlarged)
    shown = frame.found.scores >= min_score
    for index in np.flatnonzero(shown):
        found, ignored = matching.person[index] >= 0, matching.ignored[index]
        word = "found" if found else "ignored" if ignored else "false"
        colour = (80, 220, 80) if found else (180, 180, 180) if ignored else (60, 60, 255)
        label(
            picture,
            frame.found.boxes[index] * enlarged,
            f"{word} {frame.found.scores[index]:.2f}",
            colour,
        )
    missed = np.setdiff1d(np.arange(len(frame.people)), matching.person[shown])
    for index in missed:
        label(picture, frame.people[index] * enlarged, "missed", (0, 220, 255))
    cv2.imwrite(str(path), picture)


def label(picture: NDArray, box: NDArray, text: str, colour: tuple[int, int, int]) -> None:
    """A box with a word on it."""
    x0, y0, x1, y1 = box.round().astype(int).tolist()
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, 2)
    cv2.putText(picture, text, (x0, y0 - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)


if __name__ == "__main__":
    try:
        tyro.cli(Street, description=__doc__).run()
    except UserError as error:
        sys.exit(f"street.py: {error}")
