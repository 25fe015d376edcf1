"""Run folders and weights with λ that a test knows, written by hand as the formats say."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import JTA22, Skeleton
from pandanet_core.weights import Weights, save_weights

EVERY = 100
"""Steps between two points."""


@dataclass(frozen=True, eq=False)
class MadeUpRun:
    """Logarithms of λ: task (T, 4), anchor (T, 2, A), joint (T, 2, A, K), and sizes (A, 2) px."""

    task: NDArray[np.float32]
    anchor: NDArray[np.float32]
    joint: NDArray[np.float32]
    sizes_px: NDArray[np.float32]
    skeleton: Skeleton

    @property
    def steps(self) -> list[int]:
        return [EVERY * (point + 1) for point in range(len(self.task))]

    def until(self, points: int) -> "MadeUpRun":
        return replace(
            self, task=self.task[:points], anchor=self.anchor[:points], joint=self.joint[:points]
        )

    def line(self, point: int) -> str:
        """A point of the history as a run folder keeps it."""
        values = {"task": self.task, "anchor": self.anchor, "joint": self.joint}
        rounded = {
            name: np.round(of[point].astype(float), 5).tolist() for name, of in values.items()
        }
        return json.dumps({"step": self.steps[point], **rounded}) + "\n"

    def header(self, **changed: Any) -> str:
        """The first line of a run folder's λ."""
        said = {
            "format": "pandanet-lambdas",
            "format_version": 1,
            "skeleton": self.skeleton.name,
            "anchor_sizes_px": self.sizes_px.tolist(),
        }
        return json.dumps(said | changed) + "\n"


def made_up_run(
    points: int = 12, anchors: int = 10, skeleton: Skeleton = JTA22, seed: int = 0
) -> MadeUpRun:
    """λ that start at 1 and wander up to their bounds; anchors in no order of size."""
    random = np.random.default_rng(seed)
    grown = np.linspace(0, 1, points)
    ends = {
        "task": random.uniform(-1, 5, 4),
        "anchor": random.uniform(-2, 2, (2, anchors)),
        "joint": random.uniform(-2, 2, (2, anchors, skeleton.joint_count)),
    }
    logs = {
        name: (grown.reshape(-1, *[1] * end.ndim) * end).astype(np.float32)
        for name, end in ends.items()
    }
    heights = random.permutation(np.geomspace(20, 400, anchors))
    sizes = np.stack([heights * 0.4, heights], -1).astype(np.float32)
    return MadeUpRun(logs["task"], logs["anchor"], logs["joint"], sizes, skeleton)


def write_run(folder: Path, run: MadeUpRun) -> Path:
    """A run folder with all points of the history; its file of λ is `folder`/lambdas.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(run.line(point) for point in range(len(run.task)))
    (folder / "lambdas.jsonl").write_text(run.header() + lines)
    (folder / "log.jsonl").write_text("")
    return folder


def append_points(folder: Path, run: MadeUpRun, start: int, stop: int) -> None:
    """Write on, as a training does."""
    with (folder / "lambdas.jsonl").open("a") as file:
        for point in range(start, stop):
            file.write(run.line(point))


def write_weights(path: Path, run: MadeUpRun, history: bool = True, final: bool = True) -> Path:
    """Weights of a tiny network that carry these λ, and their history if wished."""
    config = NetworkConfig(backbone="repvgg", pyramid_channels=8, head_channels=8)
    joints = run.skeleton.joint_count
    network = PandaNet(config, torch.from_numpy(run.sizes_px), joints).eval()
    values = {"task": run.task, "anchor": run.anchor, "joint": run.joint}
    lambdas: Mapping[str, torch.Tensor] = {
        **({name: torch.from_numpy(of[-1].copy()) for name, of in values.items()} if final else {}),
        **(
            {f"history.{name}": torch.from_numpy(of) for name, of in values.items()}
            if history
            else {}
        ),
    }
    notes = {"steps": run.steps[-1]}
    weights = Weights(network, run.skeleton, torch.zeros(joints, 3), lambdas, notes=notes)
    save_weights(path, weights)
    return path
