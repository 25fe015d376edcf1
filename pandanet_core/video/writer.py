"""Films out: H.264 in MP4, which every player and browser shows."""

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error
from pandanet_core.video.source import Image

_TIME_BASE = Fraction(1, 90_000)
"""Seconds: fine enough for frames to keep their own times, also irregular ones."""
_SUFFIXES = (".mp4", ".m4v", ".mov")
_X264 = {"preset": "veryfast", "crf": "20"}
"""Hardly to be told from the original, and fast."""


class VideoWriter:
    """Writes a film of pictures that all have the same size.

    A context manager. The film appears under its name when the writer closes, complete; until then
    it grows under a temporary name. On an exception (Ctrl+C too) the frames so far are kept in a
    film that plays; if there are none, nothing is written. When the disk is full: UserError, no
    film, and an older file of that name stays as it was. H.264 needs even sizes: odd ones get one
    more row or column, a copy of the last. `fps` only says how long the last picture is shown:
    every other one is shown until the next. Raises UserError where `path` cannot be written.
    """

    def __init__(self, path: Path, width: int, height: int, fps: float = 25.0) -> None:
        self._path = Path(path)
        if self._path.suffix.lower() not in _SUFFIXES:
            raise UserError(f"Films are written as MP4: name {self._path.name} something.mp4.")
        self._part = part_path(self._path)
        self._shape = (height, width, 3)
        self._start_s: float | None = None
        self._last_pts = -1
        self._open = True
        self._reformatter = VideoReformatter()
        try:
            self._container = av.open(str(self._part), "w", format="mp4")
        except (av.FFmpegError, OSError) as error:
            raise write_error(error, self._path) from error
        rate = Fraction(fps if fps > 0 else 25.0).limit_denominator(1001)
        self._stream = self._container.add_stream("libx264", rate=rate, options=dict(_X264))
        context = self._stream.codec_context
        context.width, context.height = width + width % 2, height + height % 2
        context.pix_fmt = "yuv420p"
        context.time_base = _TIME_BASE
        context.colorspace = Colorspace.ITU709
        context.color_range = ColorRange.MPEG
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709

    def write(self, image: Image, time_s: float) -> None:
        """Add a picture (H, W, 3) uint8 RGB that is shown from `time_s` on.

        Times must rise; the film begins with its first picture, whatever its time. Raises
        UserError when the disk is full, ValueError for another size.
        """
        if image.shape != self._shape:
            raise ValueError(f"a picture of {image.shape} does not fit a film of {self._shape}")
        frame = self._to_frame(image)
        frame.time_base = _TIME_BASE
        if self._start_s is None:
            self._start_s = time_s
        pts = round((time_s - self._start_s) / _TIME_BASE)
        frame.pts = self._last_pts = max(pts, self._last_pts + 1)
        self._mux(frame)

    def close(self) -> None:
        """Complete the film and give it its name; raises UserError when the disk is full."""
        if not self._open:
            return
        self._mux(None)
        try:
            self._container.close()
            publish(self._part, self._path)
        except (av.FFmpegError, OSError) as error:
            self._fail(error)
        self._open = False

    def discard(self) -> None:
        """Write nothing: remove the temporary file."""
        self._open = False
        with suppress(av.FFmpegError, OSError):  # What could not be written is not wanted.
            self._container.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._open:
            return
        if self._last_pts < 0:
            self.discard()
        else:
            self.close()

    def _to_frame(self, image: Image) -> av.VideoFrame:
        height, width = image.shape[:2]
        if height % 2 or width % 2:
            image = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        return self._reformatter.reformat(
            frame,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )

    def _mux(self, frame: av.VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except (av.FFmpegError, OSError) as error:
            self._fail(error)

    def _fail(self, error: av.FFmpegError | OSError) -> None:
        self.discard()
        raise write_error(error, self._path) from error
