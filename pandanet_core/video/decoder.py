"""Decoding forward from any key frame of a file."""

import math
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

import av

from pandanet_core.errors import UserError
from pandanet_core.video.index import FrameIndex, index_frames, nearest_last
from pandanet_core.video.packets import decode, demux, open_video

_FEW_PACKETS = 8
"""Decoding so many is cheaper than starting anew."""

Found = tuple[int, av.VideoFrame]
"""A frame and its number."""


class Decoder:
    """A place in a video file that moves forward or starts anew at a key frame.

    On the way to a frame, those that no other frame is made from are not decoded: half the work.

    Raises UserError where `path` is no readable video.
    """

    index: FrameIndex
    first_frame: av.VideoFrame

    def __init__(self, path: Path) -> None:
        self._path = path
        self.container, self.stream = open_video(path)
        self._coming: Iterator[Found] = iter(())
        self._reached = math.inf  # Nothing is near before the first start.
        self._packet = -1
        self._wanted = -1
        try:
            self.index = index_frames(path, self.container, self.stream)
            number, self.first_frame = self._decode_first_frame()
        except BaseException:
            self.close()
            raise
        self.index = self.index.starting_at(number)

    def find(self, frame: int) -> av.VideoFrame | None:
        """Frame number `frame`, None where it is damaged."""
        self._wanted = frame
        starts = self.index.starts_for(frame)
        if self._is_near(frame, starts[0]):
            return self._advance_to(frame)
        for start in starts:
            whole_at_once = self._start(start)
            # Where the picture heals little by little, its decoder calls it healed too early.
            if whole_at_once or start != starts[0] or len(starts) == 1:
                found = self._advance_to(frame)
                if found is not None:
                    return found
        return None

    def close(self) -> None:
        """Close the file."""
        self._coming = iter(())
        self.container.close()

    def _is_near(self, frame: int, start: int) -> bool:
        """Whether going on to `frame` takes hardly longer than starting at packet `start`."""
        return self._reached < frame and start <= self._packet + _FEW_PACKETS

    def _start(self, packet: int) -> bool:
        """Start at a key packet; False where its own picture is not among those that come out."""
        coming = self._frames_from(packet)
        first = next(coming, None)
        self._coming = coming if first is None else chain([first], coming)
        return first is not None and first[0] <= self.index.frame_of_packet[packet]

    def _advance_to(self, frame: int) -> av.VideoFrame | None:
        """Frame number `frame`, None where it is missing; stands behind it in both cases."""
        self._reached = frame
        for number, picture in self._coming:
            if number == frame:
                return picture
            if number > frame:
                self._coming = chain([(number, picture)], self._coming)
                return None
        return None

    def _decode_first_frame(self) -> Found:
        first = next(self._frames_from(0), None) if len(self.index) else None
        if first is None:
            raise UserError(
                f"{self._path.name} holds no picture that can be decoded: it is empty or damaged, "
                "take another copy."
            )
        return first

    def _frames_from(self, start: int) -> Iterator[Found]:
        """All frames that can be decoded from the key packet `start` on."""
        frame_of_packet = self.index.frame_of_packet
        for packet, picture in decode(self.stream, self._packets_from(start)):
            if frame_of_packet[packet] >= 0:
                yield int(frame_of_packet[packet]), picture

    def _packets_from(self, start: int) -> Iterator[tuple[int, av.Packet]]:
        """Packet `start` and those after it, numbered."""
        for number, packet in enumerate(self._seek(start), start):
            if number == len(self.index.size) or packet.size != self.index.size[number]:
                return  # The file changes while it is read, or packets are cut in another way.
            self._packet = number
            on_the_way = 0 <= self.index.frame_of_packet[number] < self._wanted
            self.stream.codec_context.skip_frame = "NONREF" if on_the_way else "DEFAULT"
            yield number, packet

    def _seek(self, start: int) -> Iterator[av.Packet]:
        """Packet `start` and those after it, wherever the container's own seeking lands."""
        for key in nearest_last(self.index.keys_until(start)) if len(self.index.clock) else []:
            with suppress(av.FFmpegError):
                self.container.seek(int(self.index.seek_time[key]), stream=self.stream)
            packets = demux(self.container, self.stream)
            for packet in packets:
                number = self.index.number_of(packet)
                if number == start:
                    return chain([packet], packets)
                if number is not None and number > start:
                    break
        self.container.close()
        self.container, self.stream = open_video(self._path)
        return islice(demux(self.container, self.stream), start, None)
