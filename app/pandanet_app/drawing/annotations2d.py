"""Annotated people over their picture: boxes, skeletons, and what is known of each joint."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.labels import LabelPlaces, label_plate
from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.viewport import Viewport
from pandanet_core.data.sample import Sample, visible_people
from pandanet_core.detections import Detections

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

HIDDEN_BY_OTHERS: Colour = (255, 60, 40)
HIDDEN_BY_ONESELF: Colour = (255, 60, 255)
IGNORED: Colour = (190, 190, 195)
_RIM: Colour = (16, 16, 20)

_LEAST_LABELLED = 3.0
"""Whoever is lower than so many lines of text gets no label: it would hide the person."""


def draw_annotations(canvas: Image, sample: Sample, viewport: Viewport, font_px: int) -> None:
    """Draw everybody annotated: skeletons as the window draws them, dots on hidden joints, and for
    those to find their height in px and their distance in m; regions to ignore are grey.

    Args:
        canvas: (H, W, 3) uint8 RGB, the part of the picture that `viewport` shows; changed.
        sample: The people.
        viewport: From the picture's pixels to the canvas's.
        font_px: Height of the labels' text.
    """
    visible = visible_people(sample)
    for box in [*sample.boxes[~visible], *sample.ignore_boxes]:
        _draw_box(canvas, box, viewport)
    found = sample.people(visible)
    draw_people(canvas, _scene(found), viewport)
    for joints, colour in (
        (found.self_occluded, HIDDEN_BY_ONESELF),
        (found.occluded, HIDDEN_BY_OTHERS),
    ):
        _draw_dots(canvas, found.pose2d[joints & found.has_2d], viewport, colour)
    _draw_labels(canvas, found, viewport, font_px)


def _scene(sample: Sample) -> Scene:
    """The people as what the overlay draws: joints that are not annotated have no place."""
    count = len(sample)
    pose2d = np.where(sample.has_2d[..., None], sample.pose2d, np.nan).astype(np.float32)
    detections = Detections(
        boxes=sample.boxes,
        scores=np.ones(count, np.float32),
        pose2d=pose2d,
        pose3d=np.zeros_like(sample.pose3d_mm),
        root_mm=np.zeros((count, 3), np.float32),
        scale_mm=np.ones(count, np.float32),
    )
    people = VisiblePeople(
        detections, np.arange(count), np.full(count, -1, np.int32), np.arange(count)
    )
    return Scene(people=people, skeleton=sample.skeleton, layers=Layers(labels=False))


def _draw_box(canvas: Image, box: NDArray[np.float32], viewport: Viewport) -> None:
    x0, y0 = viewport.to_view(*box[:2].tolist())
    x1, y1 = viewport.to_view(*box[2:].tolist())
    corners = np.clip(np.array([x0, y0, x1, y1]), -30_000, 30_000).round().astype(int).tolist()
    cv2.rectangle(canvas, corners[:2], corners[2:], _RIM, 4)
    cv2.rectangle(canvas, corners[:2], corners[2:], IGNORED, 2)


def _draw_dots(
    canvas: Image, joints: NDArray[np.float32], viewport: Viewport, colour: Colour
) -> None:
    height, width = canvas.shape[:2]
    for joint in joints:
        x, y = viewport.to_view(*joint.tolist())
        if -9 < x < width + 9 and -9 < y < height + 9:
            centre = (round(x - 0.5), round(y - 0.5))
            cv2.circle(canvas, centre, 3, _RIM, cv2.FILLED, cv2.LINE_AA)
            cv2.circle(canvas, centre, 2, colour, cv2.FILLED, cv2.LINE_AA)


def _draw_labels(canvas: Image, found: Sample, viewport: Viewport, font_px: int) -> None:
    """The nearest people, who are the largest, choose their places first."""
    places = LabelPlaces(canvas.shape[1], canvas.shape[0])
    heights = found.boxes[:, 3] - found.boxes[:, 1]
    colours = np.rint(person_colours(np.arange(len(found))) * 255).astype(int)
    for person in np.argsort(-heights):
        if heights[person] * viewport.scale < _LEAST_LABELLED * font_px:
            break
        red, green, blue = colours[person].tolist()
        plate = label_plate(_text(found, int(person)), (red, green, blue), font_px)
        low = viewport.to_view(*found.boxes[person, :2].tolist())
        high = viewport.to_view(*found.boxes[person, 2:].tolist())
        place = places.place(np.array([*low, *high]), plate.shape[1], plate.shape[0])
        if place:
            x0, y0, x1, y1 = place
            canvas[y0:y1, x0:x1] = plate


def _text(found: Sample, person: int) -> str:
    """Height in the picture and, where it is known, the distance."""
    height_px = found.boxes[person, 3] - found.boxes[person, 1]
    root = list(found.skeleton.root)
    if not found.has_3d[person, root].all():
        return f"{height_px:.0f} px"
    distance_mm = np.linalg.norm(found.pose3d_mm[person, root].mean(0))
    return f"{height_px:.0f} px  {distance_mm / 1000:.1f} m"
