"""Progress of an evaluation on the terminal."""

import json
import time
from collections.abc import Iterator, Sequence
from threading import Event
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

JSON_EVERY_S = 1.0


def counted(numbers: Sequence[int], kind: Kind, stop: Event) -> Iterator[int]:
    """The numbers one by one until `stop` is set, telling how many are done as `kind` says: a bar
    on stderr, or JSON lines on stdout."""
    if kind == "rich":
        yield from _with_bar(numbers, stop)
        return
    told_s = time.monotonic()
    for done, number in enumerate(numbers, start=1):
        if stop.is_set():
            return
        yield number
        if kind == "json" and (
            time.monotonic() - told_s > JSON_EVERY_S or done == len(numbers) or stop.is_set()
        ):
            told_s = time.monotonic()
            print(json.dumps({"pictures": done, "of": len(numbers)}), flush=True)


def _with_bar(numbers: Sequence[int], stop: Event) -> Iterator[int]:
    columns = (
        TextColumn("pictures"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("pictures", total=len(numbers))
        for number in numbers:
            if stop.is_set():
                return
            yield number
            bar.advance(task)
