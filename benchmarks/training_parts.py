"""Where the time of a training step goes; for benchmarks/training_speed.py."""

import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import torch
from rich.table import Table

from pandanet_core.data.loader import AugmentedBatches, batches
from pandanet_core.data.sources import open_mixture
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.loop import take_step
from pandanet_core.training.recipes import laptop
from pandanet_core.training.state import Training, begin

if TYPE_CHECKING:
    from benchmarks.training_speed import Options


def settings(options: "Options") -> TrainingConfig:
    """The laptop's recipe at this size."""
    config = laptop()
    size = replace(config.augmentation, width_px=options.width, height_px=options.height)
    return replace(
        config,
        data=(options.data,),
        augmentation=size,
        batch_size=options.batch_size,
        steps=options.steps,
        frozen_stages=options.frozen_stages,
        workers=options.workers,
        device="cpu",
    )


def where_the_time_goes(config: TrainingConfig, threads: int) -> Table:
    """Milliseconds of each part of a step, means over the steps after the first third."""
    torch.set_num_threads(threads)
    mixture = open_mixture(config.data)
    data = AugmentedBatches(mixture, config.batch_size, config.augmentation, config.seed)
    training = begin(data, config, torch.device("cpu"))
    spent: dict[str, float] = defaultdict(float)
    watch_parts(training, spent)
    endless = batches(data, 0, config.workers)
    counted = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(config.steps):
            if number == config.steps // 3:
                spent.clear()
            began = perf_counter()
            batch = next(endless)
            got = perf_counter()
            take_step(training, batch, config, Path(folder))
            spent["waiting for pictures"] += got - began
            spent["whole step"] += perf_counter() - began
            counted += number >= config.steps // 3
    endless.close()
    table = Table("part of a step", "ms", "share")
    named = sum(seconds for part, seconds in spent.items() if part != "whole step")
    spent["rest: clipping, running mean, numbers"] = spent["whole step"] - named
    for part, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        share = seconds / spent["whole step"]
        table.add_row(part, f"{seconds / counted * 1000:.0f}", f"{share:.0%}")
    return table


def watch_parts(training: Training, spent: dict[str, float]) -> None:
    """Let the parts of a training add the seconds they take to `spent`."""
    objective, optimiser = training.objective, training.optimiser
    began: dict[str, float] = {}

    def start(part: str) -> None:
        began[part] = perf_counter()

    def end(part: str) -> None:
        spent[part] += perf_counter() - began[part]

    def forwards_done(*_: Any) -> None:
        end("forward: losses")
        start("backward")

    training.network.register_forward_pre_hook(lambda *_: start("forward: network"))
    training.network.register_forward_hook(
        lambda *_: (end("forward: network"), start("forward: losses"))[0]  # type: ignore[func-returns-value]
    )
    objective.register_forward_hook(forwards_done)
    last = next(p for p in training.network.parameters() if p.requires_grad)
    last.register_post_accumulate_grad_hook(lambda _: end("backward"))
    optimiser.register_step_pre_hook(lambda *_: start("optimiser"))
    optimiser.register_step_post_hook(lambda *_: end("optimiser"))
