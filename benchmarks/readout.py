"""Are poses read at the surviving anchors the same as in the dense maps, and how much faster?

Runs the network once on a frame, chooses anchors as survivors, and reads their poses both ways.
Dense
maps cost the same for one person and for sixty; reading at survivors costs next to nothing.

    python benchmarks/readout.py --help
"""

import platform
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
import tyro
from rich.console import Console
from rich.table import Table

from pandanet_core.assets import asset_path
from pandanet_core.detector import DEFAULT_WEIGHTS
from pandanet_core.network.layers import fuse_batch_norm
from pandanet_core.network.pictures import normalise
from pandanet_core.weights import load_weights


@dataclass(frozen=True)
class Options:
    """Dense maps against the readout at survivors, in float32."""

    weights: Path | None = None
    """Weights file; the packaged one by default."""
    width: int = 928
    """Width of the picture, px."""
    height: int = 576
    """Height of the picture, px."""
    repeats: int = 15
    """Timed runs of each; the two take turns and the median counts."""
    threads: int = 2
    """CPU threads."""


@torch.inference_mode()
def main(options: Options) -> None:
    """Print the largest difference and the median times."""
    torch.set_num_threads(options.threads)
    network = load_weights(options.weights or asset_path(DEFAULT_WEIGHTS)).network
    fuse_batch_norm(network)
    torch.manual_seed(0)
    image = torch.randint(0, 256, (1, options.height, options.width, 3), dtype=torch.uint8)
    batch = normalise(image)
    features = network(batch)
    grid = network.grid(*batch.shape[2:])
    table = Table(
        "people", "largest difference", "dense maps, ms", "at survivors, ms", "times faster"
    )
    for people in (1, 10, 60):
        at = tuple(torch.randint(0, size, (people,)) for size in grid.shape)
        picture = torch.zeros(people, dtype=torch.long)
        dense_s, sparse_s = [], []
        for _ in range(options.repeats):
            began = perf_counter()
            dense2d, dense3d = network.dense_outputs(features)[1:]
            middle = perf_counter()
            outputs = network.read_at(features, grid, picture, *at)
            sparse_s.append(perf_counter() - middle)
            dense_s.append(middle - began)
        anchor, row, column = at
        difference = max(
            float((dense2d[0, anchor, :, :, row, column] - outputs.pose2d).abs().max()),
            float((dense3d[0, anchor, :, :, row, column] - outputs.pose3d).abs().max()),
        )
        dense_ms, sparse_ms = median(dense_s) * 1e3, median(sparse_s) * 1e3
        table.add_row(
            str(people),
            f"{difference:.1e}",
            f"{dense_ms:.1f}",
            f"{sparse_ms:.2f}",
            f"{dense_ms / sparse_ms:.0f}",
        )
    console = Console()
    console.print(
        f"{options.width}x{options.height}, torch {torch.__version__}, {options.threads} threads, "
        f"{platform.processor() or platform.machine()}, medians of {options.repeats}"
    )
    console.print(table)


if __name__ == "__main__":
    main(tyro.cli(Options))
