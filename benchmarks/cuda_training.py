"""How fast does a GPU train, how much of its arithmetic is used, and what do matching and losses
cost?

Whole training steps on random pictures that already lie on the device: matching, forward, selection
and losses, backward, optimiser, numbers for the log; without the loader, which has a benchmark of
its own. The device's bf16 matrix rate is measured in the same run with a large product. A step of
the network alone (the same without matching, selection and losses) says what these cost.

    python benchmarks/cuda_training.py --help
    python benchmarks/cuda_training.py --tiny      # on any machine, to see that it works
"""

import json
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
import tyro
from rich.console import Console
from rich.table import Table
from torch import nn

from benchmarks.random_training import BatchOptions, anchors_for, fresh_training, random_batch
from pandanet_core.data.loader import Batch
from pandanet_core.network.config import FULL, SMALL, NetworkConfig
from pandanet_core.network.pictures import normalise
from pandanet_core.network.summary import describe_network
from pandanet_core.training.average import update_average
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.loop import take_step
from pandanet_core.training.state import Training

TINY = NetworkConfig("repvgg", 8, 1, 8, 1)
"""As small as a backbone allows."""


@dataclass(frozen=True)
class Options(BatchOptions):
    """Training speed of `full` and `small` on a CUDA device, in bfloat16."""

    pictures: int = 24
    """Pictures in a batch: the paper's."""
    people: int = 20
    """People in each picture."""
    steps: int = 30
    """Steps timed together, three times; the median counts."""
    warm_up: int = 10
    """Steps before, in which kernels are chosen."""
    matrix: int = 8192
    """Side of the square matrices whose product measures the device."""
    compile: bool = False
    """Put the network through torch.compile."""
    tiny: bool = False
    """A tiny network, few pictures and any device: a check that everything runs."""
    json: bool = False
    """Print JSON instead of a table."""


@dataclass(frozen=True)
class Row:
    """One network.

    Attributes:
        network: Name.
        pictures_per_s: Whole steps.
        teraflops: Useful operations a second: three times the forward pass's convolutions, without
            the output convolutions, which run at A+ only.
        share_of_matrix_rate: The same as a share of the device's own bf16 matrix rate.
        share_of_matching_and_loss: What a whole step takes longer than the network alone.
        matching_ms: Matching alone, a batch.
        waits_a_step: How often a step waits for the device; None without CUDA.
        peak_gib: Most memory held on the device; None without CUDA.
    """

    network: str
    pictures_per_s: float
    teraflops: float
    share_of_matrix_rate: float
    share_of_matching_and_loss: float
    matching_ms: float
    waits_a_step: int | None
    peak_gib: float | None


def main(options: Options) -> None:
    """Measure and print; says so where there is no CUDA device and --tiny is not given."""
    if not options.tiny and not torch.cuda.is_available():
        print("No CUDA device here, so nothing was measured; --tiny runs anywhere.")
        return
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    networks = {"full": FULL, "small": SMALL}
    if options.tiny:
        networks = {"tiny": TINY}
        options = replace(
            options, width=64, height=64, pictures=2, people=3, steps=2, warm_up=1, matrix=256
        )
    torch.backends.cudnn.benchmark = True
    rate = matrix_rate(device, options.matrix)
    rows = [measure(name, config, device, rate, options) for name, config in networks.items()]
    name = torch.cuda.get_device_name() if device.type == "cuda" else "CPU"
    about = {"device": name, "torch": torch.__version__, "matrix_teraflops": rate / 1e12}
    about |= {"size": f"{options.width}x{options.height}", "batch": options.pictures}
    if options.json:
        print(json.dumps({**about, "rows": [asdict(row) for row in rows]}))
        return
    table = Table("", *(row.network for row in rows))
    columns = [list(asdict(row).items())[1:] for row in rows]
    for line in zip(*columns, strict=True):
        values = (f"{v:.3g}" if isinstance(v, float) else str(v) for _, v in line)
        table.add_row(line[0][0].replace("_", " "), *values)
    console = Console()
    console.print(", ".join(f"{key} {value}" for key, value in about.items()))
    console.print(table)


def measure(
    name: str, network: NetworkConfig, device: torch.device, rate: float, options: Options
) -> Row:
    """Train one network for some steps."""
    config = TrainingConfig(
        ("random",), network=network, bfloat16=True, pretrained=False, compile=options.compile
    )
    training = fresh_training(config, anchors_for(options.width, options.height), device)
    if options.compile:
        training.network.compile()
    batches = [random_batch(seed, options).to(device) for seed in range(3)]
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    with tempfile.TemporaryDirectory() as run:
        whole = partial(take_step, training, config=config, run=Path(run))
        whole_s = timed_s(whole, batches, device, options)
        waits = count_waits(partial(whole, batches[0])) if device.type == "cuda" else None
    peak = torch.cuda.max_memory_allocated() / 2**30 if device.type == "cuda" else None
    alone_s = timed_s(partial(network_step, training, config=config), batches, device, options)
    matching_s = timed_s(training.objective.positives, batches, device, options)
    flops = 3 * options.pictures * useful_flops(network, options) / whole_s
    return Row(
        name,
        options.pictures / whole_s,
        flops / 1e12,
        flops / rate,
        max(1 - alone_s / whole_s, 0.0),
        matching_s * 1e3,
        waits,
        peak,
    )


def network_step(training: Training, batch: Batch, config: TrainingConfig) -> None:
    """A step without matching, selection and losses: the gradient of the heads' features is 1."""
    training.optimiser.zero_grad(set_to_none=True)
    images = normalise(batch.images)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=config.bfloat16):
        features = training.network(images)
    heads = list(vars(features).values())
    torch.autograd.backward(heads, [torch.ones_like(head) for head in heads])
    nn.utils.clip_grad_norm_(training.network.parameters(), 1.0).item()
    training.optimiser.step()
    update_average(training.average, training.network, 1, config.optimiser.average_decay)


def useful_flops(network: NetworkConfig, options: Options) -> float:
    """Operations of the forward pass for one picture, without the output convolutions."""
    summary = describe_network(network, options.width, options.height)
    outputs = sum(part.multiply_adds for part in summary.parts if part.name == "outputs")
    return 2.0 * (summary.total.multiply_adds - outputs)


def matrix_rate(device: torch.device, side: int) -> float:
    """Operations a second of a product of two square bf16 matrices, the best of ten."""
    first, second = (torch.randn(side, side, device=device, dtype=torch.bfloat16) for _ in "ab")
    times = []
    for _ in range(12):
        wait(device)
        began = perf_counter()
        torch.mm(first, second)
        wait(device)
        times.append(perf_counter() - began)
    return float(2 * side**3 / min(times[2:]))


def timed_s(
    work: Callable[[Batch], object], batches: list[Batch], device: torch.device, options: Options
) -> float:
    """Seconds of one call, on average: nothing waits for the device between the calls."""
    for number in range(options.warm_up):
        work(batches[number % len(batches)])
    rounds = []
    for _ in range(3):
        wait(device)
        began = perf_counter()
        for number in range(options.steps):
            work(batches[number % len(batches)])
        wait(device)
        rounds.append((perf_counter() - began) / options.steps)
    return median(rounds)


def count_waits(work: Callable[[], object]) -> int:
    """How many operations of a step wait for the device, as CUDA itself reports them."""
    torch.cuda.set_sync_debug_mode("warn")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            work()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return sum("synchroniz" in str(warning.message) for warning in caught)


def wait(device: torch.device) -> None:
    """Until the device has done everything."""
    if device.type == "cuda":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main(tyro.cli(Options))
