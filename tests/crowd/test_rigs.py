"""Rigs of other makers: their names, their poses without any angle, and what is said of unknown ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.motion.bvh import Capture, read_bvh
from pandanet_core.crowd.motion.retarget import clip_of, read_clips
from pandanet_core.crowd.motion.rigs import joints_of_parts
from pandanet_core.crowd.people.rig import DOWN, LIMB_PARTS, PARTS, TORSO_PARTS
from pandanet_core.crowd.rotations import about_axis, unit
from pandanet_core.errors import UserError
from tests.crowd.test_bvh import TREE, bvh_text, write
from tests.shared_data import shared_data

OURS = dict(
    zip(
        [
            *TORSO_PARTS,
            *(f"{side} {part}" for side in ("left", "right") for part in LIMB_PARTS),
        ],
        ["hip", "abdomen", "chest", "neck", "head"]
        + [
            side + joint
            for side in "lr"
            for joint in ("Collar", "Shldr", "ForeArm", "Hand", "Thigh", "Shin", "Foot")
        ],
        strict=True,
    )
)
"""Body part -> CMU's joint."""

RIGS = {
    "mixamo": "mixamorig:Hips mixamorig:Spine mixamorig:Spine2 mixamorig:Neck mixamorig:Head "
    "mixamorig:{}Shoulder mixamorig:{}Arm mixamorig:{}ForeArm mixamorig:{}Hand mixamorig:{}UpLeg "
    "mixamorig:{}Leg mixamorig:{}Foot",
    "lafan": "Hips Spine Spine2 Neck Head {}Shoulder {}Arm {}ForeArm {}Hand {}UpLeg {}Leg {}Foot",
    "100style": "Hips Chest Chest4 Neck Head {}Collar {}Shoulder {}Elbow {}Wrist {}Hip {}Knee {}Ankle",
    "bandai": "Hips Spine Chest Neck Head Shoulder_{0} UpperArm_{0} LowerArm_{0} Hand_{0} "
    "UpperLeg_{0} LowerLeg_{0} Foot_{0}",
    "biped": "Bip01_Pelvis Bip01_Spine Bip01_Spine3 Bip01_Neck Bip01_Head Bip01_{0}_Clavicle "
    "Bip01_{0}_UpperArm Bip01_{0}_Forearm Bip01_{0}_Hand Bip01_{0}_Thigh Bip01_{0}_Calf Bip01_{0}_Foot",
    "unreal": "pelvis spine_01 spine_03 neck_01 head clavicle_{0} upperarm_{0} lowerarm_{0} hand_{0} "
    "thigh_{0} calf_{0} foot_{0}",
    "smpl": "Pelvis Spine1 Spine3 Neck Head {0}_Collar {0}_Shoulder {0}_Elbow {0}_Wrist {0}_Hip "
    "{0}_Knee {0}_Ankle",
}
SHORT_SIDES = ("bandai", "biped", "unreal", "smpl")


def names_of(rig: str) -> dict[str, str]:
    """Body part -> joint of the rig."""
    words = RIGS[rig].split()
    sides = {
        "left": "L" if rig in SHORT_SIDES else "Left",
        "right": "R" if rig in SHORT_SIDES else "Right",
    }
    torso = dict(zip(TORSO_PARTS, words[:5], strict=True))
    return torso | {
        f"{side} {part}": word.format(written)
        for side, written in sides.items()
        for part, word in zip(LIMB_PARTS, words[5:], strict=True)
    }


def renamed(text: str, rig: str) -> str:
    lines = []
    for line in text.splitlines():
        words = line.split()
        if words[:1] in (["ROOT"], ["JOINT"]):
            part = next(part for part, joint in OURS.items() if joint == words[1])
            line = line.replace(words[1], names_of(rig)[part])
        lines.append(line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("rig", RIGS)
def test_a_rig_by_any_name_moves_alike(rig: str, tmp_path: Path) -> None:
    angles = {"lShin": (0.0, 30.0, 0.0), "rShldr": (50.0, 0.0, 10.0), "chest": (0.0, 12.0, 5.0)}
    text = bvh_text(angles, [90.0, 90.0, 91.0])
    ours = clip_of(read_bvh(write(tmp_path, text)))
    theirs = clip_of(read_bvh(write(tmp_path, renamed(text, rig), "b_1.bvh")))
    np.testing.assert_allclose(theirs.parts, ours.parts, atol=1e-6)
    np.testing.assert_array_equal(theirs.standing, ours.standing)


def test_the_extra_root_and_further_spine_joints_do_no_harm() -> None:
    names = ("joint_Root", *names_of("bandai").values(), "Toes_L", "Toes_R")
    joints = joints_of_parts(names, "x.bvh")
    assert names[joints["pelvis"]] == "Hips"
    chests = tuple(names_of("100style").values())
    joints = joints_of_parts((*chests, "Chest2", "Chest3", "LeftToe"), "x.bvh")
    assert {part: chests[joint] for part, joint in joints.items()} == names_of("100style")


def test_a_simple_rig_without_collars_and_neck_is_taken() -> None:
    kept = {
        part: name
        for part, name in names_of("100style").items()
        if "collar" not in part and part not in ("neck", "abdomen")
    }
    names = tuple(kept.values())
    joints = joints_of_parts(names, "x.bvh")
    assert joints["left collar"] == joints["chest"] == names.index("Chest4")
    assert joints["neck"] == joints["head"]


def test_an_unknown_rig_is_one_sentence_that_names_what_lacks(tmp_path: Path) -> None:
    text = renamed(bvh_text({}, [90.0] * 3), "mixamo").replace("LeftUpLeg", "Stump")
    path = write(tmp_path, text)
    with pytest.raises(UserError, match="lacks the joints LeftUpLeg of Mixamo") as raised:
        read_clips([path])
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    with pytest.raises(UserError, match="lacks the joints lShin of CMU"):
        read_clips([write(tmp_path, bvh_text({}, [90.0] * 3).replace("lShin", "Leg"))])


@pytest.mark.parametrize("axes", [("Y", "Z", "X"), ("X", "Z", "Y")])
def test_whoever_faces_another_way_without_any_angle_is_turned(
    axes: tuple[str, str, str], tmp_path: Path
) -> None:
    """The same motion in a rig whose pose without angles looks to the side."""
    capture = read_bvh(
        write(tmp_path, bvh_text({"lShin": (0, 40, 0), "rShldr": (60, 0, 0)}, [90.0] * 3))
    )
    turn = about_axis(np.array([0.0, 0.0, 1.0]), np.pi / 2 if axes[0] == "Y" else -np.pi / 2)
    other = reframed(capture, dict.fromkeys(range(len(capture.names)), turn))
    np.testing.assert_allclose(clip_of(other).parts, clip_of(capture).parts, atol=1e-6)


def test_bones_that_all_point_along_x_are_told_by_the_motion() -> None:
    """A real walk in LaFAN1's manner: each joint's axes chosen so that its bone lies along x."""
    capture = read_bvh(shared_data("motion/cmu") / "07_05.bvh")
    joint_of = joints_of_parts(capture.names, "x")
    spine = np.array([[0, 0, 1.0], [0, -1, 0], [1, 0, 0]]).T  # up along x, left along z
    frames = dict.fromkeys(range(len(capture.names)), spine)
    for side in ("left", "right"):
        for part, following in (
            ("thigh", "shin"),
            ("shin", "foot"),
            ("upper arm", "forearm"),
            ("forearm", "hand"),
        ):
            along = capture.offsets[joint_of[f"{side} {following}"]]
            hinge = np.array([0, 0, 1.0]) if "arm" in part else np.array([1.0, 0, 0])
            frames[joint_of[f"{side} {part}"]] = along_x(along, hinge)
        ankle = joint_of[f"{side} foot"]
        frames[ankle] = along_x(capture.end_sites[ankle], np.array([1.0, 0, 0]))
    other = clip_of(reframed(capture, frames))
    ours = clip_of(capture)
    for part in PARTS:
        index = PARTS.index(part)
        between = np.swapaxes(ours.parts[:, index], 1, 2) @ other.parts[:, index]
        angle = np.degrees(np.arccos(np.clip((np.trace(between, axis1=1, axis2=2) - 1) / 2, -1, 1)))
        assert np.median(angle) < (35 if "arm" in part or "hand" in part else 20), part
        if part.split(" ", 1)[-1] in ("thigh", "shin", "upper arm", "forearm"):
            lines = (ours.parts[:, index] @ DOWN * (other.parts[:, index] @ DOWN)).sum(1)
            assert lines.min() > 0.999, part


def along_x(bone: np.ndarray, hinge: np.ndarray) -> np.ndarray:
    """Axes (3, 3) whose x lies along a bone and whose y lies near a hinge."""
    along = unit(bone)
    across = unit(hinge - along * (hinge @ along))
    return np.stack([along, across, np.cross(along, across)], 1)


def reframed(capture: Capture, frames: dict[int, np.ndarray]) -> Capture:
    """The same motion with other axes (3, 3), each joint's own, which changes its pose without angles."""
    turns = np.stack([frames[joint] for joint in range(len(capture.names))])
    offsets = np.stack(
        [
            offset if parent < 0 else turns[parent].T @ offset
            for offset, parent in zip(capture.offsets, capture.parents, strict=True)
        ]
    )
    return replace(
        capture,
        offsets=offsets,
        end_sites={joint: turns[joint].T @ tip for joint, tip in capture.end_sites.items()},
        rotations=capture.rotations @ turns,
    )


def test_the_hand_made_tree_has_all_of_cmus_joints() -> None:
    assert set(TREE) == set(OURS.values())
