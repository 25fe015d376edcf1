"""`pandanet train` from a folder of pictures to a run folder, and what it refuses."""

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pandanet_app.cli import main
from pandanet_app.commands.train import Train
from pandanet_app.commands.training_plan import training_plan
from pandanet_core.data.sources import open_mixture
from pandanet_core.network.config import (
    FULL,
    FULL_STRIDE_8,
    SMALL,
    SMALL_REPVGG,
    NetworkConfig,
    name_of,
)
from pandanet_core.network.summary import describe_network
from pandanet_core.training.config import read_config, write_config
from pandanet_core.training.recipes import laptop
from pandanet_core.weights import load_weights
from tests.core.jta_folder import write_sequence
from tests.core.small_training import few_steps, pictures

DEADLINE_S = 300


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("data")
    write_sequence(folder, 1, pictures())
    return f"jta:{folder}"


def settings_file(folder: Path, **changed: Any) -> str:
    folder.mkdir(exist_ok=True)
    write_config(folder / "settings.json", few_steps(data=(), **changed))
    return str(folder / "settings.json")


def run_command(*arguments: str) -> int:
    return main(["train", *arguments, "--progress", "none"])


def test_a_run_that_could_not_be_begun_can_be_begun_again(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a first checkpoint there is nothing to go on from, so nothing may ask for --resume."""
    run, options = tmp_path / "run", ("--config", settings_file(tmp_path), "--data", data)
    run.mkdir()
    (run / "checkpoints").write_text("in the way")
    assert run_command(str(run), *options, "--steps", "1") == 2
    assert "Cannot write" in capsys.readouterr().err

    (run / "checkpoints").unlink()
    assert run_command(str(run), *options, "--steps", "1") == 0


def test_a_run_goes_on_with_other_steps_and_data_and_nothing_else(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, settings = str(tmp_path / "run"), settings_file(tmp_path)
    options = ("--config", settings, "--data", data, "--steps", "2", "--tensorboard", "yes")
    assert run_command(run, *options) == 0
    assert f"2 steps; weights are in {run}/weights.safetensors" in capsys.readouterr().out
    assert read_config(tmp_path / "run/config.json").data == (data,)
    assert any((tmp_path / "run/tensorboard").iterdir())

    assert run_command(run, *options) == 2
    assert "already holds a run; add --resume" in capsys.readouterr().err
    assert run_command(run, "--resume", "--batch-size", "2") == 2
    assert "batch_size was 4 and is 2" in capsys.readouterr().err
    assert run_command(run, "--resume", "--recipe", "laptop") == 2
    assert "leave --recipe out" in capsys.readouterr().err

    assert run_command(run, "--resume", "--steps", "4", "--data", data, f"{data}:train") == 0
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert [numbers["step"] for numbers in log] == [1, 2, 3, 4]
    assert load_weights(tmp_path / "run/weights.safetensors").notes["steps"] == 4
    assert read_config(tmp_path / "run/config.json").data == (data, f"{data}:train")


def test_ctrl_c_keeps_the_step_at_hand_and_a_second_training_is_refused(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real process that is interrupted while it trains."""
    settings = settings_file(tmp_path, optimiser=replace(few_steps().optimiser, cool_down_steps=1))
    command = ["train", str(tmp_path / "run"), "--config", settings, "--data", data]
    command += ["--steps", "100000", "--threads", "1", "--progress", "none"]
    program = subprocess.Popen([sys.executable, "-m", "pandanet_app", *command],
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    log, deadline = tmp_path / "run/log.jsonl", time.monotonic() + DEADLINE_S
    while not (log.exists() and log.read_text().count("\n") >= 2):
        assert program.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert run_command(str(tmp_path / "run"), "--resume") == 2
    assert f"is in use: process {program.pid} on" in capsys.readouterr().err
    program.send_signal(signal.SIGINT)
    said, _ = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 130
    done = int(said.split()[0])
    assert load_weights(tmp_path / "run/weights.safetensors").notes["steps"] == done
    assert log.read_text().count("\n") == done


def test_a_dry_run_says_what_it_would_cost(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--recipe", "laptop", "--data", data, data, "--size", "64x96", "--batch-size", "3")
    assert run_command(str(tmp_path / "run"), *options, "--steps", "7", "--dry-run") == 0
    said = capsys.readouterr().out
    settings = said[said.index("{") : said.index("}\n\n") + 1]
    (tmp_path / "settings.json").write_text(settings)
    varied = replace(laptop().augmentation, width_px=64, height_px=96)
    expected = replace(laptop(), data=(data, data), augmentation=varied, batch_size=3, steps=7)
    assert read_config(tmp_path / "settings.json") == expected
    assert f"16 pictures from {data}, 2 times" in said
    assert "21 pictures are drawn in 7 steps" in said
    assert describe_network(expected.network, 64, 96).to_text() in said
    assert "Memory: a picture keeps 0." in said
    assert "Time: about " in said
    assert re.search(
        r"Anchors: [\d.]+% of \d+ people in the first 96 pictures have an anchor", said
    )
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("name", "network", "said"),
    [
        ("small", SMALL, "small (efficientnet_lite0, an output cell every 8 px, without"),
        ("small-repvgg", SMALL_REPVGG, "small-repvgg (repvgg, an output cell every 8 px, without"),
        ("full", FULL, "full (darknet53, an output cell every 4 px, with sub-pixel"),
        ("full-stride-8", FULL_STRIDE_8, "full-stride-8 (darknet53, an output cell every 8 px"),
    ],
)
def test_networks_are_chosen_by_name(
    name: Any, network: NetworkConfig, said: str, data: str, tmp_path: Path
) -> None:
    small = {"size": "64x64", "batch_size": 1, "device": "cpu"}
    config = Train(tmp_path / "run", data=(data,), network=name, **small).settings()
    assert config.network == network
    plan = training_plan(config, open_mixture((data,)))
    assert f"Network: {said}" in next(part.text for part in plan if part.name == "network")
    assert name_of(replace(network, pyramid_channels=7)) == "its own"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "No training data is named; add --data"),
        (("--data", "jta:/nowhere", "--size", "64"), "--size 64 is no width x height"),
        (("--data", "jta:/nowhere", "--size", "64x70"), "crop is 64 x 70 px; give multiples"),
        (("--data", "jta:/nowhere", "--size", "32x64"), "crop is 32 x 64 px; give multiples"),
        (("--data", "jta:/nowhere", "--skeleton", "cat"), "skeleton 'cat' is unknown"),
        (("--data", "jta:/nowhere", "--micro-batch", "0"), "micro_batch is 0; give at least 1"),
        (("--data", "jta:/nowhere", "--threads", "-1"), "--threads is -1; give at least 1"),
        (("--data", "fish:/nowhere"), "'fish:/nowhere' names no data"),
        (("--data", "jta:/nowhere"), "/nowhere"),
        (("--resume",), "cannot be read"),
    ],
)
def test_what_cannot_be_trained_is_said_in_one_sentence(
    options: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(str(tmp_path / "run"), *options) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_weights_for_darknet_start_no_other_backbone(
    data: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--config", settings_file(tmp_path), "--data", data, "--initial-backbone", "a.74")
    assert run_command(str(tmp_path / "run"), *options) == 2
    assert "a.74 is for Darknet-53" in capsys.readouterr().err
    assert not (tmp_path / "run/config.json").exists()
