"""Skeletons: the data sets' own joint orders, trees that hang together, mirrors that return."""

import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22, SKELETONS, Skeleton, bone_length_sum, skeleton_named

every_skeleton = pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda s: s.name)

# JTA's "joint types" 0-21 as its annotation files number them.
JTA_ORDER = (
    "head top, head centre, neck, right clavicle, right shoulder, right elbow, right wrist, "
    "left clavicle, left shoulder, left elbow, left wrist, spine 0, spine 1, spine 2, spine 3, "
    "spine 4, right hip, right knee, right ankle, left hip, left knee, left ankle"
)
COCO_ORDER = (
    "nose, left eye, right eye, left ear, right ear, left shoulder, right shoulder, left elbow, "
    "right elbow, left wrist, right wrist, left hip, right hip, left knee, right knee, "
    "left ankle, right ankle"
)


# CMU's panoptic-toolbox, joints19.
PANOPTIC_ORDER = (
    "neck, nose, body centre, left shoulder, left elbow, left wrist, left hip, left knee, "
    "left ankle, right shoulder, right elbow, right wrist, right hip, right knee, right ankle, "
    "left eye, left ear, right eye, right ear"
)
# The 3DMPPE release's MuCo-3DHP.json; what it calls thorax is MPI-INF-3DHP's neck.
MUCO_ORDER = (
    "head top, neck, right shoulder, right elbow, right wrist, left shoulder, left elbow, "
    "left wrist, right hip, right knee, right ankle, left hip, left knee, left ankle, pelvis, "
    "spine, head, right hand, left hand, right toe, left toe"
)


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("jta22", JTA_ORDER),
        ("coco17", COCO_ORDER),
        ("panoptic19", PANOPTIC_ORDER),
        ("muco21", MUCO_ORDER),
        ("mupots17", ", ".join(MUCO_ORDER.split(", ")[:17])),
    ],
)
def test_joints_stand_in_the_order_of_the_data_sets_files(name: str, order: str) -> None:
    assert ", ".join(skeleton_named(name).joints) == order


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("jta22", 22),
        ("coco17", 17),
        ("panoptic19", 19),
        ("panoptic15", 15),
        ("mupots17", 17),
        ("muco21", 21),
    ],
)
def test_numbers_of_joints(name: str, count: int) -> None:
    assert skeleton_named(name).joint_count == len(set(skeleton_named(name).joints)) == count


@every_skeleton
def test_every_joint_is_connected_to_one_tree_root(skeleton: Skeleton) -> None:
    tree_roots = [joint for joint, parent in enumerate(skeleton.parents) if parent < 0]
    assert len(tree_roots) == 1
    assert len(skeleton.bones) == skeleton.joint_count - 1
    for joint in range(skeleton.joint_count):
        steps = 0
        while skeleton.parents[joint] >= 0:
            joint = skeleton.parents[joint]
            steps += 1
            assert steps < skeleton.joint_count, "the bones run in a circle"
        assert joint == tree_roots[0]


@every_skeleton
def test_a_mirror_swaps_sides_and_mirroring_twice_changes_nothing(skeleton: Skeleton) -> None:
    swapped = {"left": "right", "right": "left", "middle": "middle"}
    for joint, other in enumerate(skeleton.mirror):
        assert skeleton.mirror[other] == joint
        assert skeleton.side(other) == swapped[skeleton.side(joint)]
        assert (other == joint) == (skeleton.side(joint) == "middle")
        ours, theirs = skeleton.joints[joint], skeleton.joints[other]
        assert ours.replace("left", "X").replace("right", "X") == theirs.replace(
            "left", "X"
        ).replace("right", "X")


@every_skeleton
def test_the_tree_and_the_root_look_the_same_in_a_mirror(skeleton: Skeleton) -> None:
    """Up to bones that start from a one-sided tree root, as COCO's hips do from nowhere else."""
    mirrored = {(skeleton.mirror[a], skeleton.mirror[b]) for a, b in skeleton.bones}
    assert mirrored == set(skeleton.bones)
    assert {skeleton.mirror[joint] for joint in skeleton.root} == set(skeleton.root)


def test_panoptic15_is_panoptic19_without_eyes_and_ears() -> None:
    small, large = skeleton_named("panoptic15"), skeleton_named("panoptic19")
    assert [joint for joint in large.joints if joint not in small.joints] == [
        "left eye",
        "left ear",
        "right eye",
        "right ear",
    ]
    assert small.parents == large.parents[:15]


def test_mupots_bones_are_those_of_its_official_evaluation() -> None:
    """MPI-INF-3DHP's mpii_get_joints.m, "relevant" joints, joint_parents_o1, counted from 1."""
    parents = [2, 16, 2, 3, 4, 2, 6, 7, 15, 9, 10, 15, 12, 13, 15, 15, 2]
    for name in ("mupots17", "muco21"):
        ours = [
            max(parent, 14) if parent < 0 else parent for parent in skeleton_named(name).parents
        ]
        assert [parent + 1 for parent in ours[:17]] == parents


@every_skeleton
def test_every_bone_has_its_mirror_image(skeleton: Skeleton) -> None:
    names = [{skeleton.joints[a], skeleton.joints[b]} for a, b in skeleton.bones]
    swap = {"left": "right", "right": "left"}
    for bone, other in enumerate(skeleton.mirrored_bones):
        words = [name.split() for name in names[bone]]
        assert {" ".join(swap.get(word, word) for word in name) for name in words} == names[other]


def test_jtas_root_is_mid_hip() -> None:
    assert {JTA22.joints[joint] for joint in JTA22.root} == {"right hip", "left hip"}


def test_bone_lengths_are_summed_along_the_tree() -> None:
    rng = np.random.default_rng(0)
    poses = rng.normal(size=(3, 22, 3)) * 500
    expected = []
    for pose in poses:
        total = 0.0
        for joint, name in enumerate(JTA22.joints):
            if JTA22.parents[joint] >= 0:
                total += float(np.linalg.norm(pose[JTA22.index(name)] - pose[JTA22.parents[joint]]))
        expected.append(total)
    np.testing.assert_allclose(bone_length_sum(poses, JTA22), expected, rtol=1e-6)
    np.testing.assert_allclose(bone_length_sum(poses[:0], JTA22), [])


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"'smpl24' is unknown.*jta22.*coco17"):
        skeleton_named("smpl24")
    with pytest.raises(ValueError, match="not in tuple"):
        JTA22.index("tail")
