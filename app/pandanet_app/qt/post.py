"""Handing work over to the UI thread."""

from collections.abc import Callable

from PyQt6.QtCore import QObject, Qt, pyqtSignal


class UiThread(QObject):
    """Runs functions on the thread that made it, in the order in which they were posted."""

    _posted = pyqtSignal(object)

    def __init__(self) -> None:
        """Make it on the UI thread."""
        super().__init__()
        self._open = True
        self._posted.connect(self._run, type=Qt.ConnectionType.QueuedConnection)  # type: ignore[call-arg]

    def post(self, function: Callable[[], None]) -> None:
        """Run `function` soon; callable from any thread. After `close` nothing runs any more."""
        if self._open:
            self._posted.emit(function)

    def close(self) -> None:
        """Drop what is still waiting."""
        self._open = False

    def _run(self, function: Callable[[], None]) -> None:
        if self._open:
            function()
