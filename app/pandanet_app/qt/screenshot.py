"""A picture of the window without a screen: for `pandanet demo`, the documentation and reports."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pandanet_app.qt.environment import prepare_environment
from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from pandanet_app.qt.main_window import MainWindow

_PATIENCE_S = 60.0


def save_window_picture(
    video: Path,
    table: Path | None,
    png_path: Path,
    size: tuple[int, int] = (1280, 720),
    frame: int | None = None,
    person: int | None = None,
    light: bool = False,
    anchors_of: int | None = None,
) -> None:
    """Draw the window as it shows a video and its detections, without a screen.

    Args:
        video: The video.
        table: Its detections; None shows the video alone.
        png_path: Where the picture goes.
        size: Width and height of the window in pixels.
        frame: Frame to show; None: the middle of the film.
        person: Row of the person to choose.
        light: The light style instead of the dark one.
        anchors_of: Person of the truth whose anchors are shown, without the 3D view; None: none.

    Raises:
        UserError: A file cannot be read, or the picture cannot be written.
    """
    prepare_environment()
    from PyQt6.QtCore import QEvent
    from PyQt6.QtWidgets import QApplication

    existing = QApplication.instance()
    if existing is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        # The offscreen plugin warns of every window that it cannot be resized by hand.
        os.environ["QT_LOGGING_RULES"] = "default.warning=false"
    app = existing if isinstance(existing, QApplication) else QApplication(["pandanet"])
    app.setStyle("Fusion")
    with TemporaryDirectory() as folder:
        window = _window(size, light, Path(folder))
        try:
            _show(app, window, video, table, frame)
            if person is not None:
                window.workspace.scenes.select_row(person)
            if anchors_of is not None:
                _show_anchors(app, window, anchors_of)
            else:
                _wait(app, lambda: window.view3d.settled)
            _wait(app, lambda: window.people_panel.settled)
            if not window.grab().save(str(png_path)):
                raise UserError(f"Cannot write the picture {png_path}: choose another place.")
        finally:
            window.close()
            window.deleteLater()
            app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _window(size: tuple[int, int], light: bool, folder: Path) -> "MainWindow":
    """A window that remembers things in `folder` only."""
    from PyQt6.QtCore import QSettings

    from pandanet_app.qt.main_window import MainWindow
    from pandanet_app.qt.theme import DARK, LIGHT

    window = MainWindow(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))
    window.set_theme(LIGHT if light else DARK)
    window.resize(*size)
    window.show()
    return window


def _show(
    app: "QApplication", window: "MainWindow", video: Path, table: Path | None, frame: int | None
) -> None:
    """Open the files and go to the frame."""
    workspace = window.workspace
    playback = workspace.state.playback
    workspace.open(video, table)
    _wait(app, lambda: playback.shown >= 0 or _error(window) is not None)
    error = _error(window)
    if error is not None:
        raise UserError(error)
    workspace.frames.go_to(playback.range_stop // 2 if frame is None else frame)
    _wait(app, lambda: playback.shown == playback.frame)


def _show_anchors(app: "QApplication", window: "MainWindow", person: int) -> None:
    """A+ of everybody, and why this person was found."""
    from pandanet_app.models.anchor_lab import AnchorView

    window.workspace.state.view.show_3d = False
    controller = window.workspace.anchor_lab
    window.anchors.next_view()
    controller.lab.view = AnchorView.POSITIVE
    _wait(app, lambda: controller.scene is not None or bool(controller.lab.problem))
    controller.choose_person(person)
    _wait(app, lambda: controller.scene is not None and controller.scene.reading is not None)


def _error(window: "MainWindow") -> str | None:
    message = window.workspace.state.session.message
    return message.text if message is not None and message.kind == "error" else None


def _wait(app: "QApplication", done: Callable[[], bool]) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while not done():
        if time.monotonic() > end_s:
            raise UserError("The window did not come to rest within a minute: try again.")
        app.processEvents()
        time.sleep(0.005)
