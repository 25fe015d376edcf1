"""What light, lens and sensor do to a picture, one function each.

Values are (H, W, 3) float32 from 0 to 255, gamma-coded as in a file. Nothing is clipped: the last
step is photo.py's.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Values = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)

NORMAL_QUANTILES = ndtri((np.arange(2**16) + 0.5) / 2**16).astype(np.float32)
"""Drawn from evenly they are normal numbers, in half the time that others take."""


def tinted(values: Values, tint: tuple[float, float, float], saturation: float) -> Values:
    """Colours turned towards grey (saturation below 1), then multiplied."""
    mixing = saturation * np.eye(3) + (1 - saturation) * LUMA
    return np.asarray(cv2.transform(values, np.array(tint)[:, None] * mixing), np.float32)


def hazy(values: Values, depth_m: Floats, haze_per_m: float, grey: float) -> Values:
    """What lies deep fades into grey: Koschmieder's law, 1 - exp(-haze * depth) of it is gone."""
    if haze_per_m == 0:
        return values
    share = (1 - np.exp(-haze_per_m * depth_m.astype(np.float32)))[..., None]
    return values + share * (np.float32(grey) - values)


def flashed(values: Values, depth_m: Floats, reach_m: float) -> Values:
    """Lit by a flash at the camera too: with the inverse square, as bright as before at reach_m."""
    if reach_m == 0:
        return values
    light = np.minimum((reach_m / np.maximum(depth_m, 0.3)) ** 2, 4.0).astype(np.float32)
    # Light adds up in linear values; a file's values are their power of 1 / 2.2.
    return values * ((0.15 + 0.85 * light) ** (1 / 2.2))[..., None]


def exposed(values: Values, brightness: float) -> Values:
    """Gamma that brings the mean near a brightness (0 to 1), as far as a camera would go."""
    share = np.clip(values / 255, 0, 1)
    gamma = np.log(brightness) / np.log(np.clip(share.mean(), 0.02, 0.95))
    return np.asarray(255 * share ** np.float32(np.clip(gamma, 0.4, 3.0)), np.float32)


def defocused(
    values: Values, depth_m: Floats, focus_m: float, blur_px: float, sharp_px: float = 0.5
) -> Values:
    """Lens blur: a circle of confusion of |1 - focus / depth| * blur_px px; below sharp_px none.

    Approximated by mixing the picture with two blurred ones, pixel by pixel.
    """
    circle = blur_px * np.abs(1 - focus_m / np.maximum(depth_m, 0.1)).astype(np.float32)
    circle = np.where(circle < sharp_px, 0, np.minimum(circle, 2 * blur_px))
    half, whole = (cv2.GaussianBlur(values, (0, 0), blur_px * s) for s in (0.5, 1.0))
    share = np.clip(circle / blur_px, 0, 2)[..., None]
    near = values + np.minimum(share, 1) * (half - values)
    return np.asarray(near + np.clip(share - 1, 0, 1) * (whole - near), np.float32)


def shaken(values: Values, length_px: float, angle_rad: float) -> Values:
    """Motion blur of a camera that moved by length_px while the shutter was open."""
    radius = int(np.ceil(length_px / 2)) + 1
    offset = np.arange(-radius, radius + 1)
    along = offset * np.cos(angle_rad) + offset[:, None] * np.sin(angle_rad)
    across = offset[:, None] * np.cos(angle_rad) - offset * np.sin(angle_rad)
    inside = np.clip(length_px / 2 + 0.5 - np.abs(along), 0, 1)
    kernel = inside * np.clip(1 - np.abs(across), 0, 1)
    return np.asarray(cv2.filter2D(values, -1, kernel / kernel.sum()), np.float32)


def vignetted(values: Values, strength: float) -> Values:
    """Darker by `strength` (0 to 1) in the corners, with the square of the distance."""
    height, width = values.shape[:2]
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    return values * (1 - strength * (x * x + y * y) / 2)[..., None].astype(np.float32)


def glowing(values: Values, radius_px: float, strength: float) -> Values:
    """What is brighter than 200 spills over its surroundings: fog on the lens, lamps at night."""
    bright = np.maximum(values - 200, 0)
    return np.asarray(values + strength * cv2.GaussianBlur(bright, (0, 0), radius_px), np.float32)


def coarse(values: Values, scale: float) -> Values:
    """As if taken with `scale` (below 1) times the pixels a side, and enlarged."""
    height, width = values.shape[:2]
    small_size = max(1, int(width * scale)), max(1, int(height * scale))
    small = cv2.resize(values, small_size, interpolation=cv2.INTER_AREA)
    return np.asarray(
        cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def grainy(rng: np.random.Generator, values: Values, read: float, shot: float) -> Values:
    """Noise of a sensor: its electronics' (read) and that of light (shot), which grows with it.

    The standard deviation is sqrt(read^2 + shot^2 * value / 255), in the same units as values.
    """
    lots = np.frombuffer(rng.bytes(2 * values.size), np.uint16).reshape(values.shape)
    spread = np.clip(values, 0, 255)
    spread *= np.float32(shot**2 / 255)
    spread += np.float32(read**2)
    noise = np.sqrt(spread, out=spread)
    noise *= NORMAL_QUANTILES[lots]
    noise += values
    return np.asarray(noise, np.float32)
