"""How each joint of a rig must be turned so that the rig takes our neutral stance."""

from itertools import permutations, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.bvh import Capture
from pandanet_core.crowd.people.rig import DOWN, PARTS
from pandanet_core.crowd.rotations import between, unit

Floats = NDArray[np.floating[Any]]

LIKE_A_PERSON = 0.5
"""Cosine: in the pose without any angle thighs point down and shins go on in their direction."""

TOE_DOWN_RAD = np.radians(25)
"""How far the line from ankle to ball points down in a foot that stands level."""

FOLLOWS = {
    "abdomen": "pelvis",
    "neck": "chest",
    "head": "neck",
    "left collar": "chest",
    "right collar": "chest",
}
"""Parts that are, on average over a motion, in line with others."""


def to_neutral_stance(capture: Capture, joint_of: dict[str, int]) -> Floats:
    """Rotations (P, 3, 3) that lead from our neutral stance to the rig's pose without any angle.

    Most rigs are a person then, upright with stretched limbs, who faces some way: torso, collars and
    feet need no correction but that way, limbs the one to their bone's direction. Of the others
    (LaFAN1's bones all point along x) only the directions of bones are known; the rest is told by
    the motion: how knees and elbows bend, and what is on average in line with what.
    """
    zero = np.zeros_like(capture.offsets)
    for joint, parent in enumerate(capture.parents):
        zero[joint] = capture.offsets[joint] + (zero[parent] if parent >= 0 else 0)
    hips = zero[joint_of["left thigh"]], zero[joint_of["right thigh"]]
    left = hips[0] - hips[1]
    facing = _right_angled(left, zero[joint_of["head"]] - (hips[0] + hips[1]) / 2)
    shin, foot = (unit(capture.offsets[joint_of[f"left {part}"]]) for part in ("shin", "foot"))
    if min(shin @ -facing[:, 2], shin @ foot) > LIKE_A_PERSON:
        return _by_directions(capture, joint_of, facing)
    spine = zero[joint_of["abdomen"]] - zero[joint_of["pelvis"]]
    return _by_motion(capture, joint_of, _right_angled(left, spine))


def _by_directions(capture: Capture, joint_of: dict[str, int], facing: Floats) -> Floats:
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


def _by_motion(capture: Capture, joint_of: dict[str, int], pelvis: Floats) -> Floats:
    turns = {part: capture.rotations[:, joint] for part, joint in joint_of.items()}
    offsets = {part: capture.offsets[joint] for part, joint in joint_of.items()}
    shoulders = offsets["left collar"] - offsets["right collar"]
    known = {"pelvis": pelvis, "chest": _right_angled(shoulders, offsets["neck"])}
    for part, other in FOLLOWS.items():
        known[part] = _nearest(np.swapaxes(turns[part], 1, 2) @ turns[other] @ known[other])
    toe = np.array([0, -np.cos(TOE_DOWN_RAD), -np.sin(TOE_DOWN_RAD)])
    x = np.array([1.0, 0, 0])
    for side in ("left", "right"):
        thigh, shin, foot = (f"{side} {part}" for part in ("thigh", "shin", "foot"))
        upper_arm, forearm, hand = (f"{side} {part}" for part in ("upper arm", "forearm", "hand"))
        knee = _hinge(turns[thigh], turns[shin])
        elbow = _hinge(turns[upper_arm], turns[forearm])
        # Knees bend about the person's left (+x), elbows about the right.
        known[thigh] = _turn((DOWN, x), (offsets[shin], knee))
        known[shin] = _turn((DOWN, x), (offsets[foot], knee))
        known[upper_arm] = _turn((DOWN, -x), (offsets[forearm], elbow))
        known[forearm] = _turn((DOWN, -x), (offsets[hand], elbow))
        known[hand] = _nearest(np.swapaxes(turns[hand], 1, 2) @ turns[forearm] @ known[forearm])
        ankle = joint_of[foot]
        toes = [joint for joint, parent in enumerate(capture.parents) if parent == ankle]
        tip = capture.offsets[toes[0]] if toes else capture.end_sites.get(ankle, np.zeros(3))
        known[foot] = _turn((toe, x), (tip if tip.any() else offsets[foot], knee))
    return np.stack([known[part] for part in PARTS])


def _right_angled(left: Floats, up: Floats) -> Floats:
    """The right-angled turn (3, 3) that brings our x nearest to `left` and our z nearest to `up`."""
    turns = [
        np.array(signs)[:, None] * np.eye(3)[list(order)]
        for order in permutations(range(3))
        for signs in product((1.0, -1.0), repeat=3)
    ]
    proper = [turn for turn in turns if np.linalg.det(turn) > 0]
    left, up = unit(left), unit(up)
    return max(proper, key=lambda turn: float(turn[:, 0] @ left + turn[:, 2] @ up))


def _turn(ours: tuple[Floats, Floats], rigs: tuple[Floats, Floats]) -> Floats:
    """The rotation (3, 3) that brings our first direction onto the rig's, our second near the rig's."""

    def frame(first: Floats, second: Floats) -> Floats:
        first = unit(first)
        second = unit(second - first * (first @ second))
        return np.stack([first, second, np.cross(first, second)], 1)

    return np.asarray(frame(*rigs) @ frame(*ours).T)


def _hinge(upper: Floats, lower: Floats) -> Floats:
    """The axis (3,) about which a limb's lower half turns against its upper half (F, 3, 3), bending."""
    bend = np.swapaxes(upper, 1, 2) @ lower
    skew = (bend - np.swapaxes(bend, 1, 2)) / 2
    axes = np.stack([skew[:, 2, 1], skew[:, 0, 2], skew[:, 1, 0]], 1)  # sine of the angle long
    _, _, directions = np.linalg.svd(axes, full_matrices=False)
    return np.asarray(directions[0] * np.sign((axes @ directions[0]).sum() or 1.0))


def _nearest(turns: Floats) -> Floats:
    """The mean rotation (3, 3) of rotations (F, 3, 3)."""
    left, _, right = np.linalg.svd(turns.mean(0))
    return np.asarray(left @ np.diag([1, 1, np.linalg.det(left @ right)]) @ right)
