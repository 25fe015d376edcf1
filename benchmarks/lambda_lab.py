"""How long the λ lab keeps one waiting: until a long history is on screen, and at the slider.

A run folder of many points, as `pandanet train` writes it, is opened in a real window without a
screen; then the slider goes to places all over the history, as a hand does, timed until the new
picture is painted.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
import tyro

from pandanet_app.qt.environment import prepare_environment
from pandanet_core.skeleton import JTA22
from pandanet_core.training.run_folder.lambdas import opened_lambdas

WANTED_OPEN_S, WANTED_SLIDER_MS = 1.0, 16.0


@dataclass(frozen=True)
class LambdaLab:
    """Seconds to open a history, milliseconds of a step of the slider."""

    points: int = 2000
    """Points of the history."""

    anchors: int = 10
    """Kinds of anchors."""

    opens: int = 5
    """How often it is opened."""

    moves: int = 200
    """How often the slider is moved."""

    size: tuple[int, int] = (1920, 1080)
    """Width and height of the window."""

    def run(self) -> None:
        """Print the table."""
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
        prepare_environment()
        with TemporaryDirectory() as folder:
            first, second = Path(folder) / "first", Path(folder) / "second"
            for seed, run in enumerate((first, second)):
                write_history(run, self.points, self.anchors, seed)
            self._measure(first, second, Path(folder))

    def _measure(self, first: Path, second: Path, folder: Path) -> None:
        from PyQt6.QtCore import QSettings
        from PyQt6.QtWidgets import QApplication

        from pandanet_app.qt.docks import show_in_front
        from pandanet_app.qt.main_window import MainWindow

        app = QApplication(sys.argv[:1])
        app.setStyle("Fusion")
        store = QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(store, folder / "no-weights.safetensors")
        window.workspace.state.view.show_3d = False
        window.resize(*self.size)
        window.show()
        lab, panel = window.workspace.state.lambda_lab, window.lambda_panel

        def seconds_until_painted(act: Callable[[], None], done: Callable[[], bool]) -> float:
            began_s = time.perf_counter()
            act()
            while not done():
                app.processEvents()
            panel.figure.repaint()
            return time.perf_counter() - began_s

        def opened(path: Path) -> float:
            before = lab.first

            def there() -> bool:
                if lab.first is before:
                    return False
                show_in_front(window.lambda_dock)  # the training's curves came with it
                return panel.figure.isVisible()

            return seconds_until_painted(lambda: window.open(path), there)

        def moved() -> float:
            place = places.randrange(self.points)
            return 1000 * seconds_until_painted(
                lambda: panel.player.slider.setValue(place), lambda: True
            )

        places = random.Random(0)
        opens = [opened(first) for _ in range(self.opens)]
        alone = [moved() for _ in range(self.moves)]
        compared = seconds_until_painted(
            lambda: window.workspace.lambda_lab.compare(second), lambda: lab.second is not None
        )
        beside = [moved() for _ in range(self.moves)]
        what = f"{self.points:,} points, {self.anchors} × {JTA22.joint_count}, four families"
        print(f"| {what} | median | worst | wanted | |")
        print("| --- | --- | --- | --- | --- |")
        print(row("open", opens, "s", WANTED_OPEN_S))
        print(row("slider", alone, "ms", WANTED_SLIDER_MS))
        print(row("open a second run beside it", [compared], "s", WANTED_OPEN_S))
        print(row("slider, two runs and their ratio", beside, "ms", WANTED_SLIDER_MS))
        window.close()


def row(what: str, values: list[float], unit: str, wanted: float) -> str:
    """One line of the table."""
    median = statistics.median(values)
    verdict = "reached" if median <= wanted else "missed"
    digits = 2 if unit == "s" else 1
    numbers = " | ".join(f"{value:.{digits}f} {unit}" for value in (median, max(values)))
    return f"| {what} | {numbers} | {wanted:g} {unit} | {verdict} |"


def write_history(run: Path, points: int, anchors: int, seed: int) -> None:
    """λ that wander away from 1, written with the training's own code."""
    torch.manual_seed(seed)
    run.mkdir()
    shapes = {"task": (4,), "anchor": (2, anchors), "joint": (2, anchors, JTA22.joint_count)}
    ends = {name: torch.randn(shape).clamp(-2, 2) for name, shape in shapes.items()}
    heights = torch.linspace(20, 400, anchors)
    sizes = torch.stack([0.4 * heights, heights], 1)
    now = {name: torch.zeros_like(end) for name, end in ends.items()}
    with opened_lambdas(run, 0, sizes, JTA22.name, now, []) as write:
        for point in range(1, points + 1):
            write(100 * point, {name: end * point / points for name, end in ends.items()})


if __name__ == "__main__":
    tyro.cli(LambdaLab).run()
