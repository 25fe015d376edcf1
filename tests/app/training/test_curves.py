"""What is drawn of a training's numbers: means, the fewest points that look the same, scales."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandanet_app.drawing.curves import (
    CURVES,
    can_be_logarithmic,
    number_text,
    range_of,
    smoothed,
    thinned,
    value_at,
)
from pandanet_core.training.measures import LOSS_TERMS

numbers = st.floats(-100, 100, width=32) | st.just(float("nan"))


@settings(max_examples=150, deadline=None)
@given(st.lists(numbers, max_size=40), st.integers(1, 50))
def test_a_mean_is_that_of_the_last_finite_values(values: list[float], steps: int) -> None:
    found = smoothed(np.float32(values), steps)
    for place in range(len(values)):
        window = np.float32(values[max(0, place - steps + 1) : place + 1])
        finite = window[np.isfinite(window)]
        expected = finite.astype(float).mean() if len(finite) else np.nan
        if steps > 1 or np.isfinite(values[place]):
            np.testing.assert_allclose(found[place], expected, rtol=1e-4, atol=1e-3)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 400), st.integers(2, 30), st.floats(0, 200), st.floats(1, 300))
def test_few_points_show_every_peak_between_the_edges(
    count: int, columns: int, first: float, width: float
) -> None:
    random = np.random.default_rng(count)
    steps = np.cumsum(random.integers(1, 4, count)).astype(np.float32)
    values = random.normal(size=count).astype(np.float32)
    values[random.random(count) < 0.1] = np.nan
    edges = np.linspace(first, first + width, columns)
    x, y = thinned(steps, values, edges)
    assert len(x) <= 2 * columns + 4
    assert (np.diff(x) >= 0).all()
    for low, high in itertools.pairwise(edges):
        inside = values[(steps >= low) & (steps < high)]
        inside = inside[np.isfinite(inside)]
        if len(inside):
            assert inside.min() in y
            assert inside.max() in y


def test_scales() -> None:
    assert can_be_logarithmic(np.array([1.0, np.nan, 3.0]))
    assert not can_be_logarithmic(np.array([1.0, 0.0]))
    assert not can_be_logarithmic(np.array([np.nan]))
    assert range_of(np.array([np.nan, np.inf])) is None
    low, high = range_of(np.concatenate([np.linspace(0, 1, 1000), [1e6]])) or (0, 0)
    assert -0.1 < low < 0.01
    assert 0.99 < high < 1.1  # one step that sticks out flattens nothing
    one = range_of(np.array([5.0]))
    assert one is not None
    assert one[0] < 5 < one[1]


def test_values_are_said_at_the_nearest_step() -> None:
    steps, values = np.array([1.0, 2.0, 10.0]), np.array([5.0, 6.0, 7.0])
    assert value_at(steps, values, -4) == (1, 5)
    assert value_at(steps, values, 5.9) == (2, 6)
    assert value_at(steps, values, 6.1) == (10, 7)
    assert value_at(steps, values, 1e9) == (10, 7)
    assert value_at(steps[:0], values[:0], 1) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1,234"), (-9.071, "-9.07"), (0.0015, "0.0015"), (1e-5, "1.0e-05"), (0, "0"),
     (float("nan"), "–")],
)  # fmt: skip
def test_numbers_are_short(value: float, text: str) -> None:
    assert number_text(value) == text


def test_every_loss_term_has_a_curve() -> None:
    names = {curve.name for curve in CURVES}
    assert {f"loss_{term}" for term in LOSS_TERMS} | {"loss", "learning_rate"} <= names
    assert len(names) == len(CURVES)
