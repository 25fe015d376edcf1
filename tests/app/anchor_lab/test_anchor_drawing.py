"""Marks, framed boxes, legend and graph of anchors against loops."""

import numpy as np
import pytest

from pandanet_app.controllers.anchor_lab.sizes import parse_sizes, read_sizes, sizes_text
from pandanet_app.drawing.anchors.boxes import draw_framed_box
from pandanet_app.drawing.anchors.graph import graph_places
from pandanet_app.drawing.anchors.kinds import draw_legend, kind_colours, legend_cells
from pandanet_app.drawing.anchors.maps import draw_heat
from pandanet_app.drawing.anchors.marks import draw_marks, make_marks
from pandanet_app.drawing.anchors.placement import Placement, slot_shape
from pandanet_app.models.viewport import Viewport
from pandanet_core.errors import UserError
from pandanet_core.lab.frame_trace import Grid
from pandanet_core.lab.suppression import SuppressionGraph

STRETCH = (1.25, 1.5)


def grid(kinds: int, rows: int = 5, columns: int = 7) -> Grid:
    sizes = np.stack([10 + 3 * np.arange(kinds), 20 + 7 * np.arange(kinds)], -1).astype(float)
    return Grid(sizes, 8, rows, columns)


@pytest.mark.parametrize("kinds", [1, 3, 10, 40])
def test_every_anchor_has_a_mark_of_its_own_where_its_slot_is(kinds: int) -> None:
    a = grid(kinds)
    place = tuple(part.ravel() for part in np.indices(a.shape))
    rng = np.random.default_rng(kinds)
    colours = rng.integers(60, 255, (len(place[0]), 3)).astype(np.uint8)
    viewport = Viewport(6.0, 3.3, 5.7)
    placement = Placement(a, STRETCH, viewport)
    canvas = np.zeros((420, 460, 3), np.uint8)
    draw_marks(canvas, make_marks(a.shape, place, colours, np.zeros(len(colours))), placement)
    rows, columns = slot_shape(kinds)
    assert rows * columns >= kinds
    seen = 0
    for kind, row, column, colour in zip(*place, colours.tolist(), strict=True):
        x = (column + (kind % columns + 0.5) / columns) * 8 * STRETCH[0]
        y = (row + (kind // columns + 0.5) / rows) * 8 * STRETCH[1]
        view_x, view_y = viewport.to_view(x, y)
        if 1 <= view_x < 459 and 1 <= view_y < 419:
            seen += 1
            assert canvas[int(view_y), int(view_x)].tolist() == colour
            assert placement.cell_at(x, y) == (row, column)
            assert placement.kind_at(x, y) == kind
    assert seen > 0.6 * len(colours)


def test_where_there_is_no_room_a_position_shows_the_anchor_that_weighs_most() -> None:
    a = grid(4)
    place = tuple(part.ravel() for part in np.indices(a.shape))
    rng = np.random.default_rng(0)
    colours = rng.integers(60, 255, (len(place[0]), 3)).astype(np.uint8)
    weight = rng.random(len(colours))
    canvas = np.zeros((60, 70, 3), np.uint8)
    placement = Placement(a, (1.0, 1.0), Viewport(0.9, 0.0, 0.0))
    draw_marks(canvas, make_marks(a.shape, place, colours, weight), placement)
    assert placement.slots == (1, 1)
    for row in range(5):
        for column in range(7):
            here = np.flatnonzero((place[1] == row) & (place[2] == column))
            heaviest = here[weight[here].argmax()]
            x, y = (column + 0.5) * 8 * 0.9, (row + 0.5) * 8 * 0.9
            assert canvas[int(y), int(x)].tolist() == colours[heaviest].tolist()


def test_a_dashed_box_has_gaps_and_a_whole_one_none() -> None:
    for dash, gaps in ((0, False), (6, True)):
        canvas = np.zeros((80, 80, 3), np.uint8)
        draw_framed_box(canvas, np.array([10.0, 10.0, 70.0, 70.0]), (255, 0, 0), 1, dash)
        side = canvas[10, 12:69, 0]
        assert (side == 255).any()
        assert (side != 255).any() == gaps


def test_heat_is_brightest_where_the_map_is() -> None:
    a = grid(1)
    values = np.zeros((5, 7))
    values[3, 2] = 1.0
    canvas = np.zeros((100, 140, 3), np.uint8)
    draw_heat(canvas, values, Placement(a, (1.0, 1.0), Viewport(2.0, 0.0, 0.0)))
    lit = np.argwhere(canvas.sum(-1) > 100)
    assert lit.min(0).tolist() == [48, 32]
    assert lit.max(0).tolist() == [63, 47]


@pytest.mark.parametrize("kinds", [1, 10, 40])
def test_the_legend_shows_every_kind_in_a_cell_of_its_own(kinds: int) -> None:
    sizes = grid(kinds).sizes_px
    picture = draw_legend(sizes, 300, 120, (20, 20, 20), (240, 240, 240), 10)
    cells = legend_cells(kinds, 300, 120)
    for (x0, y0, x1, y1), colour in zip(cells, kind_colours(kinds).tolist(), strict=True):
        assert (picture[y0:y1, x0:x1] == colour).all(-1).any() or kinds == 40
    assert len(set(cells)) == kinds


def test_losers_stand_at_their_overlaps_with_the_winner() -> None:
    graph = SuppressionGraph(
        0,
        np.array([4, 0, 2]),
        np.array([0, 0, 0]),
        np.array([False, True, False]),
        np.array([2, 4]),
        np.array([0, 0]),
        np.array([0.6, 1.0]),
        np.array([0.0, 1.0]),
    )
    places = graph_places(graph, 400, 200, 10)
    four, zero, two = places
    assert four[0] > two[0]
    assert four[1] < two[1]
    assert zero[0] > four[0]
    left = two[0] - 0.6 / 0.4 * (four[0] - two[0])
    assert left == pytest.approx(4.0)


def test_sizes_are_read_as_they_are_written(tmp_path) -> None:
    sizes = ((21.0, 54.0), (34.5, 69.0))
    assert parse_sizes(sizes_text(sizes)) == sizes
    assert parse_sizes("21x54; 34.5 x 69,") == sizes
    for text in ("", "21", "0x30", "10x99999", "a x b"):
        with pytest.raises(UserError):
            parse_sizes(text)
    file = tmp_path / "anchors.json"
    for content in ('{"anchors_px": [[21, 54], [34.5, 69]]}', "[[21, 54], [34.5, 69]]"):
        file.write_text(content)
        assert read_sizes(file) == sizes
    for content in ("{}", "[1, 2]", "no json", "[" * 100_000, "[]"):
        file.write_text(content)
        with pytest.raises(UserError):
            read_sizes(file)
