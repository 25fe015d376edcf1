"""The benchmarks of a training's speed and of its loader run and say true things."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from benchmarks import loader_speed, training_speed
from benchmarks.process_memory import MemoryWatch
from tests.core.jta_folder import write_sequence
from tests.core.small_training import pictures


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("data")
    write_sequence(folder, 1, pictures())
    return f"jta:{folder}"


def test_a_training_is_timed_with_its_memory_and_its_parts(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = training_speed.Options(data, 96, 64, batch_size=2, steps=6, threads=1)
    threads = torch.get_num_threads()
    try:
        training_speed.main(options)
    finally:
        torch.set_num_threads(threads)
    said = capsys.readouterr().out
    rate = re.search(r"median ([\d.]+)\s+pictures/s", said)
    peak = re.search(r"peak memory ([\d.]+) GB", said)
    assert rate is not None
    assert peak is not None
    assert float(rate[1]) > 0
    assert 0.2 < float(peak[1]) < 5
    milliseconds = {
        part.strip(): float(value) for part, value in re.findall(r"│ ([^│]+)│ +(\d+) +│", said)
    }
    parts = sum(value for part, value in milliseconds.items() if part != "whole step")
    assert parts == pytest.approx(milliseconds["whole step"], abs=len(milliseconds))
    assert milliseconds["backward"] > 0


def test_the_loader_is_timed_alone(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    options = loader_speed.Options((data,), 96, 64, batch_size=2, pictures=8, workers=(1,))
    loader_speed.main(options)
    said = capsys.readouterr().out
    rates = [float(rate) for rate in re.findall(r"│ +(\d+) *│", said)]
    assert len(rates) == 2
    assert min(rates) > 0
    assert "augmenting: " in said


GROW = """
import os, time
block = bytearray(os.urandom(1 << 20)) * 200
child = os.fork()
if not child:
    own = bytearray(os.urandom(1 << 20)) * 100
print(len(block), flush=True)
time.sleep(600)
"""


def test_memory_is_that_of_all_processes_and_shared_pages_count_once() -> None:
    """A process with 200 MB, and its child, which shares these and has 100 MB of its own."""
    program = subprocess.Popen([sys.executable, "-c", GROW], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    try:
        for _ in range(2):
            program.stdout.readline()
        watch = MemoryWatch(program.pid, every_s=0.01)
        watch.start()
        time.sleep(1)
        watch.stop()
        assert len(watch.peak_parts) == 2
        assert 300 < watch.peak_bytes / 2**20 < 340
    finally:
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
        for process in (*map(int, children), program.pid):
            os.kill(process, 9)
        program.wait()
