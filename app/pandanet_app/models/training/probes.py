"""Traces of the same few pictures over a training, and which of them is looked at."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.base import Model
from pandanet_core.lab.frame_trace import FrameTrace

_NAME = re.compile(r"step_(\d+)_picture_(\d+)")
PROBE_VIEWS = (AnchorView.POSITIVE, AnchorView.SELECTED, AnchorView.DIFFERENCE)


@dataclass(frozen=True, eq=False)
class ProbeLook:
    """One picture as the network saw it after so many steps.

    Attributes:
        path: The trace's file.
        trace: What happened at its anchors; None where the file cannot be read.
        picture: (H, W, 3) uint8 RGB; None where there is none.
        problem: What is wrong, in a sentence; empty when all is well.
    """

    path: Path
    trace: FrameTrace | None = None
    picture: NDArray[np.uint8] | None = None
    problem: str = ""


class TrainingProbes(Model):
    """What of the chosen run's pictures is looked at.

    Attributes:
        step: The step that is looked at; None: always the newest.
        view: Which anchors are drawn.
        looks: What was read for the step, in the order of the pictures.
    """

    step: int | None = None
    view: AnchorView = AnchorView.SELECTED
    looks: tuple[ProbeLook, ...] = ()


def probes_by_step(paths: tuple[Path, ...]) -> dict[int, tuple[Path, ...]]:
    """The traces of every step, rising; files with other names are left out."""
    found: dict[int, list[Path]] = {}
    for path in sorted(paths):
        name = _NAME.match(path.stem)
        if name is not None:
            found.setdefault(int(name[1]), []).append(path)
    return {step: tuple(found[step]) for step in sorted(found)}
