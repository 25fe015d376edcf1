"""Memory of a process with everything it has started, watched while it runs."""

import threading
from pathlib import Path


class MemoryWatch(threading.Thread):
    """Looks at a process and its descendants several times a second until it is stopped.

    Shared pages count once: a proportional set size of all of them together (Linux only).

    Attributes:
        peak_bytes: The most that was seen.
        peak_parts: Bytes of each process at that moment, the first one's first.
    """

    def __init__(self, process: int, every_s: float = 0.1) -> None:
        super().__init__(daemon=True)
        self.peak_bytes = 0
        self.peak_parts: list[int] = []
        self._process = process
        self._every_s = every_s
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._every_s):
            parts = [proportional_bytes(process) for process in with_descendants(self._process)]
            if sum(parts) > self.peak_bytes:
                self.peak_bytes, self.peak_parts = sum(parts), parts

    def stop(self) -> None:
        """End watching."""
        self._stopped.set()
        self.join()


def with_descendants(process: int) -> list[int]:
    """The process and all that it and they have started."""
    found = [process]
    for parent in found:
        for file in Path(f"/proc/{parent}/task").glob("*/children"):
            found += _children(file)
    return found


def _children(file: Path) -> list[int]:
    try:
        return [int(child) for child in file.read_text().split()]
    except OSError:  # it has ended
        return []


def proportional_bytes(process: int) -> int:
    """Memory of one process; of what it shares with n others the n-th part. 0 when it has ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
