"""One picture, or a folder of pictures or of folders of pictures in natural order (9.jpg before
10.jpg), as a source."""

import re
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error
from pandanet_core.lab.files import places as traces
from pandanet_core.video.source import Frame, FrameSource, Image

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
PICTURES_PER_S = 25.0
"""Pictures have no times of their own: a folder plays as a film at this rate."""


class Pictures(FrameSource):
    """Pictures as frames; they may differ in size.

    Raises UserError where there is none, or the first cannot be read.
    """

    def __init__(self, name: str, files: tuple[Path, ...]) -> None:
        self.name = name
        self.files = files
        self.frame_count: int = len(files)
        self.fps = PICTURES_PER_S
        self.duration_s: float = len(files) / PICTURES_PER_S
        self.height, self.width = read_picture(files[0]).shape[:2]

    @staticmethod
    def of_file(path: Path) -> "Pictures":
        """One picture."""
        if not path.is_file():
            raise UserError(f"There is no picture {path}: check the name.")
        return Pictures(path.name, (path,))

    @staticmethod
    def of_folder(folder: Path) -> "Pictures":
        """All pictures directly in `folder`; where there is none, those of the folders in it, as
        the sequences of a data set."""
        files = pictures_in(folder) or pictures_below(folder)
        if not files:
            kinds = ", ".join(suffix[1:] for suffix in SUFFIXES)
            raise UserError(f"{folder} holds no pictures ({kinds}): choose another folder.")
        return Pictures(folder.resolve().name, files)

    def read(self, index: int) -> Frame:
        if not 0 <= index < self.frame_count:
            raise IndexError(f"{self.name} has pictures 0 to {self.frame_count - 1}, not {index}")
        return Frame(index, index / PICTURES_PER_S, read_picture(self.files[index]))

    def close(self) -> None:
        """Nothing is open between two pictures."""


class PictureWriter:
    """Writes one picture, with the interface of `VideoWriter` and the same promises."""

    def __init__(self, path: Path) -> None:
        self._path = Path(path)
        self._part = part_path(self._path)
        self._image: Image | None = None

    def write(self, image: Image, time_s: float) -> None:
        """The picture (H, W, 3) uint8 RGB; its time is not kept."""
        self._image = image

    def close(self) -> None:
        """Write the file; raises UserError when the disk is full."""
        if self._image is None:
            return
        bgr = cv2.cvtColor(self._image, cv2.COLOR_RGB2BGR)
        _, data = cv2.imencode(self._path.suffix, bgr)
        try:
            data.tofile(self._part)
            publish(self._part, self._path)
        except OSError as error:
            self._part.unlink(missing_ok=True)
            raise write_error(error, self._path) from error

    def discard(self) -> None:
        """Write nothing."""
        self._image = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """All pictures directly in a folder, in natural order: frame n of the folder is file n."""
    files = (file for file in folder.iterdir() if is_picture(file))
    return tuple(sorted(files, key=_natural))


def pictures_below(folder: Path) -> tuple[Path, ...]:
    """All pictures directly in the folders of a folder, one after the other in natural order."""
    inner = (each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    return tuple(file for each in sorted(inner, key=_natural) for file in pictures_in(each))


def is_picture(path: Path) -> bool:
    """Whether the name says so; hidden files are none."""
    kinds = (*SUFFIXES, traces.SUFFIX)  # traces carry the picture that they are of
    return path.suffix.lower() in kinds and not path.name.startswith(".")


def read_picture(path: Path) -> Image:
    """(H, W, 3) uint8 RGB, upright as its EXIF data says; raises UserError where it is damaged."""
    try:
        data = _encoded(path)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except (OSError, cv2.error):
        image = None
    if image is None:
        raise UserError(f"{path.name} is not a picture that can be read: take another copy.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


def _encoded(path: Path) -> NDArray[np.uint8]:
    if path.suffix.lower() != traces.SUFFIX:
        return np.fromfile(path, np.uint8)
    from pandanet_core.lab.files.picture import encoded_picture

    return encoded_picture(path)


def _natural(path: Path) -> list[tuple[bool, int, str]]:
    """Digits compare as numbers and come before letters."""
    parts = re.findall(r"\d+|\D+", path.name.lower())
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts]
