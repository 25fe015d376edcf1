"""Starting Qt and the window."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pandanet_app.qt.environment import prepare_environment

if TYPE_CHECKING:
    from PyQt6.QtWidgets import QApplication

    from pandanet_app.qt.main_window import MainWindow


def end(window: "MainWindow", app: "QApplication") -> None:
    """End the program, whatever question is open; what is not saved is kept."""
    window.end()
    if not window.isVisible():
        app.quit()


def run_window(
    path: Path | None = None,
    weights: Path | None = None,
    fov_deg: float | None = None,
    detect: bool = False,
) -> int:
    """Show the window until it is closed.

    Args:
        path: What to open first.
        weights: Weights file; None for the packaged one.
        fov_deg: Horizontal field of view of the camera in degrees; None: as the file says.
        detect: Whether to look for people at once.

    Returns:
        Exit code.
    """
    prepare_environment()
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

    from pandanet_app.controllers.starting import open_first
    from pandanet_app.qt.main_window import MainWindow
    from pandanet_app.qt.recent import settings

    app = QApplication(sys.argv[:1])
    app.setApplicationName("PandaNet")
    app.setStyle("Fusion")
    window = MainWindow(settings(), weights)
    window.show()
    if path is not None:
        open_first(window.workspace, path, fov_deg, detect)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Ctrl+C, end of session, closed terminal
        if hasattr(signal, name):
            # Not within the handler, which interrupts whatever runs.
            signal.signal(
                getattr(signal, name),
                lambda number, frame: QTimer.singleShot(0, lambda: end(window, app)),
            )
    wake = QTimer()
    wake.setInterval(200)  # lets Python see Ctrl+C while Qt waits
    wake.timeout.connect(lambda: None)
    wake.start()
    return app.exec()
