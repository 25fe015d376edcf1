"""Who trains in a run folder, asked without disturbing anybody."""

import fcntl
import re
import socket
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

from pandanet_core.training.run_folder.lock import LOCK_FILE

_WORDS = re.compile(r"process (\d+) on (\S+) since (.+)")


@dataclass(frozen=True)
class Holder:
    """The process that trains in a run folder.

    Attributes:
        pid: Its process id.
        host: The machine that it runs on.
        since: When it started there, in words.
    """

    pid: int
    host: str
    since: str

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine, so that it can be sent a signal."""
        return self.host == socket.gethostname()


def holder_of(run: Path) -> Holder | None:
    """The process that holds the run folder's lock; None where nobody trains there.

    The operating system is asked, which a file left behind by a killed training cannot deceive, and
    the lock is not taken, not even for a moment. Not for the training itself, which would let go of
    its own lock.
    """
    try:
        with (run / LOCK_FILE).open("rb") as file:
            pid = _pid_of_lock(file.fileno())
            words = file.read(200).decode(errors="replace")
    except OSError:
        return None
    if pid is None:
        return None
    said = _WORDS.match(words)
    if said is None:  # it has just taken the lock
        return Holder(pid, socket.gethostname(), "")
    # On a shared disk the system knows a process of another machine by another number.
    here = said[2] == socket.gethostname()
    return Holder(pid if here and pid > 0 else int(said[1]), said[2], said[3])


def ended_abruptly(run: Path) -> bool:
    """Whether the last training there ended without tidying up: killed, or the machine went off."""
    try:
        words = (run / LOCK_FILE).read_bytes()
    except OSError:
        return False
    return bool(words) and holder_of(run) is None


def _pid_of_lock(descriptor: int) -> int | None:
    """Who stands in the way of a lock on the file."""
    if sys.platform == "darwin":
        layout, lock_type, pid = "qqihh", 3, 2
        asked = struct.pack(layout, 0, 0, 0, fcntl.F_WRLCK, 0)
    else:
        layout, lock_type, pid = "hhqqi4x", 0, 4
        asked = struct.pack(layout, fcntl.F_WRLCK, 0, 0, 0, 0)
    answer = struct.unpack(layout, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return None if answer[lock_type] == fcntl.F_UNLCK else int(answer[pid])
