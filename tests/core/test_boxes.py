"""Boxes against pixels counted on a raster, plain loops and numerical gradients."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pandanet_core.boxes import (
    box_areas,
    box_around_joints,
    clip_boxes,
    decode_boxes,
    iou_and_giou,
    unit_square_iou,
)
from tests.core import brute_force

RASTER = 24


@st.composite
def whole_boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """A box of at least one pixel with whole corners inside the raster."""
    x0, y0 = draw(st.integers(0, RASTER - 1)), draw(st.integers(0, RASTER - 1))
    return x0, y0, draw(st.integers(x0 + 1, RASTER)), draw(st.integers(y0 + 1, RASTER))


def painted(box: tuple[int, int, int, int]) -> NDArray[Any]:
    raster = np.zeros((RASTER, RASTER), bool)
    raster[box[1] : box[3], box[0] : box[2]] = True
    return raster


def random_boxes(rng: np.random.Generator, count: int) -> torch.Tensor:
    low = rng.uniform(0, 60, (count, 2))
    return torch.from_numpy(np.concatenate([low, low + rng.uniform(5, 50, (count, 2))], 1))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.tuples(whole_boxes(), whole_boxes()), min_size=1, max_size=4))
def test_generalised_iou_counts_the_pixels_that_neither_covers(pairs: list[Any]) -> None:
    expected = []
    for a, b in pairs:
        either = painted(a) | painted(b)
        rows, columns = np.flatnonzero(either.any(1)), np.flatnonzero(either.any(0))
        enclosing = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
        overlap = (painted(a) & painted(b)).sum() / either.sum()
        expected.append((overlap, overlap - (enclosing - either.sum()) / enclosing))
    first, second = torch.tensor(pairs, dtype=torch.float64).unbind(1)
    found = torch.stack(iou_and_giou(first, second), 1)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-14)
    np.testing.assert_allclose(
        found.numpy()[:, 1], [brute_force.giou(*pair) for pair in pairs], atol=1e-14
    )


def test_boxes_that_touch_or_are_inverted_share_nothing() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [10, 0, 20, 10], [8, 8, 2, 2], [3, 3, 3, 9]])
    np.testing.assert_array_equal(box_areas(boxes), [100, 100, 0, 0])
    first, second = boxes.repeat_interleave(4, 0), boxes.repeat(4, 1)
    overlaps = iou_and_giou(first, second)[0].view(4, 4)
    assert overlaps[0].tolist() == [1, 0, 0, 0]
    assert overlaps.isfinite().all()


def test_joints_are_squares_of_side_one_counted_on_a_fine_raster() -> None:
    """Unit squares on a raster of 1/40: two of them, some apart, some on each other."""
    rng = np.random.default_rng(0)
    steps = 40
    shifts = rng.integers(-60, 61, (100, 2))
    found, generalised = unit_square_iou(torch.from_numpy(shifts / steps))
    for (dx, dy), overlap, general in zip(shifts, found, generalised, strict=True):
        rasters = np.zeros((2, 4 * steps, 4 * steps), bool)
        rasters[0, 60 : 60 + steps, 60 : 60 + steps] = True
        rasters[1, 60 + dy : 60 + dy + steps, 60 + dx : 60 + dx + steps] = True
        either = rasters.any(0)
        rows, columns = np.flatnonzero(either.any(1)), np.flatnonzero(either.any(0))
        hull = np.prod([np.ptp(rows) + 1, np.ptp(columns) + 1])
        counted = rasters.all(0).sum() / either.sum()
        assert float(overlap) == pytest.approx(counted, abs=1e-12)
        assert float(general) == pytest.approx(counted - (hull - either.sum()) / hull, abs=1e-12)


def test_decoding_is_the_spec_written_out() -> None:
    rng = np.random.default_rng(2)
    anchors, offsets = random_boxes(rng, 50), torch.from_numpy(rng.uniform(-2, 2, (50, 4)))
    expected = [
        brute_force.decode(offset.tolist(), anchor.tolist())
        for offset, anchor in zip(offsets, anchors, strict=True)
    ]
    np.testing.assert_allclose(decode_boxes(offsets, anchors), expected)


def test_wild_offsets_do_not_overflow() -> None:
    anchor = torch.tensor([[10.0, 10, 20, 30]])
    wide = decode_boxes(torch.tensor([[0.0, 0, 1e6, -1e6]]), anchor)
    size = wide[0, 2:] - wide[0, :2]
    assert size[0] == pytest.approx(10 * np.exp(3), rel=1e-4)
    assert size[1] == pytest.approx(20 * np.exp(-3), rel=1e-4)


def test_gradients_agree_with_differences() -> None:
    rng = np.random.default_rng(3)
    first, second = random_boxes(rng, 12).requires_grad_(), random_boxes(rng, 12)
    offsets = torch.from_numpy(rng.uniform(-1, 1, (12, 4))).requires_grad_()
    shifts = torch.from_numpy(rng.uniform(-1.5, 1.5, (12, 2))).requires_grad_()
    assert torch.autograd.gradcheck(lambda boxes: iou_and_giou(boxes, second), (first,))
    assert torch.autograd.gradcheck(lambda t: decode_boxes(t, second), (offsets,))
    assert torch.autograd.gradcheck(unit_square_iou, (shifts,))


def test_only_the_generalised_form_pulls_boxes_together_that_do_not_touch() -> None:
    for overlap_of, place in (
        (lambda x: iou_and_giou(x, torch.tensor([[50.0, 50, 60, 60]])), [[0.0, 0, 10, 10]]),
        (unit_square_iou, [[-3.0, -2.0]]),
    ):
        plain, generalised = (
            torch.autograd.grad(overlap_of(x)[form].sum(), x)[0]
            for form in (0, 1)
            for x in [torch.tensor(place, requires_grad=True)]
        )
        assert not plain.any()
        assert (generalised > 0).sum() >= 2  # towards the other, to the right and down


def test_a_persons_box_is_the_joints_extent_and_seven_percent_of_its_longer_side() -> None:
    joints = np.array([[[10.0, 20], [30, 60], [25, 41]], [[-5, 0], [95, 10], [1, 1]]])
    np.testing.assert_allclose(
        box_around_joints(joints), [[7.2, 17.2, 32.8, 62.8], [-12, -7, 102, 17]], rtol=1e-6
    )


def test_clipping_cuts_at_the_pictures_edges() -> None:
    boxes = np.array([[-5.0, 10, 50, 90], [60, -9, 130, 20], [200, 200, 300, 300]])
    np.testing.assert_array_equal(
        clip_boxes(boxes, 100, 80), [[0, 10, 50, 80], [60, 0, 100, 20], [100, 80, 100, 80]]
    )
