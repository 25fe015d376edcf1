"""One colour a person, the same in every view."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_PALETTE = np.array(
    [
        (230, 159, 0),  # orange
        (86, 180, 233),  # sky blue
        (0, 158, 115),  # bluish green
        (240, 228, 66),  # yellow
        (213, 94, 0),  # vermilion
        (204, 121, 167),  # reddish purple
        (0, 114, 178),  # blue
    ],
    np.float64,
)
"""Okabe and Ito's colours, made to be told apart also by the colour-blind (Color Universal Design,
2008); without their black, which cannot be seen on dark."""

_PALER = 0.45
"""The second seven people get the colours this far towards white."""


def person_colours(numbers: ArrayLike) -> NDArray[np.float64]:
    """(N, 3) RGB from 0 to 1 for people with these numbers (N,): a number always has one colour."""
    numbers = np.asarray(numbers, np.int64).reshape(-1)
    colours = _PALETTE[numbers % len(_PALETTE)] / 255
    paler = (numbers // len(_PALETTE) % 2).astype(bool)
    colours[paler] += _PALER * (1 - colours[paler])
    return colours
