"""The figure of λ, read back pixel by pixel; its layout, its colours and its words."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, floats, integers

from pandanet_app.drawing.lambda_figure.content import FAMILIES, LambdaContent, Shown
from pandanet_app.drawing.lambda_figure.figure import LambdaFigure
from pandanet_app.drawing.lambda_figure.look import Look, dark_look, light_look
from pandanet_app.drawing.lambda_figure.panels import (
    BarPanel,
    Cell,
    Family,
    HeatPanel,
    Source,
    Subject,
    value_text,
)
from pandanet_app.drawing.lambda_figure.reading import reading, shown_steps, words
from pandanet_app.drawing.lambda_figure.scale import ratio_scale, readable_on, scale_of
from pandanet_app.drawing.lambda_figure.sheet import lambda_sheet
from pandanet_app.drawing.text import line_height, text_width
from pandanet_core.skeleton import COCO17, JTA22
from tests.app.lambda_lab.kit import as_run, bar_in, colour_in, read_colour
from tests.lambda_runs import EVERY, made_up_run

LOOKS = (dark_look(13), light_look(13), dark_look(26), light_look(26))


def figure_of(
    content: LambdaContent, width: int = 1280, height: int = 320, look: Look = LOOKS[0]
) -> LambdaFigure:
    return LambdaFigure(content.panels, width, height, look)


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize("by_group", [True, False])
@pytest.mark.parametrize("size", [(1280, 320), (2600, 700)])
def test_every_cell_of_the_heatmaps_has_the_colour_of_its_lambda(
    logarithmic: bool, by_group: bool, size: tuple[int, int]
) -> None:
    run = made_up_run()
    content = LambdaContent(as_run(run), logarithmic=logarithmic, by_group=by_group)
    figure = figure_of(content, *size)
    step = 9 * EVERY + 17  # between two points: the one before counts
    picture = figure.draw(content.values(step))
    by_size = np.argsort(run.sizes_px[:, 0] * run.sizes_px[:, 1])
    for number, which in ((0, 0), (1, 1)):
        panel = content.panels[number]
        assert isinstance(panel, HeatPanel)
        low, high = panel.scale.low, panel.scale.high
        finer = math.log(high / low) if logarithmic else high - low
        for row, anchor in enumerate(by_size):
            width, height = run.sizes_px[anchor]
            assert panel.rows[row] == f"{width:.0f} × {height:.0f} px"
            for column, name in enumerate(panel.columns):
                joint = run.skeleton.joints.index(name)
                expected = math.exp(run.joint[8, which, anchor, joint])
                found = read_colour(
                    colour_in(picture, figure, Cell(number, row, column)), low, high, logarithmic
                )
                difference = math.log(found / expected) if logarithmic else found - expected
                assert abs(difference) < finer / 100


@pytest.mark.parametrize("logarithmic", [True, False])
def test_bars_are_as_long_as_their_lambda(logarithmic: bool) -> None:
    run = made_up_run()
    content = LambdaContent(as_run(run), shown=Shown.ANCHORS, logarithmic=logarithmic)
    figure = figure_of(content)
    picture = figure.draw(content.values(run.steps[-1]))
    by_size = np.argsort(run.sizes_px[:, 0])
    expected = {
        0: np.exp(run.anchor[-1, 0])[by_size],
        1: np.exp(run.anchor[-1, 1])[by_size],
        2: np.exp(run.task[-1]),
    }
    for number, lambdas in expected.items():
        panel, width = content.panels[number], figure.layout.places[number].width
        low, high = panel.scale.low, panel.scale.high
        for row, value in enumerate(lambdas):
            bar = bar_in(picture, figure, Cell(number, row, 0), dark_look().series[0])
            ends = (1.0, float(value)) if logarithmic else (0.0, float(value))
            if logarithmic:
                places = [width * math.log(end / low) / math.log(high / low) for end in ends]
            else:
                places = [width * end / high for end in ends]
            assert bar is not None
            assert bar == pytest.approx((min(places), max(places)), abs=1.1)


def test_the_ratio_of_two_runs_is_coloured_by_which_is_larger() -> None:
    first, second = made_up_run(seed=1), made_up_run(seed=2)
    second = replace(second, sizes_px=first.sizes_px)
    content = LambdaContent(as_run(first, "old"), as_run(second, "new"), Shown.JOINTS_2D)
    assert [panel.source.subject for panel in content.panels] == [
        Subject.FIRST,
        Subject.SECOND,
        Subject.RATIO,
    ]
    figure = figure_of(content)
    picture = figure.draw(content.values(first.steps[-1])).astype(int)
    by_size = np.argsort(first.sizes_px[:, 0])
    ratios = (second.joint - first.joint)[-1, 0][by_size]
    panel = content.panels[2]
    for row in range(10):
        for column, name in enumerate(panel.columns):
            ratio = ratios[row, JTA22.joints.index(name)]
            red, _, blue = colour_in(picture, figure, Cell(2, row, column))
            if abs(ratio) > 0.1:
                assert (red > blue) == (ratio > 0)
            assert abs(red - blue) == pytest.approx(
                200 * abs(ratio) / math.log(panel.scale.high), abs=40
            )


def test_runs_of_other_joints_or_anchors_stand_side_by_side_without_a_ratio() -> None:
    first = as_run(made_up_run(), "jta")
    other_joints = as_run(made_up_run(skeleton=COCO17), "coco")
    other_anchors = as_run(made_up_run(anchors=4), "four")
    subjects = {
        (panel.source.family, panel.source.subject)
        for panel in LambdaContent(first, other_joints).panels
        if isinstance(panel, HeatPanel)
    }
    assert (Family.JOINT_2D, Subject.RATIO) not in subjects
    assert (Family.JOINT_2D, Subject.SECOND) in subjects
    content = LambdaContent(first, other_anchors)
    figure = figure_of(content)
    figure.draw(content.values(300))
    rows = {
        panel.sources: len(panel.rows) for panel in content.panels if isinstance(panel, BarPanel)
    }
    for family in (Family.ANCHOR_CLS, Family.ANCHOR_LOC):
        assert rows[(Source(family, Subject.FIRST),)] == 10
        assert rows[(Source(family, Subject.SECOND),)] == 4
        assert (Source(family, Subject.RATIO),) not in rows
    assert (Source(Family.TASK, Subject.RATIO),) in rows


@pytest.mark.parametrize("anchors", [1, 40])
@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("width", [300, 1280, 3000])
def test_text_is_never_smaller_and_never_overlaps(anchors: int, look: Look, width: int) -> None:
    run = made_up_run(anchors=anchors)
    other = replace(made_up_run(anchors=anchors, seed=3), sizes_px=run.sizes_px)
    content = LambdaContent(as_run(run), as_run(other))
    figure = figure_of(content, width, 10, look)
    picture = figure.draw(content.values(600))
    assert picture.shape[:2] == (figure.layout.height, figure.layout.width)
    taken = np.zeros(picture.shape[:2], int)
    for place in figure.layout.places:
        assert place.row_height >= line_height(look.font_px)
        labels = max(text_width(row, look.font_px) for row in place.panel.rows)
        assert place.label_width == 0 or place.label_width > labels
        left, bottom = place.left - place.label_width, place.top + place.height
        if isinstance(place.panel, HeatPanel):
            assert all(stop - start + 1 >= look.font_px for start, stop in place.columns)
            bottom += max(text_width(column, look.font_px) for column in place.panel.columns)
        assert bottom <= figure.layout.height
        assert place.left + place.width <= figure.layout.width
        assert left >= 0
        taken[place.header_top : bottom, left : place.left + place.width] += 1
    assert taken.max() == 1


def test_the_cell_at_a_point_is_the_one_drawn_there_and_arrow_keys_reach_all() -> None:
    content = LambdaContent(as_run(made_up_run()))
    figure = figure_of(content)
    reached, waiting = set(), [Cell(0, 0, 0)]
    while waiting:
        cell = waiting.pop()
        if cell in reached:
            continue
        reached.add(cell)
        x0, y0, x1, y1 = figure.rectangle(cell)
        assert figure.cell_at((x0 + x1) / 2, (y0 + y1) / 2) == cell
        steps = ((1, 0), (-1, 0), (0, 1), (0, -1))
        waiting += [figure.neighbour(cell, right, down) for right, down in steps]
    assert len(reached) == 2 * 10 * 22 + 2 * 10 + 4
    assert figure.cell_at(0, 0) is None


def test_reading_a_cell_says_which_lambda_it_is() -> None:
    first, second = made_up_run(seed=1), made_up_run(seed=2)
    second = replace(second, sizes_px=first.sizes_px)
    smallest = int(np.argmin(first.sizes_px[:, 0]))
    alone = LambdaContent(as_run(first, "old"), by_group=False)
    value = math.exp(first.joint[-1, 1, smallest, 6])
    assert reading(alone, Cell(1, 0, 6), alone.values(1200)) == (
        f"{value_text(value)} · λ 3D joints · 8 × 20 px, right wrist"
    )
    both = LambdaContent(as_run(first, "old"), as_run(second, "new"))
    scores = [value_text(math.exp(run.anchor[-1, 0, smallest])) for run in (first, second)]
    number = next(n for n, panel in enumerate(both.panels) if isinstance(panel, BarPanel))
    assert reading(both, Cell(number, 0, 0), both.values(1200)) == (
        f"{scores[0]} in old, {scores[1]} in new · λ score · 8 × 20 px"
    )
    ratio = value_text(math.exp((second.joint - first.joint)[-1, 0, smallest, 0]))
    assert reading(both, Cell(2, 0, 0), both.values(1200)) == (
        f"new is {ratio} times old · λ 2D joints · 8 × 20 px, head top"
    )


def test_words_and_heading_follow_the_step() -> None:
    run = as_run(made_up_run(), "run")
    content = LambdaContent(run)
    assert shown_steps(content, 850) == "λ of run at step 800"
    assert words(content, 100) != words(content, 1200)
    other = as_run(made_up_run(points=3), "short")
    assert (
        shown_steps(LambdaContent(run, other), 1200)
        == "λ of run at step 1,200 and short at step 300"
    )


def test_a_missing_value_is_a_grey_cell_with_a_dash() -> None:
    run = made_up_run()
    run.joint[-1, 0, int(np.argmin(run.sizes_px[:, 0])), 0] = np.nan
    content = LambdaContent(as_run(run), by_group=False)
    figure = figure_of(content)
    values = content.values(1200)
    picture = figure.draw(values)
    assert tuple(colour_in(picture, figure, Cell(0, 0, 0))) == dark_look().line
    assert reading(content, Cell(0, 0, 0), values).startswith("– · ")


def test_numbers_stand_in_large_cells() -> None:
    content = LambdaContent(as_run(made_up_run()), shown=Shown.JOINTS_2D)
    for width, numbers in ((500, False), (1500, True)):
        figure = figure_of(content, width, 600)
        picture = figure.draw(content.values(1200))
        x0, y0, x1, y1 = figure.rectangle(Cell(0, 4, 4))
        assert (len(np.unique(picture[y0:y1, x0:x1].reshape(-1, 3), axis=0)) > 1) == numbers


@settings(max_examples=12)
@given(
    width=integers(1, 2500),
    height=integers(1, 900),
    anchors=integers(1, 12),
    spread=floats(0, 12),
    logarithmic=booleans(),
)
def test_whatever_the_lambdas_and_the_size_the_figure_is_drawn(
    width: int, height: int, anchors: int, spread: float, logarithmic: bool
) -> None:
    random = np.random.default_rng(anchors)
    runs = []
    for name in ("one", "two"):
        run = made_up_run(points=2, anchors=anchors, skeleton=COCO17)
        for of in (run.task, run.anchor, run.joint):
            of[:] = random.normal(0, spread, of.shape)
        runs.append(as_run(run, name))
    content = LambdaContent(runs[0], runs[1], logarithmic=logarithmic)
    figure = figure_of(content, width, height)
    assert figure.draw(content.values(200)).shape == (figure.layout.height, figure.layout.width, 3)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (7.389, 3, "7.39"), (0.13534, 3, "0.135"), (221.93, 3, "222"), (1.0, 3, "1.00"),
        (0.13534, 2, "0.14"), (7.389, 2, "7.4"), (22026.5, 3, "22026"), (9.999, 2, "10.0"),
        (math.nan, 2, "–"),
    ],
)  # fmt: skip
def test_values_are_written_with_their_digits(value: float, digits: int, text: str) -> None:
    assert value_text(value, digits) == text


@pytest.mark.parametrize(("low", "high"), [(0.14, 7.39), (1, 1), (0.9, 400), (1e-5, 1e-4)])
def test_scales_hold_their_values_and_what_lambda_starts_from(low: float, high: float) -> None:
    scale = scale_of(low, high, logarithmic=True)
    assert scale.low <= min(low, 1) * 1.001
    assert scale.high >= max(high, 1)
    assert scale.high / scale.low >= 2
    ticks = scale.ticks()
    assert (ticks[0], ticks[-1]) == (scale.low, scale.high)
    assert list(ticks) == sorted(ticks)
    linear = scale_of(low, high, logarithmic=False)
    assert linear.low == 0
    assert linear.high >= high
    shares = scale.shares(np.array([scale.low, math.sqrt(scale.low * scale.high), scale.high]))
    assert shares == pytest.approx([0, 0.5, 1], abs=1e-9)


# How eyes without red or green cones see linear RGB (Machado, Oliveira and Fernandes 2009).
_DICHROMATS = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}


def seen(colours: np.ndarray, matrix: list[list[float]]) -> np.ndarray:
    linear = ((colours / 255 + 0.055) / 1.055) ** 2.4
    return np.clip(linear @ np.array(matrix).T, 0, 1)


@pytest.mark.parametrize("eyes", _DICHROMATS)
def test_the_colours_can_be_told_apart_by_the_colour_blind(eyes: str) -> None:
    shares = np.geomspace(0.1, 10, 33)
    light = seen(scale_of(0.1, 10, True).colours(shares), _DICHROMATS[eyes]) @ [
        0.2126,
        0.7152,
        0.0722,
    ]
    assert (np.diff(light) > 0).all()  # lighter is always more
    less, same, more = seen(ratio_scale(3).colours(np.array([1 / 3, 1.0, 3.0])), _DICHROMATS[eyes])
    assert less[2] > less[0] + 0.15  # bluish
    assert more[0] > more[2] + 0.15  # yellowish
    assert min(same) > 0.8


def test_numbers_in_cells_have_enough_contrast() -> None:
    for scale in (scale_of(0.1, 10, True), ratio_scale(3)):
        colours = scale.colours(np.geomspace(scale.low, scale.high, 99))
        black = readable_on(colours)
        luminance = seen(colours, np.eye(3).tolist()) @ [0.2126, 0.7152, 0.0722]
        contrast = np.where(black, (luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05))
        assert contrast.min() >= 4.5


def test_the_sheet_holds_the_figure_as_it_is_drawn() -> None:
    content = LambdaContent(as_run(made_up_run()))
    sheet = lambda_sheet(content, 1200, light_look(16), 1800)
    figure = LambdaFigure(content.panels, 1800, 0, light_look(16))
    picture = figure.draw(content.values(1200))
    above = next(
        row
        for row in range(sheet.shape[0] - picture.shape[0])
        if (sheet[row : row + picture.shape[0]] == picture).all()
    )
    assert above >= line_height(16)
    below = sheet.shape[0] - picture.shape[0] - above
    assert below >= len(words(content, 1200)) * line_height(16)


def test_each_choice_shows_its_families() -> None:
    run = as_run(made_up_run())
    for shown in Shown:
        found = [
            panel.source.family if isinstance(panel, HeatPanel) else panel.sources[0].family
            for panel in LambdaContent(run, shown=shown).panels
        ]
        assert found == list(FAMILIES[shown])
