"""Fixtures of the window's tests: a film, and windows that must not leave anything behind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtCore import QEvent, QSettings
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from pandanet_app.controllers.detection_worker import LoadDetector
from pandanet_app.qt.main_window import MainWindow
from pandanet_app.qt.unsaved import Answer
from tests.app.leaks import traces
from tests.app.marker_film import load_marker_detector, write_film
from tests.app.window_kit import FRAMES, NO_WEIGHTS, MakeWindow, open_in


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", FRAMES)


@pytest.fixture
def make_window(qtbot: QtBot, tmp_path: Path) -> Iterator[MakeWindow]:
    """Makes windows; fails when a closed one leaves a thread, process or shared memory behind."""
    before = traces()
    windows: list[MainWindow] = []

    def make(
        load: LoadDetector = load_marker_detector,
        ask: Callable[[QWidget], Answer] = lambda parent: Answer.DISCARD,
        weights: Path | None = NO_WEIGHTS,
    ) -> MainWindow:
        store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
        window = MainWindow(store, weights, load, ask)
        window.workspace.state.view.show_3d = False  # its process takes seconds to start
        window.show()
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert traces().since(before) == ""
    assert not QApplication.topLevelWidgets()


@pytest.fixture
def window(make_window: MakeWindow, qtbot: QtBot, film: Path) -> MainWindow:
    """A window on the film, the first frame on screen."""
    window = make_window()
    open_in(window, qtbot, film)
    return window
