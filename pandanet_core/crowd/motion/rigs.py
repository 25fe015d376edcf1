"""What the joints of motion-capture rigs are called, and which of our body parts they turn."""

import re
from dataclasses import dataclass

from pandanet_core.crowd.people.rig import LIMB_PARTS, PARTS, TORSO_PARTS
from pandanet_core.errors import UserError


@dataclass(frozen=True)
class Naming:
    """How one family of rigs calls its joints.

    Attributes:
        family: What users know it as.
        torso: For each of rig.TORSO_PARTS the names to try, in this order.
        limbs: Likewise for each of rig.LIMB_PARTS, without the side.
        left, right: How a side is written in front of a limb's name.
    """

    family: str
    torso: tuple[str, ...]
    limbs: tuple[str, ...]
    left: str = "Left"
    right: str = "Right"


NAMINGS = (
    Naming(
        "CMU (Poser)",
        ("hip", "abdomen", "chest", "neck", "head"),
        ("Collar", "Shldr", "ForeArm", "Hand", "Thigh", "Shin", "Foot"),
        "l",
        "r",
    ),
    Naming(
        "Mixamo, LaFAN1 and MotionBuilder",
        ("Hips", "LowerBack Spine", "Spine3 Spine2 Spine1 Spine", "Neck Neck1", "Head"),
        ("Shoulder", "Arm", "ForeArm", "Hand", "UpLeg Thigh", "Leg Shin", "Foot"),
    ),
    Naming(
        "Biovision, 100STYLE and Xsens",
        ("Hips", "Chest Spine", "Chest4 Chest3 Chest2 Chest", "Neck", "Head"),
        ("Collar", "Shoulder UpArm", "Elbow LowArm", "Wrist Hand", "Hip", "Knee", "Ankle"),
    ),
    Naming(
        "Bandai-Namco and VRM",
        ("Hips", "Spine", "UpperChest Chest", "Neck", "Head"),
        ("Shoulder", "UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot"),
    ),
    Naming(
        "3ds Max biped and Unreal",
        ("Pelvis", "Spine Spine1", "Spine3 Spine2 Spine1 Spine", "Neck Neck1", "Head"),
        ("Clavicle", "UpperArm", "Forearm LowerArm", "Hand", "Thigh", "Calf", "Foot"),
        "L ",
        "R ",
    ),
    Naming(
        "SMPL",
        ("Pelvis", "Spine1", "Spine3 Spine2", "Neck", "Head"),
        ("Collar", "Shoulder", "Elbow", "Wrist", "Hip", "Knee", "Ankle"),
        "L_",
        "R_",
    ),
)

OPTIONAL = {
    "abdomen": "pelvis",
    "neck": "head",
    "left collar": "chest",
    "right collar": "chest",
}
"""Parts that simple rigs lack, and whose turn they take over then."""


def joints_of_parts(names: tuple[str, ...], file: str) -> dict[str, int]:
    """For each of rig.PARTS the index of the joint that turns it; UserError names what lacks."""
    by_key: dict[str, int] = {}
    for index, name in enumerate(names):
        by_key.setdefault(_key(name), index)
    found = {naming.family: _found(naming, by_key) for naming in NAMINGS}
    best = max(NAMINGS, key=lambda naming: len(found[naming.family]))
    joints = found[best.family]
    missing = [part for part in PARTS if part not in joints and part not in OPTIONAL]
    if missing:
        wanted = ", ".join(_written(best, part) for part in missing)
        raise UserError(
            f"{file} is of another rig: it lacks the joints {wanted} of {best.family}; "
            "rename its joints or leave the file out."
        )
    for part, substitute in OPTIONAL.items():
        joints.setdefault(part, joints[substitute])
    return joints


def _found(naming: Naming, by_key: dict[str, int]) -> dict[str, int]:
    """Part -> joint of the parts that have a joint under this naming."""
    keys = {
        part: [_key(choice) for choice in choices.split()]
        for part, choices in zip(TORSO_PARTS, naming.torso, strict=True)
    } | {
        f"{side} {part}": [key for base in choices.split() for key in _sided(side, base.lower())]
        for side in ("left", "right")
        for part, choices in zip(LIMB_PARTS, naming.limbs, strict=True)
    }
    present = {
        part: [by_key[key] for key in choices if key in by_key] for part, choices in keys.items()
    }
    return {part: joints[0] for part, joints in present.items() if joints}


def _key(name: str) -> str:
    """A joint's name without case, separators, namespace and the prefixes that exporters add."""
    plain = re.sub(r"[^a-z0-9]", "", name.split(":")[-1].lower())
    plain = re.sub(r"^(mixamorig\d*|bip0*\d+|jbipc?)", "", plain) or plain
    return re.sub(r"0+(\d)", r"\1", plain)


def _sided(side: str, base: str) -> list[str]:
    return [f"{side}{base}", f"{side[0]}{base}", f"{base}{side[0]}", f"{base}{side}"]


def _written(naming: Naming, part: str) -> str:
    if part in TORSO_PARTS:
        return naming.torso[TORSO_PARTS.index(part)].split()[0]
    side, limb = part.split(" ", 1)
    base = naming.limbs[LIMB_PARTS.index(limb)].split()[0]
    return (naming.left if side == "left" else naming.right) + base
