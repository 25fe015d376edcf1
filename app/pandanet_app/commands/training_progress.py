"""Progress of a training on the terminal."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pandanet_core.training.config import TrainingConfig

JSON_EVERY = 20
"""Steps between two JSON lines; the run's log holds every step."""


@contextmanager
def show_progress(
    kind: Literal["rich", "json", "none"], config: TrainingConfig
) -> Iterator[Callable[[dict[str, float]], None]]:
    """Give a function that takes each step's numbers and shows them as `kind` says."""
    if kind == "none":
        yield lambda numbers: None
    elif kind == "json":
        yield _print_json
    else:
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("starting", total=config.steps)
            yield lambda numbers: bar.update(
                task, completed=numbers["step"], description=_summary(numbers)
            )


def _print_json(numbers: dict[str, float]) -> None:
    if numbers["step"] % JSON_EVERY == 0:
        print(json.dumps({name: round(value, 5) for name, value in numbers.items()}), flush=True)


def _summary(numbers: dict[str, float]) -> str:
    return (
        f"loss {numbers['loss']:.2f}, box IoU {numbers['box_iou']:.2f}, joints "
        f"{numbers['pose_overlap']:.2f}, "
        f"MPJPE {numbers['mpjpe_mm']:.0f} mm (mean pose {numbers['mean_pose_mpjpe_mm']:.0f}), "
        f"{numbers['pictures_per_s']:.1f} pictures/s"
    )
