"""Matching, PONO, A+ and A++ against a loop over people and anchors, and figure 4 by hand."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection import (
    PositiveAnchors,
    SelectionRule,
    SelectionSettings,
    grid_iou,
    ignored_anchors,
    match,
    positive_anchors,
    select,
)
from tests.core import brute_force

RULES: tuple[SelectionRule, ...] = ("none", "box-aware", "pose-aware")
ROWS, COLUMNS, STRIDE = 4, 6, 8


@st.composite
def boxes_px(draw: st.DrawFn) -> list[float]:
    """A box on half pixels, partly or wholly outside the picture of 48 x 32 px too."""
    x, y = draw(st.integers(-30, 110)) / 2, draw(st.integers(-30, 80)) / 2
    return [x, y, x + draw(st.integers(2, 90)) / 2, y + draw(st.integers(2, 90)) / 2]


@st.composite
def pictures(draw: st.DrawFn) -> list[list[float]]:
    """Up to five people; some stand exactly where another one does, or inside."""
    people = draw(st.lists(boxes_px(), max_size=4))
    if people and draw(st.booleans()):
        people.append(draw(st.sampled_from(people)))
    return people


anchor_sizes = st.lists(st.tuples(st.integers(4, 40), st.integers(4, 40)), min_size=1, max_size=3)


def grid_of(sizes: list[Any]) -> AnchorGrid:
    return AnchorGrid(torch.tensor(sizes, dtype=torch.float64), STRIDE, ROWS, COLUMNS)


def as_boxes(people: list[Any]) -> torch.Tensor:
    return torch.tensor(people, dtype=torch.float64).reshape(-1, 4)


def as_set(anchors: PositiveAnchors) -> set[tuple[int, ...]]:
    """{(picture, anchor, row, column, person)}"""
    columns = (anchors.picture, anchors.anchor, anchors.row, anchors.column, anchors.person)
    return set(zip(*(column.tolist() for column in columns), strict=True))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(pictures(), anchor_sizes)
def test_matching_and_pono_are_the_equations(people: list[Any], sizes: list[Any]) -> None:
    """Ties go to the first person; half pixels make every overlap and threshold exact."""
    expected = brute_force.match(people, sizes, STRIDE, ROWS, COLUMNS)
    found = match(as_boxes(people), grid_of(sizes))
    np.testing.assert_array_equal(found.person, expected.person)
    np.testing.assert_allclose(found.iou, expected.iou, atol=1e-15)
    np.testing.assert_allclose(found.pono, expected.pono, atol=1e-15)
    np.testing.assert_allclose(found.best_iou, expected.best, atol=1e-15)
    for n in range(len(people)):
        own = found.pono[found.person == n]
        assert len(own) == 0 or own.max() == 1


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.lists(pictures(), min_size=1, max_size=2), anchor_sizes, st.integers(0, 2**32 - 1))
def test_positive_and_selected_anchors_are_the_equations(
    batch: list[Any], sizes: list[Any], seed: int
) -> None:
    """A+ = {O > 1/2}; A++ = {O · overlap > 1/2}, with the overlap of each rule."""
    settings = SelectionSettings()
    grid = grid_of(sizes)
    positives = positive_anchors([as_boxes(people) for people in batch], grid, settings)
    matches = [brute_force.match(people, sizes, STRIDE, ROWS, COLUMNS) for people in batch]
    first_person = np.cumsum([0] + [len(people) for people in batch])
    expected = {
        (b, a, i, j, first_person[b] + found.person[a, i, j])
        for b, found in enumerate(matches)
        for a, i, j in np.ndindex(found.pono.shape)
        if found.pono[a, i, j] > 0.5
    }
    assert as_set(positives) == expected
    assert len(positives) == len(expected)
    np.testing.assert_allclose(positives.best_iou, np.concatenate([m.best for m in matches]))

    rng = np.random.default_rng(seed)
    count, joints = len(positives), 3
    box_overlap = rng.random(count)
    joint_overlap = rng.random((count, joints)) ** 0.5
    counted = rng.random((count, joints)) < 0.7
    for rule in RULES:
        trace = select(
            positives,
            torch.from_numpy(box_overlap),
            torch.from_numpy(joint_overlap),
            torch.from_numpy(counted),
            SelectionSettings(rule=rule),
        )
        labels = trace.label_map(len(batch), grid)
        wanted = np.zeros((len(batch), *grid.shape))
        for m in range(count):
            at = tuple(int(index[m]) for index in (positives.picture, positives.anchor,
                                                   positives.row, positives.column))  # fmt: skip
            pono = matches[at[0]].pono[at[1:]]
            own = [joint_overlap[m, k] for k in range(joints) if counted[m, k]]
            overlap = {
                "none": 1.0,
                "box-aware": box_overlap[m],
                "pose-aware": sum(own) / len(own) if own else 1.0,
            }[rule]
            wanted[at] = pono * overlap > 0.5
            assert float(trace.quality[m]) == pytest.approx(pono * overlap)
        np.testing.assert_array_equal(labels, wanted)
        selected_people = {int(p) for p in positives.person[trace.selected]}
        found_people = np.flatnonzero(trace.people_selected()).tolist()
        assert sorted(selected_people) == found_people
        hidden = np.flatnonzero(trace.people_without_anchor()).tolist()
        assert hidden == [n for n in range(first_person[-1]) if positives.best_iou[n] == 0]
        assert not set(hidden) & {person for *_, person in expected}


def test_overlap_with_the_whole_grid_is_the_overlap_with_each_anchor() -> None:
    rng = np.random.default_rng(0)
    low = rng.uniform(-20, 40, (7, 2))
    boxes = np.concatenate([low, low + rng.uniform(1, 60, (7, 2))], 1)
    grid = grid_of([[10, 30], [25, 18]])
    found = grid_iou(torch.from_numpy(boxes), grid)
    for n, a, i, j in np.ndindex(7, *grid.shape):
        anchor = brute_force.anchor_box(grid.sizes[a].tolist(), STRIDE, i, j)
        assert float(found[n, a, i, j]) == pytest.approx(brute_force.iou(boxes[n], anchor))


def test_somebody_hidden_behind_another_gets_no_anchor_and_is_counted() -> None:
    """Person 1 stands exactly behind person 0, so every anchor prefers (the first,) person 0."""
    here, elsewhere = [10.0, 4, 22, 30], [32.0, 4, 44, 30]
    grid = grid_of([[12, 26]])
    positives = positive_anchors([as_boxes([here, here, elsewhere])], grid, SelectionSettings())
    trace = select(positives, *everything_right(positives), SelectionSettings())
    assert trace.people_without_anchor().tolist() == [False, True, False]
    assert trace.people_selected().tolist() == [True, False, True]
    assert 1 not in positives.person.tolist()


def everything_right(positives: PositiveAnchors, joints: int = 2) -> tuple[torch.Tensor, ...]:
    """Overlaps of perfect predictions: boxes, joints, and every joint counts."""
    count = len(positives)
    return torch.ones(count), torch.ones(count, joints), torch.ones(count, joints, dtype=torch.bool)


@pytest.mark.parametrize("rule", RULES)
def test_a_picture_without_people_selects_nothing(rule: SelectionRule) -> None:
    grid = grid_of([[12, 26], [30, 30]])
    settings = SelectionSettings(rule=rule)
    nobody = as_boxes([])
    positives = positive_anchors([nobody, nobody], grid, settings)
    trace = select(positives, *everything_right(positives), settings)
    assert len(positives) == 0
    assert trace.label_map(2, grid).sum() == 0
    assert trace.label_map(2, grid).shape == (2, *grid.shape)
    assert len(trace.people_selected()) == len(trace.people_without_anchor()) == 0
    matching = match(nobody, grid)
    assert (matching.person == -1).all()
    assert matching.person.shape == matching.pono.shape == grid.shape


def test_people_are_counted_on_through_pictures_of_which_one_is_empty() -> None:
    here, there = [0.0, 0, 12, 26], [32.0, 4, 44, 30]
    positives = positive_anchors(
        [as_boxes([here]), as_boxes([]), as_boxes([there, here])],
        grid_of([[12, 26]]),
        SelectionSettings(),
    )
    assert {(p, n) for p, *_, n in as_set(positives)} == {(0, 0), (2, 1), (2, 2)}


def test_anchors_on_people_who_are_no_objects_are_not_judged_unless_they_are_positive() -> None:
    person, crowd = [10.0, 4, 22, 30], [18.0, 4, 30, 30]
    grid = grid_of([[12, 26]])
    settings = SelectionSettings(ignored_above=0.35)
    positives = positive_anchors([as_boxes([person]), as_boxes([])], grid, settings)
    ignored = ignored_anchors(
        [as_boxes([crowd]), as_boxes([crowd, person])], positives, grid, settings
    )
    assert ignored.shape == (2, *grid.shape)
    positive = {at[:4] for at in as_set(positives)}
    for b, i, j in np.ndindex(2, ROWS, COLUMNS):
        anchor = brute_force.anchor_box((12, 26), STRIDE, i, j)
        on_them = [crowd] if b == 0 else [crowd, person]
        near = max(brute_force.iou(box, anchor) for box in on_them) > 0.35
        assert bool(ignored[b, 0, i, j]) == (near and (b, 0, i, j) not in positive)
    assert ignored[0].any()
    assert ignored[1].sum() > ignored[0].sum()
    assert not ignored_anchors([as_boxes([])] * 2, positives, grid, settings).any()
