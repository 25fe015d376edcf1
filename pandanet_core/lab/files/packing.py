"""Arrays that compress well: neighbours differ little, and high bytes stand together."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

FINEST_STEP_PX = 1 / 16
STEPS_A_LOGIT = 4
LARGEST_LOGIT = 12.0
"""Scores where nothing was read are stored as quarters of a logit, from -12 to 12."""


def step_for(values: NDArray[Any]) -> float:
    """The finest step, a power of two from FINEST_STEP_PX up, in which 16 bits hold the values."""
    largest = float(np.abs(values).max(initial=0))
    return max(FINEST_STEP_PX, 2.0 ** math.ceil(math.log2(max(largest, 1) / 32_000)))


def pack(values: NDArray[Any], step: float) -> NDArray[np.uint8]:
    """(2, ...) bytes, low and high, of the differences from line to line of values (M, ...), which
    are rounded to multiples of `step`."""
    whole = np.rint(values / step).astype(np.int16)
    difference = np.diff(whole, axis=0, prepend=np.zeros_like(whole[:1]))
    low, high = difference.view(np.uint16) & 0xFF, difference.view(np.uint16) >> 8
    return np.stack([low, high]).astype(np.uint8)


def unpack(packed: NDArray[Any], step: float) -> NDArray[np.float32]:
    """Inverse of pack."""
    difference = packed[0].astype(np.uint16) | (packed[1].astype(np.uint16) << 8)
    whole = np.cumsum(difference, axis=0, dtype=np.uint16).view(np.int16)
    return whole.astype(np.float32) * np.float32(step)


def pack_scores(scores: NDArray[Any]) -> NDArray[np.int8]:
    """Scores after the sigmoid, coarsely."""
    lowest = 1 / (1 + math.exp(LARGEST_LOGIT))
    clipped = np.clip(scores.astype(np.float64), lowest, 1 - lowest)
    return np.rint(np.log(clipped / (1 - clipped)) * STEPS_A_LOGIT).astype(np.int8)


def unpack_scores(packed: NDArray[Any]) -> NDArray[np.float32]:
    """Inverse of pack_scores."""
    logits = packed.astype(np.float32) / STEPS_A_LOGIT
    return (1 / (1 + np.exp(-logits))).astype(np.float32)
