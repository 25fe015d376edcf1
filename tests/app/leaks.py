"""What a closed window must not leave behind: threads, processes, shared memory."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Traces:
    """What is alive right now."""

    threads: frozenset[str]
    processes: frozenset[str]
    shared_memory: frozenset[str]

    def since(self, before: "Traces") -> str:
        """What came since, in words; empty when nothing did."""
        new = {
            "threads": self.threads - before.threads,
            "processes": self.processes - before.processes,
            "shared memory": self.shared_memory - before.shared_memory,
        }
        return ", ".join(f"{kind} {sorted(names)}" for kind, names in new.items() if names)


def traces() -> Traces:
    """Look at this process, its children and the machine's shared memory."""
    return Traces(
        threads=frozenset(f"{thread.name} {thread.ident}" for thread in threading.enumerate()),
        processes=frozenset(_children(os.getpid())),
        shared_memory=frozenset(name for name in shared_memory() if not _used_elsewhere(name)),
    )


def shared_memory() -> list[str]:
    """Names of all shared memory made by Python on this machine."""
    return [path.name for path in Path("/dev/shm").glob("psm_*")]


def children_of(pid: int) -> list[int]:
    """Process ids of the children of a process and of theirs."""
    return [int(child.split()[0]) for child in _children(pid)]


def _used_elsewhere(memory: str) -> bool:
    """Whether a process that is not ours has mapped this shared memory."""
    ours = {os.getpid(), *children_of(os.getpid())}
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            if int(maps.parent.name) not in ours and memory in maps.read_text():
                return True
        except (OSError, ValueError):
            continue  # it has ended meanwhile, or is none of our business
    return False


def _children(pid: int) -> list[str]:
    """Children of a process and theirs, but multiprocessing's own book-keeper."""
    found = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _text(listing).split():
            command = command_of(int(child))
            if "resource_tracker" not in command:
                found.append(f"{child} {command}")
            found += _children(int(child))
    return found


def _text(path: Path) -> str:
    """A file of /proc; empty where its process or thread has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def command_of(pid: int) -> str:
    """A process's command line; empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
