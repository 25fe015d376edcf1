"""What tests of the window share: opening, detecting, and looking at the screen."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from pytestqt.qtbot import QtBot

from pandanet_app.models.detection import DetectionPhase
from pandanet_app.qt.main_window import MainWindow
from tests.app.marker_film import HEIGHT, WIDTH

PATIENCE_MS = 120_000
"""How long a test waits for what takes a moment: the machine may be busy."""
MakeWindow = Callable[..., MainWindow]
NO_WEIGHTS = Path("no-such-weights.safetensors")
"""Weights that recommend no score; the films' detectors need none."""
FRAMES = 60
"""Frames of the film that the windows show."""


def wait_until(qtbot: QtBot, done: Callable[[], bool]) -> None:
    """Let the window work until `done`; fails after two minutes."""
    qtbot.waitUntil(done, timeout=PATIENCE_MS)


def open_in(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    opened: list[Path] = []
    window.workspace.opened.connect(opened.append)
    window.workspace.open(path)
    playback = window.workspace.state.playback
    wait_until(qtbot, lambda: bool(opened) and playback.shown == playback.frame)


def detect_all(window: MainWindow, qtbot: QtBot) -> None:
    detection = window.workspace.state.detection
    qtbot.mouseClick(window.detection_bar.detect, Qt.MouseButton.LeftButton)
    assert detection.active
    wait_until(qtbot, lambda: detection.phase is DetectionPhase.FINISHED)


def screen_of(window: MainWindow) -> NDArray[np.uint8]:
    """What the picture's view shows, (H, W, 3) RGB."""
    image = window.video.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
    return rows.reshape(image.height(), image.bytesPerLine())[:, : image.width() * 3].reshape(
        image.height(), image.width(), 3
    )


def picture_on(window: MainWindow) -> NDArray[np.uint8]:
    """The film's picture as it is on screen, at the film's size."""
    viewport = window.video.viewport()
    assert viewport is not None
    left, top = viewport.to_view(0, 0)
    right, bottom = viewport.to_view(WIDTH, HEIGHT)
    shown = screen_of(window)[round(top) : round(bottom), round(left) : round(right)]
    return cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)


def press(window: MainWindow, qtbot: QtBot, key: Qt.Key, held=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window, key, held)


def position(window: MainWindow, x: float, y: float) -> QPoint:
    """Where a point of the film's picture is in its view."""
    viewport = window.video.viewport()
    assert viewport is not None
    view_x, view_y = viewport.to_view(x, y)
    ratio = window.video.devicePixelRatioF()
    return QPoint(round(view_x / ratio), round(view_y / ratio))
