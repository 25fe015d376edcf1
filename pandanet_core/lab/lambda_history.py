"""The learned loss weights λ over a training (Eq. 11-14), read from a run folder or from weights.

A run folder keeps them in LAMBDA_FILE: a first line that says what they are of, then a JSON line
every so many steps with log λ. Weights carry the history up to the step they were saved at.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from pandanet_core.errors import UserError
from pandanet_core.skeleton import skeleton_named
from pandanet_core.weights_notes import LAMBDA_PREFIX, checked_notes

LAMBDA_FILE = "lambdas.jsonl"
LAMBDA_FORMAT = "pandanet-lambdas"
LAMBDA_FORMAT_VERSION = 1
STEPS_BETWEEN_POINTS = 100
"""How often a training keeps its λ."""
TASKS = ("score", "box", "2D pose", "3D pose")
"""What the four task λ weigh, in their order."""

_WEIGHTS_FILE = "weights.safetensors"
_FAMILIES = ("task", "anchor", "joint")
_LINES_BETWEEN_REPORTS = 200

Floats = NDArray[np.float32]
Report = Callable[[float], None]
"""Told the share that is done, 0 to 1; what it raises ends the reading."""


@dataclass(frozen=True, eq=False)
class LambdaHistory:
    """Every λ of a training at T points in time; each is positive, and 1 before it has learned.

    Attributes:
        steps: (T,) steps done, rising.
        task: (T, 4) of score, box, 2D pose and 3D pose.
        anchor_cls: (T, A) of each kind of anchor, for the score.
        anchor_loc: (T, A) for the box.
        joint_2d: (T, A, K) of each kind of anchor and joint, for the 2D pose.
        joint_3d: (T, A, K) for the 3D pose.
        anchor_sizes_px: (A, 2) widths and heights in px of the network's input.
        joint_names: K, in the order of the skeleton.
        name: What the run or the weights are called.
        note: What is missing or was left out, in a sentence; empty where nothing is.
    """

    steps: NDArray[np.int64]
    task: Floats
    anchor_cls: Floats
    anchor_loc: Floats
    joint_2d: Floats
    joint_3d: Floats
    anchor_sizes_px: Floats
    joint_names: tuple[str, ...]
    name: str
    note: str = ""

    def __len__(self) -> int:
        return len(self.steps)

    def index_at(self, step: int) -> int:
        """The last point that is not after `step`; the first one for earlier steps."""
        return max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)


def read_lambda_history(path: Path, report: Report = lambda share: None) -> LambdaHistory:
    """The λ of a run folder, also of one that is being written to, or of a weights file.

    Raises:
        UserError: There is nothing of that kind, no λ in it, it is damaged, or it was made for a
            newer version.
    """
    try:
        if not path.is_dir():
            return _from_weights(path, path.stem)
        if (path / LAMBDA_FILE).is_file():
            return _from_run(path / LAMBDA_FILE, report)
        if (path / _WEIGHTS_FILE).is_file():
            return _from_weights(path / _WEIGHTS_FILE, path.name)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check the path.") from error
    raise UserError(
        f"{path} holds neither {LAMBDA_FILE} nor {_WEIGHTS_FILE}; name the run folder of a training "
        "that has begun."
    )


def _from_run(file: Path, report: Report) -> LambdaHistory:
    lines = file.read_bytes().split(b"\n")
    sizes_px, joints = _header(file, lines[0])
    shapes = _shapes(len(sizes_px), len(joints))
    points: dict[int, list[Floats]] = {}
    unreadable = 0
    # What follows the last line's end is still being written, or was cut off by a kill.
    for number, line in enumerate(lines[1:-1]):
        if number % _LINES_BETWEEN_REPORTS == 0:
            report(number / len(lines))
        point = _point(line, shapes)
        if point is None:
            unreadable += 1
        else:
            points[point[0]] = point[1]
    if not points:
        raise UserError(f"{file} holds no λ yet; look again when the training has begun.")
    steps = sorted(points)
    logs = {
        name: np.stack([points[step][place] for step in steps])
        for place, name in enumerate(_FAMILIES)
    }
    note = f"{unreadable} points of the history are damaged and left out." if unreadable else ""
    report(1.0)
    return _history(file.parent.name, np.array(steps), logs, sizes_px, joints, note)


def _header(file: Path, line: bytes) -> tuple[Floats, tuple[str, ...]]:
    """Sizes of the anchors and names of the joints."""
    try:
        header = json.loads(line)
        if header["format"] != LAMBDA_FORMAT:
            raise ValueError("another format")
        version = int(header["format_version"])
        if version <= LAMBDA_FORMAT_VERSION:
            sizes_px = np.array(header["anchor_sizes_px"], np.float32).reshape(-1, 2)
            joints = skeleton_named(header["skeleton"]).joints
    except (ValueError, KeyError, TypeError, RecursionError, UserError) as error:
        raise UserError(
            f"{file} is damaged: its first line does not say what the λ are of; open the run's "
            f"{_WEIGHTS_FILE} instead."
        ) from error
    if version > LAMBDA_FORMAT_VERSION:
        raise UserError(
            f"{file} was made for a newer version of PandaNet (format {version}); update the "
            "program."
        )
    return sizes_px, joints


def _point(line: bytes, shapes: tuple[tuple[int, ...], ...]) -> tuple[int, list[Floats]] | None:
    """Step and log λ by family; None where the line is damaged."""
    try:
        values = json.loads(line)
        step = int(values["step"])
        logs = [np.array(values[name], np.float32) for name in _FAMILIES]
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    right = all(
        log.shape == shape and np.isfinite(log).all()
        for log, shape in zip(logs, shapes, strict=True)
    )
    return (step, logs) if right else None


def _from_weights(file: Path, name: str) -> LambdaHistory:
    if not file.is_file():
        raise UserError(f"There is no run folder or weights file {file}; check the path.")
    try:
        with safe_open(file, framework="np") as opened:
            metadata = opened.metadata() or {}
            stored = {
                key: opened.get_tensor(key)
                for key in opened.keys()  # noqa: SIM118  (not a dict)
                if key.startswith(LAMBDA_PREFIX) or key == "network.anchors"
            }
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise UserError(f"{file} is damaged or no weights file; fetch it again.") from error
    notes = checked_notes(file, metadata)
    joints = skeleton_named(metadata.get("skeleton", "")).joints
    if "network.anchors" not in stored:
        raise UserError(f"{file} holds no anchors, so that nothing can be read with it.")
    last = {key: stored.get(LAMBDA_PREFIX + key) for key in _FAMILIES}
    past = {key: stored.get(f"{LAMBDA_PREFIX}history.{key}") for key in _FAMILIES}
    steps, logs, note = _points(file, notes, last, past)
    sizes_px = stored["network.anchors"].astype(np.float32)
    shapes = _shapes(len(sizes_px), len(joints))
    for key, shape in zip(_FAMILIES, shapes, strict=True):
        if logs[key].shape != (len(steps), *shape) or not np.isfinite(logs[key]).all():
            raise UserError(f"{file} is damaged: its λ do not fit its anchors; fetch it again.")
    return _history(name, steps, logs, sizes_px, joints, note)


def _points(
    file: Path,
    notes: Mapping[str, Any],
    last: Mapping[str, NDArray[Any] | None],
    past: Mapping[str, NDArray[Any] | None],
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]], str]:
    """Steps, log λ by family, and what is missing."""
    final = {key: value[None] for key, value in last.items() if value is not None}
    history = {key: value for key, value in past.items() if value is not None}
    if len(history) == len(_FAMILIES) and len(history["task"]):
        steps = (np.arange(len(history["task"])) + 1) * STEPS_BETWEEN_POINTS
        return steps, history, ""
    if len(final) == len(_FAMILIES):
        done = notes.get("steps")
        steps = np.array([done if isinstance(done, int) else 0])
        note = f"{file.name} holds the last λ alone, without their history."
        return steps, final, note
    raise UserError(
        f"{file} holds no λ, which 'pandanet train' stores; people, anchors and maps can be looked "
        "at with it all the same."
    )


def _shapes(anchors: int, joints: int) -> tuple[tuple[int, ...], ...]:
    return (4,), (2, anchors), (2, anchors, joints)


def _history(
    name: str,
    steps: NDArray[np.int64],
    logs: Mapping[str, NDArray[Any]],
    sizes_px: Floats,
    joints: tuple[str, ...],
    note: str,
) -> LambdaHistory:
    task, anchor, joint = (np.exp(logs[key].astype(np.float32)) for key in _FAMILIES)
    return LambdaHistory(
        steps,
        task,
        anchor[:, 0],
        anchor[:, 1],
        joint[:, 0],
        joint[:, 1],
        sizes_px,
        joints,
        name,
        note,
    )
