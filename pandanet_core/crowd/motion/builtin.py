"""Motions that need no files: walks, standing about and talking, composed from joint angles.

Angles follow the textbook gait cycle (Winter, "Biomechanics and Motor Control of Human Movement"):
phase 0 is a heel strike, the knee bends a little under load and much in the swing. Where the person
goes follows from the standing foot, which must not slide.
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

FOOT_LENGTH = 0.18
"""Ankle to ball of the foot, leg lengths."""

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
    """The style of a walk; angles in radians."""

    cycle_s: float
    stride: float  # swing of the thigh
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
        stride=0.38 + 0.2 * pace + rng.uniform(-0.03, 0.03),
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
    _add(angles, "pelvis", twist=-0.1 * np.cos(2 * np.pi * phase), roll=gait.sway * np.sin(2 * np.pi * phase))
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
    angles: Angles = {part: (zero, zero, zero) for part in PARTS}
    _add(angles, "abdomen", bend=lean / 2 + 0.01 * np.sin(2 * np.pi * time / 3.5))
    _add(angles, "chest", bend=lean / 2, twist=0.05 * _wander(rng, time, 3.0))
    looking_down = float(rng.choice([0.0, 0.0, 0.35])) + 0.08 * _wander(rng, time, 3.0)
    looking_aside = rng.uniform(-0.4, 0.4) + 0.25 * _wander(rng, time, 3.0)
    for part in ("neck", "head"):
        _add(angles, part, bend=looking_down / 2, twist=looking_aside / 2)
    return angles


def _leg(angles: Angles, side: str, phase: Floats, gait: Gait) -> None:
    """Hip, knee and foot over the gait cycle (phase 0: this heel strikes, 0.62: the toes leave)."""
    sign = 1.0 if side == "left" else -1.0
    scale = gait.stride / 0.45
    hip = gait.stride * np.cos(2 * np.pi * (phase + 0.03)) + 0.06
    knee = 0.06 + scale * (0.26 * _bump(phase, 0.13, 0.07) + 1.02 * _bump(phase, 0.73, 0.10))
    pitch = scale * (0.30 * _bump(phase, 0.0, 0.05) - 1.0 * _bump(phase, 0.64, 0.09) + 0.25 * _bump(phase, 0.93, 0.05))
    _add(angles, f"{side} thigh", bend=-hip, twist=sign * gait.toes_out)
    _add(angles, f"{side} shin", bend=knee)
    # The foot's pitch is known against the ground; take out what thigh and shin already turn.
    _add(angles, f"{side} foot", bend=-pitch + hip - knee)


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
        _add(angles, f"{side} forearm", bend=-0.5 - 1.3 * activity * np.abs(_wander(rng, time, 0.9)))
        _add(angles, f"{side} hand", bend=0.3 * activity * _wander(rng, time, 0.7))


def _add(
    angles: Angles, part: str, bend: Floats | float = 0.0, out: Floats | float = 0.0,
    twist: Floats | float = 0.0, roll: Floats | float = 0.0,
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
    """Path of the pelvis (F, 2), leg lengths, on which the lower foot never slides."""
    feet = []
    for side in ("left", "right"):
        thigh, shin, foot = (parts[:, PARTS.index(f"{side} {part}")] for part in ("thigh", "shin", "foot"))
        ankle = -thigh[..., 2] * THIGH_SHARE - shin[..., 2] * (1 - THIGH_SHARE)
        feet.append(np.stack([ankle, ankle - foot[..., 1] * FOOT_LENGTH], 1))
    points = np.concatenate(feet, 1)
    lowest = points[..., 2].argmin(1)
    frame = np.arange(len(parts) - 1)
    step = points[frame + 1, lowest[:-1], :2] - points[frame, lowest[:-1], :2]
    return np.concatenate([np.zeros((1, 2)), np.cumsum(-step, 0)])


def _bump(phase: Floats, centre: float, width: float) -> Floats:
    """A bell over the cyclic phase, height 1."""
    distance = np.abs((phase - centre + 0.5) % 1.0 - 0.5)
    return np.exp(-0.5 * (distance / width) ** 2)


def _wander(rng: np.random.Generator, time: Floats, period_s: float) -> Floats:
    """Smooth aimless motion of about unit size."""
    total = np.zeros(len(time))
    for _ in range(4):
        total += np.sin(2 * np.pi * (time / (period_s * rng.uniform(0.7, 2.0)) + rng.random()))
    return total / np.sqrt(2)
