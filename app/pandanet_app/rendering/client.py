"""The client of the renderer's process: ask for pictures, never wait for them.

renderer = SceneRenderer(on_change=post_to_the_ui_thread)
renderer.start()
renderer.render(request)            # as often as you like: only the newest one waits
image = renderer.poll()             # None, a RenderedImage, or raises RendererUnavailable
renderer.close()
"""

import multiprocessing
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from multiprocessing.shared_memory import SharedMemory

import cv2
import numpy as np

from pandanet_app.drawing.scene3d import LARGEST_HEIGHT_PX, LARGEST_WIDTH_PX, SceneRequest
from pandanet_app.rendering.messages import Drawn, Failed, Ready, RenderedImage, RendererUnavailable
from pandanet_app.rendering.process import run_renderer

LIMIT_S = 30.0
"""If starting, or drawing one picture, takes longer than this, OpenGL hangs: the process ends."""
CLOSE_LIMIT_S = 1.0
LARGEST_PICTURE_PX = 960
"""Larger pictures are made smaller before they travel to the process."""


@dataclass(frozen=True, eq=False)
class _Job:
    generation: int
    request: SceneRequest
    asked_s: float


class SceneRenderer:
    """Draws 3D scenes in a child process that never outlives this one.

    All methods belong to one thread and return at once, except `wait` (and `close`, which takes 2 s
    at the worst). While a picture is being drawn, newer requests replace each other, so that
    only the newest is drawn next; every finished picture is delivered, with the generation of
    its request, so that a view that is dragged about moves while it is dragged.
    """

    def __init__(self, on_change: Callable[[], None] | None = None) -> None:
        """Nothing starts yet.

        Args:
            on_change: Called from a thread of the renderer's own when `poll` has something new.
        """
        self._on_change = on_change or (lambda: None)
        self._changed = threading.Condition()
        self._generation = 0
        self._waiting: _Job | None = None
        self._image: RenderedImage | None = None
        self._failure: str | None = None
        self._ready = self._closing = False
        self._release: weakref.finalize | None = None
        self._process: SpawnProcess | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the process. It is ready after a second or two; requests made earlier wait for it.

        What goes wrong is told by `poll`.
        """
        context = multiprocessing.get_context("spawn")
        try:
            connection, other_end = context.Pipe()
            memory = SharedMemory(create=True, size=LARGEST_WIDTH_PX * LARGEST_HEIGHT_PX * 3)
            process = context.Process(
                target=run_renderer,
                args=(other_end, memory.name, LIMIT_S),
                name="3D view",
                daemon=True,
            )
            self._release = weakref.finalize(self, _release, process, memory)
            process.start()
        except OSError as error:
            self._fail(f"its process cannot be started: {error}")
            return
        other_end.close()
        self._process = process
        self._thread = threading.Thread(
            target=self._serve, args=(connection, memory), name="3D view", daemon=True
        )
        self._thread.start()

    def render(self, request: SceneRequest) -> int:
        """Ask for a picture and return its generation, a number that grows with every request."""
        with self._changed:
            self._generation += 1
            self._waiting = _Job(self._generation, request, time.perf_counter())
            self._changed.notify_all()
            return self._generation

    def poll(self) -> RenderedImage | None:
        """The newest finished picture, once; None when there is no new one.

        Raises:
            RendererUnavailable: The 3D view cannot be drawn; every later call raises it again.
        """
        with self._changed:
            if self._failure:
                raise RendererUnavailable(self._failure)
            image, self._image = self._image, None
            return image

    def wait(self, generation: int, timeout_s: float = 60.0) -> RenderedImage:
        """Wait for the picture of that request or of a newer one: for use without a window.

        Raises:
            RendererUnavailable: The 3D view cannot be drawn.
            TimeoutError: It was not finished in time.
        """
        end_s = time.monotonic() + timeout_s
        with self._changed:
            while not self._failure and (
                self._image is None or self._image.generation < generation
            ):
                if not self._changed.wait(end_s - time.monotonic()):
                    raise TimeoutError(f"no picture within {timeout_s:g} s")
        image = self.poll()
        assert image is not None
        return image

    def close(self) -> None:
        """End the process, whatever it does, and free the shared memory. Closing twice is fine."""
        with self._changed:
            self._closing, self._waiting = True, None
            self._changed.notify_all()
        if self._process is not None and self._ready:
            self._process.join(CLOSE_LIMIT_S)
        if self._release is not None:
            self._release()
        if self._thread is not None:
            self._thread.join()

    def _serve(self, connection: Connection, memory: SharedMemory) -> None:
        """The thread: hand over one request at a time and take its picture."""
        try:
            _receive(connection)
            self._ready = True
            while (job := self._next_job()) is not None:
                connection.send((job.generation, _lightened(job.request)))
                drawn = _receive(connection)
                if isinstance(drawn, Drawn):
                    self._deliver(job, drawn, memory)
            connection.send(None)
        except (EOFError, OSError):
            self._fail("its process has ended unexpectedly")
        except Exception as error:  # a thread cannot raise into its caller: `poll` does
            self._fail(str(error))
        finally:
            connection.close()
            memory.close()

    def _next_job(self) -> _Job | None:
        """Wait for the next request; None when the renderer is being closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._waiting is not None)
            job, self._waiting = self._waiting, None
            return job

    def _deliver(self, job: _Job, drawn: Drawn, memory: SharedMemory) -> None:
        shape = (drawn.height, drawn.width, 3)
        image = np.ndarray(shape, np.uint8, memory.buf).copy()
        finished = RenderedImage(drawn.generation, image, time.perf_counter() - job.asked_s)
        with self._changed:
            if self._closing:
                return
            self._image = finished
            self._changed.notify_all()
        self._on_change()

    def _fail(self, reason: str) -> None:
        with self._changed:
            if self._closing:
                return
            self._failure = (
                f"The 3D view cannot be drawn ({reason}); "
                "everything else works, and `pandanet doctor` says what this machine lacks."
            )
            self._changed.notify_all()
        self._on_change()


def _receive(connection: Connection) -> Ready | Drawn:
    message: Ready | Drawn | Failed = connection.recv()
    if isinstance(message, Failed):
        raise RendererUnavailable(message.reason)
    return message


def _lightened(request: SceneRequest) -> SceneRequest:
    """The same request with a picture that is no larger than the view can show."""
    if request.picture is None:
        return request
    height, width = request.picture.shape[:2]
    scale = LARGEST_PICTURE_PX / max(height, width)
    if scale >= 1:
        return request
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(request.picture, size, interpolation=cv2.INTER_AREA)
    return replace(request, picture=np.asarray(small, np.uint8))


def _release(process: SpawnProcess, memory: SharedMemory) -> None:
    """End the process, remove the shared memory's name; at exit, too, without `close`."""
    if process.pid is not None and process.is_alive():
        process.terminate()
        process.join(0.5)
        process.kill()
        process.join()
    memory.unlink()
