"""Which frame a film shows at a time: arithmetic only, no timer, no thread."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlaybackClock:
    """A film that runs.

    Attributes:
        start_frame: The frame shown at `start_s`.
        start_s: Any steady clock's time, seconds.
        fps: Frames a second of the film.
        speed: Multiple of the film's speed; negative runs backwards.
        range_start: First frame of the range that is played.
        range_stop: Frame after the last one.
        loop: Whether the film starts again at the other end.
    """

    start_frame: int
    start_s: float
    fps: float
    speed: float
    range_start: int
    range_stop: int
    loop: bool

    def frame_at(self, now_s: float) -> int:
        """The frame to show; stays at the range's end unless the film loops."""
        passed = int((now_s - self.start_s) * self.fps * abs(self.speed))
        frame = self.start_frame + (passed if self.speed >= 0 else -passed)
        if self.loop:
            length = max(1, self.range_stop - self.range_start)
            return self.range_start + (frame - self.range_start) % length
        return min(max(frame, self.range_start), max(self.range_start, self.range_stop - 1))

    def ended_at(self, now_s: float) -> bool:
        """Whether the film has come to its end and does not loop."""
        last = self.range_stop - 1 if self.speed >= 0 else self.range_start
        return not self.loop and self.frame_at(now_s) == last
