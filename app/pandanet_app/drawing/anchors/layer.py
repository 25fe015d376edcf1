"""The anchor lab over the picture, put together: maps, anchors, people, and the anchor in hand.

`make_layer` is called when what is shown changes, `draw_layer` whenever the picture moves, and
`draw_in_hand` whenever the pointer does.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.boxes import draw_boxes, draw_framed_box
from pandanet_app.drawing.anchors.density import (
    BoxLattice,
    draw_box_density,
    draw_lattice_density,
    lattice_of,
)
from pandanet_app.drawing.anchors.kinds import kind_colours
from pandanet_app.drawing.anchors.maps import cell_values, draw_heat, draw_offsets
from pandanet_app.drawing.anchors.marks import Marks, draw_marks, make_marks
from pandanet_app.drawing.anchors.people import draw_pose, draw_truth, rgb_of
from pandanet_app.drawing.anchors.placement import Placement
from pandanet_app.models.anchor_lab import AnchorMap, AnchorSpot, AnchorView
from pandanet_app.models.anchor_scene import AnchorScene, place_of
from pandanet_app.models.viewport import Viewport

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

_DIMMED = 0.55
"""The picture under the anchors keeps this much of its light."""
_WEAKEST = 0.45
"""The palest mark keeps this much of the person's colour."""
_GRID = (205, 210, 218)
_MOST_RECTANGLES = 6000
_WHITE = (255, 255, 255)
_IN_BOTH = (96, 100, 108)
"""Anchors that both of two compared traces have."""


@dataclass(frozen=True, eq=False)
class Layer:
    """What of the anchors is shown, ready to be drawn at any zoom.

    Attributes:
        marks: One mark an anchor.
        boxes: (M, 4) px of the network's input, the anchors' boxes, or those of every position;
            None where marks are drawn.
        colours: (M, 3) RGB of the anchors.
        people: (N, 3) RGB of the truth's people.
        heat: (rows, columns) map under the anchors, 0 to 1; None for none.
        arrows: (rows, columns, 2) px, from anchors to the middles of the boxes that the network
            gives there; None for none.
        scores: (rows, columns) of the arrows' anchors.
    """

    marks: Marks
    boxes: Floats | BoxLattice | None
    colours: NDArray[np.uint8]
    people: NDArray[np.uint8]
    heat: Floats | None = None
    arrows: Floats | None = None
    scores: Floats | None = None


def make_layer(scene: AnchorScene) -> Layer:
    """Colour what the scene's view shows."""
    grid, people = scene.trace.grid, rgb_of(scene.colour)
    if scene.view is AnchorView.GRID:
        place, colours, weight = _whole_grid(scene)
    else:
        place, colours, weight = _matched(scene, people)
    hollow = scene.view is AnchorView.DIFFERENCE
    whole = scene.view is AnchorView.GRID and scene.kind is None
    marks = make_marks(grid.shape, place, colours, weight, hollow, _GRID if whole else None)
    boxes = _boxes(scene, place) if scene.boxes else None
    arrows, scores = _arrows(scene)
    return Layer(marks, boxes, colours, people, _heat(scene), arrows, scores)


def draw_layer(
    canvas: Image, scene: AnchorScene, layer: Layer, viewport: Viewport, pixel_ratio: float = 1.0
) -> None:
    """Draw everything but the anchor in hand on `canvas` (H, W, 3), which shows the picture."""
    placement = placement_of(scene, viewport)
    cv2.convertScaleAbs(canvas, canvas, _DIMMED)
    if layer.heat is not None:
        draw_heat(canvas, layer.heat, placement)
    if layer.boxes is None:
        draw_marks(canvas, layer.marks, placement, pixel_ratio)
    elif isinstance(layer.boxes, BoxLattice):
        draw_lattice_density(canvas, layer.boxes, placement, _GRID)
    elif len(layer.boxes) > _MOST_RECTANGLES:
        draw_box_density(canvas, placement.boxes_to_canvas(layer.boxes), _GRID)
    else:
        draw_boxes(canvas, placement.boxes_to_canvas(layer.boxes), layer.colours)
    if layer.arrows is not None and layer.scores is not None:
        draw_offsets(canvas, layer.arrows, layer.scores, placement, pixel_ratio)
    draw_truth(canvas, scene, placement, layer.people, pixel_ratio)


def draw_in_hand(
    canvas: Image, scene: AnchorScene, layer: Layer, viewport: Viewport, pixel_ratio: float = 1.0
) -> None:
    """Draw the chosen and the hovered anchor: the anchor's box thin and white, and the box and the
    2D pose that the network gives there."""
    placement = placement_of(scene, viewport)
    for spot in dict.fromkeys((scene.spot, scene.hovered)):
        if spot is not None:
            _draw_spot(canvas, scene, layer, placement, spot, pixel_ratio)


def placement_of(scene: AnchorScene, viewport: Viewport) -> Placement:
    """Where the scene's anchors are."""
    across, down = (float(value) for value in scene.trace.stretch)
    return Placement(scene.trace.grid, (across, down), viewport, scene.kind is not None)


def spot_at(scene: AnchorScene, viewport: Viewport, x_px: float, y_px: float) -> AnchorSpot | None:
    """The anchor under a point of the picture; where a position shows one of its anchors, that one;
    None beside the grid."""
    placement = placement_of(scene, viewport)
    cell = placement.cell_at(x_px, y_px)
    if cell is None:
        return None
    kind = scene.kind if scene.kind is not None else placement.kind_at(x_px, y_px)
    if kind is None:
        kind = _kind_in_sight(scene, *cell)
    return AnchorSpot(kind, *cell)


def shown_anchors(scene: AnchorScene) -> NDArray[np.intp]:
    """Places in A+ of the anchors that the view shows; all of A+ in the view of the grid."""
    positives = scene.trace.positives
    shown = np.ones(len(positives), bool)
    if scene.view is AnchorView.SELECTED:
        shown = positives.selected.copy()
    elif scene.view is AnchorView.DIFFERENCE:
        shown = ~positives.selected
    if scene.kind is not None:
        shown &= positives.anchor == scene.kind
    return np.flatnonzero(shown)


def _whole_grid(
    scene: AnchorScene,
) -> tuple[tuple[Integers, Integers, Integers], NDArray[np.uint8], Floats]:
    """Every anchor in the colour of its kind."""
    kinds, rows, columns = scene.trace.grid.shape
    kind, row, column = (part.ravel() for part in np.indices((kinds, rows, columns)))
    colours = kind_colours(kinds)[kind]
    if scene.kind is not None:
        only = kind == scene.kind
        return (kind[only], row[only], column[only]), colours[only], np.zeros(only.sum())
    return (kind, row, column), colours, kind == kinds // 2


def _boxes(scene: AnchorScene, place: tuple[Integers, Integers, Integers]) -> Floats | BoxLattice:
    """Of the anchors at these places; in the view of the grid they are all there are."""
    grid = scene.trace.grid
    if scene.view is AnchorView.GRID:
        kinds = np.arange(len(grid.sizes_px)) if scene.kind is None else np.array([scene.kind])
        return lattice_of(grid, kinds)
    return grid.boxes_at(*place)


def _matched(
    scene: AnchorScene, people: NDArray[np.uint8]
) -> tuple[tuple[Integers, Integers, Integers], NDArray[np.uint8], Floats]:
    """Anchors of A+ in the colours of their people, paler where what decides is lower."""
    positives, places = scene.trace.positives, shown_anchors(scene)
    decides = positives.quality if scene.view is AnchorView.SELECTED else positives.pono
    share = np.clip(decides[places], 0, 1)
    strength = _WEAKEST + (1 - _WEAKEST) * np.clip((share - 0.4) / 0.6, 0, 1)
    colours = np.rint(people[positives.person[places]] * strength[:, None]).astype(np.uint8)
    if scene.alone is not None:
        colours[~scene.alone[places]] = _IN_BOTH
    place = (positives.anchor[places], positives.row[places], positives.column[places])
    return place, colours, share


def _kind_in_sight(scene: AnchorScene, row: int, column: int) -> int:
    """Of a position's anchors the one that stands for them: the best match that is shown, else the
    one that scores most."""
    positives, shown = scene.trace.positives, shown_anchors(scene)
    here = shown[(positives.row[shown] == row) & (positives.column[shown] == column)]
    if len(here):
        selected = scene.view is AnchorView.SELECTED
        decides = positives.quality if selected else positives.pono
        return int(positives.anchor[here[decides[here].argmax()]])
    return int(scene.scores[:, row, column].argmax())


def _heat(scene: AnchorScene) -> Floats | None:
    if scene.map is AnchorMap.SCORE:
        return cell_values(scene.scores, scene.kind)
    if scene.map in (AnchorMap.PONO, AnchorMap.POSE_OVERLAP) and scene.map_values is not None:
        return cell_values(scene.map_values, scene.kind)
    return None


def _arrows(scene: AnchorScene) -> tuple[Floats | None, Floats | None]:
    """Of each position's anchor that scores most, or of the chosen kind."""
    if scene.map is not AnchorMap.OFFSETS or scene.map_values is None:
        return None, None
    middles = (scene.map_values[..., :2] + scene.map_values[..., 2:]) / 2
    if scene.kind is not None:
        return middles[scene.kind], scene.scores[scene.kind]
    best = scene.scores.argmax(0)
    arrows = np.take_along_axis(middles, best[None, ..., None], 0)[0]
    return arrows, scene.scores.max(0)


def _draw_spot(
    canvas: Image,
    scene: AnchorScene,
    layer: Layer,
    placement: Placement,
    spot: AnchorSpot,
    pixel_ratio: float,
) -> None:
    grid, unit = scene.trace.grid, max(1, round(pixel_ratio))
    one = np.array([spot.row]), np.array([spot.column])
    if scene.view is AnchorView.GRID and spot == scene.hovered:
        kinds = len(grid.sizes_px)
        here = grid.boxes_at(np.arange(kinds), one[0].repeat(kinds), one[1].repeat(kinds))
        for box, colour in zip(
            placement.boxes_to_canvas(here) - 0.5, kind_colours(kinds).tolist(), strict=True
        ):
            draw_framed_box(canvas, box, tuple(colour), unit)
    anchor_box = placement.boxes_to_canvas(grid.boxes_at(np.array([spot.anchor]), *one))[0] - 0.5
    draw_framed_box(canvas, anchor_box, _WHITE, unit, dash=5 * unit)
    reading = scene.reading
    place = reading.place_of(spot) if reading is not None else None
    if reading is None or place is None:
        return
    colour = _colour_at(scene, layer, spot)
    draw_framed_box(canvas, placement.boxes_to_canvas(reading.boxes[place]) - 0.5, colour, 2 * unit)
    if scene.layers.skeletons:
        skeleton, pose2d = scene.trace.truth.skeleton, reading.pose2d[place]
        draw_pose(canvas, pose2d, skeleton, placement, colour, pixel_ratio)


def _colour_at(scene: AnchorScene, layer: Layer, spot: AnchorSpot) -> tuple[int, int, int]:
    """The colour of the person whom an anchor matched; white for nobody's."""
    place = place_of(scene.trace.positives, spot)
    if place is None:
        return _WHITE
    red, green, blue = layer.people[scene.trace.positives.person[place]].tolist()
    return red, green, blue
