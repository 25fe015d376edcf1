"""Live sources against a real sender on this machine: always the newest picture, no queue."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import av
import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.video import open_source

_RATE = 25


def send(listener: socket.socket, seconds: float) -> None:
    """Pictures whose brightness is their number, in real time, to whoever connects."""
    connection, _ = listener.accept()
    the_receiver_has_had_enough = suppress(OSError, av.FFmpegError)
    with the_receiver_has_had_enough, connection, connection.makefile("wb", buffering=0) as file:
        send_pictures(file, int(seconds * _RATE))


def send_pictures(file: BinaryIO, count: int) -> None:
    with av.open(file, "w", format="mpegts") as container:
        options = {"preset": "ultrafast", "tune": "zerolatency", "g": "5"}
        stream = container.add_stream("libx264", rate=_RATE, options=options)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        started = time.monotonic()
        for number in range(count):
            picture = np.full((96, 160, 3), number * 2, np.uint8)
            picture[::7] = number
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            time.sleep(max(0, started + number / _RATE - time.monotonic()))
        container.mux(stream.encode(None))


@contextmanager
def camera(seconds: float) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=send, args=(listener, seconds))
        thread.start()
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def test_the_newest_picture_comes_after_a_pause_and_the_end_ends() -> None:
    with camera(seconds=4) as address, open_source(address) as source:
        assert (source.frame_count, source.duration_s) == (None, None)
        assert (source.width, source.height) == (160, 96)
        frames = source.frames()
        first = next(frames)
        time.sleep(1.2)
        late = next(frames)
        shown = [int(np.median(frame.image)) / 2 for frame in (first, late)]
        assert shown[1] - shown[0] > 20, "an old picture was kept"
        assert late.time_s - first.time_s > 1
        rest = list(frames)
        assert [frame.index for frame in (first, late, *rest)] == list(range(len(rest) + 2))
        assert int(np.median(rest[-1].image)) / 2 > 90
        with pytest.raises(UserError, match="is live"):
            source.read(0)


def test_a_number_of_frames_and_closing_early() -> None:
    with camera(seconds=2) as address, open_source(address) as source:
        assert [frame.index for frame in source.frames(2, 9, 3)] == [2, 5, 8]


def test_passwords_do_not_get_into_names() -> None:
    with pytest.raises(UserError) as error:
        open_source("rtsp://me:secret@127.0.0.1:9/street")
    assert "rtsp://127.0.0.1:9/street does not answer" in str(error.value)
