"""Walking and running composed from the textbook's gait cycles.

Where the person goes follows from the standing foot, which must not slide.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.angles import (
    FPS,
    Angles,
    add,
    compose,
    feet_of,
    on_the_ground,
    torso,
)
from pandanet_core.crowd.motion.arms import busy_arm
from pandanet_core.crowd.motion.clip import Clip

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class GaitCycle:
    """One leg over a gait cycle, in steps of 5 per cent from its landing, degrees.

    Attributes:
        thigh: From the vertical, positive to the front.
        knee: Bend.
        pitch: Of the foot against the ground, positive with the toes up.
    """

    thigh: tuple[float, ...]
    knee: tuple[float, ...]
    pitch: tuple[float, ...]


WALK = GaitCycle(
    thigh=(26, 24.5, 22, 18.5, 14, 9.5, 5, 0.5, -4, -8.5)
    + (-12, -13, -9, 0, 9, 17, 24, 28, 29, 28),
    knee=(4, 9, 15, 18, 17, 14, 10, 7, 6, 7, 12, 21, 35, 49, 60, 61, 51, 35, 18, 6),
    pitch=(20, 8, 0, 0, 0, 0, 0, 0, -3, -10, -20, -35, -55, -70, -62, -42, -20, 0, 14, 20),
)
"""Rounded from the mean curves of Winter, "Biomechanics and Motor Control of Human Movement"."""

RUN = GaitCycle(
    thigh=(31, 28, 23, 16, 9, 2, -5, -11, -13, -10, -2, 9, 21, 32, 40, 45, 46, 43, 38, 34),
    knee=(14, 24, 34, 38, 36, 30, 23, 18, 22, 36, 56, 76, 90, 95, 90, 74, 52, 31, 17, 11),
    pitch=(8, 2, 0, 0, -2, -8, -20, -37, -56, -75, -88, -92, -86, -71, -51, -31, -14, 0, 8, 11),
)
"""Shaped after the curves of Novacheck, "The biomechanics of running" (1998)."""

RUN_STANCE = 0.36
"""Share of the cycle that a runner's foot is on the ground; 14 per cent after it both are in the air."""

HIGHEST_FLIGHT = 0.06
"""Leg lengths that a runner's feet clear the ground."""

HARMONICS = 7

GRIP_HEIGHT = 0.01
"""How fast a point's grip fades above the lowest one, leg lengths."""


@dataclass(frozen=True)
class Style:
    """How somebody walks or runs; angles in radians, `stride` relative to the textbook's."""

    cycle_s: float
    stride: float
    arm_swing: float
    elbow: float
    lean: float
    sway: float
    toes_out: float


def walk(rng: np.random.Generator, name: str, seconds: float = 12.0) -> Clip:
    """A walk straight ahead: slow to brisk, stiff or swinging."""
    pace = rng.uniform(0, 1)
    style = Style(
        cycle_s=1.2 - 0.27 * pace + rng.uniform(-0.05, 0.05),
        stride=0.8 + 0.35 * pace + rng.uniform(-0.05, 0.05),
        arm_swing=rng.uniform(0.1, 0.6) * (0.6 + 0.6 * pace),
        elbow=rng.uniform(0.1, 0.6),
        lean=rng.uniform(0.0, 0.1),
        sway=rng.uniform(0.01, 0.05),
        toes_out=rng.uniform(0.0, 0.2),
    )
    time = np.arange(round(seconds * FPS)) / FPS
    phase = (time / style.cycle_s + rng.random()) % 1.0
    carries = str(rng.choice(["nothing", "nothing", "nothing", "phone", "bag", "pockets"]))
    angles = torso(rng, time, style.lean)
    add(
        angles,
        "pelvis",
        twist=-0.1 * np.cos(2 * np.pi * phase),
        roll=style.sway * np.sin(2 * np.pi * phase),
    )
    add(angles, "chest", twist=0.2 * np.cos(2 * np.pi * phase))
    for side, own in (("left", phase), ("right", (phase + 0.5) % 1.0)):
        _leg(angles, side, own, WALK, style)
        _swinging_arm(angles, side, own, style)
    if carries in ("phone", "bag", "pockets"):
        busy_arm(angles, str(rng.choice(["left", "right"])), carries, rng)
    parts = compose(angles, len(time))
    return on_the_ground(name, parts, _travel_on_feet(parts), walks=True)


def run(rng: np.random.Generator, name: str, seconds: float = 8.0) -> Clip:
    """A run straight ahead, from a jog on: between the steps both feet are in the air."""
    pace = rng.uniform(0, 1)
    style = Style(
        cycle_s=0.76 - 0.1 * pace + rng.uniform(-0.02, 0.02),
        stride=0.85 + 0.3 * pace + rng.uniform(-0.05, 0.05),
        arm_swing=rng.uniform(0.35, 0.7),
        elbow=rng.uniform(1.3, 1.7),
        lean=rng.uniform(0.08, 0.2),
        sway=rng.uniform(0.01, 0.03),
        toes_out=rng.uniform(0.0, 0.12),
    )
    time = np.arange(round(seconds * FPS)) / FPS
    phase = (time / style.cycle_s + rng.random()) % 1.0
    angles = torso(rng, time, style.lean)
    add(angles, "pelvis", twist=-0.12 * np.cos(2 * np.pi * phase), bend=style.lean / 2)
    add(angles, "chest", twist=0.3 * np.cos(2 * np.pi * phase))
    both = phase, (phase + 0.5) % 1.0
    for side, own in zip(("left", "right"), both, strict=True):
        _leg(angles, side, own, RUN, style)
        _swinging_arm(angles, side, own, style)
    parts = compose(angles, len(time))
    stance = np.stack(both, 1) < RUN_STANCE
    in_flight = (np.stack(both, 1).min(1) - RUN_STANCE) / (0.5 - RUN_STANCE)
    lift = HIGHEST_FLIGHT * np.clip(4 * in_flight * (1 - in_flight), 0, None)
    flat = (np.stack(both, 1) > 0.05) & (np.stack(both, 1) < 0.2)
    return Clip(
        name=name,
        fps=FPS,
        parts=parts,
        travel=_travel_of_run(parts, stance),
        lift=lift * ~stance.any(1),
        standing=np.stack([flat, stance], 2),
        walks=True,
    )


def _leg(angles: Angles, side: str, phase: Floats, cycle: GaitCycle, style: Style) -> None:
    """Hip, knee and foot over the gait cycle."""
    sign = 1.0 if side == "left" else -1.0
    tables = cycle.thigh, cycle.knee, cycle.pitch
    thigh, knee, pitch = (_gait_curve(table, phase) for table in tables)
    mean = float(np.radians(np.mean(cycle.thigh)))
    thigh = mean + style.stride * (thigh - mean)
    knee = np.clip(style.stride * knee, 0.02, None)
    pitch = style.stride * pitch
    add(angles, f"{side} thigh", bend=-thigh, twist=sign * style.toes_out)
    add(angles, f"{side} shin", bend=knee)
    # The foot's pitch is known against the ground; take out what thigh and shin already turn.
    add(angles, f"{side} foot", bend=-pitch + thigh - knee)


def _gait_curve(table_deg: tuple[float, ...], phase: Floats) -> Floats:
    """A table over one cycle at any phase, in rad, smooth: its first harmonics."""
    spectrum = np.fft.rfft(np.radians(table_deg)) / len(table_deg)
    orders = np.arange(1, HARMONICS + 1)
    waves = np.exp(2j * np.pi * phase[:, None] * orders)
    return np.real(spectrum[0] + 2 * (waves * spectrum[orders]).sum(1))


def _swinging_arm(angles: Angles, side: str, phase: Floats, style: Style) -> None:
    sign = 1.0 if side == "left" else -1.0
    swing = -style.arm_swing * np.cos(2 * np.pi * phase)
    add(angles, f"{side} upper arm", bend=-swing + 0.05, out=sign * 0.12)
    add(angles, f"{side} forearm", bend=-style.elbow - 0.4 * np.clip(swing, 0, None))


def _travel_on_feet(parts: Floats) -> Floats:
    """Path of the pelvis (F, 2), leg lengths, on which the foot on the ground never slides."""
    points = feet_of(parts).reshape(len(parts), 4, 3)
    height = (points[:-1, :, 2] + points[1:, :, 2]) / 2
    grip = np.exp(-(height - height.min(1, keepdims=True)) / GRIP_HEIGHT)[..., None]
    step = (np.diff(points[..., :2], axis=0) * grip).sum(1) / grip.sum(1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(-step, 0)])


def _travel_of_run(parts: Floats, stance: NDArray[np.bool_]) -> Floats:
    """Path of the pelvis (F, 2), leg lengths: led by the foot that stands (F, 2), even in the air."""
    balls = feet_of(parts)[:, :, 1, :2]
    stands = (stance[1:] & stance[:-1])[..., None]
    known = stands.any((1, 2))
    steps = -(np.diff(balls, axis=0) * stands).sum(1) / np.maximum(stands.sum(1), 1)
    frames, at = np.arange(len(steps)), np.flatnonzero(known)
    steps = np.stack([np.interp(frames, at, steps[known, axis]) for axis in range(2)], 1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, 0)])
