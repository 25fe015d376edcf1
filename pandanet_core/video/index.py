"""Which frames a video file has, when they are shown, and from where each can be decoded."""

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from pandanet_core.video.packets import decode, demux, open_video

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FrameIndex:
    """F frames in the order of their presentation, P packets in the order of the file.

    A packet holds a frame, in the order of decoding: with B-frames that is another one.
    """

    packet: Integers
    """(F,) number of the packet that holds the frame."""
    pts: Integers
    """(F,) presentation times in units of `time_base`, rising."""
    time_base: Fraction
    """Seconds."""
    last_duration: int
    """How long the last frame is shown, in units of `time_base`."""
    clock: Integers
    """(P,) time of each packet by which it is known again; empty where it is not unique."""
    seek_time: Integers
    """(P,) time by which the container finds it; empty with `clock`."""
    size: Integers
    """(P,) bytes."""
    key_packets: Integers
    """(G,) the packets at which decoding can start, rising."""

    def __len__(self) -> int:
        return len(self.packet)

    @property
    def duration_s(self) -> float:
        """From the first frame's start to the last one's end."""
        return float((int(self.pts[-1] - self.pts[0]) + self.last_duration) * self.time_base)

    def time_s(self, frame: int) -> float:
        """Seconds between the first frame and this one."""
        return float(int(self.pts[frame] - self.pts[0]) * self.time_base)

    def starts_for(self, frame: int) -> list[int]:
        """Key packets from which to decode `frame`: the nearest, then some further back.

        A key frame that is shown later than `frame`, though stored before it, is no start: the
        frames between (open GOP) also need the group before.
        """
        keys = self.keys_until(int(self.packet[frame]))
        return nearest_last(keys[self.frame_of_packet[keys] <= frame]) or [0]

    def keys_until(self, packet: int) -> Integers:
        """The key packets up to and including `packet`."""
        return self.key_packets[: np.searchsorted(self.key_packets, packet, side="right")]

    def number_of(self, packet: av.Packet) -> int | None:
        """The number of a packet that was read anew; None where it is not known again."""
        time, order = _clock(packet), self._packets_by_clock
        if time is None or not len(order):
            return None
        at = min(int(np.searchsorted(self.clock, time, sorter=order)), len(order) - 1)
        number = int(order[at])
        same = self.clock[number] == time and self.size[number] == packet.size
        return number if same else None

    def starting_at(self, frame: int) -> "FrameIndex":
        """Without the frames before: they need a part of the video that was cut away."""
        return replace(self, packet=self.packet[frame:], pts=self.pts[frame:])

    @cached_property
    def frame_of_packet(self) -> Integers:
        """(P,) number of the frame that the packet holds, -1 where it is not to be shown."""
        frames = np.full(len(self.size), -1, np.int64)
        frames[self.packet] = np.arange(len(self.packet))
        return frames

    @cached_property
    def _packets_by_clock(self) -> NDArray[np.intp]:
        return np.argsort(self.clock)


def nearest_last(keys: Integers) -> list[int]:
    """A few of rising numbers: the last, then ever further back."""
    return [int(keys[-back]) for back in (1, 2, 4, 8) if back <= len(keys)]


def index_frames(path: Path, container: InputContainer, stream: VideoStream) -> FrameIndex:
    """Read the times of all packets; decode them too only where times don't give the order.

    `container` is `path`, opened and still at its start; afterwards it is at its end.
    """
    packets = [_PacketFacts.of(packet) for packet in demux(container, stream)]
    clock, seek_time = _unique_times(packets)
    if len(clock) and not _times_ignore_b_frames(container, stream, packets):
        shown = np.array([packet.shown for packet in packets], bool)
        order = np.argsort(clock)
        order = order[shown[order]]
        pts, time_base = clock[order], stream.time_base or Fraction(1)
        duration = packets[-1].duration
    else:
        order = _order_by_decoding(path)
        pts = np.arange(len(order))
        time_base = 1 / (stream.average_rate or stream.guessed_rate or Fraction(25))
        duration = 1
    return FrameIndex(
        packet=order,
        pts=pts,
        time_base=time_base,
        last_duration=duration or (int(pts[-1] - pts[-2]) if len(pts) > 1 else 0),
        clock=clock,
        seek_time=seek_time,
        size=np.array([packet.size for packet in packets], np.int64),
        key_packets=np.flatnonzero([packet.is_key for packet in packets]),
    )


@dataclass(frozen=True, slots=True)
class _PacketFacts:
    """What is kept of a packet: all but the picture."""

    pts: int | None
    dts: int | None
    duration: int
    size: int
    is_key: bool
    shown: bool

    @staticmethod
    def of(packet: av.Packet) -> "_PacketFacts":
        shown = not (packet.is_discard or packet.is_corrupt)
        duration = packet.duration or 0
        return _PacketFacts(
            packet.pts, packet.dts, duration, packet.size, packet.is_keyframe, shown
        )


def _clock(packet: av.Packet | _PacketFacts) -> int | None:
    return packet.dts if packet.pts is None else packet.pts


def _unique_times(packets: list[_PacketFacts]) -> tuple[Integers, Integers]:
    """By what packets are known again and found; both empty where that is not unique."""
    times = [_clock(packet) for packet in packets]
    if None in times or len(set(times)) < len(times):
        times = []
    seek_times = [_clock(p) if p.dts is None else p.dts for p in packets if times]
    return np.array(times, np.int64), np.array(seek_times, np.int64)


def _times_ignore_b_frames(
    container: InputContainer, stream: VideoStream, packets: list[_PacketFacts]
) -> bool:
    """AVI files hold no presentation times; guessed ones may just count packets."""
    delays = {(p.pts or 0) - (p.dts or 0) for p in packets}
    is_avi = container.format.name == "avi"
    return is_avi and stream.codec_context.has_b_frames and len(delays) <= 1


def _order_by_decoding(path: Path) -> Integers:
    """(F,) the packets of the frames in the order in which a decoder gives them out."""
    container, stream = open_video(path)
    with container:
        numbers = [number for number, _ in decode(stream, enumerate(demux(container, stream)))]
    return np.array(numbers, np.int64)
