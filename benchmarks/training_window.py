"""How long the training window keeps one waiting: long logs are read, drawn, drawn again as they
grow, and moved about in.

Two run folders of so many steps, as `pandanet train` writes them, in a real view without a screen.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import tyro

from pandanet_app.controllers.training.run_reader import RunReader
from pandanet_app.drawing.curves import CURVES
from pandanet_app.qt.environment import prepare_environment

WANTED_FRAME_MS = 33.0


@dataclass(frozen=True)
class TrainingWindow:
    """Seconds to read logs, milliseconds to draw their curves."""

    steps: tuple[int, ...] = (10_000, 100_000)
    """Steps of each of the two runs."""

    moves: int = 30
    """How often the curves are moved."""

    size: tuple[int, int] = (1280, 500)
    """Width and height of the curves, px."""

    def run(self) -> None:
        """Print the table."""
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
        prepare_environment()
        from PyQt6.QtWidgets import QApplication

        app = QApplication(sys.argv[:1])
        print(f"{'steps':>8} {'read s':>8} {'news ms':>8} {'redraw ms':>10} {'move ms':>8}")
        for steps in self.steps:
            with TemporaryDirectory() as folder:
                self._measure(app.processEvents, Path(folder), steps)
        print(f"wanted: a move within {WANTED_FRAME_MS:g} ms at 10,000 steps")

    def _measure(self, process_events: Callable[[], None], folder: Path, steps: int) -> None:
        from pandanet_app.models.training.runs import TrainingRuns
        from pandanet_app.qt.theme import DARK
        from pandanet_app.qt.training.curves import CurvesView

        readers = [RunReader(folder / name) for name in ("first", "second")]
        for seed, reader in enumerate(readers):
            write_log(reader.path, steps, seed)
        began_s = time.perf_counter()
        views = [reader.look() for reader in readers]
        read_s = time.perf_counter() - began_s
        with (readers[0].path / "log.jsonl").open("a") as log:
            log.write(line_of(steps + 1, np.random.default_rng(0)))
        began_s = time.perf_counter()
        views[0] = readers[0].look()
        news_ms = 1000 * (time.perf_counter() - began_s)

        runs = TrainingRuns()
        curves = CurvesView(runs, DARK)
        curves.resize(*self.size)
        curves.show()
        runs.views = tuple(views)
        process_events()

        def painted_ms(act: Callable[[], None]) -> float:
            began_s = time.perf_counter()
            act()
            process_events()  # paints
            return 1000 * (time.perf_counter() - began_s)

        redraw_ms = statistics.median(painted_ms(curves.refresh) for _ in range(5))
        box = curves.plots[0].box
        move_ms = statistics.median(
            painted_ms(lambda place=place: box.setXRange(place, place + steps / 2, padding=0))  # type: ignore[misc]
            for place in np.linspace(0, steps / 2, self.moves).tolist()
        )
        print(f"{steps:>8,} {read_s:>8.2f} {news_ms:>8.2f} {redraw_ms:>10.1f} {move_ms:>8.1f}")
        curves.close()


def line_of(step: int, random: np.random.Generator) -> str:
    """A line of the log with a number for every curve, and as many others."""
    names = [name for curve in CURVES for name in (curve.name, curve.beside) if name]
    names += [f"other_{number}" for number in range(14)]
    values = random.normal(size=len(names)) / 9 + 1 / step
    return (
        json.dumps({"step": float(step), **dict(zip(names, values.tolist(), strict=True))}) + "\n"
    )


def write_log(run: Path, steps: int, seed: int) -> None:
    """A run folder with nothing but a log."""
    run.mkdir()
    random = np.random.default_rng(seed)
    with (run / "log.jsonl").open("w") as log:
        log.writelines(line_of(step, random) for step in range(1, steps + 1))


if __name__ == "__main__":
    tyro.cli(TrainingWindow, description=__doc__).run()
