"""The numbered pictures of a sequence: one file each, or the frames of a video."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
from numpy.typing import NDArray

from pandanet_core.data.damage import DamagedFile, Report
from pandanet_core.errors import UserError
from pandanet_core.video import Video

Image = NDArray[np.uint8]

PICTURE_ENDINGS = (".jpg", ".png")


@dataclass(frozen=True)
class NumberedFiles:
    """Files whose names end in a number.

    Attributes:
        folder: Where they are.
        names: File names in the order of their numbers.
        numbers: (F,) rising.
    """

    folder: Path
    names: tuple[str, ...]
    numbers: NDArray[np.int64]

    def file(self, place: int) -> Path:
        """The file at a place of `numbers`."""
        return self.folder / self.names[place]


class PictureFiles(NumberedFiles):
    """Numbered pictures."""

    def read(self, place: int) -> Image:
        """(H, W, 3) RGB; UserError where the file is damaged or gone."""
        return read_image(self.file(place))

    def empty(self, place: int) -> Image:
        """As `read`, but an empty picture of the same size; nothing is decoded."""
        return empty_image(*picture_size(self.file(place)))


@dataclass
class OpenVideo:
    """Keeps the video that was read last open, so that reading frames in order is fast.

    A process that inherits it from another opens its own: what is open is not safe to share.
    """

    _video: Video | None = None
    _process: int = -1
    _inherited: list[Video] = field(default_factory=list)

    def of(self, path: Path) -> Video:
        """The video at `path`, opened; UserError where it cannot be read."""
        if self._video is not None and self._process != os.getpid():
            self._inherited.append(self._video)  # Closing would wait for threads of the parent.
            self._video = None
        if self._video is None or self._video.path != path:
            self.close()
            self._video, self._process = Video(path), os.getpid()
        return self._video

    def close(self) -> None:
        """Close the video, if one is open."""
        if self._video is not None:
            self._video.close()
        self._video = None

    def __getstate__(self) -> dict[str, Any]:
        return {"_video": None, "_process": -1, "_inherited": []}


@dataclass(frozen=True)
class VideoFrames:
    """The frames of a video.

    Attributes:
        path: The video.
        numbers: (F,) the frames' numbers, rising by 1.
        opened: What reads it; sequences of one data set share it.
    """

    path: Path
    numbers: NDArray[np.int64]
    opened: OpenVideo

    def file(self, place: int) -> Path:
        """The video."""
        return self.path

    def read(self, place: int) -> Image:
        """(H, W, 3) RGB; UserError where the frame is damaged."""
        try:
            return self.opened.of(self.path).read(place).image
        except UserError as error:
            raise DamagedFile(
                self.path, f"cannot be read in frame {self.numbers[place]}"
            ) from error

    def empty(self, place: int) -> Image:
        """As `read`, but an empty picture of the same size; nothing is decoded."""
        video = self.opened.of(self.path)
        return empty_image(video.width, video.height)


Frames = PictureFiles | VideoFrames


def picture_files(folder: Path) -> PictureFiles | None:
    """The numbered pictures of a folder; None where there are none."""
    found = numbered_files(folder, PICTURE_ENDINGS)
    return PictureFiles(**vars(found)) if len(found.numbers) else None


def numbered_files(folder: Path, endings: Sequence[str]) -> NumberedFiles:
    """The files of a folder whose names end in a number and one of `endings`, as ".jpg".

    Of several with one number the first by name counts.
    """
    found: dict[int, str] = {}
    for name in sorted(os.listdir(folder)) if folder.is_dir() else ():  # noqa: PTH208 - much faster
        stem, ending = os.path.splitext(name)  # noqa: PTH122 - a Path each costs seconds
        number = re.search(r"\d+$", stem)
        if number and ending.lower() in endings:
            found.setdefault(int(number[0]), name)
    numbers = sorted(found)
    names = tuple(found[number] for number in numbers)
    return NumberedFiles(folder, names, np.array(numbers, np.int64))


def video_frames(path: Path, first_number: int, opened: OpenVideo) -> VideoFrames | None:
    """The frames of a video, counted from `first_number`; None where there is no such file.

    Raises UserError where it is no readable video.
    """
    if not path.is_file():
        return None
    count = opened.of(path).frame_count
    return VideoFrames(path, np.arange(first_number, first_number + count), opened)


def report_past_end(report: Report, labels: Path, last: int, frames: Frames) -> None:
    """Report labels that name a frame beyond the last one of a video.

    Of extracted pictures nobody knows whether there were more.
    """
    if isinstance(frames, VideoFrames) and last > frames.numbers[-1]:
        report(
            labels,
            f"names frame {last}, but the last one of {frames.path.name} is {frames.numbers[-1]}",
        )


def read_image(path: Path) -> Image:
    """(H, W, 3) RGB as it is stored; raises UserError where the file is damaged, cut off or gone."""
    try:
        encoded = np.fromfile(path, np.uint8)
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        bgr = cv2.imdecode(encoded, flags) if _is_whole(encoded) else None
    except (OSError, cv2.error):
        bgr = None
    if bgr is None:
        raise DamagedFile(path, "is no picture that can be read; remove it or write it again")
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in px as they are stored, from the file's first bytes; raises UserError where
    the file is damaged or gone."""
    try:
        with PIL.Image.open(path) as picture:
            return picture.size
    except (OSError, ValueError, PIL.Image.DecompressionBombError) as error:
        raise DamagedFile(
            path, "is no picture that can be read; remove it or write it again"
        ) from error


def empty_image(width: int, height: int) -> Image:
    """(H, W, 3) zeros that take no memory and cannot be written to."""
    return np.broadcast_to(np.zeros((), np.uint8), (height, width, 3))


def _is_whole(encoded: Image) -> bool:
    """Whether a JPEG or PNG has its end: of a JPEG without, decoders make a half grey picture."""
    start, end = encoded[:2].tobytes(), encoded[-64:].tobytes()
    return {b"\xff\xd8": b"\xff\xd9" in end, b"\x89P": b"IEND" in end}.get(start, False)
