"""Real trainings, started, stopped, killed, found again and resumed as from a window."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from pandanet_app.models.training.form import Origin
from pandanet_app.models.training.plan import PLAN_PARTS
from pandanet_app.models.training.runs import RunPhase
from pandanet_core.lab.files.places import probe_path
from pandanet_core.network.summary import describe_network
from pandanet_core.training.config import TrainingConfig, read_config, write_config
from pandanet_core.training.run_folder.holder import holder_of
from pandanet_core.weights import load_weights
from tests.app.leaks import alive, traces
from tests.app.training.window import TrainingWindow


def test_a_training_is_started_from_the_form_stopped_and_resumed_to_its_end(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    window.fill(tiny, run)
    window.control.start()
    window.wait_for(RunPhase.TRAINING, step=3)
    assert read_config(run / "config.json") == tiny
    view = window.current
    assert view.holder is not None
    assert view.rate > 0
    assert view.left_s == pytest.approx((tiny.steps - view.step) * tiny.batch_size / view.rate)
    window.wait(lambda: window.state.form.origin is Origin.RUN)
    assert ("seed",) in window.state.form.fixed
    assert ("steps",) not in window.state.form.fixed

    window.control.pause()
    window.wait_for(RunPhase.STOPPED)
    stopped_at = window.current.step
    assert window.current.resumable
    assert window.current.sentence == ""
    assert load_weights(run / "weights.safetensors").notes["steps"] == stopped_at

    window.control.form.edit(("steps",), str(stopped_at + 4))
    window.control.resume()
    window.wait_for(RunPhase.FINISHED)
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in log] == list(range(1, stopped_at + 5))
    assert window.current.log["loss"].tolist() == pytest.approx([row["loss"] for row in log])
    assert window.said == []


def test_a_training_outlives_its_window_is_found_again_killed_and_resumed(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    first = TrainingWindow()
    first.fill(tiny, run)
    first.control.start()
    first.wait_for(RunPhase.TRAINING, step=6)  # there is a checkpoint of step 5
    first.close()

    window.control.open_run(run)
    window.wait_for(RunPhase.TRAINING, step=first.current.step + 1)
    holder = window.current.holder
    assert holder is not None
    assert alive(holder.pid)

    second = TrainingWindow()
    second.fill(tiny, run)
    second.control.start()
    second.wait(lambda: bool(second.said))
    assert f"is in use: process {holder.pid} on" in second.said[0][1]
    second.close()

    os.kill(holder.pid, signal.SIGKILL)
    window.wait_for(RunPhase.STOPPED)
    assert "was killed, or the machine went off. Resume goes on" in window.current.sentence
    lost_at = window.current.step
    window.control.resume()
    window.wait_for(RunPhase.TRAINING)
    window.wait(lambda: window.current.step > lost_at)
    steps = window.current.log["step"].tolist()
    assert steps == list(range(1, len(steps) + 1))
    window.control.pause()
    window.wait_for(RunPhase.STOPPED)


def test_what_ends_a_training_is_told_in_its_own_sentence(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    window.fill(replace(tiny, data=("jta:/no/such/folder",)), run)
    window.control.start()
    window.wait_for(RunPhase.FAILED)
    assert "/no/such/folder" in window.current.sentence
    assert window.said == [("error", window.current.sentence)]
    assert not window.current.resumable

    window.fill(tiny, run)  # put right, it can be begun in the same folder
    window.control.start()
    window.wait_for(RunPhase.TRAINING, step=1)
    assert window.current.sentence == ""


def test_a_training_that_is_asked_to_stop_at_once_never_begins(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    window.fill(tiny, run)
    window.control.start()
    window.wait_for(RunPhase.STARTING)
    window.control.pause()
    assert window.control is not None
    window.wait_for(RunPhase.EMPTY, RunPhase.STOPPED)
    assert holder_of(run) is None


def test_settings_that_cannot_be_trained_with_start_nothing(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    def refused(sentence: str) -> None:
        window.control.start()
        assert sentence in window.said.pop()[1]

    window.fill(replace(tiny, data=()), run)
    refused("No training data is named")
    window.control.form.set(("data",), tiny.data)
    window.state.form.folder = " "
    refused("Name a folder for the run")
    window.control.form.edit(("steps",), "many")
    refused("steps is 'many'; give a whole number.")
    window.control.form.edit(("steps",), "0")
    refused("steps is 0; give at least 1.")
    assert not run.exists()

    run.mkdir()
    write_config(run / "config.json", tiny)
    window.fill(tiny, run)
    window.control.start()
    window.wait(lambda: bool(window.said))
    assert "already holds a run; open it to go on with it" in window.said.pop()[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "config.json are wrong (Invalid JSON"),
        ('{"data": [], "steps": "many"}', "are wrong at steps"),
        ('{"data": [], "of_a_newer_version": 1}', "wrong at of_a_newer_version"),
    ],
)
def test_settings_of_a_damaged_or_newer_run_are_refused_and_its_curves_shown(
    text: str, said: str, window: TrainingWindow, run: Path
) -> None:
    (run / "checkpoints").mkdir(parents=True)
    (run / "checkpoints" / "00000002.pt").write_bytes(b"")
    (run / "config.json").write_text(text)
    (run / "log.jsonl").write_text('{"step": 1, "loss": 2}\n{"step": 2, "lo\n{"step": 3}\n')
    window.control.open_run(run)
    window.wait_for(RunPhase.STOPPED)
    assert said in window.current.sentence
    assert "update the program" in window.current.sentence
    assert not window.current.resumable
    assert window.current.log["step"].tolist() == [1, 3]


def test_a_folder_without_a_training_is_refused(window: TrainingWindow, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing"):
        window.control.open_run(path)
        window.wait(lambda: bool(window.said))
        assert f"{path} is no run folder" in window.said.pop()[1]
    assert window.state.runs.views == ()


def test_a_forecast_says_what_the_dry_run_says(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    window.fill(replace(tiny, steps=7), run)
    window.control.forecast()
    forecast = window.state.forecast
    assert forecast.doing == "settings"
    window.wait(lambda: not forecast.active)
    assert forecast.problem == ""
    assert [part.name for part in forecast.parts] == list(PLAN_PARTS)
    said = " ".join(part.short or part.text for part in forecast.parts)
    assert f"16 pictures from {tiny.data[0]}" in said
    parameters = describe_network(tiny.network, 64, 64).total.parameters
    assert f"{parameters:,} parameters" in said
    assert "Memory: a picture keeps 0." in said
    assert "pictures/s on cpu" in said
    assert "people in the first 96 pictures have an anchor" in said
    assert not run.exists()
    window.control.form.edit(("steps",), "8")
    assert forecast.outdated

    window.control.form.set(("data",), ("jta:/no/such/folder",))
    window.control.forecast()
    window.wait(lambda: not forecast.active)
    assert "/no/such/folder" in forecast.problem


def test_a_cancelled_forecast_leaves_no_process(
    window: TrainingWindow, tiny: TrainingConfig, run: Path
) -> None:
    window.fill(replace(tiny, workers=1), run)
    before = traces()
    window.control.forecast()
    window.wait(lambda: traces().since(before) != "")
    window.control.cancel_forecast()
    assert not window.state.forecast.active
    window.wait(lambda: traces().since(before) == "")
    assert window.state.forecast.parts == ()


def test_a_damaged_picture_is_said_and_the_others_can_be_looked_at(
    window: TrainingWindow, run: Path
) -> None:
    (run / "probes").mkdir(parents=True)
    (run / "log.jsonl").write_text('{"step": 1}\n')
    for step in (1, 2):
        probe_path(run, step, 0).write_bytes(b"no trace")
    (run / "probes" / "of_somebody_else.trace").write_bytes(b"")
    window.control.open_run(run)
    window.wait_for(RunPhase.EMPTY)
    assert len(window.current.probes) == 3
    probes = window.state.probes
    for step in (1, 2):
        window.control.look_at_probes(step)
        path = probe_path(run, step, 0)
        window.wait(lambda path=path: [look.path for look in probes.looks] == [path])  # type: ignore[misc]
        assert "is damaged or no trace" in probes.looks[0].problem
