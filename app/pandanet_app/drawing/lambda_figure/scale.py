"""From values of λ to colours and places, linear or logarithmic."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Image = NDArray[np.uint8]

_STEPS = 256
_NICE = (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0)
_NICE_RATIOS = (1.1, 1.2, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)

_FARTHEST = 1e6
"""What lies further from 1 has the colour of the scale's end."""

_LESS, _SAME, _MORE = (0, 90, 160), (247, 247, 247), (200, 80, 0)
"""Blue, white, vermilion: told apart also without red or green cones."""


@dataclass(frozen=True)
class Scale:
    """Where a value lies between the least and the largest.

    Attributes:
        low: Value at the beginning; greater than 0 where logarithmic.
        high: Value at the end, greater than `low`.
        logarithmic: Whether equal steps are equal factors.
        ratio: Whether values are ratios, which are coloured by which side of 1 they lie on.
    """

    low: float
    high: float
    logarithmic: bool
    ratio: bool = False

    def shares(self, values: Floats) -> Floats:
        """How far along the scale values lie, 0 to 1; NaN stays NaN."""
        values = np.asarray(values, np.float64)
        low, high = self.low, self.high
        if self.logarithmic:
            values = np.log(np.maximum(values, 1e-12))
            low, high = math.log(low), math.log(high)
        shares: Floats = np.clip((values - low) / (high - low), 0.0, 1.0)
        return shares

    def colours(self, values: Floats) -> Image:
        """(..., 3) uint8 RGB; what NaN gets means nothing."""
        steps = np.rint(np.nan_to_num(self.shares(values)) * (_STEPS - 1)).astype(np.intp)
        return (_ratio_colours() if self.ratio else _colours())[steps]

    def ticks(self) -> tuple[float, ...]:
        """Values to write beside the scale, ascending; the ends are among them."""
        if self.ratio:
            return (self.low, 1.0, self.high)
        if not self.logarithmic:
            return (self.low, (self.low + self.high) / 2, self.high)
        within = [
            factor * 10.0**power
            for power in range(math.floor(math.log10(self.low)), 10)
            for factor in (1.0, 2.0, 5.0)
            if self.low * 1.01 < factor * 10.0**power < self.high / 1.01
        ]
        while len(within) > 4:
            within = within[::2]
        return (self.low, *within, self.high)


def scale_of(low: float, high: float, logarithmic: bool) -> Scale:
    """A scale with round ends that holds values from low to high, and what every λ starts from: 1
    where it is logarithmic, else 0 too."""
    low, high = max(low, 1 / _FARTHEST), min(high, _FARTHEST)
    high = _round_up(max(high, 1.0))
    if not logarithmic:
        return Scale(0.0, high, logarithmic=False)
    low = 1 / _round_up(1 / min(low, 1.0))
    return Scale(low if low < high else 0.5, high if low < high else 2.0, logarithmic=True)


def ratio_scale(largest: float) -> Scale:
    """A scale of ratios, as far down as up; `largest` is the largest factor either way."""
    largest = min(largest, _FARTHEST)
    nice = next((ratio for ratio in _NICE_RATIOS if largest <= ratio), _round_up(largest))
    return Scale(1 / nice, nice, logarithmic=True, ratio=True)


def readable_on(colours: Image) -> NDArray[np.bool_]:
    """(...) whether black text is easier to read than white on colours (..., 3)."""
    shares = colours / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    black: NDArray[np.bool_] = (luminance + 0.05) ** 2 > 1.05 * 0.05
    return black


def _round_up(value: float) -> float:
    """The next of the round numbers times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    factor = next(nice for nice in _NICE if value <= nice * power * (1 + 1e-6))
    return float(f"{factor * power:.3g}")


@cache
def _colours() -> Image:
    """(256, 3) RGB of "cividis" (Nuñez, Anderton and Renslow 2018): lightness grows evenly, also
    for eyes without red or green cones."""
    steps = np.arange(_STEPS, dtype=np.uint8)[:, None]
    return cv2.applyColorMap(steps, cv2.COLORMAP_CIVIDIS)[:, 0, ::-1].astype(np.uint8)


@cache
def _ratio_colours() -> Image:
    """(256, 3) RGB from blue (less) through white (the same) to vermilion (more)."""
    places = np.linspace(-1, 1, _STEPS)
    stops = np.array([_LESS, _SAME, _MORE], np.float64)
    channels = [np.interp(places, (-1, 0, 1), stops[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, -1)).astype(np.uint8)
