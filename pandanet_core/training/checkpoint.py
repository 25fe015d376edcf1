"""Everything a training needs to go on as if it had never stopped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error

FILE_NAME = "last.pt"


@dataclass(frozen=True)
class Checkpoint:
    """State after `step` steps.

    Attributes:
        step: Steps done.
        state: "network", "average", "loss_weights" and "optimiser" state dicts, "mean_pose3d",
            "history".
    """

    step: int
    state: dict[str, Any]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write folder/last.pt under a temporary name first; a kill leaves the one before."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, path) from error
    part = part_path(path)
    try:
        with part.open("wb") as file:
            torch.save({"step": checkpoint.step, **checkpoint.state}, file)
        publish(part, path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        # torch puts a RuntimeError of its own round what the disk said.
        said = error.__context__ if isinstance(error.__context__, OSError) else error
        raise write_error(said, path) from error


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read folder/last.pt without unpickling anything but tensors and plain values; UserError when
    it is unusable."""
    path = folder / FILE_NAME
    if not path.is_file():
        raise UserError(
            f"{folder} holds no checkpoint to resume from; start the training without --resume."
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return Checkpoint(int(state.pop("step")), state)
    except Exception as error:  # torch.load raises whatever a damaged file provokes
        raise UserError(f"{path} is damaged; start a new training or restore the file.") from error
