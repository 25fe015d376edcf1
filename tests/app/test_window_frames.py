"""Decoding in the background: exact frames, a bound that holds, stale requests dropped."""

import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from pandanet_app.controllers.frame_cache import FrameCache
from pandanet_app.controllers.frames import FrameController
from pandanet_app.controllers.opening import open_path
from pandanet_app.models.state import AppState
from pandanet_core.errors import UserError
from pandanet_core.video import Frame, Video
from tests.app.marker_film import HEIGHT, WIDTH, number_in, write_film
from tests.app.ui_queue import UiQueue

FRAMES = 120


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", FRAMES)


class Gate:
    """A reader whose every read waits until the test lets it go on."""

    def __init__(self) -> None:
        self.started = threading.Semaphore(0)
        self.may_go = threading.Semaphore(0)
        self.read_frames: list[int] = []
        self.closed = threading.Event()

    def read(self, index: int) -> Frame:
        self.started.release()
        self.may_go.acquire()
        self.read_frames.append(index)
        return Frame(index, index / 25, np.full((4, 4, 3), index, np.uint8))

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        for index in range(start, stop or 100, step):
            yield self.read(index)

    def close(self) -> None:
        self.closed.set()


def test_only_the_latest_request_is_decoded() -> None:
    gate, arrived = Gate(), []
    done = threading.Event()

    def on_frame(frame: Frame) -> None:
        arrived.append(frame.index)
        if frame.index == 50:
            done.set()

    cache = FrameCache(gate, 100, on_frame, pytest.fail)
    cache.request(0)
    assert gate.started.acquire(timeout=5)
    for index in range(1, 51):  # a slider dragged while frame 0 is being decoded
        cache.request(index)
    gate.may_go.release(2)
    assert done.wait(5)
    cache.close(5)
    assert gate.read_frames == [0, 50]
    assert arrived == [0, 50]
    assert gate.closed.is_set()
    assert not cache.running


def test_a_request_interrupts_decoding_ahead() -> None:
    gate = Gate()
    done = threading.Event()
    cache = FrameCache(gate, 100, lambda f: done.set() if f.index == 90 else None, pytest.fail)
    cache.request(10, direction=1)
    gate.may_go.release()
    for _ in range(2):  # 10 itself, and the first one ahead
        assert gate.started.acquire(timeout=5)
    cache.request(90)
    gate.may_go.release(2)
    assert done.wait(5)
    cache.close(5)
    assert gate.read_frames == [10, 11, 90]


def test_the_bound_holds_and_the_latest_frame_stays(film: Path) -> None:
    arrived: list[Frame] = []
    changed = threading.Event()

    def on_frame(frame: Frame) -> None:
        arrived.append(frame)
        changed.set()

    bound = 5 * WIDTH * HEIGHT * 3
    cache = FrameCache(Video(film), FRAMES, on_frame, pytest.fail, bound)
    for index in (0, 60, 30, 119, 31, 32, 33, 90):
        changed.clear()
        cache.request(index, direction=1 if index in (31, 32) else 0)
        assert changed.wait(10)
        assert number_in(arrived[-1].image) == index
        assert cache.used_bytes <= bound
        assert cache.get(index) is arrived[-1]
    cache.close(10)
    assert cache.used_bytes == 0


def test_a_frame_larger_than_the_bound_is_still_shown(film: Path) -> None:
    shown = threading.Event()
    cache = FrameCache(Video(film), FRAMES, lambda f: shown.set(), pytest.fail, 1000)
    cache.request(5)
    assert shown.wait(10)
    assert cache.get(5) is not None
    cache.close(10)


def test_a_damaged_frame_is_told_and_the_decoder_lives_on() -> None:
    class Damaged(Gate):
        def read(self, index: int) -> Frame:
            if index == 3:
                raise UserError("Frame 3 is damaged.")
            return Frame(index, 0.0, np.zeros((4, 4, 3), np.uint8))

    told, shown = threading.Event(), threading.Event()
    cache = FrameCache(Damaged(), 10, lambda f: shown.set(), lambda text: told.set())
    cache.request(3)
    assert told.wait(5)
    cache.request(4)
    assert shown.wait(5)
    cache.close(5)


@pytest.fixture
def player(film: Path) -> Iterator[tuple[FrameController, AppState, UiQueue]]:
    state, ui = AppState(), UiQueue()
    frames = FrameController(state, ui.post)
    opened = open_path(film)
    frames.open(opened.reader, opened.info)
    ui.run_until(lambda: state.playback.shown == 0)
    yield frames, state, ui
    frames.close()
    frames.join(10)


def test_every_step_shows_exactly_its_frame(player) -> None:
    frames, state, ui = player
    expected = 0
    for step in (1, 1, 10, -1, -1, -1, 100, 1, -10, -100, -100, 500):
        frames.step(step)
        expected = min(max(expected + step, 0), FRAMES - 1)
        ui.run_until(lambda expected=expected: state.playback.shown == expected)
        assert number_in(frames.current.image) == expected
        assert state.playback.shown_time_s == pytest.approx(expected / 25, abs=1e-3)


def test_playing_shows_frames_in_order_and_stops_at_the_end(player) -> None:
    frames, state, ui = player
    shown: list[int] = []
    frames.shown.connect(lambda frame: shown.append(number_in(frame.image)))
    now = iter(np.arange(0, 1000, 0.01))
    frames.play(4.0)

    def ended() -> bool:
        frames.tick(float(next(now)))
        return not state.playback.playing

    ui.run_until(ended)
    assert shown == sorted(set(shown))
    assert shown[-1] == FRAMES - 1 == state.playback.shown


def test_playing_backwards_in_a_range_loops(player) -> None:
    frames, state, ui = player
    frames.go_to(40)
    frames.start_range_here()
    frames.go_to(50)
    frames.end_range_here()
    ui.run_until(lambda: state.playback.shown == 50)
    state.playback.loop = True
    shown: list[int] = []
    frames.shown.connect(lambda frame: shown.append(frame.index))
    frames.shuttle(-1)
    now = 0.0

    def twice_round() -> bool:
        nonlocal now
        now += 0.02
        frames.tick(now)
        return shown.count(45) >= 2

    ui.run_until(twice_round)
    assert set(shown) <= set(range(40, 51))
    assert any(after > before for before, after in pairwise(shown))
    frames.pause()
    assert state.playback.frame == state.playback.shown


def test_shuttle_goes_faster_each_time_and_turns_round(player) -> None:
    frames, state, _ = player
    speeds = []
    for direction in (1, 1, 1, 1, -1, -1, 1):
        frames.shuttle(direction)
        speeds.append(state.playback.speed)
    assert speeds == [1, 2, 4, 4, -1, -2, 1]


def test_frames_of_a_closed_film_are_dropped(film: Path, tmp_path: Path) -> None:
    state, ui = AppState(), UiQueue()
    frames = FrameController(state, ui.post)
    first = open_path(film)
    frames.open(first.reader, first.info)
    second = open_path(write_film(tmp_path / "other.mp4", 30))
    frames.open(second.reader, second.info, frame=20)
    sizes: list[int] = []
    frames.shown.connect(lambda frame: sizes.append(frame.index))
    ui.run_until(lambda: state.playback.shown == 20)
    assert sizes == [20]
    frames.close()
    frames.join(10)
