"""The part of PyAV that deals with files: opening, packets, decoding. Damage raises nothing."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from pandanet_core.errors import UserError

_MOST_THREADS = 8


def open_video(path: Path) -> tuple[InputContainer, VideoStream]:
    """The container and its video stream; raises UserError where there is none to be read."""
    if not path.is_file():
        raise UserError(f"There is no video {path}: check the name.")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except av.FFmpegError as error:
        raise UserError(
            f"{path.name} is not a video that can be read ({error.strerror}): choose another file, "
            "or a complete copy if this one was cut off."
        ) from error
    stream = _video_stream(container)
    if stream is None or stream.codec_context is None:
        what = "no video, only other data" if stream is None else "a video of an unknown coding"
        container.close()
        raise UserError(f"{path.name} holds {what}: choose another file or convert it to H.264.")
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = min(os.cpu_count() or 1, _MOST_THREADS)
    return container, stream


def demux(container: InputContainer, stream: VideoStream) -> Iterator[av.Packet]:
    """The packets of `stream` from here to the end of what can be read."""
    try:
        for packet in container.demux(stream):
            if packet.size:  # Empty ones stand for "as before" (AVI) or for the end.
                yield packet
    except av.FFmpegError:
        return  # Cut off in the middle of a packet.


def decode(
    stream: VideoStream, numbered: Iterable[tuple[int, av.Packet]]
) -> Iterator[tuple[int, av.VideoFrame]]:
    """Each frame with the number of its packet, in the order of presentation.

    The decoder hands the time of a packet on to its frame: there the number travels, because not
    every file's own times tell frames apart.
    """
    for number, packet in numbered:
        packet.pts = number
        yield from _decode(stream, packet)
    yield from _decode(stream, None)


def _decode(stream: VideoStream, packet: av.Packet | None) -> Iterator[tuple[int, av.VideoFrame]]:
    try:
        frames = stream.codec_context.decode(packet)
    except av.FFmpegError:
        return  # Damaged.
    for frame in frames:
        if frame.pts is not None:
            yield frame.pts, frame


def _video_stream(container: InputContainer) -> VideoStream | None:
    """The main moving picture; the cover of a piece of music is none."""
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & Disposition.attached_pic
    ]
    best = container.streams.best("video")
    return next((stream for stream in moving if stream is best), moving[0] if moving else None)
