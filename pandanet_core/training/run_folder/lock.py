"""One training at a time in a run folder."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.files import write_error

LOCK_FILE = "lock"


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the run folder for this process; UserError says who holds it already.

    The operating system lets go of the lock when the process ends, however it ends. It is one of
    the kind that child processes do not inherit: those that prepare pictures outlive a killed
    training for some seconds.
    """
    path = run / LOCK_FILE
    try:
        run.mkdir(parents=True, exist_ok=True)
        file = path.open("a+")
    except OSError as error:
        raise write_error(error, path) from error
    with file:
        _lock(path, file.fileno())
        file.truncate(0)
        since = datetime.now().isoformat(" ", "seconds")
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        file.flush()
        yield
        file.truncate(0)


def _lock(path: Path, descriptor: int) -> None:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise write_error(error, path) from error
        holder = path.read_text(errors="replace") or "another process"
        raise UserError(
            f"{path.parent} is in use: {holder} trains there; wait for it, stop it, or name "
            "another folder."
        ) from error
