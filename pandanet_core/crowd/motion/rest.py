"""How each joint of a rig must be turned so that the rig takes our neutral stance."""

from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.bvh import Capture
from pandanet_core.crowd.people.rig import DOWN, PARTS
from pandanet_core.crowd.rotations import between, unit

Floats = NDArray[np.floating[Any]]


def to_neutral_stance(capture: Capture, joint_of: dict[str, int]) -> Floats:
    """Rotations (P, 3, 3) that lead from our neutral stance to the rig's pose without any angle.

    That pose is taken for a person who stands upright, limbs stretched, in whatever direction: so
    torso, collars and feet need no correction but the direction, limbs the one to their bone's.
    """
    facing = _facing(capture, joint_of)
    result = np.tile(facing, (len(PARTS), 1, 1))
    for side in ("left", "right"):
        shin, foot, forearm, hand = (
            facing.T @ capture.offsets[joint_of[f"{side} {part}"]]
            for part in ("shin", "foot", "forearm", "hand")
        )
        at_rest = {"thigh": between(DOWN, shin), "upper arm": between(DOWN, forearm)}
        at_rest["shin"] = between(shin, foot) @ at_rest["thigh"]
        at_rest["forearm"] = between(forearm, hand) @ at_rest["upper arm"]
        at_rest["hand"] = at_rest["forearm"]
        for part, turn in at_rest.items():
            result[PARTS.index(f"{side} {part}")] = facing @ turn
    return result


def _facing(capture: Capture, joint_of: dict[str, int]) -> Floats:
    """The right-angled turn (3, 3) from our axes to those of the rig's pose without any angle."""
    rest = np.zeros_like(capture.offsets)
    for joint, parent in enumerate(capture.parents):
        rest[joint] = capture.offsets[joint] + (rest[parent] if parent >= 0 else 0)
    hips = rest[joint_of["left thigh"]], rest[joint_of["right thigh"]]
    left = unit(hips[0] - hips[1])
    up = unit(rest[joint_of["head"]] - (hips[0] + hips[1]) / 2)
    turns = [
        np.array(signs)[:, None] * np.eye(3)[list(order)]
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ]
    proper = [turn for turn in turns if np.linalg.det(turn) > 0]
    return max(proper, key=lambda turn: float(turn[:, 0] @ left + turn[:, 2] @ up))
