"""The people of the truth, and what one anchor would have given: boxes, words and a pose."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.boxes import draw_framed_box
from pandanet_app.drawing.anchors.placement import Placement
from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.labels import LabelPlaces, label_plate
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_core.lab.frame_trace import FrameTrace
from pandanet_core.skeleton import Skeleton

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

_OUTLINE = (16, 16, 20)
_SHIFT = 4
_FAR_PX = 50_000.0


def rgb_of(colour_numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """(N, 3) RGB of people by their colour numbers (N,)."""
    return np.rint(person_colours(colour_numbers) * 255).astype(np.uint8)


def fate_words(trace: FrameTrace, person: int) -> str:
    """What became of a person, in a few words."""
    fate = trace.fates[person]
    if fate.reason is None:
        return f"found {fate.score:.2f}"
    return fate.reason.value if fate.finder >= 0 else f"not found: {fate.reason.value}"


def draw_truth(
    canvas: Image,
    scene: AnchorScene,
    placement: Placement,
    colours: NDArray[np.uint8],
    pixel_ratio: float = 1.0,
) -> None:
    """Everybody who is to be found: a box, dashed where the person was not found, and what became
    of the person. Those whom another trace found otherwise are marked.

    Args:
        canvas: Changed.
        scene: One frame.
        placement: Where it is on the canvas.
        colours: (N, 3) RGB.
        pixel_ratio: Canvas pixels per logical pixel.
    """
    boxes = placement.boxes_to_canvas(scene.trace.truth.boxes) - 0.5
    order = sorted(range(len(boxes)), key=lambda person: person == scene.person)
    if scene.layers.boxes:
        for person in order:
            _draw_person(canvas, scene, boxes[person], person, colours[person], pixel_ratio)
    if scene.layers.labels:
        _draw_fates(canvas, scene, boxes, order[::-1], colours, pixel_ratio)


def _draw_person(
    canvas: Image,
    scene: AnchorScene,
    box: Floats,
    person: int,
    colour: NDArray[np.uint8],
    pixel_ratio: float,
) -> None:
    width = max(1, round(1.2 * pixel_ratio))
    marked = person == scene.person or person in scene.differs
    found = scene.trace.fates[person].reason is None
    dash = 0 if found else round(6 * pixel_ratio)
    draw_framed_box(canvas, box, _colour(colour), 2 * width if marked else width, dash)


def _draw_fates(
    canvas: Image,
    scene: AnchorScene,
    boxes: Floats,
    order: list[int],
    colours: NDArray[np.uint8],
    pixel_ratio: float,
) -> None:
    """The first of `order` choose their places first."""
    height, width = canvas.shape[:2]
    places = LabelPlaces(width, height)
    for person in order:
        box = boxes[person]
        if box[2] < 0 or box[3] < 0 or box[0] >= width or box[1] >= height:
            continue
        words = f"{person}  {fate_words(scene.trace, person)}"
        if person in scene.differs:
            words = f"!  {words}  !"
        plate = label_plate(words, _colour(colours[person]), max(8, round(12 * pixel_ratio)))
        place = places.place(box.astype(np.float64), plate.shape[1], plate.shape[0])
        if place:
            x0, y0, x1, y1 = place
            canvas[y0:y1, x0:x1] = plate


def draw_pose(
    canvas: Image,
    pose2d: Floats,
    skeleton: Skeleton,
    placement: Placement,
    colour: Colour,
    pixel_ratio: float = 1.0,
) -> None:
    """A 2D pose (K, 2), px of the network's input: white bones with a coloured core."""
    joints = np.clip(placement.to_canvas(pose2d) - 0.5, -_FAR_PX, _FAR_PX)
    bones = joints[np.array(skeleton.bones)]
    lines = list(np.rint(bones * 2**_SHIFT).astype(np.int32))
    unit = max(1, round(pixel_ratio))
    for tone, width in ((_OUTLINE, 5 * unit), ((255, 255, 255), 3 * unit), (colour, unit)):
        cv2.polylines(canvas, lines, False, tone, width, cv2.LINE_AA, _SHIFT)
    for x, y in np.rint(joints * 2**_SHIFT).astype(int).tolist():
        cv2.circle(
            canvas, (x, y), 3 * unit * 2**_SHIFT, (255, 255, 255), cv2.FILLED, cv2.LINE_AA, _SHIFT
        )


def _colour(colour: NDArray[np.uint8]) -> Colour:
    red, green, blue = colour.tolist()
    return red, green, blue
