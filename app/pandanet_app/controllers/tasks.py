"""Slow work with files, on threads of its own, with progress and cancel.

A task runs on a worker thread and gets a `TaskHandle`: it calls `handle.progress` or `handle.go_on`
often, which end it when the person cancels, and must never touch a model. `on_done` and `on_failed`
run on the front end's thread.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pandanet_app.views.protocols import Post
from pandanet_core.errors import UserError

Result = TypeVar("Result")


class TaskCancelled(Exception):
    """The person cancelled the task."""


class TaskHandle:
    """What a task says while it runs, and whether it should stop."""

    def __init__(self, on_progress: Callable[[int, int], None]) -> None:
        """`on_progress` may be called from any thread."""
        self._stop = threading.Event()
        self._on_progress = on_progress

    def progress(self, done: int, total: int) -> None:
        """Say how far the task is; raises TaskCancelled once it should stop."""
        self.go_on()
        self._on_progress(done, total)

    def go_on(self) -> None:
        """Raise TaskCancelled once the task should stop."""
        if self._stop.is_set():
            raise TaskCancelled

    def stop_wanted(self) -> bool:
        """Whether the task should stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the task to stop."""
        self._stop.set()


class TaskRunner:
    """Runs tasks on two threads: a long export does not keep a file from being opened."""

    def __init__(self, post: Post) -> None:
        """`post` hands results over to the front end's thread."""
        self._post = post
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="files")
        self._running: set[TaskHandle] = set()

    def run(
        self,
        task: Callable[[TaskHandle], Result],
        on_done: Callable[[Result], None],
        on_failed: Callable[[str], None],
        on_progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> TaskHandle:
        """Start a task. `on_failed` gets one sentence; neither is called after a cancel."""
        handle = TaskHandle(lambda done, total: self._post(lambda: on_progress(done, total)))
        self._running.add(handle)

        def work() -> None:
            try:
                result = task(handle)
            except TaskCancelled:
                self._post(lambda: self._running.discard(handle))
            except UserError as error:
                self._finish(handle, on_failed, str(error))
            except Exception as error:  # a broken file must not take the window with it
                self._finish(
                    handle, on_failed, f"That did not work ({type(error).__name__}: {error})."
                )
            else:
                self._finish(handle, on_done, result)

        self._threads.submit(work)
        return handle

    def close(self) -> None:
        """Cancel what runs and wait until the threads are gone."""
        for handle in self._running:
            handle.cancel()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _finish(self, handle: TaskHandle, tell: Callable[[Result], None], result: Result) -> None:
        def deliver() -> None:
            self._running.discard(handle)
            if not handle.stop_wanted():
                tell(result)

        self._post(deliver)
