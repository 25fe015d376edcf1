"""Everything a training needs to go on as if it had never stopped."""

import os
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error

FILE_NAME = "last.pt"
PREVIOUS_NAME = "previous.pt"


@dataclass(frozen=True)
class Checkpoint:
    """State after `step` steps.

    Attributes:
        step: Steps done.
        state: "network", "average", "loss_weights" and "optimiser" state dicts, "mean_pose3d",
            "history"; "random", torch's generators; "config", the settings as JSON. Those of older
            versions lack the last two.
    """

    step: int
    state: dict[str, Any]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write folder/last.pt under a temporary name first; the one before stays as previous.pt.

    A kill at any moment leaves at least one whole checkpoint: a damaged last.pt is replaced, and
    never takes the place of previous.pt. UserError when the disk does not take it.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, path) from error
    part = part_path(path)
    try:
        with part.open("wb") as file:
            torch.save({"step": checkpoint.step, **checkpoint.state}, file)
            file.flush()
            os.fsync(file.fileno())  # a full disk shows here, while both checkpoints are in place
        if _is_whole(path):
            path.replace(folder / PREVIOUS_NAME)
        publish(part, path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        # torch puts a RuntimeError of its own round what the disk said.
        said = error.__context__ if isinstance(error.__context__, OSError) else error
        raise write_error(said, path) from error


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read the newest whole checkpoint without unpickling anything but tensors and plain values.

    Where last.pt is missing or damaged, previous.pt is read, with a warning if it is damaged.
    UserError when neither is usable.
    """
    present = [folder / name for name in (FILE_NAME, PREVIOUS_NAME) if (folder / name).is_file()]
    if not present:
        raise UserError(
            f"{folder} holds no checkpoint to resume from; start the training without --resume."
        )
    for path in present:
        checkpoint = _read(path)
        if checkpoint is not None:
            if path is not present[0]:
                warnings.warn(f"{present[0]} is damaged; going on from {path.name}.", stacklevel=2)
            return checkpoint
    both = ", and so is the one before" if len(present) > 1 else ""
    raise UserError(f"{present[0]} is damaged{both}; start a new training or restore the file.")


def _read(path: Path) -> Checkpoint | None:
    """The checkpoint in a file, None when it is damaged."""
    if not _is_whole(path):
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return Checkpoint(int(state.pop("step")), state)
    except Exception:  # torch.load raises whatever a damaged file provokes
        return None


def _is_whole(path: Path) -> bool:
    """Whether all checksums of a file are right, which torch.load does not compare."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:  # zipfile raises whatever a damaged file provokes
        return False
