"""Rotations against OpenCV's and against what they promise."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pandanet_core.crowd.rotations import (
    about_axis,
    about_x,
    about_y,
    about_z,
    between,
    power,
    unit,
)

numbers = st.floats(-1, 1, allow_subnormal=False)
directions = (
    st.tuples(numbers, numbers, numbers)
    .map(np.array)
    .filter(lambda vector: np.linalg.norm(vector) > 1e-3)
)
angles = st.floats(-3, 3)


@given(directions, angles)
def test_about_axis_is_opencvs_rodrigues(axis: NDArray[np.float64], angle: float) -> None:
    expected, _ = cv2.Rodrigues(unit(axis) * angle)
    np.testing.assert_allclose(about_axis(unit(axis), angle), expected, atol=1e-9)


@pytest.mark.parametrize(
    ("turn", "start", "end"),
    [
        (about_x, [0, 1, 0], [0, 0, 1]),
        (about_y, [0, 0, 1], [1, 0, 0]),
        (about_z, [1, 0, 0], [0, 1, 0]),
    ],
)
def test_a_quarter_turn_is_right_handed(turn, start, end) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_allclose(turn(np.pi / 2) @ np.array(start), end, atol=1e-12)


@given(directions, directions)
def test_between_turns_one_direction_into_the_other(
    start: NDArray[np.float64], end: NDArray[np.float64]
) -> None:
    turn = between(start, end)
    np.testing.assert_allclose(turn @ unit(start), unit(end), atol=1e-6)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)


def test_between_opposite_directions_is_half_a_turn() -> None:
    for start in np.eye(3):
        np.testing.assert_allclose(between(start, -start) @ start, -start, atol=1e-9)


@given(directions, st.floats(0.01, 2.5), st.floats(0, 1))
def test_power_goes_part_of_the_way(axis: NDArray[np.float64], angle: float, share: float) -> None:
    whole = about_axis(unit(axis), angle)
    np.testing.assert_allclose(
        power(whole, share), about_axis(unit(axis), angle * share), atol=1e-6
    )


def test_angles_and_axes_broadcast() -> None:
    turns = about_z(np.array([0.0, np.pi / 2, np.pi]))
    assert turns.shape == (3, 3, 3)
    np.testing.assert_allclose(turns[2] @ [1, 0, 0], [-1, 0, 0], atol=1e-12)
