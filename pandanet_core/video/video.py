"""A video file, frame by frame: the i-th frame asked for is the i-th frame there is."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.sidedata.sidedata import Type as SideData
from av.video.reformatter import VideoReformatter

from pandanet_core.errors import UserError
from pandanet_core.video.decoder import Decoder
from pandanet_core.video.source import Frame, FrameSource, Image


class Video(FrameSource):
    """Reads exact frames in any order; fast where they are asked for in rising order.

    Frames are turned upright as the file demands. Pixels stay those of the file, also where it
    says that they are not square. Raises UserError where `path` is no readable video. Of a file
    that was cut off, what can be read is read and `warnings` says what is missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.name = self.path.name
        self.files = (self.path,)
        self._decoder = Decoder(self.path)
        self._reformatter = VideoReformatter()
        self._last: Frame | None = None
        first = self._decoder.first_frame
        self._coded_size_px = (first.width, first.height)
        self._turn = _turn_of(first)
        self.height, self.width = _turned(np.empty((first.height, first.width)), self._turn).shape
        index = self._decoder.index
        self.frame_count: int = len(index)
        self.duration_s: float = index.duration_s
        self.fps = self.frame_count / self.duration_s if self.duration_s > 0 else 0.0
        self.warnings = tuple(_warnings(self.name, self._decoder))

    def time_s(self, index: int) -> float:
        """Seconds between the first frame and frame `index`."""
        return self._decoder.index.time_s(index)

    def read(self, index: int) -> Frame:
        if not 0 <= index < self.frame_count:
            raise IndexError(f"{self.name} has frames 0 to {self.frame_count - 1}, not {index}")
        if self._last is None or self._last.index != index:
            picture = self._decoder.find(index)
            if picture is None:
                raise UserError(f"Frame {index} of {self.name} is damaged and cannot be read.")
            self._last = Frame(index, self.time_s(index), self._to_image(picture))
        return self._last

    def close(self) -> None:
        self._decoder.close()

    def _to_image(self, picture: av.VideoFrame) -> Image:
        width, height = self._coded_size_px
        rgb = self._reformatter.reformat(picture, width, height, "rgb24")
        return np.ascontiguousarray(_turned(rgb.to_ndarray(), self._turn))


def _turn_of(picture: av.VideoFrame) -> tuple[int, int, int, int]:
    """The signs (a, b, c, d) of the display matrix: x' = ax + cy, y' = bx + dy."""
    side_data = cast(Mapping[SideData, bytes], picture.side_data)
    if SideData.DISPLAYMATRIX not in side_data:
        return 1, 0, 0, 1
    matrix = np.frombuffer(side_data[SideData.DISPLAYMATRIX], np.int32)
    a, b, c, d = np.sign(np.round(matrix[[0, 1, 3, 4]] / 65536)).astype(int)
    by_quarters = abs(a) == abs(d) != abs(b) == abs(c)
    return (a, b, c, d) if by_quarters else (1, 0, 0, 1)


def _turned(image: np.ndarray, turn: tuple[int, int, int, int]) -> np.ndarray:
    a, b, c, d = turn
    if a == 0:
        image, a, d = np.swapaxes(image, 0, 1), c, b
    return image[:: d or 1, :: a or 1]


def _warnings(name: str, decoder: Decoder) -> list[str]:
    """What the file lacks, and what about it may surprise."""
    index, stream = decoder.index, decoder.stream
    warnings = []
    if missing := _missing_part(decoder):
        warnings.append(
            f"{name} is cut off: {len(index)} frames ({index.duration_s:.1f} s) can be read, "
            f"{missing} are missing at the end."
        )
    ratio = stream.sample_aspect_ratio
    if ratio and ratio != 1:
        warnings.append(
            f"The pixels of {name} are not square ({ratio.numerator}:{ratio.denominator}): "
            "give the camera's intrinsics for right 3D positions."
        )
    return warnings


def _missing_part(decoder: Decoder) -> str | None:
    """How much less the file holds than its head promises."""
    index, stream = decoder.index, decoder.stream
    if stream.frames:
        missing = stream.frames - len(index.size)
        return f"{missing} frames" if missing > 0 else None
    missing_s = _promised_duration_s(decoder) - index.duration_s
    return f"{missing_s:.1f} s" if missing_s > 1 else None


def _promised_duration_s(decoder: Decoder) -> float:
    """0 where the file promises nothing about its video alone."""
    stream, container = decoder.stream, decoder.container
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    tag = stream.metadata.get("DURATION", "").split(":")  # Matroska: 00:01:02.500000000
    if len(tag) == 3:
        return sum(float(part) * unit for part, unit in zip(tag, (3600, 60, 1), strict=True))
    only_video = len(container.streams) == 1
    return container.duration / 1e6 if container.duration and only_video else 0.0
