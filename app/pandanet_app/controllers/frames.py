"""Going through the film: which frame is wanted, which is shown, and playing.

Everything here runs on the front end's thread; decoding does not (`FrameCache`). A frame that comes
back for a source that is no longer open is dropped (generation counter).
"""

from psygnal import Signal

from pandanet_app.controllers.frame_cache import DEFAULT_CAPACITY_BYTES, FrameCache, FrameReader
from pandanet_app.controllers.playback_clock import PlaybackClock
from pandanet_app.models.playback import SPEEDS
from pandanet_app.models.session import Message, SourceInfo
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post
from pandanet_core.video import Frame


class FrameController:
    """Moves `Playback` and shows frames of the open source."""

    shown = Signal(Frame)
    """Another frame is on screen."""

    def __init__(
        self, state: AppState, post: Post, capacity_bytes: int = DEFAULT_CAPACITY_BYTES
    ) -> None:
        """Nothing is open yet; `capacity_bytes` bounds the decoded frames in memory."""
        self._state = state
        self._post = post
        self._capacity_bytes = capacity_bytes
        self._cache: FrameCache | None = None
        self._fps = 1.0
        self._frame_count = 0
        self._closing: list[FrameCache] = []
        self._generation = 0
        self._clock: PlaybackClock | None = None
        self.current: Frame | None = None

    @property
    def capacity_bytes(self) -> int:
        """Bound of the decoded frames in memory."""
        return self._capacity_bytes

    def open(self, reader: FrameReader, info: SourceInfo, frame: int = 0) -> None:
        """Show `frame` of another source; `reader` is closed when it is no longer needed."""
        self.close()
        self._generation += 1
        generation = self._generation
        self._fps, self._frame_count = info.fps, info.frame_count
        playback = self._state.playback
        playback.update(
            {"frame": frame, "shown": -1, "range_start": 0, "range_stop": info.frame_count}
        )
        self._cache = FrameCache(
            reader,
            info.frame_count,
            on_frame=lambda found: self._post(lambda: self._arrived(generation, found)),
            on_error=lambda text: self._post(lambda: self._failed(generation, text)),
            capacity_bytes=self._capacity_bytes,
        )
        self._cache.request(frame)

    def close(self) -> None:
        """Close the source; `join` waits until its decoder is gone."""
        self.pause()
        self._generation += 1
        self.current = None
        if self._cache is not None:
            self._cache.close()
            self._closing = [cache for cache in self._closing if cache.running] + [self._cache]
            self._cache = None
            self._state.session.cache_bytes = 0

    def join(self, timeout_s: float) -> None:
        """Wait until the decoder of the closed source is gone."""
        for cache in self._closing:
            cache.close(timeout_s)

    def go_to(self, frame: int) -> None:
        """Show this frame, or the nearest there is."""
        if self._cache is None:
            return
        self._clock = None
        frame = min(max(frame, 0), self._frame_count - 1)
        playback = self._state.playback
        step = frame - playback.frame
        stepping = abs(step) == 1
        playback.frame = frame
        self._show_or_request(frame, step if stepping else 0)

    def start_range_here(self) -> None:
        """The range in work starts at the present frame."""
        playback = self._state.playback
        stop = playback.range_stop if playback.range_stop > playback.frame else self._frame_count
        playback.update({"range_start": playback.frame, "range_stop": stop})

    def end_range_here(self) -> None:
        """The range in work ends with the present frame."""
        playback = self._state.playback
        start = playback.range_start if playback.range_start <= playback.frame else 0
        playback.update({"range_start": start, "range_stop": playback.frame + 1})

    def clear_range(self) -> None:
        """The range in work is the whole film."""
        self._state.playback.update({"range_start": 0, "range_stop": self._frame_count})

    def step(self, frames: int) -> None:
        """Pause and move by so many frames."""
        self.pause()
        self.go_to(self._state.playback.frame + frames)

    def toggle(self) -> None:
        """Play or pause."""
        if self._state.playback.playing:
            self.pause()
        else:
            self.play(self._state.playback.speed)

    def play(self, speed: float) -> None:
        """Play at a multiple of the film's speed; negative plays backwards."""
        playback = self._state.playback
        if self._cache is None or self._frame_count < 2:
            return
        playback.speed = speed
        self._clock = None
        first, last = playback.range_start, playback.range_stop - 1
        if speed > 0 and playback.frame >= last:
            self.go_to(first)
        elif speed < 0 and playback.frame <= first:
            self.go_to(last)
        playback.playing = True

    def shuttle(self, direction: int) -> None:
        """J and L: play that way at 1x; pressed again, twice as fast."""
        playback = self._state.playback
        same_way = playback.playing and playback.speed * direction > 0
        fastest = max(SPEEDS)
        self.play(direction * min(fastest, abs(playback.speed) * 2 if same_way else 1.0))

    def pause(self) -> None:
        """Stop at the shown frame."""
        playback = self._state.playback
        if playback.playing:
            playback.playing = False
            playback.speed = abs(playback.speed)
            if playback.shown >= 0:
                playback.frame = playback.shown
        self._clock = None

    def tick(self, now_s: float) -> None:
        """Go on playing; to be called about 60 times a second with a steady clock's time."""
        playback = self._state.playback
        if not playback.playing or self._cache is None:
            return
        if self._clock is None or self._clock.speed != playback.speed:
            self._clock = self._clock_from(now_s)
        wanted = self._clock.frame_at(now_s)
        if wanted != playback.frame:
            playback.frame = wanted
            self._show_or_request(wanted, 1 if playback.speed >= 0 else -1)
        if self._clock.ended_at(now_s) and playback.shown == wanted:
            self.pause()

    def _clock_from(self, now_s: float) -> PlaybackClock:
        playback = self._state.playback
        return PlaybackClock(
            start_frame=playback.frame,
            start_s=now_s,
            fps=self._fps,
            speed=playback.speed,
            range_start=playback.range_start,
            range_stop=playback.range_stop,
            loop=playback.loop,
        )

    def _show_or_request(self, frame: int, direction: int) -> None:
        assert self._cache is not None
        found = self._cache.get(frame)
        if found is not None:
            self._show(found)
        self._cache.request(frame, direction)

    def _arrived(self, generation: int, frame: Frame) -> None:
        if generation != self._generation or self._cache is None:
            return
        self._state.session.cache_bytes = self._cache.used_bytes
        if frame.index == self._state.playback.frame or self._is_on_the_way(frame.index):
            self._show(frame)

    def _is_on_the_way(self, index: int) -> bool:
        """While playing, a late frame is still shown if it keeps the order."""
        playback = self._state.playback
        if not playback.playing or playback.shown < 0:
            return False
        low, high = sorted((playback.shown, playback.frame))
        return low < index < high and (playback.frame > playback.shown) == (playback.speed > 0)

    def _show(self, frame: Frame) -> None:
        if self.current is frame:
            return
        self.current = frame
        self._state.playback.update({"shown": frame.index, "shown_time_s": frame.time_s})
        self.shown.emit(frame)

    def _failed(self, generation: int, text: str) -> None:
        if generation == self._generation:
            self.pause()
            self._state.session.message = Message("error", text)
