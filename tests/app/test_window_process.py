"""The real command in a process of its own: it ends when asked to and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pandanet_core.camera import Camera
from pandanet_core.detections import read_table
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.video import open_source
from tests.app.leaks import children_of, shared_memory
from tests.app.marker_film import HEIGHT, WIDTH, write_film
from tests.app.ui_queue import UiQueue
from tests.tiny_weights import write_tiny_weights

ROOT = Path(__file__).parents[2]


def wait_until(done, timeout_s: float = 120.0) -> None:
    UiQueue().run_until(done, timeout_s)


def environment_in(folder: Path) -> dict[str, str]:
    """Without a screen, with settings of its own."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "app")]),
        "QT_QPA_PLATFORM": "offscreen",
        "DISPLAY": ":nowhere",
        "XDG_CONFIG_HOME": str(folder),
    }


@pytest.fixture
def command(film: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`pandanet app FILM`, running, its 3D view's process started: the first frame was shown."""
    process = subprocess.Popen(
        [sys.executable, "-m", "pandanet_app", "app", str(film)],
        env=environment_in(tmp_path),
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(
            lambda: (
                process.poll() is not None
                or bool(shared_memory_of(process.pid) and children_of(process.pid))
            )
        )
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        yield process
    finally:
        process.kill()
        process.wait()


def shared_memory_of(pid: int) -> list[str]:
    """Shared memory that a process has mapped."""
    maps = Path(f"/proc/{pid}/maps")
    text = maps.read_text() if maps.exists() else ""
    return [name for name in shared_memory() if name in text]


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_the_command(
    command: subprocess.Popen[bytes], asked_by: signal.Signals
) -> None:
    children, memory = children_of(command.pid), shared_memory_of(command.pid)
    command.send_signal(asked_by)
    code = command.wait(60)
    assert code == (0 if asked_by == signal.SIGINT else -signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
    wait_until(lambda: not set(memory) & set(shared_memory()))


_DETECT_AND_INTERRUPT = """
import os, signal, sys, threading, time
from pathlib import Path
from PyQt6.QtWidgets import QApplication
from pandanet_app.qt.application import run_window
from pandanet_app.qt.main_window import MainWindow

def interrupt_once_detected():
    window = None
    while window is None or not window.workspace.state.session.unsaved:
        time.sleep(0.1)
        app = QApplication.instance()
        windows = app.topLevelWidgets() if app else []
        window = next((one for one in windows if isinstance(one, MainWindow)), None)
    if {question}:
        window._ui_thread.post(window.close)
        while QApplication.activeModalWidget() is None:
            time.sleep(0.1)
    os.kill(os.getpid(), signal.{name})

if __name__ == "__main__":
    threading.Thread(target=interrupt_once_detected, daemon=True).start()
    sys.exit(run_window(Path({film!r}), Path({weights!r}), 60.0, detect=True))
"""


@pytest.mark.parametrize(("name", "question"), [("SIGTERM", False), ("SIGINT", True)])
def test_ctrl_c_ends_at_once_and_what_was_found_is_kept(
    tmp_path: Path, name: str, question: bool
) -> None:
    """Also while the window asks whether to save."""
    film = write_film(tmp_path / "film.mp4", 40)
    weights = write_tiny_weights(tmp_path / "tiny.safetensors")
    program = tmp_path / "program.py"
    program.write_text(
        _DETECT_AND_INTERRUPT.format(
            film=str(film), weights=str(weights), name=name, question=question
        )
    )
    done = subprocess.run(
        [sys.executable, str(program)],
        env=environment_in(tmp_path),
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    path = film.with_name("film.unsaved.parquet")
    assert f"pandanet: The detections are kept in {path}.\n" in done.stderr
    table = read_table(path)
    assert table.header.source == film.name
    frame = table.header.frames_done[0][0]
    detector = Detector(weights, DetectorOptions(min_score=0.05))
    with open_source(film) as source:
        expected = detector(source.read(frame).image, Camera.from_fov(WIDTH, HEIGHT, 60))
    assert len(expected) > 0
    assert table.at(frame).scores == pytest.approx(expected.scores, abs=0.01)


def test_a_missing_file_is_said_before_any_window_opens() -> None:
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "app")]),
        "DISPLAY": ":nowhere",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pandanet_app", "app", "no-such-film.mp4"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no-such-film.mp4" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
