"""Going on from a checkpoint, with the settings that it was made with."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pandanet_core.errors import UserError
from pandanet_core.training.checkpoint import Checkpoint, load_checkpoint
from pandanet_core.training.config import (
    CONFIG_FILE,
    MAY_CHANGE,
    TrainingConfig,
    from_json,
    read_config,
)


def checkpoint_to_resume(run: Path, config: TrainingConfig, new_data: bool) -> Checkpoint:
    """The run's newest whole checkpoint; UserError where there is none, or where `config` is not
    what it was made with (see refuse_changes).

    Checkpoints of older versions do not hold their settings: config.json stands in.
    """
    checkpoint = load_checkpoint(run / "checkpoints")
    file = run / CONFIG_FILE
    if "config" in checkpoint.state:
        made_with = from_json(checkpoint.state["config"], file)
    else:
        made_with = read_config(file) if file.exists() else config
    refuse_changes(made_with, config, new_data)
    return checkpoint


def refuse_changes(made_with: TrainingConfig, wanted: TrainingConfig, new_data: bool) -> None:
    """UserError names the settings that differ from those that a training was made with.

    Args:
        made_with: Settings of the checkpoint.
        wanted: Settings to go on with.
        new_data: Other data is meant to be.
    """
    allowed = MAY_CHANGE | {"data"} if new_data else MAY_CHANGE
    before, after = _flat(asdict(made_with)), _flat(asdict(wanted))
    changed = [
        f"{name} was {_short(before[name])} and is {_short(value)}"
        for name, value in after.items()
        if name.partition(".")[0] not in allowed and value != before[name]
    ]
    if changed:
        hint = "; name other data with --data" if "data" not in allowed else ""
        raise UserError(
            f"A training goes on with the settings it was made with: {', '.join(changed)}. Put "
            f"them back, or start in another folder (with --initial to keep the weights){hint}."
        )


def _flat(settings: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[before + name] = value
    return flat


def _short(value: Any) -> str:
    """A value that fits into a sentence."""
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
