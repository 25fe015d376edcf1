"""BVH files: a tree of joints and, for each frame, their angles."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

TO_OUR_AXES = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""BVH: x left, y up, z to the front; ours: x left, y to the back, z up."""


@dataclass(frozen=True)
class Capture:
    """A BVH file in our axes: J joints over F frames.

    Attributes:
        name: The file's, without its ending.
        names: Joint names, parents before children; parents (J,) with -1 at the root.
        offsets: (J, 3) from the parent, and end_sites: joint -> offset of its tip.
        rotations: (F, J, 3, 3) global.
        positions: (F, J, 3) global.
        frame_time_s: Time between frames.
    """

    name: str
    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: Floats
    end_sites: dict[int, Floats]
    rotations: Floats
    positions: Floats
    frame_time_s: float


@dataclass(frozen=True)
class _Hierarchy:
    """The first half of a file: names, parents, offsets, tips and channels of all joints."""

    names: list[str]
    parents: list[int]
    offsets: list[list[float]]
    ends: dict[int, list[float]]
    channels: list[list[str]]


def read_bvh(path: Path) -> Capture:
    """Parse a BVH file; UserError where it is cut off, not BVH at all or without a frame time."""
    try:
        text = path.read_text(encoding="utf8", errors="replace")
        hierarchy, _, motion = text.partition("MOTION")
        tree = _read_hierarchy(hierarchy)
        table, frame_time = _read_frames(motion, sum(map(len, tree.channels)))
        turn, place = _poses(tree, table)
    except (ValueError, IndexError, OSError) as error:
        raise UserError(
            f"{path} is no sound BVH file ({error}); remove it or copy it again."
        ) from error
    axes = TO_OUR_AXES
    return Capture(
        name=path.stem,
        names=tuple(tree.names),
        parents=tuple(tree.parents),
        offsets=np.array(tree.offsets) @ axes.T,
        end_sites={joint: axes @ np.array(offset) for joint, offset in tree.ends.items()},
        rotations=axes @ turn @ axes.T,
        positions=place @ axes.T,
        frame_time_s=frame_time,
    )


def _read_frames(motion: str, columns: int) -> tuple[Floats, float]:
    """The numbers of all frames (F, C) and the time between two, s; ValueError where some lack."""
    lines = [line for line in motion.splitlines() if line.strip()]
    if len(lines) < 3 or not columns:
        raise ValueError("it has no frames")
    frames, frame_time = int(lines[0].split()[-1]), float(lines[1].split()[-1])
    if frames < 1:
        raise ValueError("it has no frames")
    if not 0 < frame_time < np.inf:
        raise ValueError("it has no frame time")
    numbers = " ".join(lines[2:]).split()
    if len(numbers) < frames * columns:
        raise ValueError("it is cut off")
    table = np.array(numbers[: frames * columns], dtype=float).reshape(frames, columns)
    if not np.isfinite(table).all():
        raise ValueError("some of its numbers are not finite")
    return table, frame_time


def _read_hierarchy(text: str) -> _Hierarchy:
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
                names.append(" ".join(words[1:]))
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
                x, y, z = (float(word) for word in words[1:4])
                if at_end:
                    ends[open_joints[-1]] = [x, y, z]
                else:
                    offsets[-1] = [x, y, z]
            case ["CHANNELS"]:
                channels[-1] = words[2:]
    if open_joints or not names:
        raise ValueError("its hierarchy is not closed")
    return _Hierarchy(names, parents, offsets, ends, channels)


def _poses(tree: _Hierarchy, table: Floats) -> tuple[Floats, Floats]:
    """Global rotations (F, J, 3, 3) and positions (F, J, 3) of the joints from the frames (F, C).

    Where a joint has positions among its channels they stand for its offset.
    """
    turn = np.tile(np.eye(3), (len(table), len(tree.names), 1, 1))
    place = np.zeros((len(table), len(tree.names), 3))
    column = 0
    for joint, (parent, channels) in enumerate(zip(tree.parents, tree.channels, strict=True)):
        moved = np.tile(np.array(tree.offsets[joint]), (len(table), 1))
        for channel in channels:
            axis, values = "XYZ".index(channel[:1].upper()), table[:, column]
            column += 1
            if channel.lower().endswith("rotation"):
                turn[:, joint] = turn[:, joint] @ _about(axis, values)
            else:
                moved[:, axis] = values
        if parent >= 0:
            place[:, joint] = place[:, parent] + np.einsum("fij,fj->fi", turn[:, parent], moved)
            turn[:, joint] = turn[:, parent] @ turn[:, joint]
        else:
            place[:, joint] = moved
    return turn, place


def _about(axis: int, degrees: Floats) -> Floats:
    """Rotations (F, 3, 3) about a coordinate axis: millions of them, so without Rodrigues' formula."""
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    turn = np.zeros((len(degrees), 3, 3))
    turn[:, axis, axis] = 1
    turn[:, first, first] = turn[:, second, second] = cosine
    turn[:, second, first], turn[:, first, second] = sine, -sine
    return turn
