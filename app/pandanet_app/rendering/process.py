"""The renderer's process: takes requests, draws them, puts the pictures into shared memory.

It ends when it is told to, when its parent has gone (however that died), or when OpenGL hangs.
"""

import faulthandler
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from pandanet_app.rendering.messages import Drawn, Failed, Ready


def run_renderer(connection: Connection, memory_name: str, limit_s: float) -> None:
    """Serve requests until the other end says None or goes away.

    Args:
        connection: Gives (generation, SceneRequest) or None; takes Ready, Drawn and Failed.
        memory_name: Shared memory for one picture of the largest size.
        limit_s: If starting, or drawing one picture, takes longer, OpenGL hangs: the process ends.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's affair
    memory = SharedMemory(memory_name)
    try:
        _serve(connection, memory, limit_s)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        memory.unlink()  # the parent has gone, and nobody else will
    except Exception as error:  # a process cannot raise into its parent: it says what happened
        connection.send(Failed(f"{type(error).__name__}: {error}"))
    os._exit(0)  # Open3D would take a third of a second to tidy up what ends here anyway


def _serve(connection: Connection, memory: SharedMemory, limit_s: float) -> None:
    _prepare_environment()
    with _ended_after(limit_s):
        # Not at the top: Open3D looks for a display while it is imported.
        from pandanet_app.rendering.canvas import Canvas

        canvas = Canvas()
    connection.send(Ready())
    while (job := connection.recv()) is not None:
        generation, request = job
        picture = np.ndarray((request.height, request.width, 3), np.uint8, memory.buf)
        with _ended_after(limit_s):
            canvas.draw(request, picture)
        connection.send(Drawn(generation, request.width, request.height))


@contextmanager
def _ended_after(limit_s: float) -> Iterator[None]:
    """End this process if the block takes longer, even if it never returns from a driver's call."""
    faulthandler.dump_traceback_later(limit_s, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


def _prepare_environment() -> None:
    """Without a display Open3D draws through EGL, whether there is a screen or not."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        os.environ.pop(name, None)
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())  # without it EGL complains
