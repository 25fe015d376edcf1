"""How fast does `pandanet train` train the small network on a CPU, and how much memory does it take?

Runs the command itself, with its loader, and reads its log; memory is that of all its processes.
Then the same step by step in this process, to say where the time goes.

    python benchmarks/training_speed.py --help
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import tyro
from rich.console import Console

from benchmarks.process_memory import MemoryWatch
from pandanet_core.cpu_threads import let_waiting_threads_sleep
from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_core.training.config import TrainingConfig


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
    let_waiting_threads_sleep()  # as the command does, before torch is imported
    from benchmarks.training_parts import settings, where_the_time_goes

    config = settings(options)
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        watch, log = run_command(Path(folder), config, options.threads)
    counted = log[len(log) // 3 :]
    rates = [numbers["pictures_per_s"] for numbers in counted]
    waited = sum(numbers["waited_for_pictures_s"] for numbers in counted)
    took = sum(options.batch_size / rate for rate in rates)
    console.print(
        f"{options.width}x{options.height}, batch {options.batch_size}, bfloat16, "
        f"{options.threads} threads, {options.workers} workers: "
        f"median {median(rates):.1f} pictures/s, {waited / took:.0%} of the time waiting for pictures"
    )
    parts = ", ".join(f"{part / 1e9:.2f}" for part in watch.peak_parts)
    console.print(f"peak memory {watch.peak_bytes / 1e9:.2f} GB (processes: {parts})")
    console.print(where_the_time_goes(config, options.threads))


def run_command(
    folder: Path, config: "TrainingConfig", threads: int
) -> tuple[MemoryWatch, list[dict[str, float]]]:
    """Train with the command; its memory and its log."""
    from pandanet_core.training.config import write_config

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


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except UserError as error:
        sys.exit(f"training_speed.py: {error}")
