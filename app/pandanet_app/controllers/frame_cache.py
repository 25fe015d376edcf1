"""Decoding on a thread of its own, with a bounded cache of frames.

The front end's thread calls `request`, `get` and `close`, which never wait for the decoder. Only
the decoder's thread touches the source. It calls `on_frame` and `on_error`, which therefore must
hand over to the front end's thread themselves.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Protocol

from pandanet_core.errors import UserError
from pandanet_core.video import Frame

DEFAULT_CAPACITY_BYTES = 256 * 1024 * 1024
FRAMES_AHEAD = 16
"""Frames decoded before they are asked for, in the direction of movement."""


class FrameReader(Protocol):
    """What the cache needs of a source of frames."""

    def read(self, index: int) -> Frame:
        """Decode exactly this frame."""
        ...

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Decode frames one after the other."""
        ...

    def close(self) -> None:
        """Release the file."""
        ...


class FrameCache:
    """Frames of one source; the latest request wins, older ones are dropped.

    The cache holds at most `capacity_bytes` of pictures, and always the latest one.
    """

    def __init__(
        self,
        reader: FrameReader,
        frame_count: int,
        on_frame: Callable[[Frame], None],
        on_error: Callable[[str], None],
        capacity_bytes: int = DEFAULT_CAPACITY_BYTES,
    ) -> None:
        """Start the decoder's thread, which owns `reader` from now on and closes it."""
        self._reader = reader
        self._frame_count = frame_count
        self._on_frame = on_frame
        self._on_error = on_error
        self.capacity_bytes = capacity_bytes
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._bytes = 0
        self._wanted: int | None = None
        self._ahead: list[int] = []
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="decoder", daemon=True)
        self._thread.start()

    @property
    def used_bytes(self) -> int:
        """Bytes of the pictures held."""
        return self._bytes

    def get(self, index: int) -> Frame | None:
        """The frame if it is in the cache."""
        with self._changed:
            frame = self._frames.get(index)
            if frame is not None:
                self._frames.move_to_end(index)
            return frame

    def request(self, index: int, direction: int = 0) -> None:
        """Ask for a frame; `on_frame` follows unless another request comes first.

        Args:
            index: Frame number.
            direction: 1 or -1 decodes more frames that way once this one is there; 0 none.
        """
        with self._changed:
            self._wanted = index
            last = index + direction * FRAMES_AHEAD
            ahead = range(index, last, direction) if direction else ()
            self._ahead = [i for i in ahead if 0 <= i < self._frame_count]
            self._changed.notify()

    @property
    def running(self) -> bool:
        """Whether the decoder's thread is still there."""
        return self._thread.is_alive()

    def close(self, timeout_s: float = 0.0) -> None:
        """End the thread after the frame it is at, and wait for it up to `timeout_s`."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _work(self) -> None:
        """The decoder's thread."""
        with closing(self._reader):
            while True:
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._closed or self._wanted is not None or self._ahead
                    )
                    if self._closed:
                        break
                    wanted, self._wanted = self._wanted, None
                try:
                    if wanted is not None:
                        self._serve(wanted)
                    else:
                        self._decode_ahead()
                except UserError as error:
                    self._fail(str(error))
                except Exception as error:  # a broken file must not end the decoder's thread
                    self._fail(f"The picture could not be decoded ({error}).")
        self._frames.clear()
        self._bytes = 0

    def _serve(self, index: int) -> None:
        frame = self.get(index)
        if frame is None:
            frame = self._reader.read(index)
            self._keep(frame)
        self._on_frame(frame)

    def _decode_ahead(self) -> None:
        """Decode what is missing of `_ahead` in one run, until another frame is asked for."""
        with self._changed:
            missing = [index for index in self._ahead if index not in self._frames]
            self._ahead = []
        if not missing:
            return
        first, stop = min(missing), max(missing) + 1
        frames = self._reader.frames(first, stop)
        for frame in _closing_iterator(frames):
            self._keep(frame)
            with self._changed:
                full = self._bytes + frame.image.nbytes * 2 > self.capacity_bytes
                if self._wanted is not None or self._closed or full:
                    return

    def _keep(self, frame: Frame) -> None:
        with self._changed:
            old = self._frames.pop(frame.index, None)
            self._bytes += frame.image.nbytes - (old.image.nbytes if old else 0)
            self._frames[frame.index] = frame
            while self._bytes > self.capacity_bytes and len(self._frames) > 1:
                _, dropped = self._frames.popitem(last=False)
                self._bytes -= dropped.image.nbytes

    def _fail(self, text: str) -> None:
        with self._changed:
            self._ahead = []
        self._on_error(text)


def _closing_iterator(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The same frames; a half-used generator is closed, so that the source is free again."""
    try:
        yield from frames
    finally:
        close = getattr(frames, "close", None)
        if close is not None:
            close()
