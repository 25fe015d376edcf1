"""Runs probes in child processes: a library that aborts takes only its own probe with it."""

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

_PARALLEL = 2


@dataclass(frozen=True)
class Probe:
    """One question to the machine."""

    name: str
    look: Callable[[], str]
    """Returns what was found, in words; raises if it does not work. Importable by name."""
    mend: str
    """What to do if it does not work."""
    optional: bool = False
    """Whether detection and the window do without it."""


@dataclass(frozen=True)
class Finding:
    """The answer to a probe."""

    probe: Probe
    works: bool
    says: str


def examine(probes: Sequence[Probe], timeout_s: float) -> list[Finding]:
    """Run every probe in a process of its own, and return the findings in the same order."""
    with ThreadPoolExecutor(_PARALLEL) as threads:
        return list(threads.map(lambda probe: examine_one(probe, timeout_s), probes))


def examine_one(probe: Probe, timeout_s: float) -> Finding:
    """Run one probe in a process of its own; a hang, a crash and an exception are findings too."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        process = context.Process(target=_look, args=(probe.look, sender, log), daemon=True)
        process.start()
        sender.close()
        try:
            if not receiver.poll(timeout_s):
                return Finding(probe, False, f"no answer within {timeout_s:g} s")
            works, says = receiver.recv()
            return Finding(probe, works, says)
        except EOFError:
            process.join()
            return Finding(probe, False, f"crashed ({process.exitcode}): {_last_line(log)}")
        finally:
            process.kill()
            process.join()
            receiver.close()


def _look(look: Callable[[], str], sender: Connection, log: Path) -> None:
    with log.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    try:
        answer = (True, look())
    except Exception as error:
        answer = (False, f"{error}" or type(error).__name__)
    sender.send(answer)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "without a word"
