"""One run folder or weights file: opened, and read again when it has grown, on a worker thread."""

from collections.abc import Callable
from pathlib import Path

from pandanet_app.controllers.tasks import TaskHandle, TaskRunner
from pandanet_core.lab.lambda_history import LambdaHistory
from pandanet_core.lab.lambda_reader import LambdaReader

Show = Callable[["FollowedRun", LambdaHistory], None]
Fail = Callable[["FollowedRun", str], None]


class FollowedRun:
    """Reads a run's λ as often as it is asked to, never twice at once."""

    def __init__(self, path: Path, tasks: TaskRunner, show: Show, fail: Fail) -> None:
        """Nothing is read yet.

        Args:
            path: A run folder or a weights file.
            tasks: Where it is read.
            show: Gets the whole history when there is more of it.
            fail: Gets a sentence when it cannot be read; again only when it is another sentence.
        """
        self.path = path
        self._tasks = tasks
        self._show = show
        self._fail = fail
        self._reader = LambdaReader(path)
        self._handle: TaskHandle | None = None
        self._failure = ""

    @property
    def busy(self) -> bool:
        """Whether it is being read."""
        return self._handle is not None

    def look(self) -> None:
        """Read what is new, unless that is under way."""
        if not self.busy:
            self._handle = self._tasks.run(self._read, self._done, self._failed)

    def stop(self) -> None:
        """Show nothing any more."""
        if self._handle is not None:
            self._handle.cancel()

    def _read(self, handle: TaskHandle) -> LambdaHistory | None:
        return self._reader.read(lambda share: handle.go_on())

    def _done(self, history: LambdaHistory | None) -> None:
        self._handle = None
        if history is not None:
            self._failure = ""
            self._show(self, history)

    def _failed(self, text: str) -> None:
        self._handle = None
        if text != self._failure:
            self._failure = text
            self._fail(self, text)
