"""Several processes train as one does: real processes, started by torchrun, that talk over gloo."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pandanet_core.training.checkpoint import load_checkpoint
from pandanet_core.training.config import write_config
from pandanet_core.training.distributed.ranks import ALONE
from pandanet_core.weights import load_weights
from tests.core.jta_folder import write_sequence
from tests.core.ranks_program import STEPS, paper_like, run_steps
from tests.core.small_training import pictures

ROOT = Path(__file__).parents[3]


def torchrun(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    launcher = ("torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    return subprocess.run(
        [sys.executable, "-m", *launcher, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
    )


def test_two_processes_have_the_losses_and_gradients_of_one(tmp_path: Path) -> None:
    """Every step after the first starts from weights that the steps before it have moved; the last
    takes its batch in parts."""
    finished = torchrun("tests.core.ranks_program", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    alone = run_steps(tmp_path, ALONE)
    first, second = (torch.load(tmp_path / f"rank{rank}.pt") for rank in (0, 1))
    assert len(alone["numbers"]) == STEPS + 1
    people = [numbers["people"] for numbers in alone["numbers"]]
    assert min(people) < max(people)
    for step in range(STEPS + 1):
        expected, found = alone["numbers"][step], first["numbers"][step]
        assert found == second["numbers"][step]
        assert found["positives"] == expected["positives"]
        assert found["loss"] == pytest.approx(expected["loss"], rel=1e-5, abs=1e-6)
        assert found["mpjpe_mm"] == pytest.approx(expected["mpjpe_mm"], rel=1e-5)
        gradient, other = alone["gradients"][step], first["gradients"][step]
        assert torch.equal(other, second["gradients"][step])
        assert float((other - gradient).norm() / gradient.norm()) < 1e-5, step
    for name, expected in alone["statistics"].items():
        torch.testing.assert_close(first["statistics"][name], expected, rtol=1e-4, atol=1e-6)


def test_the_command_trains_on_two_processes_and_the_first_one_writes(tmp_path: Path) -> None:
    write_sequence(tmp_path / "data", 1, pictures())
    config = replace(paper_like(data=(f"jta:{tmp_path / 'data'}",)), steps=2)
    write_config(tmp_path / "config.json", config)
    command = ("train", str(tmp_path / "run"), "--progress", "json", "--threads", "1")
    finished = torchrun("pandanet_app", *command, "--config", str(tmp_path / "config.json"))
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("2 steps; weights are in") == 1
    run = tmp_path / "run"
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [numbers["step"] for numbers in log] == [1, 2]
    assert load_checkpoint(run / "checkpoints").step == 2
    assert load_weights(run / "weights.safetensors").notes["steps"] == 2
