"""How long does matching take, in windows and with dense maps, and do both find the same?

Random people of all sizes, many behind one another and some cut by the picture's edges, are matched
with every anchor of a picture on one core.

    python benchmarks/matching.py --help
"""

import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np
import torch
import tyro
from rich.console import Console
from rich.table import Table

from benchmarks.random_training import anchors_for, random_boxes
from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection import match
from pandanet_core.selection.windows import match_in_windows


@dataclass(frozen=True)
class Options:
    """One picture's anchors against its people."""

    width: int = 928
    """Width of the picture, px."""
    height: int = 576
    """Height of the picture, px."""
    stride: int = 8
    """Input pixels an output cell."""
    people: tuple[int, ...] = (1, 20, 60)
    """People in the picture."""
    scenes: int = 20
    """Random pictures for each number of people; the median and the slowest of them are shown."""
    repeats: int = 15
    """Timed runs of each picture, of which the median counts."""
    json: bool = False
    """Print JSON instead of a table."""


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    rows = [measure(people, options) for people in options.people]
    grid = grid_of(options)
    about = {
        "anchors": len(grid.sizes) * grid.rows * grid.columns,
        "torch": torch.__version__,
        "threads": 1,
        "processor": platform.processor() or platform.machine(),
    }
    if options.json:
        print(json.dumps({**about, "rows": rows}))
        return
    table = Table(*(name.replace("_", " ") for name in rows[0]))
    for row in rows:
        table.add_row(*(f"{v:.2f}" if isinstance(v, float) else str(v) for v in row.values()))
    console = Console()
    console.print(", ".join(f"{name} {value}" for name, value in about.items()))
    console.print(table)


def grid_of(options: Options) -> AnchorGrid:
    """Ten anchors at every cell of the picture."""
    sizes = anchors_for(options.width, options.height)
    rows, columns = options.height // options.stride, options.width // options.stride
    return AnchorGrid(sizes, options.stride, rows, columns)


def measure(people: int, options: Options) -> dict[str, float]:
    """Median and slowest scene in windows, median with dense maps, ms; how many people have no
    anchor."""
    grid = grid_of(options)
    random = np.random.default_rng(people)
    windows_ms, dense_ms, positives, hidden = [], [], [], 0
    for _ in range(options.scenes):
        boxes = torch.from_numpy(random_boxes(random, people, options.width, options.height))
        found, dense = match_in_windows(boxes, grid, 0.5), match(boxes, grid)
        same = torch.equal((dense.pono > 0.5).flatten().nonzero().squeeze(1), found.cell)
        if not same or not torch.equal(dense.person.flatten()[found.cell], found.person):
            raise SystemExit("matching.py: windows and dense maps differ")
        hidden += int((found.best_iou == 0).sum())
        positives.append(len(found.cell))
        windows_ms.append(timed_ms(partial(match_in_windows, boxes, grid, 0.5), options.repeats))
        dense_ms.append(timed_ms(partial(match, boxes, grid), 2))
    return {
        "people": people,
        "A+": round(median(positives)),
        "people_without_anchor": hidden,
        "windows_ms": median(windows_ms),
        "windows_slowest_ms": max(windows_ms),
        "dense_ms": median(dense_ms),
    }


def timed_ms(work: Callable[[], object], repeats: int) -> float:
    """Median time in ms."""
    times = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return median(times) * 1e3


if __name__ == "__main__":
    main(tyro.cli(Options))
