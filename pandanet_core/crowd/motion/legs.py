"""Legs of bodies: where feet are for given rotations, and which rotations bring them where they belong."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, Rig
from pandanet_core.crowd.rotations import about_axis, unit

Floats = NDArray[np.floating[Any]]

SIDES = ("left", "right")
THIGHS, SHINS, FEET = (
    [PARTS.index(f"{side} {part}") for side in SIDES] for part in ("thigh", "shin", "foot")
)
PELVIS = PARTS.index("pelvis")

LONGEST_REACH = 0.9995
"""A leg's longest reach relative to thigh + shin: 3.6 degrees of bend are left in the knee."""

STRAIGHT_SINE = 0.15
"""Below this sine of the knee's bend its hinge helps to tell the plane in which it bends."""

SOLE_M = 0.025
"""What is higher above a foot's lowest point belongs to heel counter and toe cap."""


@dataclass(frozen=True)
class Legs:
    """Both legs (left, right) of a body in the neutral stance, m.

    Attributes:
        hips: (2, 3) from the pelvis bone's head.
        thighs, shins: (2, 3) hip to knee, knee to ankle.
        soles: (2, K, 3) from the ankle: what may touch the ground, however the foot is turned.
        ends: (2, 2, 3) from the ankle: the middle of heel and of the sole's front.
    """

    hips: Floats
    thighs: Floats
    shins: Floats
    soles: Floats
    ends: Floats

    @property
    def lengths(self) -> Floats:
        """Heel to ball of either foot (2,), m."""
        return np.asarray(np.linalg.norm(self.ends[:, 1] - self.ends[:, 0], axis=-1))

    def ankles(self, parts: Floats) -> Floats:
        """Ankles (F, 2, 3) from the pelvis for rotations (F, P, 3, 3)."""
        return (
            np.einsum("fij,sj->fsi", parts[:, PELVIS], self.hips)
            + np.einsum("fsij,sj->fsi", parts[:, THIGHS], self.thighs)
            + np.einsum("fsij,sj->fsi", parts[:, SHINS], self.shins)
        )

    def lowest(self, parts: Floats) -> Floats:
        """How far the lowest point of each sole lies below its ankle (F, 2), a positive number."""
        heights = np.einsum("fsj,skj->fsk", parts[:, FEET, 2], self.soles)
        return -heights.min(-1)

    def reaching(self, parts: Floats, ankles: Floats) -> Floats:
        """Rotations (F, P, 3, 3) whose legs, bent in their own planes, end at ankles (F, 2, 3).

        Thighs and shins change, feet keep their directions. An ankle out of reach is approached.
        """
        thigh = np.einsum("fsij,sj->fsi", parts[:, THIGHS], self.thighs)
        shin = np.einsum("fsij,sj->fsi", parts[:, SHINS], self.shins)
        wanted = ankles - np.einsum("fij,sj->fsi", parts[:, PELVIS], self.hips)
        upper, lower = np.linalg.norm(self.thighs, axis=-1), np.linalg.norm(self.shins, axis=-1)
        before = np.linalg.norm(thigh + shin, axis=-1)
        after = np.clip(
            np.linalg.norm(wanted, axis=-1), abs(upper - lower) + 1e-3, self.longest_reach
        )
        turn = _between(thigh + shin, wanted)
        axis = np.einsum(
            "fsij,fsj->fsi", turn, unit(_hinges(thigh, shin, parts[:, THIGHS][..., 0]))
        )
        at_hip = _corner(upper, before, lower) - _corner(upper, after, lower)
        at_ankle = _corner(lower, after, upper) - _corner(lower, before, upper)
        result = parts.copy()
        result[:, THIGHS] = about_axis(axis, at_hip) @ turn @ parts[:, THIGHS]
        result[:, SHINS] = about_axis(axis, at_ankle) @ turn @ parts[:, SHINS]
        return result

    @property
    def longest_reach(self) -> Floats:
        """Hip to ankle of either leg (2,) at most, m."""
        length = np.linalg.norm(self.thighs, axis=-1) + np.linalg.norm(self.shins, axis=-1)
        return np.asarray(LONGEST_REACH * length)


def legs_of(rig: Rig, character: Character) -> Legs:
    """The legs of a dressed body, shoes included."""
    heads, to_neutral = character.heads, character.to_neutral
    hips, thighs, shins, soles, ends = [], [], [], [], []
    for side, bone, points in zip((".L", ".R"), *character.soles, strict=True):
        upper, lower = rig.index("upperleg01" + side), rig.index("lowerleg01" + side)
        hips.append(heads[upper] - heads[0])
        thighs.append(to_neutral[upper] @ (heads[lower] - heads[upper]))
        shins.append(to_neutral[lower] @ (heads[bone] - heads[lower]))
        sole = (points - heads[bone]) @ to_neutral[bone].T
        soles.append(sole)
        low = sole[sole[:, 2] < sole[:, 2].min() + SOLE_M]
        middle, ground = low[:, 0].mean(), low[:, 2].min()
        ends.append([(middle, end, ground) for end in (low[:, 1].max(), low[:, 1].min())])
    return Legs(np.array(hips), np.array(thighs), np.array(shins), np.array(soles), np.array(ends))


def _hinges(thigh: Floats, shin: Floats, to_the_left: Floats) -> Floats:
    """Normals (F, 2, 3) of the planes in which the knees bend, across the line hip to ankle."""
    normal = np.cross(unit(thigh), unit(shin))
    bend = np.linalg.norm(normal, axis=-1, keepdims=True)
    normal = normal + np.maximum(STRAIGHT_SINE - bend, 0) * to_the_left
    line = unit(thigh + shin)
    return np.asarray(normal - line * (normal * line).sum(-1, keepdims=True))


def _corner(side: Floats, base: Floats, opposite: Floats) -> Floats:
    """Angle between `side` and `base` of triangles whose third side is `opposite`, rad."""
    cosine = (side**2 + base**2 - opposite**2) / (2 * side * base)
    return np.asarray(np.arccos(np.clip(cosine, -1, 1)))


def _between(start: Floats, end: Floats) -> Floats:
    """The smallest rotations (..., 3, 3) that turn directions (..., 3) into others, less than 180 degrees."""
    start, end = unit(start), unit(end)
    axis = np.cross(start, end)
    angle = np.arctan2(np.linalg.norm(axis, axis=-1), (start * end).sum(-1))
    return about_axis(unit(axis), angle)
