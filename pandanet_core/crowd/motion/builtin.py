"""Motions that need no files: walking, running, standing, talking, phoning, waving, sitting."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.angles import (
    FPS,
    Angles,
    add,
    compose,
    on_the_ground,
    torso,
    wander,
)
from pandanet_core.crowd.motion.arms import (
    idle_arms,
    phoning_arms,
    resting_arms,
    talking_arms,
    waving_arms,
)
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.gaits import run, walk

Floats = NDArray[np.floating[Any]]
Arms = Callable[[Angles, np.random.Generator, Floats], None]

WALKS, RUNS, IDLES, TALKS, PHONES, WAVES, SITS, SIT_DOWNS = 14, 4, 10, 10, 4, 3, 6, 3
"""Built-in clips of each kind, in each split."""

SITTING_DOWN_S = 1.5


def builtin_clips(rng: np.random.Generator, prefix: str) -> list[Clip]:
    """Everything that is built in, all clips different; names start with `prefix`."""
    clips = [walk(rng, f"{prefix}-walk-{number}") for number in range(WALKS)]
    clips += [standing(rng, f"{prefix}-stand-{number}", idle_arms) for number in range(IDLES)]
    clips += [standing(rng, f"{prefix}-talk-{number}", talking_arms) for number in range(TALKS)]
    clips += [run(rng, f"{prefix}-run-{number}") for number in range(RUNS)]
    clips += [standing(rng, f"{prefix}-phone-{number}", phoning_arms) for number in range(PHONES)]
    clips += [standing(rng, f"{prefix}-wave-{number}", waving_arms) for number in range(WAVES)]
    for number in range(SITS):
        arms = (resting_arms, talking_arms, phoning_arms)[number % 3]
        clips.append(sitting(rng, f"{prefix}-sit-{number}", arms))
    for number in range(SIT_DOWNS):
        clips.append(sitting(rng, f"{prefix}-sit-down-{number}", resting_arms, stands_s=2.5))
    return clips


def standing(rng: np.random.Generator, name: str, arms: Arms, seconds: float = 10.0) -> Clip:
    """Standing about, shifting weight, looking round, while the arms do what `arms` says."""
    time = np.arange(round(seconds * FPS)) / FPS
    angles = torso(rng, time, rng.uniform(-0.02, 0.06))
    spread, stance = rng.uniform(0.02, 0.12), rng.uniform(-0.08, 0.08)
    shift = 0.03 * wander(rng, time, 4.0)
    slack = rng.uniform(0.0, 0.25)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        knee = 0.03 + (slack if sign > 0 else 0.0)
        add(angles, f"{side} thigh", bend=-(knee / 2) - sign * stance, out=sign * spread + shift)
        add(angles, f"{side} shin", bend=knee)
        add(angles, f"{side} foot", bend=sign * stance - knee / 2, out=-sign * spread - shift)
        add(angles, f"{side} foot", twist=sign * rng.uniform(0.0, 0.3))
    arms(angles, rng, time)
    parts = compose(angles, len(time))
    return on_the_ground(name, parts, np.zeros((len(time), 2)), walks=False)


def sitting(
    rng: np.random.Generator, name: str, arms: Arms, seconds: float = 10.0, stands_s: float = 0.0
) -> Clip:
    """Sitting on a seat at knee height; the first `stands_s` seconds standing, then sitting down."""
    time = np.arange(round(seconds * FPS)) / FPS
    share = np.clip((time - stands_s) / SITTING_DOWN_S, 0, 1) if stands_s else np.ones(len(time))
    seated = share**2 * (3 - 2 * share)
    angles = torso(rng, time, rng.uniform(-0.08, 0.12))
    # Who sits down bends forwards on the way, or falls over.
    add(angles, "pelvis", bend=0.55 * np.sin(np.pi * seated) - rng.uniform(0.0, 0.2) * seated)
    tucked = rng.uniform(-0.25, 0.2)
    pelvis = angles["pelvis"][0]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        spread = sign * (0.04 + rng.uniform(0.02, 0.2) * seated)
        thigh = -1.48 * seated - 0.02
        shin = (tucked + rng.uniform(-0.05, 0.05)) * seated + 0.02
        add(angles, f"{side} thigh", bend=thigh - pelvis, out=spread)
        add(angles, f"{side} shin", bend=shin - thigh, out=-spread)
        add(angles, f"{side} foot", bend=-shin, twist=sign * rng.uniform(0.05, 0.3))
    arms(angles, rng, time)
    parts = compose(angles, len(time))
    return on_the_ground(name, parts, np.zeros((len(time), 2)), walks=False)
