"""Reading ahead and writing behind: bounded, in order, errors and ends arrive where they should."""

import time
from collections.abc import Iterator
from threading import Event, active_count

import pytest

from pandanet_app.commands.detection.threads import Ahead, Behind, frames_in_memory


def counting(made: list[int], stop: int = 1000) -> Iterator[int]:
    for number in range(stop):
        made.append(number)
        yield number


def test_ahead_is_in_order_and_never_far_ahead() -> None:
    made: list[int] = []
    with Ahead(counting(made, 60), 3) as ahead:
        for number in ahead.until(Event()):
            time.sleep(0.001)
            assert number <= made[-1] <= number + 3 + 2
    assert made == list(range(60))


def test_ahead_hands_errors_on_after_the_items_before() -> None:
    def breaking() -> Iterator[int]:
        yield 1
        raise OSError("the disk fell out")

    with Ahead(breaking(), 3) as ahead:
        items = ahead.until(Event())
        assert next(items) == 1
        with pytest.raises(OSError, match="fell out"):
            next(items)


def test_ahead_ends_at_once_when_left_or_stopped() -> None:
    threads, made, stop = active_count(), [], Event()
    with Ahead(counting(made), 2) as ahead:
        for number in ahead.until(stop):
            if number == 5:
                stop.set()
        assert number == 5
    assert len(made) < 12
    assert active_count() == threads


def test_a_stop_is_noticed_while_waiting() -> None:
    def slow() -> Iterator[int]:
        time.sleep(0.6)
        yield 1

    stop = Event()
    stop.set()
    started = time.monotonic()
    with Ahead(slow(), 2) as ahead:
        assert list(ahead.until(stop)) == []
        assert time.monotonic() - started < 0.3


def test_behind_does_everything_in_order_before_it_closes() -> None:
    done: list[int] = []

    def work(number: int) -> None:
        time.sleep(0.002)
        done.append(number)

    behind = Behind(work, 2)
    for number in range(20):
        behind.add(number)
        assert len(done) >= number - 3, "more than two wait"
    behind.close()
    assert done == list(range(20))
    assert behind.busy_s > 20 * 0.002


def test_behind_raises_what_went_wrong_and_never_blocks() -> None:
    def work(number: int) -> None:
        raise OSError(f"no room for {number}")

    behind = Behind(work, 1)
    behind.add(0)
    time.sleep(0.2)
    with pytest.raises(OSError, match="no room for 0"):
        behind.add(1)
    with pytest.raises(OSError, match="no room for 0"):
        behind.close()


def test_large_frames_wait_in_small_numbers() -> None:
    assert frames_in_memory(640, 480) == 8
    assert frames_in_memory(7680, 4320) * 7680 * 4320 * 3 <= 200_000_000
    assert frames_in_memory(20_000, 20_000) == 1
