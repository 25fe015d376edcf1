"""People drawn over the picture: boxes, skeletons and labels; the same in window and film."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.colours import person_colours
from pandanet_app.drawing.labels import LabelPlaces, label_plate
from pandanet_app.models.scene import Scene
from pandanet_app.models.viewport import Viewport
from pandanet_core.skeleton import Side, Skeleton

Image = NDArray[np.uint8]
Floats = NDArray[np.float64]
Colour = tuple[int, int, int]
Bones = dict[Side, NDArray[np.intp]]

_SHIFT = 4
"""OpenCV takes positions in sixteenths of a pixel."""
_FAR_PX = 50_000.0
"""Positions further outside the view are moved here, before they overflow."""


@dataclass(frozen=True)
class OverlayStyle:
    """Sizes hold for a view whose shorter side is 540 px and grow with it, less than in proportion.

    Attributes:
        line_px: Width of a bone.
        box_px: Width of a box.
        font_px: Height of a label's text.
        bone_share: Bones of small people are at most this part of their height wide.
        left_tint: Left limbs are this far towards white and have a light core.
        right_shade: Right limbs have this much of the colour's brightness.
        highlight: The chosen person's lines are so many times wider.
        outline: Colour around every line, RGB.
        chosen_outline: Colour around the chosen person's lines, RGB.
    """

    line_px: float = 2.0
    box_px: float = 1.6
    font_px: float = 13.0
    bone_share: float = 0.035
    left_tint: float = 0.35
    right_shade: float = 0.75
    highlight: float = 1.7
    outline: Colour = (16, 16, 20)
    chosen_outline: Colour = (255, 255, 255)


DEFAULT_STYLE = OverlayStyle()


@dataclass(frozen=True)
class _Person:
    """One person in the view.

    Attributes:
        joints: (K, 2) view pixels.
        box: (4,) view pixels.
        colour: RGB from 0 to 1.
        text: What the label says.
        chosen: Whether this is the chosen person.
    """

    joints: Floats
    box: Floats
    colour: Floats
    text: str
    chosen: bool


def draw_people(
    canvas: Image,
    scene: Scene,
    viewport: Viewport,
    pixel_ratio: float = 1.0,
    style: OverlayStyle = DEFAULT_STYLE,
) -> None:
    """Draw the scene's people on `canvas`: the best on top, the chosen one above all.

    Args:
        canvas: (H, W, 3) uint8 RGB, the part of the picture that `viewport` shows; changed.
        scene: People, who of them is chosen, their skeleton and the layers to draw.
        viewport: From the picture's pixels to the canvas's.
        pixel_ratio: Canvas pixels per logical pixel of a screen; text is at least `font_px`
            logical pixels high.
        style: Sizes and colours.
    """
    if scene.skeleton is None:
        return
    unit = max(pixel_ratio, (min(canvas.shape[:2]) / 540) ** 0.75)
    people, bones = _people_in_view(canvas, scene, viewport), _bones_by_side(scene.skeleton)
    for person in people:
        if scene.layers.boxes:
            _draw_box(canvas, person, unit, style)
        if scene.layers.skeletons:
            _draw_skeleton(canvas, person, bones, unit, style)
    if scene.layers.labels:
        _draw_labels(canvas, people[::-1], unit, style)


def _people_in_view(canvas: Image, scene: Scene, viewport: Viewport) -> list[_Person]:
    """Those whose box touches the view, in the order of drawing."""
    if scene.people is None:
        return []
    found = scene.people.detections
    # Pixel i's centre is at i + 0.5 everywhere but in OpenCV, where it is at i.
    origin = np.array([viewport.x_px, viewport.y_px])
    joints = np.clip((found.pose2d - origin) * viewport.scale - 0.5, -_FAR_PX, _FAR_PX)
    boxes = (found.boxes - np.tile(origin, 2)) * viewport.scale - 0.5
    boxes = np.clip(boxes, -_FAR_PX, _FAR_PX)
    colours = person_colours(scene.people.colour)
    height, width = canvas.shape[:2]
    inside = (boxes[:, :2] < (width, height)).all(1) & (boxes[:, 2:] > 0).all(1)
    chosen = np.arange(len(found)) == scene.selected
    order = np.lexsort([found.scores, chosen])
    return [
        _Person(
            joints=joints[row],
            box=boxes[row],
            colour=colours[row],
            text=f"{scene.people.name(row)}  {found.scores[row]:.2f}",
            chosen=bool(chosen[row]),
        )
        for row in order
        if inside[row]
    ]


def _draw_box(canvas: Image, person: _Person, unit: float, style: OverlayStyle) -> None:
    width = max(1, round(style.box_px * unit * (style.highlight if person.chosen else 1)))
    x0, y0, x1, y1 = np.rint(person.box).astype(int).tolist()
    outline = style.chosen_outline if person.chosen else style.outline
    cv2.rectangle(canvas, (x0, y0), (x1, y1), outline, width + 2)
    cv2.rectangle(canvas, (x0, y0), (x1, y1), _rgb(person.colour), width)


def _draw_skeleton(
    canvas: Image, person: _Person, bones: Bones, unit: float, style: OverlayStyle
) -> None:
    """Dark outline, coloured bones, joints; left limbs have a light core, right ones are darker."""
    width = max(1, round(_bone_width_px(person, unit, style)))
    outline = style.chosen_outline if person.chosen else style.outline
    lines = {side: _lines(person.joints, pairs) for side, pairs in bones.items()}
    everything = [line for side in lines.values() for line in side]
    rim = 2 * max(1, round(unit * (1.6 if person.chosen else 0.7)))
    cv2.polylines(canvas, everything, False, outline, width + rim, cv2.LINE_8, _SHIFT)
    for side, colour in _side_colours(person.colour, style).items():
        cv2.polylines(canvas, lines[side], False, colour, width, cv2.LINE_AA, _SHIFT)
    if width >= 3:
        core = max(1, width // 3)
        cv2.polylines(canvas, lines["left"], False, (255, 255, 255), core, cv2.LINE_AA, _SHIFT)
    if width >= 2:
        _draw_joints(canvas, person, 0.5 * width + 0.5)


def _draw_joints(canvas: Image, person: _Person, radius_px: float) -> None:
    colour = _rgb(person.colour)
    radius = round(radius_px * 2**_SHIFT)
    known = person.joints[np.isfinite(person.joints).all(1)]
    for centre in _fixed(known).tolist():
        cv2.circle(canvas, centre, radius, colour, cv2.FILLED, cv2.LINE_AA, _SHIFT)


def _draw_labels(canvas: Image, people: list[_Person], unit: float, style: OverlayStyle) -> None:
    """The first of `people` choose their places first."""
    places = LabelPlaces(canvas.shape[1], canvas.shape[0])
    font_px = max(8, round(style.font_px * unit))
    for person in people:
        plate = label_plate(person.text, _rgb(person.colour), font_px)
        place = places.place(person.box, plate.shape[1], plate.shape[0])
        if place:
            x0, y0, x1, y1 = place
            canvas[y0:y1, x0:x1] = plate


def _bone_width_px(person: _Person, unit: float, style: OverlayStyle) -> float:
    height = person.box[3] - person.box[1]
    width = min(style.line_px * unit, style.bone_share * height)
    return float(width * (style.highlight if person.chosen else 1))


def _bones_by_side(skeleton: Skeleton) -> Bones:
    """For each side the bones (B, 2) as child and parent."""
    sides: dict[Side, list[tuple[int, int]]] = {"left": [], "right": [], "middle": []}
    for child, parent in skeleton.bones:
        sides[skeleton.side(child)].append((child, parent))
    return {side: np.array(bones, np.intp).reshape(-1, 2) for side, bones in sides.items()}


def _lines(joints: Floats, bones: NDArray[np.intp]) -> list[NDArray[np.int32]]:
    """Bones as lines for OpenCV; those with an unknown end are left out."""
    ends = joints[bones]
    return list(_fixed(ends[np.isfinite(ends).all((1, 2))]))


def _side_colours(colour: Floats, style: OverlayStyle) -> dict[Side, Colour]:
    return {
        "middle": _rgb(colour),
        "right": _rgb(colour * style.right_shade),
        "left": _rgb(colour + style.left_tint * (1 - colour)),
    }


def _fixed(points: Floats) -> NDArray[np.int32]:
    """OpenCV's numbers for positions with `_SHIFT` binary places."""
    return np.rint(points * 2**_SHIFT).astype(np.int32)


def _rgb(colour: Floats) -> Colour:
    red, green, blue = np.rint(colour * 255).astype(int).tolist()
    return red, green, blue
