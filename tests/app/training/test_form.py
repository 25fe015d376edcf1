"""The form holds exactly the settings' own fields, and refuses what a settings file refuses."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from pandanet_app.controllers.training.form import FormController, config_of, form_groups
from pandanet_app.models.training.form import Origin, TrainingForm
from pandanet_app.models.training.settings import Kind, values_of
from pandanet_core.errors import UserError
from pandanet_core.network.config import FULL
from pandanet_core.training.config import MAY_CHANGE, TrainingConfig, from_json
from pandanet_core.training.recipes import laptop, paper

SETTINGS = {setting.path: setting for group in form_groups() for setting in group.settings}


def paths_in(values: dict[str, Any]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, value in values.items():
        inner = paths_in(value) if isinstance(value, dict) else {()}
        found |= {(name, *rest) for rest in inner}
    return found


@pytest.fixture
def form() -> FormController:
    return FormController(TrainingForm())


def test_every_setting_is_there_once_with_the_docstring_as_its_help() -> None:
    everything = [setting.path for group in form_groups() for setting in group.settings]
    assert len(everything) == len(SETTINGS)
    assert set(everything) == paths_in(asdict(paper()))
    assert all(setting.help for setting in SETTINGS.values())
    seed = "Decides data order, augmentation and initial weights."
    assert SETTINGS["seed",].help == seed
    assert seed in (TrainingConfig.__doc__ or "")
    schedule = SETTINGS["optimiser", "schedule"]
    assert schedule.kind is Kind.CHOICE
    assert schedule.choices == ("polynomial", "constant")
    assert schedule.help.endswith("so that the number of steps can still change on the way.")
    assert SETTINGS["optimiser", "clip_norm"].optional
    width = SETTINGS["augmentation", "width_px"]
    assert (width.label, width.unit, width.help) == (
        "width", "px", SETTINGS["augmentation", "height_px"].help,
    )  # fmt: skip


@pytest.mark.parametrize("config", [laptop(), paper()])
def test_what_is_shown_can_be_written_and_is_the_same(config: TrainingConfig) -> None:
    values = values_of(config)
    assert config_of(values) == config
    for path, setting in SETTINGS.items():
        if setting.kind is not Kind.SWITCH:
            assert setting.parse(setting.text_of(values[path])) == values[path]


def test_only_what_differs_from_the_recipe_is_marked(form: FormController) -> None:
    state = TrainingForm()
    form = FormController(state)
    assert state.changed == frozenset()
    form.edit(("optimiser", "learning_rate"), "1e-3")
    form.set(("losses", "learn_task"), False)
    assert state.changed == {("optimiser", "learning_rate"), ("losses", "learn_task")}
    form.edit(("optimiser", "learning_rate"), "0.0015")  # the recipe's own
    form.reset(("losses", "learn_task"))
    assert state.changed == frozenset()
    form.use_network("full")
    expected = (
        values_of(FULL, ("network",)).items() - values_of(laptop().network, ("network",)).items()
    )
    assert state.changed == {path for path, _ in expected}
    form.set(("data",), ("jta:here",))
    form.use_recipe("paper")
    assert state.origin is Origin.PAPER
    assert form.config() == replace(paper(), data=("jta:here",))


def test_a_run_that_has_begun_fixes_what_decides_what_is_learned() -> None:
    state = TrainingForm()
    FormController(state).use_run(replace(laptop(), data=("jta:here",)), "runs/a")
    free = {path[0] for path in state.values if path not in state.fixed}
    assert free == MAY_CHANGE | {"data"}
    assert state.folder == "runs/a"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("steps",), "0"),
        (("workers",), "-1"),
        (("optimiser", "kind"), "adam"),
        (("optimiser", "learning_rate"), "-1"),
        (("augmentation", "width_px"), "70"),
        (("skeleton",), "cat"),
        (("device",), "gpu"),
        (("network", "backbone"), "resnet"),
    ],
)
def test_the_form_refuses_what_a_settings_file_refuses(
    path: tuple[str, ...], text: str, form: FormController
) -> None:
    form.set(("data",), ("jta:here",))
    right = asdict(form.config())
    form.edit(path, text)
    with pytest.raises(UserError) as in_form:
        form.config()
    inner = right
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = type(inner[path[-1]])(text)
    with pytest.raises(UserError) as in_file:
        from_json(json.dumps(right), Path("config.json"))
    reason = str(in_form.value).partition(": ")[2] or str(in_form.value)
    assert reason.rstrip(".") in str(in_file.value)
    form.reset(path)
    form.config()


def test_what_cannot_be_read_stays_as_it_was_written() -> None:
    state = TrainingForm()
    form = FormController(state)
    form.edit(("batch_size",), "12 or so")
    assert form.text_of(("batch_size",)) == "12 or so"
    assert state.values["batch_size",] == laptop().batch_size
    form.edit(("seed",), "4")  # another field does not put it right
    assert state.complaint == "batch size is '12 or so'; give a whole number."
    form.edit(("batch_size",), " 12 ")
    assert state.complaint == ""
    assert form.text_of(("batch_size",)) == "12"


def test_all_nested_settings_are_dataclasses() -> None:
    """What is nested otherwise would have no fields in the form."""
    for field in fields(TrainingConfig):
        value = getattr(paper(), field.name)
        plain = value is None or isinstance(value, bool | int | float | str | tuple)
        assert plain or is_dataclass(value)


def test_the_window_shows_settings_and_runs_without_loading_torch() -> None:
    program = "import sys, pandanet_app.qt.training.desk; sys.exit('torch' in sys.modules)"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    assert subprocess.run([sys.executable, "-c", program], env=environment).returncode == 0
