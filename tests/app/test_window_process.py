"""The real command in a process of its own: it ends when asked to and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.leaks import children_of, shared_memory
from tests.app.ui_queue import UiQueue

ROOT = Path(__file__).parents[2]


def wait_until(done, timeout_s: float = 120.0) -> None:
    UiQueue().run_until(done, timeout_s)


@pytest.fixture
def command(film: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`pandanet app FILM`, running, its 3D view's process started: the first frame was shown."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "app")]),
        "QT_QPA_PLATFORM": "offscreen",
        "DISPLAY": ":nowhere",
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "pandanet_app", "app", str(film)],
        env=environment,
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
