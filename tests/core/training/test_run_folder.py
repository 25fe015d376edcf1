"""Lock, log and the settings to go on with, each for itself."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pandanet_core.errors import UserError
from pandanet_core.training.checkpoint import Checkpoint, save_checkpoint
from pandanet_core.training.config import to_json, write_config
from pandanet_core.training.recipes import laptop
from pandanet_core.training.run_folder.lock import locked
from pandanet_core.training.run_folder.log import opened_log
from pandanet_core.training.run_folder.resuming import checkpoint_to_resume
from tests.full_disk import small_disk

HOLD = """
import os, sys, time
from pathlib import Path
from pandanet_core.training.run_folder.lock import locked
with locked(Path(sys.argv[1])):
    child = os.fork()  # like a process that prepares pictures
    if child:
        print(child, flush=True)
    time.sleep(600)
"""


def hold(run: Path) -> tuple[subprocess.Popen[str], int]:
    """A process that trains in the folder, and its child."""
    program = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(run)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    return program, int(program.stdout.readline())


def test_a_folder_in_use_is_refused_with_the_name_of_who_uses_it(tmp_path: Path) -> None:
    program, child = hold(tmp_path)
    try:
        with (
            pytest.raises(UserError, match=rf"in use: process {program.pid} on .* since 20"),
            locked(tmp_path),
        ):
            pass
    finally:
        program.kill()
        program.wait()
        os.kill(child, signal.SIGKILL)


def test_a_killed_training_lets_go_even_while_its_children_live(tmp_path: Path) -> None:
    program, child = hold(tmp_path)
    program.send_signal(signal.SIGKILL)
    program.wait()
    try:
        os.kill(child, 0)  # it lives
        with locked(tmp_path):
            assert f"process {os.getpid()}" in (tmp_path / "lock").read_text()
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_folder_is_free_again_after_a_training(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "new"):
        raise ZeroDivisionError
    program, child = hold(tmp_path / "new")
    program.kill()
    program.wait()
    os.kill(child, signal.SIGKILL)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write .*lock: "), locked(tmp_path / "file"):
        pass


def write_steps(run: Path, first: int, last: int, tensorboard: bool = False) -> None:
    with opened_log(run, first - 1, tensorboard) as log:
        for step in range(first, last + 1):
            log({"step": float(step), "loss": step / 3})


def steps_in(run: Path) -> list[float]:
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("torn", ["", '{"step": 4.0, "lo', "\x00\x00", "null\n"])
def test_a_log_forgets_what_was_lost_and_goes_on(tmp_path: Path, torn: str) -> None:
    """Whatever a kill left at its end."""
    write_steps(tmp_path, 1, 5)
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write(torn)
    write_steps(tmp_path, 4, 6)
    assert steps_in(tmp_path) == [1, 2, 3, 4, 5, 6]


def test_a_line_that_only_lacks_its_end_is_kept(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 3)
    log = tmp_path / "log.jsonl"
    log.write_bytes(log.read_bytes()[:-1])
    write_steps(tmp_path, 4, 5)
    assert steps_in(tmp_path) == [1, 2, 3, 4, 5]


def test_a_log_that_nothing_was_lost_of_is_not_written_again(tmp_path: Path) -> None:
    write_steps(tmp_path, 1, 3)
    file = (tmp_path / "log.jsonl").stat().st_ino
    write_steps(tmp_path, 4, 5)
    assert steps_in(tmp_path) == [1, 2, 3, 4, 5]
    assert (tmp_path / "log.jsonl").stat().st_ino == file


def test_a_full_disk_is_said_while_logging(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 20_000) as disk,
        pytest.raises(UserError, match=r"Cannot write .*log.jsonl: the disk is full"),
    ):
        write_steps(disk, 1, 5000)


def test_tensorboard_shows_the_same_numbers(tmp_path: Path) -> None:
    """Read back by TensorBoard's own reader; steps that were lost and came again count once."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write_steps(tmp_path, 1, 5, tensorboard=True)
    time.sleep(1.1)  # the names of its files are seconds
    write_steps(tmp_path, 4, 6, tensorboard=True)
    reader = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    shown = [(event.step, event.value) for event in reader.Scalars("loss")]
    assert shown == [(step, pytest.approx(step / 3)) for step in range(1, 7)]


def stopped_run(run: Path, **state: Any) -> Path:
    run.mkdir()
    write_config(run / "config.json", replace(laptop(), data=("crowd:a",)))
    save_checkpoint(run / "checkpoints", Checkpoint(7, state))
    return run


@pytest.mark.parametrize("has_config", [True, False])
def test_a_training_goes_on_with_its_settings_only(tmp_path: Path, has_config: bool) -> None:
    """Checkpoints of older versions lack their settings; the folder's then count."""
    made_with = replace(laptop(), data=("crowd:a",))
    state = {"config": to_json(made_with)} if has_config else {}
    run = stopped_run(tmp_path / "run", **state)
    longer = replace(made_with, steps=99, workers=7, micro_batch=4, checkpoint_every_s=1.0)
    assert checkpoint_to_resume(run, longer, new_data=False).step == 7
    optimiser = replace(made_with.optimiser, learning_rate=0.5, clip_norm=None)
    other = replace(longer, seed=3, optimiser=optimiser)
    with pytest.raises(
        UserError,
        match=r"made with: optimiser.learning_rate was 0.0015 and is 0.5, optimiser.clip_norm was "
        r"20.0 and is None, seed was 0 and is 3. Put them back",
    ):
        checkpoint_to_resume(run, other, new_data=True)


def test_other_data_must_be_meant(tmp_path: Path) -> None:
    made_with = replace(laptop(), data=("crowd:a",))
    run = stopped_run(tmp_path / "run", config=to_json(made_with))
    other = replace(made_with, data=("crowd:a", "coco:b"))
    with pytest.raises(UserError, match=r"data was crowd:a and is crowd:a, coco:b.*with --data"):
        checkpoint_to_resume(run, other, new_data=False)
    assert checkpoint_to_resume(run, other, new_data=True).step == 7


def test_settings_that_did_not_exist_then_have_their_defaults(tmp_path: Path) -> None:
    made_with = replace(laptop(), data=("crowd:a",))
    older = json.loads(to_json(made_with))
    del older["skeleton"], older["micro_batch"], older["tensorboard"]
    run = stopped_run(tmp_path / "run", config=json.dumps(older))
    assert checkpoint_to_resume(run, made_with, new_data=False).step == 7
    with pytest.raises(UserError, match="skeleton was jta22 and is coco17"):
        checkpoint_to_resume(run, replace(made_with, skeleton="coco17"), new_data=False)
