"""Motions that need no files: walks, standing about and talking, composed from joint angles.

A walk follows the textbook gait cycle; where the person goes follows from the standing foot, which
must not slide.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.people.rig import PART_PARENTS, PARTS
from pandanet_core.crowd.rotations import about_x, about_y, about_z

Floats = NDArray[np.floating[Any]]
Angles = dict[str, tuple[Floats, Floats, Floats]]

FPS = 30.0
THIGH_SHARE = 0.5
"""Thigh length / leg length."""

HEEL_AND_BALL = ((0.05, -0.09), (-0.16, -0.09))
"""Where heel and ball are from the ankle: to the back and up, leg lengths."""

# The gait cycle in steps of 5 per cent, degrees, rounded from the mean curves of Winter,
# "Biomechanics and Motor Control of Human Movement": phase 0 is this leg's heel strike.
THIGH_DEG = (26, 24.5, 22, 18.5, 14, 9.5, 5, 0.5, -4, -8.5, -12, -13, -9, 0, 9, 17, 24, 28, 29, 28)
KNEE_DEG = (4, 9, 15, 18, 17, 14, 10, 7, 6, 7, 12, 21, 35, 49, 60, 61, 51, 35, 18, 6)
PITCH_DEG = (20, 8, 0, 0, 0, 0, 0, 0, -3, -10, -20, -35, -55, -70, -62, -42, -20, 0, 14, 20)
MEAN_THIGH_RAD = float(np.radians(np.mean(THIGH_DEG)))
HARMONICS = 7

GRIP_HEIGHT = 0.01
"""How fast a point's grip fades above the lowest one, leg lengths."""

WALKS, IDLES, TALKS = 14, 10, 10
"""Built-in clips of each kind, in each split."""


def builtin_clips(rng: np.random.Generator, prefix: str) -> list[Clip]:
    """Walks, idle standing and talking, all different; names start with `prefix`."""
    walks = [walk(rng, f"{prefix}-walk-{number}") for number in range(WALKS)]
    idles = [standing(rng, f"{prefix}-stand-{number}", gestures=False) for number in range(IDLES)]
    talks = [standing(rng, f"{prefix}-talk-{number}", gestures=True) for number in range(TALKS)]
    return walks + idles + talks


@dataclass(frozen=True)
class Gait:
    """The style of a walk; angles in radians, `stride` relative to the textbook's."""

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
    gait = Gait(
        cycle_s=1.2 - 0.27 * pace + rng.uniform(-0.05, 0.05),
        stride=0.8 + 0.35 * pace + rng.uniform(-0.05, 0.05),
        arm_swing=rng.uniform(0.1, 0.6) * (0.6 + 0.6 * pace),
        elbow=rng.uniform(0.1, 0.6),
        lean=rng.uniform(0.0, 0.1),
        sway=rng.uniform(0.01, 0.05),
        toes_out=rng.uniform(0.0, 0.2),
    )
    time = np.arange(round(seconds * FPS)) / FPS
    phase = (time / gait.cycle_s + rng.random()) % 1.0
    carries = str(rng.choice(["nothing", "nothing", "nothing", "phone", "bag", "pockets"]))
    angles = _torso(rng, time, gait.lean)
    _add(
        angles,
        "pelvis",
        twist=-0.1 * np.cos(2 * np.pi * phase),
        roll=gait.sway * np.sin(2 * np.pi * phase),
    )
    _add(angles, "chest", twist=0.2 * np.cos(2 * np.pi * phase))
    for side, own in (("left", phase), ("right", (phase + 0.5) % 1.0)):
        _leg(angles, side, own, gait)
        _swinging_arm(angles, side, own, gait)
    if carries in ("phone", "bag", "pockets"):
        _busy_arm(angles, str(rng.choice(["left", "right"])), carries, rng)
    parts = _compose(angles, len(time))
    return Clip(name, FPS, parts, _travel_on_feet(parts), np.zeros(len(time)), walks=True)


def standing(rng: np.random.Generator, name: str, gestures: bool, seconds: float = 10.0) -> Clip:
    """Standing about: shifting weight, looking round; with `gestures` talking with the hands."""
    time = np.arange(round(seconds * FPS)) / FPS
    angles = _torso(rng, time, rng.uniform(-0.02, 0.06))
    spread, stance = rng.uniform(0.02, 0.12), rng.uniform(-0.08, 0.08)
    shift = 0.03 * _wander(rng, time, 4.0)
    slack = rng.uniform(0.0, 0.25)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        knee = 0.03 + (slack if sign > 0 else 0.0)
        _add(angles, f"{side} thigh", bend=-(knee / 2) - sign * stance, out=sign * spread + shift)
        _add(angles, f"{side} shin", bend=knee)
        _add(angles, f"{side} foot", bend=sign * stance - knee / 2, out=-sign * spread - shift)
        _add(angles, f"{side} foot", twist=sign * rng.uniform(0.0, 0.3))
    if gestures:
        _talking_arms(angles, rng, time)
    else:
        _idle_arms(angles, rng, time)
    parts = _compose(angles, len(time))
    return Clip(name, FPS, parts, np.zeros((len(time), 2)), np.zeros(len(time)), walks=False)


def _torso(rng: np.random.Generator, time: Floats, lean: float) -> Angles:
    """Breathing, leaning and looking about; every other part at rest."""
    zero = np.zeros(len(time))
    angles: Angles = dict.fromkeys(PARTS, (zero, zero, zero))
    _add(angles, "abdomen", bend=lean / 2 + 0.01 * np.sin(2 * np.pi * time / 3.5))
    _add(angles, "chest", bend=lean / 2, twist=0.05 * _wander(rng, time, 3.0))
    looking_down = float(rng.choice([0.0, 0.0, 0.35])) + 0.08 * _wander(rng, time, 3.0)
    looking_aside = rng.uniform(-0.4, 0.4) + 0.25 * _wander(rng, time, 3.0)
    for part in ("neck", "head"):
        _add(angles, part, bend=looking_down / 2, twist=looking_aside / 2)
    return angles


def _leg(angles: Angles, side: str, phase: Floats, gait: Gait) -> None:
    """Hip, knee and foot over the gait cycle."""
    sign = 1.0 if side == "left" else -1.0
    thigh, knee, pitch = (_gait_curve(table, phase) for table in (THIGH_DEG, KNEE_DEG, PITCH_DEG))
    thigh = MEAN_THIGH_RAD + gait.stride * (thigh - MEAN_THIGH_RAD)
    knee = np.clip(gait.stride * knee, 0.02, None)
    pitch = gait.stride * pitch
    _add(angles, f"{side} thigh", bend=-thigh, twist=sign * gait.toes_out)
    _add(angles, f"{side} shin", bend=knee)
    # The foot's pitch is known against the ground; take out what thigh and shin already turn.
    _add(angles, f"{side} foot", bend=-pitch + thigh - knee)


def _gait_curve(table_deg: tuple[float, ...], phase: Floats) -> Floats:
    """A table over one cycle at any phase, in rad, smooth: its first harmonics."""
    spectrum = np.fft.rfft(np.radians(table_deg)) / len(table_deg)
    orders = np.arange(1, HARMONICS + 1)
    waves = np.exp(2j * np.pi * phase[:, None] * orders)
    return np.real(spectrum[0] + 2 * (waves * spectrum[orders]).sum(1))


def _swinging_arm(angles: Angles, side: str, phase: Floats, gait: Gait) -> None:
    sign = 1.0 if side == "left" else -1.0
    swing = -gait.arm_swing * np.cos(2 * np.pi * phase)
    _add(angles, f"{side} upper arm", bend=-swing + 0.05, out=sign * 0.12)
    _add(angles, f"{side} forearm", bend=-gait.elbow - 0.4 * np.clip(swing, 0, None))


def _busy_arm(angles: Angles, side: str, what: str, rng: np.random.Generator) -> None:
    """An arm that holds something instead of swinging."""
    sign = 1.0 if side == "left" else -1.0
    zero = np.zeros(len(angles["head"][0]))
    angles[f"{side} upper arm"] = angles[f"{side} forearm"] = (zero, zero, zero)
    match what:
        case "phone":
            _add(angles, f"{side} upper arm", bend=-0.45, out=sign * 0.15, twist=-sign * 0.5)
            _add(angles, f"{side} forearm", bend=-float(rng.choice([1.5, 2.3])))
        case "bag":
            _add(angles, f"{side} upper arm", bend=-0.15, out=sign * 0.2)
            _add(angles, f"{side} forearm", bend=-1.4, twist=-sign * 0.3)
        case _:
            _add(angles, f"{side} upper arm", bend=0.35, out=sign * 0.3)
            _add(angles, f"{side} forearm", bend=-0.75, twist=-sign * 0.5)


def _idle_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    pose = str(rng.choice(["hanging", "hips", "crossed", "phone", "pockets", "behind"]))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        drift = 0.04 * _wander(rng, time, 3.0)
        upper, forearm = f"{side} upper arm", f"{side} forearm"
        match pose:
            case "hips":
                _add(angles, upper, bend=0.45 + drift, out=sign * 0.75)
                _add(angles, forearm, bend=-1.5, twist=-sign * 0.9)
            case "crossed":
                _add(angles, upper, bend=-0.45 + drift, out=sign * 0.15, twist=-sign * 0.3)
                _add(angles, forearm, bend=-1.75, out=0.0 * drift, twist=-sign * 1.1)
            case "behind":
                _add(angles, upper, bend=0.5 + drift, out=sign * 0.2, twist=-sign * 0.5)
                _add(angles, forearm, bend=-0.7, twist=-sign * 0.8)
            case "phone" if side == "right":
                _busy_arm(angles, side, "phone", rng)
            case "pockets":
                _busy_arm(angles, side, "pockets", rng)
            case _:
                _add(angles, upper, bend=-0.05 + drift, out=sign * 0.1)
                _add(angles, forearm, bend=-0.25 + drift)


def _talking_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    for side, sign in (("left", 1.0), ("right", -1.0)):
        activity = rng.uniform(0.1, 0.6)
        _add(
            angles,
            f"{side} upper arm",
            bend=-0.25 - activity * np.clip(_wander(rng, time, 1.2), -0.5, 2),
            out=sign * (0.2 + 0.3 * activity * np.abs(_wander(rng, time, 1.5))),
            twist=-sign * 0.3 * _wander(rng, time, 2.0) * activity,
        )
        _add(
            angles, f"{side} forearm", bend=-0.5 - 1.3 * activity * np.abs(_wander(rng, time, 0.9))
        )
        _add(angles, f"{side} hand", bend=0.3 * activity * _wander(rng, time, 0.7))


def _add(
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


def _compose(angles: Angles, frames: int) -> Floats:
    """Global rotations (F, P, 3, 3): each part turns from its parent by about z, then y, then x."""
    parts = np.empty((frames, len(PARTS), 3, 3))
    for index, part in enumerate(PARTS):
        x, y, z = angles[part]
        local = about_z(z) @ about_y(y) @ about_x(x)
        parent = PART_PARENTS.get(part)
        parts[:, index] = local if parent is None else parts[:, PARTS.index(parent)] @ local
    return parts.astype(np.float32)


def _travel_on_feet(parts: Floats) -> Floats:
    """Path of the pelvis (F, 2), leg lengths, on which the foot on the ground never slides."""
    feet = []
    for side in ("left", "right"):
        thigh, shin, foot = (
            parts[:, PARTS.index(f"{side} {part}")] for part in ("thigh", "shin", "foot")
        )
        ankle = -thigh[..., 2] * THIGH_SHARE - shin[..., 2] * (1 - THIGH_SHARE)
        feet += [ankle + foot[..., 1] * back + foot[..., 2] * up for back, up in HEEL_AND_BALL]
    points = np.stack(feet, 1)
    height = (points[:-1, :, 2] + points[1:, :, 2]) / 2
    grip = np.exp(-(height - height.min(1, keepdims=True)) / GRIP_HEIGHT)[..., None]
    step = (np.diff(points[..., :2], axis=0) * grip).sum(1) / grip.sum(1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(-step, 0)])


def _wander(rng: np.random.Generator, time: Floats, period_s: float) -> Floats:
    """Smooth aimless motion of about unit size."""
    total = np.zeros(len(time))
    for _ in range(4):
        total += np.sin(2 * np.pi * (time / (period_s * rng.uniform(0.7, 2.0)) + rng.random()))
    return total / np.sqrt(2)
