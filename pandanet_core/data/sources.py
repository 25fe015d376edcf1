"""Data sets named on the command line: KIND:FOLDER[:SPLIT]."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample, Samples
from pandanet_core.errors import UserError

KINDS = ("jta", "crowd")


def open_samples(spec: str, split: str = "train") -> Samples:
    """The pictures that KIND:FOLDER[:SPLIT] names; UserError when there are none or the kind is
    unknown."""
    kind, colon, rest = spec.partition(":")
    if not colon or kind not in KINDS:
        raise UserError(
            f"'{spec}' names no data; write KIND:FOLDER, where KIND is one of {', '.join(KINDS)}."
        )
    folder, _, named_split = rest.partition(":")
    return JtaPictures(Path(folder), named_split or split)


class JoinedSamples:
    """Several data sets one after the other."""

    def __init__(self, parts: Sequence[Samples]) -> None:
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, index: int) -> Sample:
        part = int(np.searchsorted(self._ends, index, side="right"))
        start = int(self._ends[part - 1]) if part else 0
        return self._parts[part][index - start]
