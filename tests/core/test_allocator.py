"""What the C library does with memory, looked at from outside: in processes of their own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc; glibc alone has it")

_RESIDENT = """
import numpy as np
from pathlib import Path
def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6
"""

_FREE_BETWEEN_USED = """
from pandanet_core.allocator import give_back_free_memory, keep_blocks_for_the_next_frame
keep_blocks_for_the_next_frame()
blocks = [np.ones(125_000 if number % 10 else 100) for number in range(300)]
before = resident_mb()
kept = blocks[::10]
del blocks
freed = resident_mb()
give_back_free_memory()
print(before - freed, freed - resident_mb())
"""

_FAULTS = """
import resource
from pandanet_core.allocator import keep_blocks_for_the_next_frame
if {keep}:
    keep_blocks_for_the_next_frame()
for number in range(20):
    if number == 10:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    parts = [np.ones(5_000_000) for _ in range(3)]
    del parts
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

_TABLE = """
from pandanet_core.camera import Camera
from pandanet_core.detections import Detections, TableHeader, TableWriter
camera = Camera.from_fov(640, 480)
header = TableHeader("jta22", camera, "", "", "", 0, 10.0, "", "", 0.3, 0.5)
random = np.random.default_rng(0)
def people(count):
    shapes = [(count, 4), (count,), (count, 22, 2), (count, 22, 3), (count, 3), (count,)]
    return Detections(*(random.normal(size=shape).astype(np.float32) for shape in shapes))
with TableWriter(Path({path!r}), header) as writer:
    writer.append(0, 0.0, people(13))
    before = resident_mb()
    for frame in range(1, 1400):
        writer.append(frame, frame / 10, people(13))
    print(resident_mb() - before)
"""


def said_by(program: str) -> list[float]:
    """The numbers that a Python program prints, run in a process of its own."""
    command = [sys.executable, "-c", _RESIDENT + program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def test_free_pages_between_blocks_in_use_go_back() -> None:
    freed_at_once_mb, given_back_mb = said_by(_FREE_BETWEEN_USED)
    assert freed_at_once_mb < 30, "kept for the next frame"
    assert given_back_mb > 220, "270 MB are free"


def test_large_blocks_come_with_old_pages() -> None:
    """Pages that the system has to make anew while 120 MB are taken and freed ten times."""
    left_alone, kept = (said_by(_FAULTS.format(keep=keep))[0] for keep in (False, True))
    assert kept < left_alone / 10


def test_a_table_takes_hardly_any_memory_while_it_is_written(tmp_path) -> None:
    assert said_by(_TABLE.format(path=str(tmp_path / "people.parquet")))[0] < 40
