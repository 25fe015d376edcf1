"""What everything that delivers frames has in common."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a source."""

    index: int
    """The first frame is 0."""
    time_s: float
    """Seconds since the first frame."""
    image: Image
    """(H, W, 3) uint8 RGB."""


class FrameSource(ABC):
    """A video, a picture, a folder of pictures or a live camera; a context manager.

    Not safe to share between threads: each thread opens its own.
    """

    name: str
    """For people: the file's or folder's name."""
    files: tuple[Path, ...]
    """The files that are read; none for a live camera."""
    frame_count: int | None
    """None for a live camera."""
    width: int
    """Pixels; of the first picture where a folder holds several sizes."""
    height: int
    """Pixels; of the first picture where a folder holds several sizes."""
    fps: float
    """Mean frames per second."""
    duration_s: float | None
    """From the first frame's start to the last one's end; None for a live camera."""
    warnings: tuple[str, ...] = ()
    """Sentences for people about what is missing or doubtful; grows while reading."""

    @abstractmethod
    def read(self, index: int) -> Frame:
        """Exactly frame `index`.

        Raises UserError where it is damaged or gone, IndexError where there never was one.
        """

    @abstractmethod
    def close(self) -> None:
        """Give files and devices back."""

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Frames start, start + step, ... below stop; damaged ones are left out with a warning."""
        count = self.frame_count or 0
        for index in range(start, count if stop is None else min(stop, count), step):
            try:
                frame = self.read(index)
            except UserError as error:
                self.warnings += (str(error),)
                continue
            yield frame

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
