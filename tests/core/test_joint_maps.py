"""Which joints of two data sets are the same point: an independent table of every pair."""

import json
from itertools import permutations

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_core.joint_maps import joint_map
from pandanet_core.skeleton import PANOPTIC19, SKELETONS, Skeleton, skeleton_named
from tests.shared_data import shared_data

# S E W H K A stand for both shoulders, elbows, wrists, hips, knees and ankles, F for nose, eyes and
# ears, the other letters for one joint.
LIMBS = {"S": "shoulder", "E": "elbow", "W": "wrist", "K": "knee", "A": "ankle", "H": "hip"}
SINGLE = {"T": "head top", "n": "neck", "s": "spine", "p": "pelvis", "h": "head",
          "b": "body centre", "N": "nose"}  # fmt: skip
FACE = ("nose", "left eye", "right eye", "left ear", "right ear")
PAIRS = {
    "jta22 coco17": "SEWHKA",
    "jta22 panoptic19": "SEWHKA",  # Panoptic's neck lies between the shoulders, JTA's above them
    "jta22 panoptic15": "SEWHKA",
    "jta22 mupots17": "SEWHKAT",
    "jta22 muco21": "SEWHKAT",
    "coco17 panoptic19": "SEWHKAF",
    "coco17 panoptic15": "SEWHKAN",
    "coco17 mupots17": "SEWHKA",
    "coco17 muco21": "SEWHKA",
    "panoptic19 panoptic15": "SEWHKANnb",
    "panoptic19 mupots17": "SEWHKA",
    "panoptic19 muco21": "SEWHKA",
    "panoptic15 mupots17": "SEWHKA",
    "panoptic15 muco21": "SEWHKA",
    "mupots17 muco21": "SEWHKATnsph",
}


def names_of(letters: str) -> set[str]:
    names: set[str] = set()
    for letter in letters:
        if letter in LIMBS:
            names |= {f"left {LIMBS[letter]}", f"right {LIMBS[letter]}"}
        elif letter == "F":
            names |= set(FACE)
        else:
            names.add(SINGLE[letter])
    return names


def test_the_table_has_every_pair_of_skeletons() -> None:
    names = {skeleton.name for skeleton in SKELETONS}
    pairs = {frozenset(pair.split()) for pair in PAIRS}
    assert pairs == {frozenset(pair) for pair in permutations(names, 2)}


@pytest.mark.parametrize(("pair", "letters"), PAIRS.items())
def test_two_data_sets_share_the_joints_that_mean_the_same(pair: str, letters: str) -> None:
    first, second = map(skeleton_named, pair.split())
    for source, target in ((first, second), (second, first)):
        indices = joint_map(source, target)
        assert len(indices) == target.joint_count
        shared = {joint for joint, index in zip(target.joints, indices, strict=True) if index >= 0}
        assert shared == names_of(letters)
        assert all(
            source.joints[index] == joint
            for joint, index in zip(target.joints, indices, strict=True)
            if index >= 0
        )


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda s: s.name)
def test_a_skeleton_maps_to_itself(skeleton: Skeleton) -> None:
    assert joint_map(skeleton, skeleton) == tuple(range(skeleton.joint_count))


@pytest.mark.parametrize(
    "pair", list(permutations(SKELETONS, 2)), ids=lambda p: f"{p[0].name}-{p[1].name}"
)
def test_mapping_and_mirroring_can_be_swapped(pair: tuple[Skeleton, Skeleton]) -> None:
    source, target = pair
    indices = joint_map(source, target)
    for joint, index in enumerate(indices):
        mirrored = indices[target.mirror[joint]]
        assert mirrored == (source.mirror[index] if index >= 0 else -1)


def test_panoptics_neck_and_centre_are_the_middles_of_its_shoulders_and_hips() -> None:
    """Why its neck is not JTA's and its body centre nobody else's pelvis: real files."""
    files = sorted(shared_data("real/panoptic_body3d").rglob("body3DScene_*.json"))
    bodies = [body["joints19"] for file in files for body in json.loads(file.read_text())["bodies"]]
    joints = np.array(bodies).reshape(-1, 19, 4)
    joints = joints[(joints[..., 3] > 0).all(1), :, :3]
    assert len(joints) > 50

    def between(joint: str) -> NDArray[np.float64]:
        left, right = (PANOPTIC19.index(f"{side} {joint}") for side in ("left", "right"))
        return (joints[:, left] + joints[:, right]) / 2

    neck, centre = (joints[:, PANOPTIC19.index(name)] for name in ("neck", "body centre"))
    assert np.median(np.linalg.norm(neck - between("shoulder"), axis=1)) < 1.5, "cm"
    assert np.linalg.norm(centre - between("hip"), axis=1).max() < 0.1, "cm"
