"""Where feet belong while they stand: they keep their place, or turn about the ball or the heel.

A foot is *planted* as long as its heel or its ball stands (contacts.py). A planted foot does not
slide: either it keeps its place altogether, or it turns on the spot about one of its ends and keeps
that one. Captured feet wander and turn by some degrees although their actor's stand still; that much
of a turn (PLAY_RAD to either side) is taken for noise.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from pandanet_core.crowd.motion.contacts import HEEL, TOE, stretches

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

PLAY_RAD = np.radians(8)
SMOOTHING_S = 0.06
"""Standard deviation of the smoothing of turns on the spot."""

LEAST_TURN_RAD = np.radians(0.05)
"""A smaller turn between two frames is none."""

HEEL_ADVANTAGE = 0.7
"""Feet turn about the ball, unless the heel goes less than so much of the ball's way."""

SHORTEST_SHADOW = 0.3
"""Of feet that point down more steeply nobody can say where they head; relative to a foot's length."""


@dataclass(frozen=True)
class Turning:
    """How one foot turns while it is planted, F frames.

    Attributes:
        heading: (F,) rad, where it shall point; as captured while it is in the air.
        kept: (F, 2) whether heel and ball keep their place from the frame before.
    """

    heading: Floats
    kept: Bools


def turning_of(standing: Bools, ends: Floats, length_m: float, fps: float) -> Turning:
    """How a foot shall turn whose heel and ball stand (F, 2) and go to ends (F, 2, 2), m, as captured."""
    heading = _headings(ends, length_m)
    wanted = heading.copy()
    kept = standing.copy()
    for stand in stretches(np.asarray(standing.any(1))):
        wanted[stand] = _with_play(heading[stand], fps)
        turns = np.abs(np.diff(wanted[stand], prepend=wanted[stand.start])) > LEAST_TURN_RAD
        for turn in stretches(turns):
            frames = slice(stand.start + turn.start, stand.start + turn.stop)
            pivot = _pivot(standing[frames], ends[max(0, frames.start - 1) : frames.stop])
            other = HEEL if pivot == TOE else TOE
            kept[frames, other] &= ~standing[frames, pivot]
    return Turning(wanted, kept)


def footprints_of(standing: Bools, turning: Turning, ends: Floats, length_m: float) -> Floats:
    """Where heel and ball of a foot belong (F, 2, 2) while it is planted; else where they are.

    Args:
        standing: (F, 2) heel and ball.
        turning: The foot's.
        ends: (F, 2, 2) where heel and ball are without correction, m.
        length_m: From heel to ball.
    """
    places = ends.copy()
    along = length_m * np.stack([np.cos(turning.heading), np.sin(turning.heading)], 1)
    for stand in stretches(np.asarray(standing.any(1))):
        ball = np.zeros((stand.stop - stand.start, 2))
        # While the heel is kept and the ball is not, the ball goes round the heel.
        about_heel = turning.kept[stand, HEEL] & ~turning.kept[stand, TOE]
        ball[1:] = np.cumsum(np.diff(along[stand], axis=0) * about_heel[1:, None], 0)
        prints = np.stack([ball - along[stand], ball], 1)
        stands = standing[stand][..., None]
        shift = ((ends[stand] - prints) * stands).sum((0, 1)) / stands.sum()
        places[stand] = prints + shift
    return places


def _headings(ends: Floats, length_m: float) -> Floats:
    """Where a foot points (F,), rad, without leaps of a whole turn."""
    shadow = ends[:, TOE] - ends[:, HEEL]
    known = np.linalg.norm(shadow, axis=1) > SHORTEST_SHADOW * length_m
    if not known.any():
        return np.zeros(len(ends))
    at, frames = np.flatnonzero(known), np.arange(len(ends))
    angles = np.unwrap(np.arctan2(shadow[at, 1], shadow[at, 0]))
    return np.interp(frames, at, angles)


def _with_play(heading: Floats, fps: float) -> Floats:
    """A heading (F,) that rests until the given one has gone PLAY_RAD away, and then follows it."""
    low, high = np.minimum.accumulate(heading), np.maximum.accumulate(heading)
    still = int((high - low <= 2 * PLAY_RAD).sum()) - 1
    held = float((low[still] + high[still]) / 2)
    result = np.empty(len(heading))
    for frame, value in enumerate(heading.tolist()):
        held = min(max(held, value - PLAY_RAD), value + PLAY_RAD)
        result[frame] = held
    if still + 1 == len(heading):
        return result
    return np.asarray(gaussian_filter1d(result, SMOOTHING_S * fps, mode="nearest"))


def _pivot(standing: Bools, ends: Floats) -> int:
    """The end that stays while a foot turns: whichever stands alone, else as the capture (F, 2, 2) says."""
    heel, ball = (int(count) for count in standing.sum(0))
    if min(heel, ball) < 0.5 * len(standing) and heel != ball:
        return HEEL if heel > ball else TOE
    way = np.linalg.norm(np.diff(ends, axis=0), axis=-1).sum(0)
    return HEEL if way[HEEL] < HEEL_ADVANTAGE * way[TOE] else TOE
