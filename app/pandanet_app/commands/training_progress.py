"""Progress of a training on the terminal."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pandanet_core.training.config import TrainingConfig

JSON_EVERY = 20
"""Steps between two JSON lines, whose rate is the mean over them; the run's log holds every step."""

Show = Callable[[dict[str, float]], None]


@contextmanager
def show_progress(kind: Literal["rich", "json", "none"], config: TrainingConfig) -> Iterator[Show]:
    """Give a function that takes each step's numbers and shows them as `kind` says."""
    if kind == "none":
        yield lambda numbers: None
    elif kind == "json":
        yield json_lines(config)
    else:
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("measuring anchors and mean poses", total=config.steps)
            yield lambda numbers: bar.update(
                task, completed=numbers["step"], description=_summary(numbers)
            )


def json_lines(config: TrainingConfig) -> Show:
    """Print the numbers of every twentieth step with rate and seconds left."""
    took_s: deque[float] = deque(maxlen=JSON_EVERY)

    def show(numbers: dict[str, float]) -> None:
        took_s.append(config.batch_size / numbers["pictures_per_s"])
        if numbers["step"] % JSON_EVERY == 0 or numbers["step"] == config.steps:
            step_s = sum(took_s) / len(took_s)
            shown = {
                **numbers,
                "pictures_per_s": config.batch_size / step_s,
                "seconds_left": (config.steps - numbers["step"]) * step_s,
            }
            print(json.dumps({name: round(value, 5) for name, value in shown.items()}), flush=True)

    return show


def _summary(numbers: dict[str, float]) -> str:
    return (
        f"loss {numbers['loss']:.2f}, box IoU {numbers['box_iou']:.2f}, joints "
        f"{numbers['pose_overlap']:.2f}, "
        f"MPJPE {numbers['mpjpe_mm']:.0f} mm (mean pose {numbers['mean_pose_mpjpe_mm']:.0f}), "
        f"{numbers['pictures_per_s']:.1f} pictures/s"
    )
