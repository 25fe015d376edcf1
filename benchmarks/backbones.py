"""Which small backbone gives more accuracy for an hour of training and for a millisecond of
detection?

Trains the small network with EfficientNet-Lite0 (from ImageNet weights) and with RepVGG (no such
weights are packaged) on the same batches, says how long each took, and measures both on held-out
pictures.

    python benchmarks/backbones.py --help
"""

import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
import tyro
from rich.console import Console
from rich.table import Table

from pandanet_app.commands.evaluate import Evaluate
from pandanet_core.data.sources import open_samples
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.errors import UserError
from pandanet_core.evaluation.summary import headline
from pandanet_core.network.config import SMALL, SMALL_REPVGG, NetworkConfig
from pandanet_core.training.loop import train
from pandanet_core.training.recipes import laptop, laptop_optimiser


@dataclass(frozen=True)
class Options:
    """EfficientNet-Lite0 against RepVGG under the same pyramid and heads."""

    data: str = "crowd:data-local/crowd"
    """Training pictures, KIND:FOLDER; `pandanet crowd data-local/crowd --pictures 5000` makes them."""
    held_out: str = "crowd:data-local/held-out:test"
    """Pictures to measure on, KIND:FOLDER:SPLIT; benchmarks/generated.py makes them."""
    steps: int = 400
    """Steps of 16 pictures that each is trained for."""
    pictures: int = 150
    """Held-out pictures."""
    threads: int = 2
    """CPU threads."""


def main(options: Options) -> None:
    """Train, measure and print both."""
    torch.set_num_threads(options.threads)
    columns = (
        "backbone",
        "million weights",
        "ms a picture",
        "minutes of training",
        "AP",
        "MPJPE / mean pose's",
    )
    table = Table(*columns)
    with tempfile.TemporaryDirectory() as folder:
        for network in (SMALL, SMALL_REPVGG):
            table.add_row(network.backbone, *measure(network, options, Path(folder)))
    Console(width=110).print(table)


def measure(network: NetworkConfig, options: Options, folder: Path) -> tuple[str, ...]:
    """Train one network; its row of the table."""
    run = folder / network.backbone
    config = replace(
        laptop(),
        data=(options.data,),
        network=network,
        optimiser=laptop_optimiser(cool_down_steps=options.steps // 4),
        steps=options.steps,
    )
    began = perf_counter()
    training = train(
        run, open_samples(options.data), config, False, lambda numbers: None, lambda: False
    )
    minutes = (perf_counter() - began) / 60
    weights = run / "weights.safetensors"
    evaluation = Evaluate(
        subject=weights, data=options.held_out, output=run / "report", pictures=options.pictures
    )
    found = headline(evaluation.evaluate().measurement, DetectorOptions().min_score)
    millions = sum(parameter.numel() for parameter in training.network.parameters()) / 1e6
    return (
        f"{millions:.1f}",
        f"{milliseconds(weights):.0f}",
        f"{minutes:.1f}",
        f"{found.average_precision:.3f}",
        f"{found.mpjpe_mm:.0f} / {found.constant_mpjpe_mm:.0f} mm",
    )


def milliseconds(weights: Path) -> float:
    """Median time of a detection in a picture of 928 x 576 px."""
    detector = Detector(weights)
    image = torch.randint(0, 256, (576, 928, 3), dtype=torch.uint8).numpy()
    times = []
    for _ in range(12):
        began = perf_counter()
        detector(image)
        times.append(perf_counter() - began)
    return median(times[2:]) * 1000


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except UserError as error:
        sys.exit(f"backbones.py: {error}")
