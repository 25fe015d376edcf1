"""Which joints of two data sets are the same point: an independent table of every pair."""

from itertools import permutations

import pytest

from pandanet_core.joint_maps import joint_map
from pandanet_core.skeleton import SKELETONS, Skeleton, skeleton_named

# "S E W K A" stand for both shoulders, elbows, wrists, knees and ankles, H for both hips,
# F for nose, eyes and ears, N for the nose alone; other letters as explained beside the pair.
LIMBS = {"S": "shoulder", "E": "elbow", "W": "wrist", "K": "knee", "A": "ankle", "H": "hip"}
SINGLE = {"T": "head top", "n": "neck", "s": "spine", "p": "pelvis", "h": "head",
          "b": "body centre", "N": "nose"}  # fmt: skip
FACE = ("nose", "left eye", "right eye", "left ear", "right ear")
PAIRS = {
    "jta22 coco17": "SEWKA",  # COCO clicks hips that JTA measures
    "jta22 panoptic19": "SEWKA",  # Panoptic's hips come from COCO's, its neck from the shoulders
    "jta22 panoptic15": "SEWKA",
    "jta22 mupots17": "SEWKAHT",  # both are body models; their necks are not the same
    "jta22 muco21": "SEWKAHT",
    "coco17 panoptic19": "SEWKAHF",
    "coco17 panoptic15": "SEWKAHN",
    "coco17 mupots17": "SEWKA",
    "coco17 muco21": "SEWKA",
    "panoptic19 panoptic15": "SEWKAHNnb",
    "panoptic19 mupots17": "SEWKA",
    "panoptic19 muco21": "SEWKA",
    "panoptic15 mupots17": "SEWKA",
    "panoptic15 muco21": "SEWKA",
    "mupots17 muco21": "SEWKAHTnsph",
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
