"""Progress of an evaluation on the terminal."""

import json
import time
from collections.abc import Iterator
from typing import Literal

from rich.console import Console
from rich.progress import track

JSON_EVERY_S = 1.0


def counted(count: int, kind: Literal["rich", "json", "none"]) -> Iterator[int]:
    """0, 1, ..., count - 1, telling on stderr, as `kind` says, how many are done."""
    if kind == "rich":
        yield from track(range(count), "pictures", console=Console(stderr=True))
    else:
        told_s = time.monotonic()
        for index in range(count):
            yield index
            if kind == "json" and (time.monotonic() - told_s > JSON_EVERY_S or index + 1 == count):
                told_s = time.monotonic()
                print(json.dumps({"pictures": index + 1, "of": count}), flush=True)
