"""Progress of work on data sets on the terminal."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

JSON_EVERY_S = 1.0


class Step(Protocol):
    """How far the work on a part of the data, as one split, is."""

    @property
    def part(self) -> str: ...
    @property
    def done(self) -> int: ...
    @property
    def total(self) -> int: ...


Show = Callable[[Step], None]


@contextmanager
def show_progress(kind: Literal["rich", "json", "none"], name: str) -> Iterator[Show]:
    """Give a function that shows each step as `kind` says."""
    if kind == "none":
        yield lambda step: None
    elif kind == "json":
        yield _json_lines(name)
    else:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(f"{name}: reading the annotations", total=None)
            yield lambda step: bar.update(
                task, description=f"{name} {step.part}", completed=step.done, total=step.total
            )


def _json_lines(name: str) -> Show:
    told_s = 0.0

    def show(step: Step) -> None:
        nonlocal told_s
        if time.monotonic() - told_s > JSON_EVERY_S or step.done == step.total:
            told_s = time.monotonic()
            values = {"data": name, "part": step.part, "pictures": step.done, "of": step.total}
            print(json.dumps(values), flush=True)

    return show
