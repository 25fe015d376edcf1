"""Captures brought onto our body parts: rotations from our neutral stance instead of the rig's.

A capture's skeleton is not the actor's: its knees stay bent when the actor stands straight, and its
head may be thrown back. Both are constant for an actor, so they are measured over all clips of an
actor (the file name up to the first underscore) and taken out.
"""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import minimum_filter1d

from pandanet_core.crowd.motion.bvh import Capture, read_bvh
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.contacts import standing_feet, stretches
from pandanet_core.crowd.motion.feet import level_feet
from pandanet_core.crowd.motion.rest import to_neutral_stance
from pandanet_core.crowd.motion.rigs import joints_of_parts
from pandanet_core.crowd.people.rig import PARTS
from pandanet_core.crowd.rotations import about_axis, about_x, unit

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

STRAIGHT_KNEE_RAD = np.radians(4)
STRAIGHT_IN_WALKS_RAD = np.radians(8)
"""A quarter of the time the knee of a healthy walker bends less (Winter's gait data)."""

LARGEST_KNEE_BIAS_RAD = np.radians(30)
LARGEST_HEAD_BIAS_RAD = np.radians(25)

LONGEST_JUMP_S = 0.8
HIGHEST_JUMP = 0.6
LEAST_JUMP = 0.03
"""Leg lengths above the ground from which the body flies."""

GROUND_WINDOW_S = 2.0

WALKING_SPEED = 0.35
"""Leg lengths a second from which a clip counts as walking."""

FASTEST_JOINT = 12.0
"""Leg lengths a second: a first frame from which joints leap faster is a T-pose, not motion."""

MOST_FPS = 45.0


def read_clips(files: list[Path]) -> list[Clip]:
    """All clips of some BVH files, each actor's constant errors taken out; UserError when one is bad."""
    actors: dict[str, list[Clip]] = defaultdict(list)
    for file in files:
        actors[file.stem.split("_")[0]].append(clip_of(read_bvh(file), str(file)))
    return [clip for clips in actors.values() for clip in straightened(clips)]


def clip_of(capture: Capture, file: str = "") -> Clip:
    """The capture as rotations of our parts; UserError where its rig is unknown (names `file`)."""
    joint_of = joints_of_parts(capture.names, file or capture.name)
    to_neutral = to_neutral_stance(capture, joint_of)
    frames = _frames_of_motion(capture)
    fps = 1 / capture.frame_time_s / (frames.step or 1)
    positions = capture.positions[frames]
    shin, foot = joint_of["left shin"], joint_of["left foot"]
    leg = float(np.linalg.norm(capture.offsets[shin]) + np.linalg.norm(capture.offsets[foot]))
    travel = positions[:, joint_of["pelvis"], :2] / leg
    speed = np.linalg.norm(travel[-1] - travel[0]) / max(len(travel) / fps, 1e-6)
    joints = [joint_of[part] for part in PARTS]
    standing = standing_feet(_feet(capture, joint_of)[frames] / leg, fps)
    return Clip(
        name=capture.name,
        fps=fps,
        parts=(capture.rotations[frames][:, joints] @ to_neutral).astype(np.float32),
        travel=travel - travel[0],
        lift=_lift(_lowest_point(capture)[frames] / leg, np.asarray(standing.any((1, 2))), fps),
        standing=standing,
        walks=bool(speed > WALKING_SPEED),
    )


def _frames_of_motion(capture: Capture) -> slice:
    """The frames without a T-pose at the beginning, thinned to about 30 a second."""
    step = (
        max(1, round(1 / capture.frame_time_s / 30)) if 1 / capture.frame_time_s > MOST_FPS else 1
    )
    if len(capture.positions) < 3:
        return slice(0, None, step)
    size = np.linalg.norm(capture.offsets, axis=1).sum() / 8
    leap = np.linalg.norm(capture.positions[1] - capture.positions[0], axis=1).max()
    return slice(int(leap / capture.frame_time_s > FASTEST_JOINT * size), None, step)


def _feet(capture: Capture, joint_of: dict[str, int]) -> Floats:
    """Ankle and toe of the left and the right foot (F, 2, 2, 3)."""
    both = []
    for side in ("left", "right"):
        ankle = joint_of[f"{side} foot"]
        both.append([capture.positions[:, ankle], _tip(capture, ankle)])
    return np.moveaxis(np.array(both), 2, 0)


def _tip(capture: Capture, joint: int) -> Floats:
    """Where a joint's first child or else its end is (F, 3)."""
    if joint in capture.parents:
        return np.asarray(capture.positions[:, capture.parents.index(joint)])
    offset = capture.end_sites.get(joint, np.zeros(3))
    return np.asarray(capture.positions[:, joint] + capture.rotations[:, joint] @ offset)


def straightened(clips: list[Clip]) -> list[Clip]:
    """The clips of one actor without the constant bend of knees and head."""
    all_parts = np.concatenate([clip.parts for clip in clips])
    head = all_parts[:, PARTS.index("head")]
    front = unit(-all_parts[:, PARTS.index("chest"), :, 1] * np.array([1, 1, 0]))
    looks_up = np.arcsin(np.clip(-np.einsum("fi,fi->f", head[..., 2], front), -1, 1))
    head_bias = float(np.clip(np.median(looks_up), 0, LARGEST_HEAD_BIAS_RAD))
    straight = [
        replace(clip, parts=_unbend(clip.parts, _knee_bias(clip, all_parts), head_bias))
        for clip in clips
    ]
    return [
        replace(clip, parts=level_feet(clip.parts, clip.standing, clip.fps)) for clip in straight
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


def _lowest_point(capture: Capture) -> Floats:
    """Height (F,) of the lowest joint or tip of the captured skeleton."""
    tips = [
        capture.positions[:, joint, 2] + capture.rotations[:, joint, 2] @ tip
        for joint, tip in capture.end_sites.items()
    ]
    return np.asarray(np.concatenate([capture.positions[..., 2], np.array(tips).T], 1).min(1))


def _lift(lowest: Floats, stands: Bools, fps: float) -> Floats:
    """Heights above the ground (F,), leg lengths, of leaps alone: short, and with a stand on both sides."""
    window = max(1, round(GROUND_WINDOW_S * fps))
    height = lowest - minimum_filter1d(lowest, window, mode="nearest")
    lift = np.zeros(len(lowest))
    for leap in stretches(~stands & (height > LEAST_JUMP)):
        inside = leap.start > 0 and leap.stop < len(lowest)
        if inside and leap.stop - leap.start <= LONGEST_JUMP_S * fps:
            # Captured ground is not level, and steps lead up: what counts is the height above both
            # take-off and landing.
            rise = height[leap] - max(height[leap.start - 1], height[leap.stop])
            lift[leap] = np.clip(rise, 0, HIGHEST_JUMP)
    return lift
