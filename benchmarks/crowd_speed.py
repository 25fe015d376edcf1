"""How fast are generated pictures, labels and JPEG included, and does memory stay flat?

Wanted on two quiet cores with software OpenGL: 512x320 with 20 people 12 pictures/s; 928x576 with 60
people 3 pictures/s; under 3 GB, flat over 2,000 pictures.
"""

import os
import resource
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path

import tyro

from pandanet_core.crowd.folders import files_of_split
from pandanet_core.crowd.generate import cast_of
from pandanet_core.crowd.settings import CrowdSettings, usual_heights_px
from pandanet_core.crowd.studio import Made, Order, PictureMaker
from pandanet_core.crowd.workers import Workers, one_thread_each

REPORTS = 10


@dataclass(frozen=True)
class CrowdSpeed:
    """Pictures a second by worker processes, and the memory of one of them along the way."""

    pictures: int = 200
    width: int = 512
    height: int = 320
    people: int = 20
    """Planned for every picture; as many have a joint in it, nearly."""

    workers: int = 2
    motion: Path | None = None
    hdri: Path | None = None
    makehuman: Path | None = None

    def run(self) -> None:
        """Print the rate and the memory."""
        settings = CrowdSettings(
            width=self.width,
            height=self.height,
            people=(self.people, self.people),
            height_px=usual_heights_px("jta", self.height),
            motion=self.motion,
            hdri=self.hdri,
            makehuman=self.makehuman,
        )
        maker = MeasuredMaker(
            PictureMaker(
                cast_of(settings, lambda what, done, total: None),
                settings,
                files_of_split(settings),
            )
        )
        step = max(1, self.pictures // REPORTS // self.workers)
        orders = [
            Order(start, min(start + step, self.pictures))
            for start in range(0, self.pictures, step)
        ]
        with one_thread_each():
            batches = deque(Workers(maker, self.workers).carry_out(orders))
        people = sum(batch.people for batch in batches) / self.pictures
        drawing = sum(batch.seconds for batch in batches)
        busy = sum(batch.processor_seconds for batch in batches)
        print(f"{self.width}x{self.height}, {people:.1f} people a picture, {self.workers} workers:")
        print(f"  {self.pictures * self.workers / drawing:.1f} pictures/s on the clock")
        print(
            f"  {self.pictures * self.workers / busy:.1f} pictures/s if {self.workers} cores were free"
        )
        print("  memory of the workers, MB, in the order of finishing:")
        print("  " + " ".join(f"{batch.memory_mb:.0f}" for batch in batches))


@dataclass(frozen=True)
class Measured:
    """What one order cost; `memory_mb` is what the process holds after it."""

    people: int
    seconds: float
    processor_seconds: float
    memory_mb: float


@dataclass(frozen=True)
class MeasuredMaker:
    """A maker of pictures that says what they cost instead of handing them on."""

    maker: PictureMaker

    def __call__(self) -> "Measure":
        """Get ready."""
        return Measure(self.maker)


class Measure:
    """Makes ordered pictures with a clock in hand."""

    def __init__(self, maker: PictureMaker) -> None:
        self._make = maker()
        self._make(Order(0, 1))  # compiling shaders is no part of the rate

    def __call__(self, order: Order) -> Measured:
        """Make the pictures of an order."""
        began, busy = time.perf_counter(), _processor_seconds()
        made = self._make(order)
        return Measured(
            people=sum(map(_people_in, made)),
            seconds=time.perf_counter() - began,
            processor_seconds=_processor_seconds() - busy,
            memory_mb=_memory_mb(),
        )


def _people_in(made: Made) -> int:
    return len(made.rows) // 22


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    tyro.cli(CrowdSpeed).run()
