"""The pictures of a report: what was found drawn on it, and whoever was missed marked."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.film import drawn_frame
from pandanet_app.drawing.labels import LabelPlaces, label_plate
from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.viewport import Viewport
from pandanet_core.data.sample import Sample
from pandanet_core.evaluation.evaluator import PictureOutcome
from pandanet_core.evaluation.reasons import Missed
from pandanet_core.video import Frame

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

WIDEST_PX = 1100
LARGEST_SCALE = 2.0
CROP_PX = 240
MISSED: Colour = (226, 34, 60)
WRONG_POSE: Colour = (245, 166, 35)
_TRUTH: Colour = (255, 255, 255)
_STAGE: Colour = (0, 0, 0)
_SHIFT = 4
_CROP_MARGIN = 0.5
_LEAST_CROP = 32.0
_QUALITY = 85


@dataclass(frozen=True)
class Drawn:
    """A picture of a report.

    Attributes:
        jpeg: Encoded.
        width, height: In px.
    """

    jpeg: bytes
    width: int
    height: int


def draw_outcome(outcome: PictureOutcome, sample: Sample) -> Drawn:
    """The whole picture: what was found as the window draws it, and a numbered box around everybody
    who was missed, or whose pose is wrong."""
    height, width = sample.image.shape[:2]
    scale = min(LARGEST_SCALE, WIDEST_PX / width)
    scene = _scene(outcome, sample)
    canvas = drawn_frame(scene, round(width * scale), round(height * scale))
    viewport = Viewport(scale, 0.0, 0.0)
    places = LabelPlaces(canvas.shape[1], canvas.shape[0])
    for number, missed in enumerate(outcome.missed, start=1):
        box = _in_view(sample.boxes[missed.person].reshape(2, 2), viewport).ravel()
        _mark(canvas, box, str(number), colour_of(missed), places)
    return _encoded(canvas)


def draw_missed(outcome: PictureOutcome, sample: Sample, missed: Missed) -> Drawn:
    """One person close by: the annotated pose in white, and what was found there."""
    x0, y0, x1, y1 = sample.boxes[missed.person].tolist()
    side = max(x1 - x0, y1 - y0, _LEAST_CROP) * (1 + _CROP_MARGIN)
    scale = CROP_PX / side
    viewport = Viewport(scale, (x0 + x1 - side) / 2, (y0 + y1 - side) / 2)
    canvas = draw_picture(sample.image, viewport, CROP_PX, CROP_PX, _STAGE)
    draw_people(canvas, _scene(outcome, sample), viewport)
    _draw_truth(canvas, sample, missed.person, viewport)
    return _encoded(canvas)


def colour_of(missed: Missed) -> Colour:
    """Of somebody's mark."""
    return WRONG_POSE if missed.found else MISSED


def _scene(outcome: PictureOutcome, sample: Sample) -> Scene:
    numbers = np.arange(len(outcome.detections))
    nobody_tracked = np.full(len(numbers), -1, np.int32)
    return Scene(
        frame=Frame(0, 0.0, sample.image),
        people=VisiblePeople(outcome.detections, numbers, nobody_tracked, numbers),
        skeleton=sample.skeleton,
        layers=Layers(labels=False),
    )


def _mark(canvas: Image, box: NDArray[Any], text: str, colour: Colour, places: LabelPlaces) -> None:
    x0, y0, x1, y1 = np.rint(box).astype(int).tolist()
    cv2.rectangle(canvas, (x0, y0), (x1, y1), _TRUTH, 4)
    cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, 2)
    plate = label_plate(text, colour, 14)
    place = places.place(box, plate.shape[1], plate.shape[0])
    if place:
        canvas[place[1] : place[3], place[0] : place[2]] = plate


def _draw_truth(canvas: Image, sample: Sample, person: int, viewport: Viewport) -> None:
    joints = _in_view(sample.pose2d[person], viewport) - 0.5
    known = sample.has_2d[person]
    lines = [
        np.rint(joints[[child, parent]] * 2**_SHIFT).astype(np.int32)
        for child, parent in sample.skeleton.bones
        if known[child] and known[parent]
    ]
    cv2.polylines(canvas, lines, False, _STAGE, 3, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, lines, False, _TRUTH, 1, cv2.LINE_AA, _SHIFT)


def _in_view(points: NDArray[Any], viewport: Viewport) -> NDArray[np.float64]:
    """Positions (N, 2) px of the picture in the view, kept from overflowing."""
    moved = (points - np.array([viewport.x_px, viewport.y_px])) * viewport.scale
    return np.clip(moved, -1e4, 1e4)


def _encoded(image: Image) -> Drawn:
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return Drawn(data.tobytes(), image.shape[1], image.shape[0])
