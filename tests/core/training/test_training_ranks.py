"""Several processes train as one does: real processes, started by torchrun, that talk over gloo."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pandanet_app.cli import main
from pandanet_core.training.checkpoint import load_checkpoint
from pandanet_core.training.config import write_config
from pandanet_core.training.distributed.ranks import ALONE
from pandanet_core.weights import load_weights
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_sequence
from tests.core.ranks_program import STEPS, paper_like, run_steps
from tests.core.small_training import pictures
from tests.core.torchrun import torchrun, torchrun_on_machines


def test_two_processes_have_the_losses_and_gradients_of_one(tmp_path: Path) -> None:
    """Every step after the first starts from weights that the steps before it have moved; the last
    takes its batch in parts."""
    finished = torchrun("tests.core.ranks_program", str(tmp_path))
    assert finished.returncode == 0, finished.stderr
    alone = run_steps(tmp_path, ALONE)
    first, second = (torch.load(tmp_path / f"rank{rank}.pt") for rank in (0, 1))
    check_machine(first["machine"], second["machine"])
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
    assert [numbers["step"] for numbers in log_of(run)] == [1, 2]
    assert load_checkpoint(run / "checkpoints").step == 2
    assert load_weights(run / "weights.safetensors").notes["steps"] == 2


@pytest.mark.nightly
def test_two_machines_that_share_a_run_folder_train_as_one_process(tmp_path: Path) -> None:
    """Two launches of torchrun meet over the network; only the first machine writes."""
    write_sequence(tmp_path / "data", 1, [stick_people(n, n % 4, 128, 128) for n in range(16)])
    config = replace(paper_like(data=(f"jta:{tmp_path / 'data'}",)), steps=3)
    write_config(tmp_path / "config.json", config)
    options = ("--progress", "none", "--threads", "1", "--config", str(tmp_path / "config.json"))

    run = tmp_path / "together"
    launches = torchrun_on_machines(2, 1, "pandanet_app", "train", str(run), *options)
    assert [launch.returncode for launch in launches] == [0, 0], launches[0].stderr
    said = "".join(launch.stdout for launch in launches)
    assert said.count("3 steps; weights are in") == 1
    assert main(["train", str(tmp_path / "alone"), *options]) == 0

    together, alone = (log_of(tmp_path / name) for name in ("together", "alone"))
    assert [numbers["step"] for numbers in together] == [1, 2, 3]
    for found, expected in zip(together, alone, strict=True):
        assert found["positives"] == expected["positives"]
        assert found["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    files = {path.relative_to(run).as_posix() for path in run.rglob("*") if path.is_file()}
    assert files == {
        path.relative_to(tmp_path / "alone").as_posix()
        for path in (tmp_path / "alone").rglob("*")
        if path.is_file()
    }
    assert load_checkpoint(run / "checkpoints").step == 3
    ours, theirs = (load_weights(tmp_path / name / "weights.safetensors").network.state_dict()
                    for name in ("together", "alone"))  # fmt: skip
    for name, expected in theirs.items():
        torch.testing.assert_close(ours[name], expected, rtol=1e-3, atol=1e-5)


@pytest.mark.nightly
def test_what_each_of_two_machines_needs_once_its_own_first_process_makes(tmp_path: Path) -> None:
    launches = torchrun_on_machines(2, 2, "tests.core.machines_program", str(tmp_path))
    assert [launch.returncode for launch in launches] == [0, 0], launches[0].stderr
    seen = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(4)]
    check_machine(*seen[:2])
    check_machine(*seen[2:])
    assert len({each["own"] for each in seen}) == 4


def check_machine(first: dict[str, Any], second: dict[str, Any]) -> None:
    """The two processes of a machine have what its first one made, and its errors."""
    assert (first["local"], second["local"]) == (0, 1)
    assert first["own"] == first["first"] == second["first"] != second["own"]
    assert first["said"] == second["said"] == f"process {first['own']} says no"


def log_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
