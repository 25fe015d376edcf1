"""Progress of a detection on the terminal."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

Kind = Literal["rich", "json", "none"]

_JSON_EVERY_S = 0.5


@dataclass(frozen=True)
class Step:
    """How far a detection is."""

    frame: int
    """The frame that was just finished."""
    frames_done: int
    people: int
    """Found so far, all frames together."""
    frames_per_s: float


Show = Callable[[Step], None]


@contextmanager
def show_progress(kind: Kind, name: str, frame_total: int | None) -> Iterator[Show]:
    """Give a function that shows each step as `kind` says."""
    if kind == "none":
        yield lambda step: None
    elif kind == "json":
        yield _json_lines(name, frame_total)
    else:
        with _bar() as bar:
            task = bar.add_task(name, total=frame_total, people=0, rate=0.0)
            yield lambda step: bar.update(
                task, completed=step.frames_done, people=step.people, rate=step.frames_per_s
            )


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames, {task.fields[people]} people, {task.fields[rate]:.1f} frames/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _json_lines(name: str, frame_total: int | None) -> Show:
    last_s = 0.0

    def show(step: Step) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if now_s - last_s < _JSON_EVERY_S and step.frames_done != frame_total:
            return
        last_s = now_s
        values = {"source": name, "frames_total": frame_total} | vars(step)
        print(json.dumps(values | {"frames_per_s": round(step.frames_per_s, 2)}), flush=True)

    return show
