"""Does the loader keep up with the training? Decoding, augmenting and collating alone.

Counts batches that one process makes, then those that worker processes hand over; training needs at
least half of that (benchmarks/training_speed.py says how much it takes).

    python benchmarks/loader_speed.py --help
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter

import cv2
import tyro
from rich.console import Console
from rich.table import Table

from pandanet_core.data.loader import AugmentedBatches, Batch, batches, collate
from pandanet_core.data.sources import open_mixture
from pandanet_core.data.transforms import augment
from pandanet_core.errors import UserError
from pandanet_core.training.recipes import laptop


@dataclass(frozen=True)
class Options:
    """Pictures a second of the loader."""

    data: tuple[str, ...] = ("crowd:data-local/held-out:test",)
    """Training pictures, KIND:FOLDER[:SPLIT][@SHARE]; benchmarks/generated.py makes these."""
    width: int = 512
    """Width of the crops, px."""
    height: int = 320
    """Height of the crops, px."""
    batch_size: int = 8
    """Pictures of a batch."""
    pictures: int = 400
    """Pictures counted, after as many as warm up."""
    workers: tuple[int, ...] = (1, 2)
    """Numbers of worker processes to measure."""


def main(options: Options) -> None:
    """Print pictures a second, and where one process's time goes."""
    table = Table("made by", "pictures/s")
    data = open_data(options)
    for count in (0, *options.workers):
        endless = batches(data, 0, count)
        rate = rate_of(endless, options)
        endless.close()
        name = f"{count} workers" if count > 1 else "1 worker"
        table.add_row(name if count else "this process", f"{rate:.0f}")
    console = Console()
    console.print(f"{options.width}x{options.height}, {', '.join(options.data)}")
    console.print(table)
    for part, seconds in parts_of_a_picture(data, options).items():
        console.print(f"{part}: {seconds * 1000:.1f} ms a picture")


def open_data(options: Options) -> AugmentedBatches:
    """As a training opens it, with the laptop's augmentation."""
    size = replace(laptop().augmentation, width_px=options.width, height_px=options.height)
    return AugmentedBatches(open_mixture(options.data), options.batch_size, size, seed=0)


def rate_of(endless: Iterator[Batch], options: Options) -> float:
    """Pictures a second that come out, once they flow."""
    count = max(options.pictures // options.batch_size, 1)
    for _ in islice(endless, count):
        pass
    began = perf_counter()
    for _ in islice(endless, count):
        pass
    return count * options.batch_size / (perf_counter() - began)


def parts_of_a_picture(data: AugmentedBatches, options: Options) -> dict[str, float]:
    """Seconds for each part of making a picture, one after the other."""
    cv2.setNumThreads(1)
    count = max(options.pictures // 4, 1)
    began = perf_counter()
    drawn = [data.mixture.draw(data.seed, place) for place in range(count)]
    decoded = perf_counter()
    samples = [augment(sample, data.augmentation, random) for sample, random in drawn]
    augmented = perf_counter()
    for first in range(0, count, options.batch_size):
        collate(samples[first : first + options.batch_size])
    ended = perf_counter()
    return {
        "finding and decoding": (decoded - began) / count,
        "augmenting": (augmented - decoded) / count,
        "collating": (ended - augmented) / count,
    }


if __name__ == "__main__":
    try:
        main(tyro.cli(Options))
    except UserError as error:
        sys.exit(f"loader_speed.py: {error}")
