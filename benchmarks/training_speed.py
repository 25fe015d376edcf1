"""How fast does `pandanet train` train the small network on a CPU, and how much memory does it take?

Runs the command itself, with its loader, and reads its log; memory is that of all its processes.
Then the same step by step in this process, to say where the time goes.

    python benchmarks/training_speed.py --help
"""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch
import tyro
from rich.console import Console
from rich.table import Table

from benchmarks.process_memory import MemoryWatch
from pandanet_core.data.loader import AugmentedBatches, batches
from pandanet_core.data.sources import open_mixture
from pandanet_core.errors import UserError
from pandanet_core.training.config import TrainingConfig, write_config
from pandanet_core.training.loop import take_step
from pandanet_core.training.recipes import laptop
from pandanet_core.training.state import Training, begin


@dataclass(frozen=True)
class Options:
    """Whole training steps of the small network in bfloat16."""

    data: str = "crowd:data-local/held-out:test"
    """Training pictures, KIND:FOLDER[:SPLIT]; benchmarks/generated.py makes these."""
    width: int = 512
    """Width of the crops, px."""
    height: int = 320
    """Height of the crops, px."""
    batch_size: int = 8
    """Pictures a step."""
    steps: int = 60
    """Steps; the first third is not counted."""
    threads: int = 2
    """CPU threads of the network."""
    workers: int = 1
    """Processes that prepare pictures."""
    frozen_stages: int = 4
    """First stages of the backbone that keep their weights: the recipe's 4, up to stride 4."""


def main(options: Options) -> None:
    """Print rate, memory and where the time goes."""
    config = settings(options)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        watch, log = run_command(Path(folder), config, options.threads)
    counted = log[len(log) // 3 :]
    rates = [numbers["pictures_per_s"] for numbers in counted]
    waited = sum(numbers["waited_for_pictures_s"] for numbers in counted)
    took = sum(options.batch_size / rate for rate in rates)
    console.print(
        f"{options.width}x{options.height}, batch {options.batch_size}, bfloat16, torch "
        f"{torch.__version__}, {options.threads} threads, {options.workers} workers: "
        f"median {median(rates):.1f} pictures/s, {waited / took:.0%} of the time waiting for pictures"
    )
    parts = ", ".join(f"{part / 1e9:.2f}" for part in watch.peak_parts)
    console.print(f"peak memory {watch.peak_bytes / 1e9:.2f} GB (processes: {parts})")
    console.print(where_the_time_goes(config, options))


def settings(options: Options) -> TrainingConfig:
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


def run_command(
    folder: Path, config: TrainingConfig, threads: int
) -> tuple[MemoryWatch, list[dict[str, float]]]:
    """Train with the command; its memory and its log."""
    write_config(folder / "config.json", config)
    command = (sys.executable, "-m", "pandanet_app", "train", str(folder / "run"), "--config")
    options = (str(folder / "config.json"), "--threads", str(threads), "--progress", "none")
    program = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    watch = MemoryWatch(program.pid)
    watch.start()
    if program.wait() != 0:
        raise UserError("The training failed; it says above why.")
    watch.stop()
    lines = (folder / "run" / "log.jsonl").read_text().splitlines()
    return watch, [json.loads(line) for line in lines]


def where_the_time_goes(config: TrainingConfig, options: Options) -> Table:
    """Milliseconds of each part of a step, means over the steps after the first third."""
    torch.set_num_threads(options.threads)
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


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except UserError as error:
        sys.exit(f"training_speed.py: {error}")
