"""Joint sets: names, the tree of bones, mirror pairs and the root of each data set's skeleton."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Side = Literal["left", "right", "middle"]


@dataclass(frozen=True)
class Skeleton:
    """A data set's joints and how they hang together.

    Attributes:
        name: Identifier stored with weights and detections.
        joints: Joint names in the data set's own order; left and right are the person's own.
        parents: For each joint the index of the joint its bone leads to, -1 at the tree's root.
        mirror: For each joint the index of its counterpart when the picture is flipped.
        root: Joints whose mean is the origin of root-relative poses (the pelvis).
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[int, ...]
    mirror: tuple[int, ...]
    root: tuple[int, ...]

    @property
    def joint_count(self) -> int:
        """Number of joints N_K."""
        return len(self.joints)

    @property
    def bones(self) -> tuple[tuple[int, int], ...]:
        """(child, parent) joint indices of every bone."""
        return tuple((child, parent) for child, parent in enumerate(self.parents) if parent >= 0)

    @property
    def mirrored_bones(self) -> tuple[int, ...]:
        """For each bone the index of its counterpart when the picture is flipped."""
        bones, mirror = self.bones, self.mirror
        return tuple(bones.index((mirror[child], mirror[parent])) for child, parent in bones)

    def index(self, joint: str) -> int:
        """Index of a joint by name; ValueError when the skeleton has none of that name."""
        return self.joints.index(joint)

    def side(self, joint: int) -> Side:
        """Which side of the body a joint belongs to."""
        first_word = self.joints[joint].split(" ")[0]
        if first_word == "left":
            return "left"
        return "right" if first_word == "right" else "middle"


def bone_lengths(pose3d: NDArray[Any], skeleton: Skeleton) -> NDArray[np.float64]:
    """(N, K - 1) lengths of the bones of poses (N, K, 3), in their unit and in the order of
    `skeleton.bones`."""
    child, parent = np.array(skeleton.bones).T
    lengths: NDArray[np.float64] = np.linalg.norm(pose3d[:, child] - pose3d[:, parent], axis=-1)
    return lengths


def bone_length_sum(pose3d: NDArray[Any], skeleton: Skeleton) -> NDArray[np.float32]:
    """(N,) sum of the bone lengths of poses (N, K, 3), in their unit: the size that poses are
    scaled by."""
    return bone_lengths(pose3d, skeleton).sum(1).astype(np.float32)


def _skeleton(name: str, tree: dict[str, str | None], root: tuple[str, ...]) -> Skeleton:
    """Build a Skeleton from joint -> parent names; sides are read off the names."""
    joints = tuple(tree)
    parents = tuple(-1 if parent is None else joints.index(parent) for parent in tree.values())
    mirror = tuple(joints.index(_mirrored_name(joint)) for joint in joints)
    return Skeleton(name, joints, parents, mirror, tuple(joints.index(joint) for joint in root))


def _mirrored_name(joint: str) -> str:
    if joint.startswith("left "):
        return "right " + joint.removeprefix("left ")
    if joint.startswith("right "):
        return "left " + joint.removeprefix("right ")
    return joint


JTA22 = _skeleton(
    "jta22",
    {
        "head top": "head centre",
        "head centre": "neck",
        "neck": "spine 0",
        "right clavicle": "neck",
        "right shoulder": "right clavicle",
        "right elbow": "right shoulder",
        "right wrist": "right elbow",
        "left clavicle": "neck",
        "left shoulder": "left clavicle",
        "left elbow": "left shoulder",
        "left wrist": "left elbow",
        "spine 0": "spine 1",
        "spine 1": "spine 2",
        "spine 2": "spine 3",
        "spine 3": "spine 4",
        "spine 4": None,
        "right hip": "spine 4",
        "right knee": "right hip",
        "right ankle": "right knee",
        "left hip": "spine 4",
        "left knee": "left hip",
        "left ankle": "left knee",
    },
    root=("right hip", "left hip"),
)
"""JTA's 22 joints in the order of its annotation files; it has no pelvis joint, so the root is
mid-hip."""

COCO17 = _skeleton(
    "coco17",
    {
        "nose": None,
        "left eye": "nose",
        "right eye": "nose",
        "left ear": "left eye",
        "right ear": "right eye",
        "left shoulder": "nose",
        "right shoulder": "nose",
        "left elbow": "left shoulder",
        "right elbow": "right shoulder",
        "left wrist": "left elbow",
        "right wrist": "right elbow",
        "left hip": "left shoulder",
        "right hip": "right shoulder",
        "left knee": "left hip",
        "right knee": "right hip",
        "left ankle": "left knee",
        "right ankle": "right knee",
    },
    root=("left hip", "right hip"),
)

PANOPTIC19 = _skeleton(
    "panoptic19",
    {
        "neck": "body centre",
        "nose": "neck",
        "body centre": None,
        "left shoulder": "neck",
        "left elbow": "left shoulder",
        "left wrist": "left elbow",
        "left hip": "body centre",
        "left knee": "left hip",
        "left ankle": "left knee",
        "right shoulder": "neck",
        "right elbow": "right shoulder",
        "right wrist": "right elbow",
        "right hip": "body centre",
        "right knee": "right hip",
        "right ankle": "right knee",
        "left eye": "nose",
        "left ear": "left eye",
        "right eye": "nose",
        "right ear": "right eye",
    },
    root=("body centre",),
)

PANOPTIC15 = _skeleton(
    "panoptic15",
    dict(
        zip(
            PANOPTIC19.joints[:15],
            [None if p < 0 else PANOPTIC19.joints[p] for p in PANOPTIC19.parents],
            strict=False,
        )
    ),
    root=("body centre",),
)
"""Panoptic without eyes and ears: the set that Table 5's comparisons use."""

MUPOTS17 = _skeleton(
    "mupots17",
    {
        "head top": "neck",
        "neck": "spine",
        "right shoulder": "neck",
        "right elbow": "right shoulder",
        "right wrist": "right elbow",
        "left shoulder": "neck",
        "left elbow": "left shoulder",
        "left wrist": "left elbow",
        "right hip": "pelvis",
        "right knee": "right hip",
        "right ankle": "right knee",
        "left hip": "pelvis",
        "left knee": "left hip",
        "left ankle": "left knee",
        "pelvis": None,
        "spine": "pelvis",
        "head": "neck",
    },
    root=("pelvis",),
)
"""MuPoTS-3D's joints, with the parents that its official evaluation scales bones along."""

MUCO21 = _skeleton(
    "muco21",
    {
        **{
            joint: None if parent < 0 else MUPOTS17.joints[parent]
            for joint, parent in zip(MUPOTS17.joints, MUPOTS17.parents, strict=True)
        },
        "right hand": "right wrist",
        "left hand": "left wrist",
        "right toe": "right ankle",
        "left toe": "left ankle",
    },
    root=("pelvis",),
)
"""MuCo-3DHP's joints: those of MuPoTS-3D, hands and toes."""

SKELETONS = (JTA22, COCO17, PANOPTIC19, PANOPTIC15, MUPOTS17, MUCO21)


def skeleton_named(name: str) -> Skeleton:
    """The skeleton of that name; UserError lists the known ones otherwise."""
    for skeleton in SKELETONS:
        if skeleton.name == name:
            return skeleton
    known = ", ".join(skeleton.name for skeleton in SKELETONS)
    raise UserError(f"The skeleton '{name}' is unknown to this version; it knows {known}.")
