"""Live cameras: always the newest picture, however long the last one was worked on."""

import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from threading import Condition, Thread
from urllib.parse import urlsplit

import av
import cv2
import numpy as np
from av.container import InputContainer

from pandanet_core.errors import UserError
from pandanet_core.video.source import Frame, FrameSource, Image

PictureStream = Generator[Image, None, None]

_TIMEOUT_S = 10.0


class LiveSource(FrameSource):
    """A camera whose pictures are taken by a thread; those that nobody waits for are dropped.

    `pictures` yields them as they come and ends when the camera goes. Frames are numbered as they
    are handed out, their times are those of this machine's clock. Raises UserError where no
    picture comes.
    """

    frame_count = None
    duration_s = None
    files = ()

    def __init__(self, name: str, pictures: PictureStream, fps: float) -> None:
        self.name = name
        self.fps = fps
        self._changed = Condition()
        self._newest: tuple[float, Image] | None = None
        self._ended = self._closing = False
        self._thread = Thread(target=self._receive, args=(pictures,), daemon=True)
        self._thread.start()
        first = self._wait()
        if first is None:
            self.close()
            raise UserError(f"No picture comes from {name}: check the camera or its address.")
        self._start_s, image = first
        self._newest = first
        self.height, self.width = image.shape[:2]

    def read(self, index: int) -> Frame:
        raise UserError(f"{self.name} is live: frame {index} cannot be fetched again.")

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """The newest picture each time, until the camera ends or `stop` are counted."""
        index = 0
        while (stop is None or index < stop) and (newest := self._wait()) is not None:
            if index >= start and (index - start) % step == 0:
                yield Frame(index, newest[0] - self._start_s, newest[1])
            index += 1

    def close(self) -> None:
        self._closing = True
        self._thread.join(_TIMEOUT_S)

    def _receive(self, pictures: PictureStream) -> None:
        with closing(pictures):
            for image in pictures:
                self._publish((time.monotonic(), image))
                if self._closing:
                    break
        self._ended = True
        self._publish(self._newest)

    def _publish(self, newest: tuple[float, Image] | None) -> None:
        with self._changed:
            self._newest = newest
            self._changed.notify()

    def _wait(self) -> tuple[float, Image] | None:
        """Take the newest picture, waiting for it; None when the camera has gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._newest or self._ended, _TIMEOUT_S)
            newest, self._newest = self._newest, None
        return newest


def open_webcam(number: int) -> LiveSource:
    """The webcam of that number (0 is the first); raises UserError where there is none."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    capture = cv2.VideoCapture(number)
    cv2.utils.logging.setLogLevel(level)
    if not capture.isOpened():
        raise UserError(f"There is no camera {number}: connect it, or give another number.")
    return LiveSource(f"camera {number}", _webcam_pictures(capture), capture.get(cv2.CAP_PROP_FPS))


def open_stream(url: str) -> LiveSource:
    """A network camera (rtsp://, http://, ...); raises UserError where it does not answer."""
    parts = urlsplit(url)
    name = url.replace(f"{parts.username}:{parts.password}@", "") if parts.username else url
    try:
        container = av.open(url, timeout=_TIMEOUT_S)
    except av.FFmpegError as error:
        raise UserError(
            f"{name} does not answer ({error.strerror}): check the address and the network."
        ) from error
    if not container.streams.video or container.duration:
        what = "is a file, not live: download it first" if container.duration else "sends no video"
        container.close()
        raise UserError(f"{name} {what}.")
    rate = container.streams.video[0].average_rate
    return LiveSource(name, _stream_pictures(container), float(rate or 0))


def _webcam_pictures(capture: cv2.VideoCapture) -> PictureStream:
    try:
        while True:
            good, image = capture.read()
            if not good:
                return
            yield cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    finally:
        capture.release()


def _stream_pictures(container: InputContainer) -> PictureStream:
    with container, suppress(av.FFmpegError):  # The connection broke: there is no more to come.
        for picture in container.decode(video=0):
            yield picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
