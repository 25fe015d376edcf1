"""Motion-captured clips: BVH files with CMU's joint names, brought onto our body parts.

A capture's skeleton is not the actor's: its knees stay bent when the actor stands straight, and its
head may be thrown back. Both are constant for an actor, so they are measured over all clips of an
actor (the file name up to the first underscore) and taken out.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.people.rig import DOWN, PARTS
from pandanet_core.crowd.rotations import about_axis, about_x, between, unit
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

JOINT_OF_PART = {
    "pelvis": "hip",
    "abdomen": "abdomen",
    "chest": "chest",
    "neck": "neck",
    "head": "head",
} | {
    f"{side} {part}": side[0] + joint
    for side in ("left", "right")
    for part, joint in {
        "collar": "Collar",
        "upper arm": "Shldr",
        "forearm": "ForeArm",
        "hand": "Hand",
        "thigh": "Thigh",
        "shin": "Shin",
        "foot": "Foot",
    }.items()
}

TO_OUR_AXES = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""BVH: x left, y up, z to the front; ours: x left, y to the back, z up."""

STRAIGHT_KNEE_RAD = np.radians(4)
STRAIGHT_IN_WALKS_RAD = np.radians(8)
"""A quarter of the time the knee of a healthy walker bends less (Winter's gait data)."""

LARGEST_KNEE_BIAS_RAD = np.radians(30)
LARGEST_HEAD_BIAS_RAD = np.radians(25)
LONGEST_JUMP_S = 0.8
HIGHEST_JUMP = 0.6
GROUND_CLEARANCE = 0.06
"""Leg lengths that the lowest joint may rise in a step without the body leaving the ground."""

WALKING_SPEED = 0.35
"""Leg lengths a second from which a clip counts as walking."""


@dataclass(frozen=True)
class Capture:
    """A BVH file in our axes: J joints over F frames.

    Attributes:
        names: Joint names, parents before children; parents (J,) with -1 at the root.
        offsets: (J, 3) from the parent, and end_sites: joint -> offset of its tip.
        rotations: (F, J, 3, 3) global.
        root: (F, 3) position of the root joint.
        frame_time_s: Time between frames.
    """

    name: str
    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: Floats
    end_sites: dict[int, Floats]
    rotations: Floats
    root: Floats
    frame_time_s: float


def read_clips(files: list[Path]) -> list[Clip]:
    """All clips of some BVH files, each actor's constant errors taken out; UserError when one is bad."""
    actors: dict[str, list[Clip]] = defaultdict(list)
    for file in files:
        actors[file.stem.split("_")[0]].append(clip_of(read_bvh(file)))
    return [clip for clips in actors.values() for clip in straightened(clips)]


def read_bvh(path: Path) -> Capture:
    """Parse a BVH file; UserError when it is cut off, of another rig or has no frame time."""
    try:
        hierarchy, _, motion = path.read_text(encoding="utf8", errors="replace").partition("MOTION")
        lines = [line for line in motion.splitlines() if line.strip()]
        frames, frame_time = int(lines[0].split()[-1]), float(lines[1].split()[-1])
        table = np.array([line.split() for line in lines[2:]], dtype=float)
        names, parents, offsets, ends, channels = _read_hierarchy(hierarchy)
        missing = sorted(set(JOINT_OF_PART.values()) - set(names))
        if missing:
            raise UserError(
                f"{path} is of another rig: it lacks the joints {', '.join(missing)}; use CMU's names."
            )
        if len(table) < frames or table.shape[1:] != (sum(map(len, channels)),):
            raise ValueError("it is cut off")
        if frames < 1 or not frame_time > 0:
            raise ValueError("it has no frames or no frame time")
    except (ValueError, IndexError, OSError) as error:
        raise UserError(
            f"{path} is no sound BVH file ({error}); remove it or copy it again."
        ) from error
    local, root = _decode(table, channels)
    turn = np.empty_like(local)
    for joint, parent in enumerate(parents):
        turn[:, joint] = local[:, joint] if parent < 0 else turn[:, parent] @ local[:, joint]
    axes = TO_OUR_AXES
    return Capture(
        name=path.stem,
        names=tuple(names),
        parents=tuple(parents),
        offsets=np.array(offsets) @ axes.T,
        end_sites={joint: axes @ np.array(offset) for joint, offset in ends.items()},
        rotations=axes @ turn @ axes.T,
        root=root @ axes.T,
        frame_time_s=frame_time,
    )


def clip_of(capture: Capture) -> Clip:
    """The capture as rotations of our parts, from our neutral stance instead of its T-pose."""
    index = {name: joint for joint, name in enumerate(capture.names)}
    to_rest = np.tile(np.eye(3), (len(PARTS), 1, 1))
    for side in ("left", "right"):
        limb = {
            part: index[JOINT_OF_PART[f"{side} {part}"]]
            for part in ("shin", "foot", "forearm", "hand")
        }
        thigh, shin = capture.offsets[limb["shin"]], capture.offsets[limb["foot"]]
        upper_arm, forearm = capture.offsets[limb["forearm"]], capture.offsets[limb["hand"]]
        at_rest = {"thigh": between(DOWN, thigh), "upper arm": between(DOWN, upper_arm)}
        at_rest["shin"] = between(thigh, shin) @ at_rest["thigh"]
        at_rest["forearm"] = between(upper_arm, forearm) @ at_rest["upper arm"]
        at_rest["hand"] = at_rest["forearm"]
        for part, turn in at_rest.items():
            to_rest[PARTS.index(f"{side} {part}")] = turn
    joints = [index[JOINT_OF_PART[part]] for part in PARTS]
    leg = sum(float(np.linalg.norm(capture.offsets[index[joint]])) for joint in ("lShin", "lFoot"))
    fps = 1 / capture.frame_time_s
    travel = capture.root[:, :2] / leg
    speed = np.linalg.norm(travel[-1] - travel[0]) / max(len(travel) / fps, 1e-6)
    return Clip(
        name=capture.name,
        fps=fps,
        parts=(capture.rotations[:, joints] @ to_rest).astype(np.float32),
        travel=travel - travel[0],
        lift=_lift(_lowest_joint(capture) / leg, fps),
        walks=bool(speed > WALKING_SPEED),
    )


def straightened(clips: list[Clip]) -> list[Clip]:
    """The clips of one actor without the constant bend of knees and head."""
    all_parts = np.concatenate([clip.parts for clip in clips])
    head = all_parts[:, PARTS.index("head")]
    front = unit(-all_parts[:, PARTS.index("chest"), :, 1] * np.array([1, 1, 0]))
    looks_up = np.arcsin(np.clip(-np.einsum("fi,fi->f", head[..., 2], front), -1, 1))
    head_bias = float(np.clip(np.median(looks_up), 0, LARGEST_HEAD_BIAS_RAD))
    return [
        replace(clip, parts=_unbend(clip.parts, _knee_bias(clip, all_parts), head_bias))
        for clip in clips
    ]


def _knee_bias(clip: Clip, actor: Floats) -> dict[str, float]:
    """How far each knee is captured too bent. Every step of a walk straightens it, so a walk tells
    its own bias; the others take the straightest knee of all the actor's frames (F, P, 3, 3)."""
    bias = {}
    for side in ("left", "right"):
        if clip.walks:
            straight = np.percentile(_knee_flexion(clip.parts, side), 25) - STRAIGHT_IN_WALKS_RAD
        else:
            straight = np.percentile(_knee_flexion(actor, side), 3) - STRAIGHT_KNEE_RAD
        bias[side] = float(np.clip(straight, 0, LARGEST_KNEE_BIAS_RAD))
    return bias


def _unbend(parts: Floats, knee_bias: dict[str, float], head_bias: float) -> Floats:
    parts = parts.copy()
    for side, bias in knee_bias.items():
        thigh, shin = PARTS.index(f"{side} thigh"), PARTS.index(f"{side} shin")
        relief = np.clip(_knee_flexion(parts, side) - np.radians(2), 0, bias)
        hinge = parts[:, thigh, :, 0]
        parts[:, thigh] = about_axis(hinge, relief / 2) @ parts[:, thigh]
        parts[:, shin] = about_axis(hinge, -relief / 2) @ parts[:, shin]
    for part, share in (("neck", 0.5), ("head", 1.0)):
        index = PARTS.index(part)
        parts[:, index] = parts[:, index] @ about_x(head_bias * share).astype(np.float32)
    return parts.astype(np.float32)


def _knee_flexion(parts: Floats, side: str) -> Floats:
    """Angle (F,) between thigh and shin, rad; 0 is straight."""
    thigh = parts[:, PARTS.index(f"{side} thigh"), :, 2]
    shin = parts[:, PARTS.index(f"{side} shin"), :, 2]
    return np.arccos(np.clip(np.einsum("fi,fi->f", thigh, shin), -1, 1))


def _lowest_joint(capture: Capture) -> Floats:
    """Height (F,) of the lowest joint or tip of the captured skeleton."""
    position = np.zeros((len(capture.root), len(capture.names), 3))
    for joint, parent in enumerate(capture.parents):
        offset = capture.offsets[joint]
        from_parent = capture.rotations[:, parent] @ offset if parent >= 0 else capture.root
        position[:, joint] = from_parent + (position[:, parent] if parent >= 0 else 0)
    tips = [
        position[:, joint] + capture.rotations[:, joint] @ tip
        for joint, tip in capture.end_sites.items()
    ]
    return np.concatenate([position[..., 2], np.stack(tips, 1)[..., 2]], 1).min(1)


def _lift(lowest: Floats, fps: float) -> Floats:
    """Heights above the ground (F,), leg lengths, of real jumps only: short and clear of it."""
    height = np.clip(lowest - np.percentile(lowest, 5) - GROUND_CLEARANCE, 0, HIGHEST_JUMP)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (height > 0).astype(int), [0]])))
    for start, stop in edges.reshape(-1, 2):
        if stop - start > LONGEST_JUMP_S * fps or start == 0 or stop == len(height):
            height[start:stop] = 0
    return height


def _read_hierarchy(
    text: str,
) -> tuple[list[str], list[int], list[list[float]], dict[int, list[float]], list[list[str]]]:
    """Names, parents, offsets, end sites and channels of all joints."""
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    ends: dict[int, list[float]] = {}
    channels: list[list[str]] = []
    open_joints: list[int] = []
    at_end = False
    for line in text.splitlines():
        words = line.split()
        match words[:1]:
            case ["ROOT" | "JOINT"]:
                names.append(words[1])
                parents.append(open_joints[-1] if open_joints else -1)
                offsets.append([0.0, 0.0, 0.0])
                channels.append([])
            case ["End"]:
                at_end = True
            case ["{"]:
                open_joints.append(open_joints[-1] if at_end else len(names) - 1)
            case ["}"]:
                open_joints.pop()
                at_end = False
            case ["OFFSET"]:
                numbers = [float(word) for word in words[1:4]]
                if at_end:
                    ends[open_joints[-1]] = numbers
                else:
                    offsets[-1] = numbers
            case ["CHANNELS"]:
                channels[-1] = words[2:]
    if open_joints or not names:
        raise ValueError("its hierarchy is not closed")
    return names, parents, offsets, ends, channels


def _decode(table: Floats, channels: list[list[str]]) -> tuple[Floats, Floats]:
    """Local rotations (F, J, 3, 3) and root positions (F, 3) from the numbers of the frames (F, C)."""
    local = np.tile(np.eye(3), (len(table), len(channels), 1, 1))
    root = np.zeros((len(table), 3))
    column = 0
    for joint, names in enumerate(channels):
        for name in names:
            values = table[:, column]
            column += 1
            if name.endswith("rotation"):
                local[:, joint] = local[:, joint] @ _about("XYZ".index(name[0]), values)
            elif joint == 0:
                root[:, "XYZ".index(name[0])] = values
    return local, root


def _about(axis: int, degrees: Floats) -> Floats:
    """Rotations (F, 3, 3) about a coordinate axis: millions of them, so without Rodrigues' formula."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(degrees), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, first, first] = turn[:, second, second] = cosine
    turn[:, second, first], turn[:, first, second] = sine, -sine
    return turn
