"""Several lists numbered through as one."""

from collections.abc import Sequence

import numpy as np


class Numbering:
    """Which part, and which place in it, each number of parts one after the other stands for."""

    def __init__(self, lengths: Sequence[int]) -> None:
        """`lengths` of the parts."""
        self._ends = np.cumsum(lengths, dtype=np.int64)
        self._lengths = tuple(lengths)

    def __len__(self) -> int:
        return sum(self._lengths)

    def locate(self, number: int) -> tuple[int, int]:
        """Part and place in it; IndexError beyond the last."""
        if not 0 <= number < len(self):
            raise IndexError(f"there are {len(self)} pictures: 0 to {len(self) - 1}, not {number}")
        part = int(np.searchsorted(self._ends, number, side="right"))
        return part, number - int(self._ends[part]) + self._lengths[part]
