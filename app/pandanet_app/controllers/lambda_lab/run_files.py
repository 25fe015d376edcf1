"""Which paths are trainings: run folders, and the weights that come of them."""

from pathlib import Path

WEIGHTS_SUFFIX = ".safetensors"
_SIGNS = ("lambdas.jsonl", "log.jsonl", "lock", "checkpoints", "weights.safetensors")
"""What a training makes, the first of it as soon as it starts."""


def is_training(path: Path) -> bool:
    """Whether a path is a run folder or a weights file, by its name and what lies in it."""
    if path.suffix == WEIGHTS_SUFFIX:
        return True
    return path.is_dir() and any((path / sign).exists() for sign in _SIGNS)
