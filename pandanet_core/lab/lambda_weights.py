"""The learned loss weights λ that weights carry, and their history: read without torch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from pandanet_core.errors import UserError
from pandanet_core.lab.lambda_history import (
    FAMILIES,
    STEPS_BETWEEN_POINTS,
    LambdaHistory,
    history_of_logs,
    shapes_of,
)
from pandanet_core.skeleton import skeleton_named
from pandanet_core.weights_notes import LAMBDA_PREFIX, checked_notes


def read_weights_history(file: Path, name: str) -> LambdaHistory:
    """The λ of a weights file; UserError says what is wrong with it, or that it has none."""
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
    last = {key: stored.get(LAMBDA_PREFIX + key) for key in FAMILIES}
    past = {key: stored.get(f"{LAMBDA_PREFIX}history.{key}") for key in FAMILIES}
    steps, logs, note = _points(file, notes, last, past)
    sizes_px = stored["network.anchors"].astype(np.float32)
    shapes = shapes_of(len(sizes_px), len(joints))
    for key, shape in zip(FAMILIES, shapes, strict=True):
        if logs[key].shape != (len(steps), *shape) or not np.isfinite(logs[key]).all():
            raise UserError(f"{file} is damaged: its λ do not fit its anchors; fetch it again.")
    return history_of_logs(name, steps, logs, sizes_px, joints, note)


def _points(
    file: Path,
    notes: Mapping[str, Any],
    last: Mapping[str, NDArray[Any] | None],
    past: Mapping[str, NDArray[Any] | None],
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]], str]:
    """Steps, log λ by family, and what is missing."""
    final = {key: value[None] for key, value in last.items() if value is not None}
    history = {key: value for key, value in past.items() if value is not None}
    if len(history) == len(FAMILIES) and len(history["task"]):
        steps = (np.arange(len(history["task"])) + 1) * STEPS_BETWEEN_POINTS
        return steps, history, ""
    if len(final) == len(FAMILIES):
        done = notes.get("steps")
        steps = np.array([done if isinstance(done, int) else 0])
        note = f"{file.name} holds the last λ alone, without their history."
        return steps, final, note
    raise UserError(
        f"{file} holds no λ, which 'pandanet train' stores; people, anchors and maps can be looked "
        "at with it all the same."
    )
