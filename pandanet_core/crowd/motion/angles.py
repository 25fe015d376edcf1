"""Poses written down as joint angles, and what they share: breathing, looking about, aimlessness."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.contacts import standing_feet
from pandanet_core.crowd.people.rig import PART_PARENTS, PARTS
from pandanet_core.crowd.rotations import about_x, about_y, about_z

Floats = NDArray[np.floating[Any]]
Angles = dict[str, tuple[Floats, Floats, Floats]]

FPS = 30.0
THIGH_SHARE = 0.5
"""Thigh length / leg length."""

HEEL_AND_BALL = ((0.05, -0.09), (-0.16, -0.09))
"""Where heel and ball are from the ankle: to the back and up, leg lengths."""


def torso(rng: np.random.Generator, time: Floats, lean: float) -> Angles:
    """Breathing, leaning and looking about; every other part at rest."""
    zero = np.zeros(len(time))
    angles: Angles = dict.fromkeys(PARTS, (zero, zero, zero))
    add(angles, "abdomen", bend=lean / 2 + 0.01 * np.sin(2 * np.pi * time / 3.5))
    add(angles, "chest", bend=lean / 2, twist=0.05 * wander(rng, time, 3.0))
    looking_down = float(rng.choice([0.0, 0.0, 0.35])) + 0.08 * wander(rng, time, 3.0)
    looking_aside = rng.uniform(-0.4, 0.4) + 0.25 * wander(rng, time, 3.0)
    for part in ("neck", "head"):
        add(angles, part, bend=looking_down / 2, twist=looking_aside / 2)
    return angles


def add(
    angles: Angles,
    part: str,
    bend: Floats | float = 0.0,
    out: Floats | float = 0.0,
    twist: Floats | float = 0.0,
    roll: Floats | float = 0.0,
) -> None:
    """Add to a part's angles: bend about x (positive leans an upright part forwards and swings a
    hanging one backwards), out about -y (positive swings a hanging limb to the person's left), twist
    about z (positive turns to the left)."""
    x, y, z = angles[part]
    angles[part] = (x + bend, y - np.asarray(out) + roll, z + twist)


def compose(angles: Angles, frames: int) -> Floats:
    """Global rotations (F, P, 3, 3): each part turns from its parent by about z, then y, then x."""
    parts = np.empty((frames, len(PARTS), 3, 3))
    for index, part in enumerate(PARTS):
        x, y, z = angles[part]
        local = about_z(z) @ about_y(y) @ about_x(x)
        parent = PART_PARENTS.get(part)
        parts[:, index] = local if parent is None else parts[:, PARTS.index(parent)] @ local
    return parts.astype(np.float32)


def wander(rng: np.random.Generator, time: Floats, period_s: float) -> Floats:
    """Smooth aimless motion of about unit size."""
    total = np.zeros(len(time))
    for _ in range(4):
        total += np.sin(2 * np.pi * (time / (period_s * rng.uniform(0.7, 2.0)) + rng.random()))
    return total / np.sqrt(2)


def feet_of(parts: Floats) -> Floats:
    """Heel and ball of the left and the right foot (F, 2, 2, 3) from the hips, leg lengths."""
    feet = []
    for side in ("left", "right"):
        thigh, shin, foot = (
            parts[:, PARTS.index(f"{side} {part}")] for part in ("thigh", "shin", "foot")
        )
        ankle = -thigh[..., 2] * THIGH_SHARE - shin[..., 2] * (1 - THIGH_SHARE)
        feet.append([ankle + foot[..., 1] * back + foot[..., 2] * up for back, up in HEEL_AND_BALL])
    return np.moveaxis(np.array(feet, np.float64), 2, 0)


def on_the_ground(name: str, parts: Floats, travel: Floats, walks: bool) -> Clip:
    """A clip whose lowest foot is always on the ground."""
    feet = feet_of(parts)
    feet[..., 2] -= feet[..., 2].min((1, 2), keepdims=True)
    feet[..., :2] += travel[:, None, None]
    standing = standing_feet(feet, FPS)
    return Clip(name, FPS, parts, travel, np.zeros(len(parts)), standing, walks)
