"""Detection in a real child process: same people, cancel that always works, no child left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandanet_app.controllers.detection_worker import (
    PACKAGED_WEIGHTS,
    DetectionRequest,
    starting_at,
)
from pandanet_app.models.detection import DetectionPhase
from pandanet_core.detector import DEFAULT_WEIGHTS, Detector, DetectorOptions
from pandanet_core.video import open_source
from tests.app.detection_run import CAMERA, Run, request
from tests.app.leaks import alive, traces
from tests.app.marker_film import (
    MarkerDetector,
    film_picture,
    load_dying_detector,
    load_hanging_detector,
    load_marker_detector,
    load_unhurried_detector,
    write_film,
)
from tests.app.ui_queue import UiQueue
from tests.tiny_weights import write_tiny_weights

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", 40)


@pytest.fixture
def run() -> Iterator[Run]:
    before = traces()
    run = Run()
    yield run
    run.controller.close(5)
    assert traces().since(before) == ""


def test_what_is_on_screen_comes_first_and_everybody_is_found(run: Run, film: Path) -> None:
    run.controller.start(request(film, load_marker_detector, ((25, 40), (0, 10))))
    run.wait_for(DetectionPhase.FINISHED)
    assert [one.frame for one in run.found] == [*range(25, 40), *range(10)]
    assert run.ready[0].engine == MarkerDetector.engine
    assert (run.state.detection.done, run.state.detection.total) == (25, 25)
    assert run.state.detection.rate_hz >= 0
    for one in run.found[::6]:
        expected = MarkerDetector()(film_picture(one.frame), CAMERA)
        assert one.detections.scores == pytest.approx(expected.scores, abs=0.02)
        assert one.detections.boxes == pytest.approx(expected.boxes, abs=1)
        assert one.time_s == pytest.approx(one.frame / 25, abs=1e-3)


def test_a_frame_that_comes_on_screen_is_detected_next(run: Run, film: Path) -> None:
    run.controller.start(request(film, load_unhurried_detector))
    run.ui.run_until(lambda: len(run.found) >= 2)
    run.controller.detect_first(30)
    run.wait_for(DetectionPhase.FINISHED)
    order = [one.frame for one in run.found]
    assert sorted(order) == list(range(40))
    jump = order.index(30)
    assert jump < 20
    assert order == [*range(jump), *range(30, 40), *range(jump, 30)]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=0, max_size=6), st.integers(0, 70))
def test_another_order_keeps_every_frame(lengths: list[int], frame: int) -> None:
    ranges = tuple((10 * place, 10 * place + length) for place, length in enumerate(lengths))
    frames = [i for start, stop in ranges for i in range(start, stop)]
    again = [i for start, stop in starting_at(frame, ranges) for i in range(start, stop)]
    assert sorted(again) == frames
    assert again[:1] == ([frame] if frame in frames else frames[:1])


def test_cancel_ends_a_child_that_computes_for_ever(run: Run, film: Path) -> None:
    run.controller.start(request(film, load_hanging_detector))
    run.ui.run_until(lambda: len(run.found) == 1)
    job = run.controller.job
    assert job is not None
    pid = job.pid
    assert pid is not None
    started_s = time.monotonic()
    run.controller.cancel()
    answered_s = time.monotonic() - started_s
    job.join(10)
    ended_s = time.monotonic() - started_s
    assert run.state.detection.phase is DetectionPhase.CANCELLED
    assert not alive(pid)
    assert answered_s < 0.2
    assert ended_s < 2  # at once, but the machine may be busy
    assert len(run.found) == 1


def test_cancel_while_the_child_starts(run: Run, film: Path) -> None:
    for _ in range(3):
        run.controller.start(request(film, load_marker_detector))
        run.controller.cancel()
    assert run.state.detection.phase is DetectionPhase.CANCELLED
    run.controller.start(request(film, load_marker_detector, ((7, 9),)))
    run.wait_for(DetectionPhase.FINISHED)
    assert [one.frame for one in run.found] == [7, 8]


def test_a_child_that_dies_is_told_in_a_sentence(run: Run, film: Path) -> None:
    run.controller.start(request(film, load_dying_detector))
    run.wait_for(DetectionPhase.FAILED)
    message = run.state.session.message
    assert message is not None
    assert message.kind == "error"
    assert "ended unexpectedly" in message.text


def test_bad_weights_are_told_in_a_sentence(run: Run, film: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(b"not weights")
    run.controller.start(DetectionRequest(film, ((0, 2),), CAMERA, 0.05, weights=weights))
    run.wait_for(DetectionPhase.FAILED)
    message = run.state.session.message
    assert message is not None
    assert "weights.safetensors" in message.text
    assert "Traceback" not in message.text


def test_the_real_detector_finds_in_the_child_what_it_finds_here(
    run: Run, film: Path, tmp_path: Path
) -> None:
    weights = write_tiny_weights(tmp_path / "tiny.safetensors")
    run.controller.start(DetectionRequest(film, ((3, 5),), CAMERA, 0.05, 0.5, weights))
    run.wait_for(DetectionPhase.FINISHED)
    detector = Detector(weights, DetectorOptions(min_score=0.05, nms_iou=0.5))
    assert run.ready[0].engine == detector.engine
    assert run.ready[0].weights_sha256 == detector.weights_sha256
    assert run.ready[0].scale_source == detector.scale_source
    with open_source(film) as source:
        for one in run.found:
            expected = detector(source.read(one.frame).image, CAMERA)
            assert len(one.detections) == len(expected) > 0
            assert one.detections.boxes == pytest.approx(expected.boxes, abs=0.5)
            assert one.detections.root_mm == pytest.approx(expected.root_mm, rel=0.02, abs=20)


def test_the_child_ends_when_the_window_is_killed(film: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from tests.app.detection_run import Run, request
from tests.app.marker_film import load_unhurried_detector
if __name__ == "__main__":
    run = Run()
    run.controller.start(request(Path({str(film)!r}), load_unhurried_detector, ((0, 40),) * 50))
    run.ui.run_until(lambda: len(run.found) > 2)
    print(run.controller.job.pid, flush=True)
    time.sleep(60)
"""
    script = film.parent / "killed.py"
    script.write_text(program)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "app")])}
    parent = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    UiQueue().run_until(lambda: not alive(child))


def test_the_packaged_weights_are_called_so() -> None:
    assert Path(DEFAULT_WEIGHTS).stem == PACKAGED_WEIGHTS
