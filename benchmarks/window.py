"""How long the window keeps one waiting: until the first frame, and after a click on the slider.

The first frame: the real command `pandanet app CLIP` in a process of its own, timed from its start
until the film's colours are on the screen (an X server without a monitor: needs Xvfb). The click: a
real window, timed from the mouse's press until the exact frame, known by the number in its pixels,
has been painted.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import av
import numpy as np
import tyro
from PyQt6.QtCore import QPoint, QSettings, Qt
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from pandanet_app.qt.environment import prepare_environment
from pandanet_app.qt.main_window import MainWindow

WIDTH, HEIGHT, FPS = 1920, 1080, 25
BITS, BIT_PX = 12, 64
MARK = (230, 30, 200)
"""RGB of a patch in every picture of the clip; nothing else in the window has this colour."""
WANTED_FIRST_S, WANTED_CLICK_MS = 4.0, 250.0


@dataclass(frozen=True)
class Window:
    """Time to the first frame and time of a click on the slider, on a 1080p H.264 clip."""

    starts: int = 5
    """How often the command is started."""

    clicks: int = 60
    """How often the slider is clicked."""

    seconds: int = 20
    """Length of the clip."""

    key_frame_every: tuple[int, ...] = (50, 250)
    """Frames between key frames; 250 is x264's default and the hardest case."""

    def run(self) -> None:
        """Print one table."""
        rows = []
        with tempfile.TemporaryDirectory() as folder:
            clips = {
                every: write_clip(Path(folder) / f"{every}.mp4", self.seconds * FPS, every)
                for every in self.key_frame_every
            }
            first_clip = next(iter(clips.values()))
            prepare_environment()
            with display() as name:
                os.environ["DISPLAY"] = name
                app = QApplication(sys.argv[:1])
                times = [
                    time_to_first_frame(app, first_clip, Path(folder)) for _ in range(self.starts)
                ]
                rows.append(row("command to first frame", times, "s", WANTED_FIRST_S))
                for every, clip in clips.items():
                    times = [1000 * t for t in click_times(app, clip, self.clicks, Path(folder))]
                    what = f"click to exact frame, key frame every {every}"
                    rows.append(row(what, times, "ms", WANTED_CLICK_MS))
        print("| 1080p H.264 | median | 90 % | worst | wanted | |")
        print("| --- | --- | --- | --- | --- | --- |")
        print("\n".join(rows))


def row(what: str, values: list[float], unit: str, wanted: float) -> str:
    """One line of the table."""
    ordered = sorted(values)
    median, most = statistics.median(ordered), ordered[int(0.9 * (len(ordered) - 1))]
    verdict = "reached" if median <= wanted else "missed"
    digits = 2 if unit == "s" else 0
    numbers = " | ".join(f"{value:.{digits}f} {unit}" for value in (median, most, ordered[-1]))
    return f"| {what} | {numbers} | {wanted:g} {unit} | {verdict} |"


def write_clip(path: Path, count: int, key_frame_every: int) -> Path:
    """A textured film that pans, each frame's number in blocks along its top."""
    texture = np.random.default_rng(0).integers(60, 190, (HEIGHT // 8 + 8, WIDTH // 8 + count, 1))
    texture = np.repeat(np.repeat(texture, 8, 0), 8, 1).astype(np.uint8)
    with av.open(str(path), "w") as container:
        options = {"g": str(key_frame_every), "sc_threshold": "0", "preset": "veryfast"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(count):
            picture = np.repeat(texture[:HEIGHT, 4 * number : 4 * number + WIDTH], 3, 2)
            for bit in range(BITS):
                value = 255 if number >> bit & 1 else 0
                picture[:BIT_PX, bit * BIT_PX : (bit + 1) * BIT_PX] = value
            picture[-2 * BIT_PX :, : 4 * BIT_PX] = MARK
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@contextmanager
def display() -> Iterator[str]:
    """A screen that nobody sees: the name for DISPLAY."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-noreset", "-screen", "0", "1280x720x24"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as pipe:
            yield ":" + pipe.readline().strip()
    finally:
        server.terminate()
        server.wait()


def time_to_first_frame(app: QApplication, clip: Path, folder: Path) -> float:
    """Seconds from the start of `pandanet app` until the film's mark is on the screen."""
    screen = QGuiApplication.primaryScreen()
    assert screen is not None
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder)}
    started_s = time.perf_counter()
    command = subprocess.Popen(
        [sys.executable, "-m", "pandanet_app", "app", str(clip)], env=environment
    )
    try:
        while time.perf_counter() - started_s < 60:
            app.processEvents()
            image = screen.grabWindow(0).toImage()
            places = product(range(0, 700, 40), range(80, 600, 20))
            if any(is_mark(QColor(image.pixel(x, y)).getRgb()[:3]) for x, y in places):
                return time.perf_counter() - started_s
            time.sleep(0.02)
        raise TimeoutError("the first frame did not come within a minute")
    finally:
        command.terminate()
        command.wait()


def is_mark(colour: tuple[int, ...]) -> bool:
    """Whether a colour is the mark's, as far as encoding leaves it."""
    return all(abs(value - wanted) < 30 for value, wanted in zip(colour, MARK, strict=True))


def click_times(app: QApplication, clip: Path, clicks: int, folder: Path) -> list[float]:
    """Seconds from each click on the slider until the exact frame is painted."""
    window = MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    window.show()
    window.workspace.open(clip)
    playback, slider = window.workspace.state.playback, window.transport.slider
    while playback.shown != 0 or not window.view3d.settled:
        app.processEvents()
    times, random_ = [], random.Random(5)
    for _ in range(clicks):
        at = QPoint(random_.randrange(12, slider.width() - 12), slider.height() // 2)
        started_s = time.perf_counter()
        QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
        while playback.shown != slider.frame_at(at.x()):
            app.processEvents()
        window.video.repaint()
        times.append(time.perf_counter() - started_s)
        assert window.workspace.frames.current is not None
        assert number_in(window.workspace.frames.current.image) == slider.frame_at(at.x())
    window.close()
    return times


def number_in(picture: np.ndarray) -> int:
    """The number that the blocks along the top of a picture say."""
    blocks = picture[BIT_PX // 2, BIT_PX // 2 : BITS * BIT_PX : BIT_PX].mean(-1)
    return sum(1 << bit for bit, value in enumerate(blocks) if value > 127)


if __name__ == "__main__":
    tyro.cli(Window).run()
