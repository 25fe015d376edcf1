"""A clip on one body: where its feet stand they neither slide nor sink.

First the person goes where the standing feet lead, not where the captured actor went: that takes
out what comes of other proportions. Then every planted foot gets its place on the ground
(footing.py), and the legs are bent to it. Between two stands a foot's correction passes smoothly from
the one to the other, so that nothing jumps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.motion.contacts import HEEL, TOE
from pandanet_core.crowd.motion.footing import Turning, footprints_of, turning_of
from pandanet_core.crowd.motion.legs import FEET, Legs, legs_of
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import Rig
from pandanet_core.crowd.rotations import about_z

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

SMOOTHING_S = 0.05
"""Standard deviation of the smoothing of the pelvis' path."""

SOFTENING_S = 0.02
"""Likewise of the corrections of feet in the air: takes the edges off."""

LARGEST_CORRECTION = 0.35
"""Leg lengths that a foot may be moved; where more is needed, the capture says nothing sensible."""


@dataclass(frozen=True)
class Performance:
    """F frames of one body in metres.

    Attributes:
        fps: Frames per second.
        parts: (F, P, 3, 3) global rotations of rig.PARTS.
        places: (F, 3) of the pelvis bone's head.
    """

    fps: float
    parts: Floats
    places: Floats

    def __len__(self) -> int:
        return len(self.parts)


def perform(clip: Clip, rig: Rig, character: Character) -> Performance:
    """The clip on a body, its feet on the ground at z = 0 wherever they stand."""
    legs = legs_of(rig, character)
    parts = clip.parts.astype(np.float64)
    ends = _ends(parts, legs)
    as_captured = clip.travel[:, None, None] * character.leg_length + ends
    turnings = [
        turning_of(clip.standing[:, foot], as_captured[:, foot], legs.lengths[foot], clip.fps)
        for foot in range(2)
    ]
    parts[:, FEET] = about_z(_turns(clip.standing, turnings, ends)) @ parts[:, FEET]
    ends = _ends(parts, legs)
    path = _path(clip, np.stack([turning.kept for turning in turnings], 1), ends, character)
    places = np.concatenate([path, _heights(clip, rig, character)[:, None]], 1)
    walked = path[:, None, None] + ends
    footprints = np.stack(
        [
            footprints_of(clip.standing[:, foot], turning, walked[:, foot], legs.lengths[foot])
            for foot, turning in enumerate(turnings)
        ],
        1,
    )
    to_place = footprints - walked
    ankles = places[:, None] + legs.ankles(parts)
    clearance = legs.lowest(parts)
    farthest = LARGEST_CORRECTION * character.leg_length
    moves = _moves(clip.standing, to_place, clearance - ankles[..., 2], farthest)
    soft = gaussian_filter1d(moves[..., :2], SOFTENING_S * clip.fps, axis=0, mode="nearest")
    moves[..., :2] = np.where(np.asarray(clip.standing.any(2))[..., None], moves[..., :2], soft)
    wanted = ankles + moves
    wanted[..., 2] = np.maximum(wanted[..., 2], clearance)
    places[:, 2] -= _lowering(wanted - places[:, None], parts, legs, clip.fps)
    return Performance(clip.fps, legs.reaching(parts, wanted - places[:, None]), places)


def skins_of(rig: Rig, characters: list[Character], parts: Floats, places: Floats) -> Floats:
    """Skinning matrices (N, B, 3, 4) of N bodies whose pelvis bones' heads are at places (N, 3), m."""
    heads = np.stack([character.heads for character in characters])
    to_neutral = np.stack([character.to_neutral for character in characters])
    skin = rig.pose(parts, to_neutral, heads)
    skin[..., 3] += (places - heads[:, 0])[:, None].astype(np.float32)
    return skin


def _heights(clip: Clip, rig: Rig, character: Character) -> Floats:
    """Height (F,) of the pelvis above the ground so that the lowest point touches it, or leaps."""
    count = len(clip)
    skin = stand(rig, [character] * count, clip.parts, np.zeros(count), np.zeros((count, 2)))
    pelvis = skin[:, 0, :, :3] @ character.heads[0] + skin[:, 0, :, 3]
    return _smooth(pelvis[:, 2], clip.fps) + clip.lift * character.leg_length


def _ends(parts: Floats, legs: Legs) -> Floats:
    """Heel and toe of both feet from the pelvis, on the ground's plane (F, 2, 2, 2)."""
    ends = legs.ankles(parts)[:, :, None] + np.einsum("fsij,skj->fski", parts[:, FEET], legs.ends)
    return np.asarray(ends[..., :2])


def _path(clip: Clip, kept: Bools, ends: Floats, character: Character) -> Floats:
    """Path of the pelvis on the ground (F, 2) on which heels and balls keep their place where they
    shall (F, 2, 2).

    Without any, it goes on as captured.
    """
    step = np.diff(clip.travel, axis=0) * character.leg_length
    both = (kept[1:] & clip.standing[:-1])[..., None]
    count = both.sum((1, 2))
    by_feet = -(np.diff(ends, axis=0) * both).sum((1, 2)) / np.maximum(count, 1)
    step = np.where(count > 0, by_feet, step)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(_smooth(step, clip.fps), 0)])


def _turns(standing: Bools, turnings: list[Turning], ends: Floats) -> Floats:
    """Turns about z (F, 2), rad, that bring feet from ends (F, 2, 2, 2) onto their headings."""
    turns = []
    for foot, turning in enumerate(turnings):
        shadow = ends[:, foot, TOE] - ends[:, foot, HEEL]
        turn = turning.heading - np.arctan2(shadow[:, 1], shadow[:, 0])
        turn = (turn + np.pi) % (2 * np.pi) - np.pi
        turns.append(_bridged(turn, np.asarray(standing[:, foot].any(1))))
    return np.stack(turns, 1)


def _moves(standing: Bools, to_place: Floats, to_ground: Floats, farthest: float) -> Floats:
    """How far each ankle (F, 2, 3) must be moved so that what stands stays where it is.

    Args:
        standing: (F, 2, 2) heels and toes.
        to_place: (F, 2, 2, 2) from heel and toe to where they belong on the ground's plane.
        to_ground: (F, 2) from each foot's lowest point up to the ground.
        farthest: Moves beyond that are not made, m.
    """
    count = standing.sum(2)[..., None]
    aside = (to_place * standing[..., None]).sum(2) / np.maximum(count, 1)
    move = np.concatenate([aside, to_ground[..., None]], 2)
    known = standing.any(2) & (np.linalg.norm(move, axis=2) < farthest)
    return np.stack([_bridged(move[:, foot], known[:, foot]) for foot in range(2)], 1)


def _bridged(values: Floats, known: Bools) -> Floats:
    """Values (F, ...) where they are known (F,), between them an even passage from one to the other."""
    if not known.any():
        return np.zeros_like(values)
    frames = np.arange(len(values))
    at = np.flatnonzero(known)
    before = at[np.clip(np.searchsorted(at, frames, "right") - 1, 0, None)]
    after = at[np.clip(np.searchsorted(at, frames), None, len(at) - 1)]
    share = np.clip((frames - before) / np.maximum(after - before, 1), 0, 1)
    share = (share**2 * (3 - 2 * share)).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[before] * (1 - share) + values[after] * share)


def _lowering(ankles: Floats, parts: Floats, legs: Legs, fps: float) -> Floats:
    """How far the pelvis must go down (F,) so that both legs reach ankles (F, 2, 3) from it."""
    away = ankles - np.einsum("fij,sj->fsi", parts[:, 0], legs.hips)
    reach = legs.longest_reach
    level = np.sqrt(np.maximum(reach**2 - (away[..., :2] ** 2).sum(-1), (0.3 * reach) ** 2))
    need = np.clip(-away[..., 2] - level, 0, None).max(1)
    radius = max(1, round(3 * SMOOTHING_S * fps))
    widest = maximum_filter1d(need, 2 * radius + 1, mode="nearest")
    return np.maximum(_smooth(widest, fps), need)


def _smooth(values: Floats, fps: float) -> Floats:
    return np.asarray(gaussian_filter1d(values, SMOOTHING_S * fps, axis=0, mode="nearest"))
