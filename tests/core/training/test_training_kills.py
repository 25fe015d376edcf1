"""Trainings that are killed without warning: real processes, real kills, the same bits in the end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.training.checkpoint import load_checkpoint
from pandanet_core.training.config import read_config
from pandanet_core.weights import load_weights

ROOT = Path(__file__).parents[3]
DEADLINE_S = 300


def start(run: Path, steps: int) -> subprocess.Popen[bytes]:
    program = (sys.executable, "-m", "tests.core.small_training", str(run), str(steps))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(program, cwd=ROOT, env=environment)


def kill_somewhere(run: Path, steps: int, random: np.random.Generator) -> None:
    """Start or go on, and kill a few steps later, at any moment of a step or of a checkpoint."""
    log = run / "log.jsonl"
    before = last_change(log)
    program = start(run, steps)
    deadline = time.monotonic() + DEADLINE_S
    # What a log holds of lost steps is cut away first: only then do lines count.
    while last_change(log) == before:
        wait(program, deadline)
    wanted = log.read_text().count("\n") + random.integers(1, 8)
    while log.read_text().count("\n") < wanted:
        wait(program, deadline)
    time.sleep(random.uniform(0, 0.1))
    program.send_signal(signal.SIGKILL)
    assert program.wait() == -signal.SIGKILL, "it ended before it could be killed"


def last_change(file: Path) -> int:
    """Time of the last change of a file in ns; 0 where there is none."""
    return file.stat().st_mtime_ns if file.exists() else 0


def wait(program: subprocess.Popen[bytes], deadline: float) -> None:
    assert program.poll() is None, "it ended before it could be killed"
    assert time.monotonic() < deadline
    time.sleep(0.005)


def check_files(run: Path) -> None:
    """Nothing in the run folder is damaged, whatever name a file has."""
    read_config(run / "config.json")
    for path in (run / "checkpoints").glob("*.pt"):
        assert "network" in torch.load(path, weights_only=True)
    if (run / "weights.safetensors").exists():
        load_weights(run / "weights.safetensors")


def state_of(run: Path) -> dict[str, Any]:
    return {"step": load_checkpoint(run / "checkpoints").step,
            **load_checkpoint(run / "checkpoints").state}  # fmt: skip


def check_same(found: Any, expected: Any, where: str) -> None:
    """Two nested states hold the same bits."""
    assert type(found) is type(expected), where
    if isinstance(expected, torch.Tensor):
        assert torch.equal(found, expected), where
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            check_same(found[key], value, f"{where}.{key}")
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected), where
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            check_same(one, other, f"{where}[{number}]")
    else:
        assert found == expected, where


def losses(run: Path) -> list[tuple[float, float]]:
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [(numbers["step"], numbers["loss"]) for numbers in log]


@pytest.mark.parametrize(
    ("kills", "steps"), [(2, 24), pytest.param(10, 200, marks=pytest.mark.nightly)]
)
def test_a_killed_training_ends_with_the_bits_of_one_that_was_not(
    kills: int, steps: int, tmp_path: Path
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    beside = start(whole, steps)
    random = np.random.default_rng(time.time_ns())
    for _ in range(kills):
        kill_somewhere(killed, steps, random)
        check_files(killed)
    assert start(killed, steps).wait(DEADLINE_S) == 0
    assert beside.wait(DEADLINE_S) == 0
    check_files(killed)
    check_same(state_of(killed), state_of(whole), "state")
    assert losses(killed) == losses(whole)
    assert [step for step, _ in losses(whole)] == list(range(1, steps + 1))
