"""What arms do: hang, hold something, gesture, wave."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.angles import Angles, add, wander

Floats = NDArray[np.floating[Any]]


def busy_arm(angles: Angles, side: str, what: str, rng: np.random.Generator) -> None:
    """An arm that holds something instead of swinging."""
    sign = 1.0 if side == "left" else -1.0
    zero = np.zeros(len(angles["head"][0]))
    angles[f"{side} upper arm"] = angles[f"{side} forearm"] = (zero, zero, zero)
    match what:
        case "phone":
            add(angles, f"{side} upper arm", bend=-0.45, out=sign * 0.15, twist=-sign * 0.5)
            add(angles, f"{side} forearm", bend=-float(rng.choice([1.5, 2.3])))
        case "bag":
            add(angles, f"{side} upper arm", bend=-0.15, out=sign * 0.2)
            add(angles, f"{side} forearm", bend=-1.4, twist=-sign * 0.3)
        case _:
            add(angles, f"{side} upper arm", bend=0.35, out=sign * 0.3)
            add(angles, f"{side} forearm", bend=-0.75, twist=-sign * 0.5)


def idle_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    pose = str(rng.choice(["hanging", "hips", "crossed", "phone", "pockets", "behind"]))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        drift = 0.04 * wander(rng, time, 3.0)
        upper, forearm = f"{side} upper arm", f"{side} forearm"
        match pose:
            case "hips":
                add(angles, upper, bend=0.45 + drift, out=sign * 0.75)
                add(angles, forearm, bend=-1.5, twist=-sign * 0.9)
            case "crossed":
                add(angles, upper, bend=-0.45 + drift, out=sign * 0.15, twist=-sign * 0.3)
                add(angles, forearm, bend=-1.75, out=0.0 * drift, twist=-sign * 1.1)
            case "behind":
                add(angles, upper, bend=0.5 + drift, out=sign * 0.2, twist=-sign * 0.5)
                add(angles, forearm, bend=-0.7, twist=-sign * 0.8)
            case "phone" if side == "right":
                busy_arm(angles, side, "phone", rng)
            case "pockets":
                busy_arm(angles, side, "pockets", rng)
            case _:
                add(angles, upper, bend=-0.05 + drift, out=sign * 0.1)
                add(angles, forearm, bend=-0.25 + drift)


def talking_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    for side, sign in (("left", 1.0), ("right", -1.0)):
        activity = rng.uniform(0.1, 0.6)
        add(
            angles,
            f"{side} upper arm",
            bend=-0.25 - activity * np.clip(wander(rng, time, 1.2), -0.5, 2),
            out=sign * (0.2 + 0.3 * activity * np.abs(wander(rng, time, 1.5))),
            twist=-sign * 0.3 * wander(rng, time, 2.0) * activity,
        )
        add(angles, f"{side} forearm", bend=-0.5 - 1.3 * activity * np.abs(wander(rng, time, 0.9)))
        add(angles, f"{side} hand", bend=0.3 * activity * wander(rng, time, 0.7))


def phoning_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    """A phone at one ear; the other arm hangs."""
    side, sign = (("left", 1.0), ("right", -1.0))[int(rng.integers(2))]
    other = "right" if side == "left" else "left"
    drift = 0.05 * wander(rng, time, 3.0)
    raised, bent = rng.uniform(0.55, 0.75), rng.uniform(2.35, 2.5)
    add(angles, f"{side} upper arm", bend=-raised + drift, out=sign * 0.3, twist=-sign * 0.1)
    add(angles, f"{side} forearm", bend=-bent, twist=-sign * 0.15)
    add(angles, f"{other} upper arm", bend=-0.05 - drift, out=-sign * 0.1)
    add(angles, f"{other} forearm", bend=-rng.uniform(0.2, 1.2) + drift)


def waving_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    """One arm up, its forearm waves; the other hangs."""
    side, sign = (("left", 1.0), ("right", -1.0))[int(rng.integers(2))]
    other = "right" if side == "left" else "left"
    beat, width = rng.uniform(1.2, 2.0), rng.uniform(0.3, 0.5)
    raised = rng.uniform(1.9, 2.5)
    swing = width * np.sin(2 * np.pi * beat * time) + 0.05 * wander(rng, time, 2.0)
    add(angles, f"{side} upper arm", out=sign * raised, bend=-0.2)
    add(angles, f"{side} forearm", out=sign * (np.pi - raised) * 0.8 + swing)
    add(angles, f"{side} hand", out=0.5 * swing)
    add(angles, f"{other} upper arm", bend=-0.05, out=-sign * 0.1)
    add(angles, f"{other} forearm", bend=-rng.uniform(0.15, 0.5))


def resting_arms(angles: Angles, rng: np.random.Generator, time: Floats) -> None:
    """Hands on the thighs of somebody who sits."""
    for side, sign in (("left", 1.0), ("right", -1.0)):
        drift = 0.03 * wander(rng, time, 4.0)
        forwards = rng.uniform(0.2, 0.45)
        add(angles, f"{side} upper arm", bend=-forwards + drift, out=sign * rng.uniform(0.1, 0.25))
        add(angles, f"{side} forearm", bend=-1.25 + forwards + drift, twist=-sign * 0.35)
