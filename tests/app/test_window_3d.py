"""The 3D view in the window: its pictures, picking, and what it says when it cannot draw."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QSettings, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from pandanet_app.drawing.surroundings3d import grid_extent_m
from pandanet_app.models.detection import DetectionPhase
from pandanet_app.qt.main_window import MainWindow
from pandanet_app.qt.unsaved import Answer
from pandanet_app.views.shortcuts import Command
from tests.app.leaks import alive, traces
from tests.app.marker_film import load_marker_detector, write_film
from tests.app.window_kit import NO_WEIGHTS, wait_until


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """A window with a 3D view on a short film, everybody detected; fails when it leaks."""
    before = traces()
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(
        store, NO_WEIGHTS, load=load_marker_detector, ask=lambda parent: Answer.DISCARD
    )
    window.show()
    workspace = window.workspace
    workspace.open(write_film(tmp_path / "film.mp4", 6))
    wait_until(qtbot, lambda: workspace.state.playback.shown == 0)
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert traces().since(before) == ""


def detect_all(window: MainWindow, qtbot: QtBot) -> None:
    window.workspace.detect()
    detection = window.workspace.state.detection
    wait_until(qtbot, lambda: detection.phase is DetectionPhase.FINISHED)
    wait_until(qtbot, lambda: window.view3d.hint() == "")
    wait_until(qtbot, lambda: window.view3d.settled)


def shown(window: MainWindow) -> np.ndarray:
    assert window.view3d.image is not None
    return window.view3d.image.astype(int)


def renderer_pid() -> int:
    processes = [one for one in traces().processes if "spawn_main" in one]
    assert len(processes) == 1
    return int(processes[0].split()[0])


def test_people_are_seen_picked_and_turned(window: MainWindow, qtbot: QtBot) -> None:
    view, workspace = window.view3d, window.workspace
    wait_until(qtbot, lambda: view.image is not None)
    assert "Detect people" in view.hint()
    detect_all(window, qtbot)
    assert view.hint() == ""
    request = view.request
    assert request is not None
    pixels = request.orbit.project(request.people_m, request.width, request.height)
    assert ((pixels >= 0) & (pixels <= (request.width, request.height))).all()
    neck = request.skeleton.index("neck")
    for row in (1, 0):
        x, y = pixels[row, neck] / view.devicePixelRatioF()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)))
        assert workspace.scenes.scene().selected == row
    wait_until(qtbot, lambda: window.people_panel.joints.rowCount() == 22)
    before = shown(window)
    wait_until(qtbot, lambda: view.settled)
    workspace.scenes.select_row(None)
    wait_until(qtbot, lambda: view.settled and view.request.highlighted is None)
    unturned, orbit = shown(window), view.request.orbit
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(160, 110))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(160, 110))
    assert workspace.state.view.orbit is not None
    assert workspace.state.view.orbit.azimuth_deg != orbit.azimuth_deg
    wait_until(qtbot, lambda: view.settled)
    for other in (before, unturned):
        assert np.abs(shown(window) - other).max() > 60


def test_the_scene_keeps_still_on_frames_that_nobody_has_looked_at(
    window: MainWindow, qtbot: QtBot
) -> None:
    view, playback = window.view3d, window.workspace.state.playback
    playback.range_stop = 2
    detect_all(window, qtbot)
    looked_at = view.request
    window.workspace.frames.go_to(4)
    wait_until(qtbot, lambda: playback.shown == 4)
    assert "Nobody has looked" in view.hint()
    request = view.request
    assert len(request.people_mm) == 0
    assert (request.floor, request.orbit) == (looked_at.floor, looked_at.orbit)
    assert grid_extent_m(request) == grid_extent_m(looked_at)
    wait_until(qtbot, lambda: view.settled)


def test_views_from_above_and_from_the_camera(window: MainWindow, qtbot: QtBot) -> None:
    detect_all(window, qtbot)
    view = window.view3d
    window.actions_[Command.VIEW_TOP].trigger()
    assert window.workspace.state.view.orbit.elevation_deg == 90
    window.actions_[Command.VIEW_CAMERA].trigger()
    wait_until(qtbot, lambda: view.settled)
    request = view.request
    # Seen from the filming camera, joints lie where they are in the film, but for the scale.
    pixels = request.orbit.project(request.people_m, request.width, request.height)
    scene = window.workspace.scenes.scene()
    camera = request.camera
    scale = min(request.width / camera.width, request.height / camera.height)
    centre = np.array([request.width, request.height]) / 2
    film = (scene.people.detections.pose2d - (camera.cx, camera.cy)) * scale + centre
    assert pixels == pytest.approx(film, abs=4)


def test_without_its_process_the_rest_works_and_says_why(window: MainWindow, qtbot: QtBot) -> None:
    detect_all(window, qtbot)
    pid = renderer_pid()
    os.kill(pid, signal.SIGKILL)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    wait_until(qtbot, lambda: window.view3d.failure != "")
    assert not alive(pid)
    assert "cannot be drawn" in window.view3d.hint()
    qtbot.keyClick(window, Qt.Key.Key_Right)
    wait_until(qtbot, lambda: window.workspace.state.playback.shown == 2)
    assert len(window.workspace.scenes.scene().people.detections) == 2


def test_without_opengl_the_view_says_so(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBGL_DRIVERS_PATH", str(tmp_path))
    monkeypatch.setenv("GBM_BACKENDS_PATH", str(tmp_path))
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_DIRS", str(tmp_path))
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(store, NO_WEIGHTS, load=load_marker_detector)
    window.show()
    window.workspace.open(write_film(tmp_path / "film.mp4", 2))
    wait_until(qtbot, lambda: window.view3d.failure != "")
    assert window.workspace.state.playback.shown == 0
    assert "3D view cannot be drawn" in window.view3d.hint()
    window.close()
    window.deleteLater()
