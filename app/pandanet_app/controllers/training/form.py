"""What a person writes into the form, checked as the command line checks its settings."""

import re
from dataclasses import replace
from functools import cache

from psygnal import Signal
from pydantic import TypeAdapter, ValidationError

from pandanet_app.models.training.form import Origin, TrainingForm
from pandanet_app.models.training.settings import (
    Group,
    Path,
    Setting,
    Value,
    Values,
    groups_of,
    nested,
    values_of,
)
from pandanet_core.errors import UserError
from pandanet_core.network.config import NETWORKS, NetworkName
from pandanet_core.skeleton import SKELETONS
from pandanet_core.training.config import MAY_CHANGE, TrainingConfig
from pandanet_core.training.recipes import Recipe, recipe_named

DATA: Path = ("data",)
NETWORK: Path = ("network",)
_WHEN_GOING_ON = MAY_CHANGE | {"data"}
_NAMED = re.compile(r"The setting (\w+) is ")


@cache
def form_groups() -> tuple[Group, ...]:
    """The fields of a training's settings."""
    return tuple(
        replace(group, settings=tuple(map(_with_proposals, group.settings)))
        for group in groups_of(TrainingConfig)
    )


def _with_proposals(setting: Setting) -> Setting:
    if setting.path != ("skeleton",):
        return setting
    return replace(setting, choices=tuple(skeleton.name for skeleton in SKELETONS))


class FormController:
    """Fills the form and takes edits."""

    edited = Signal()
    """A value has changed."""

    def __init__(self, form: TrainingForm) -> None:
        """A form for a new training on this machine."""
        self._form = form
        self._settings = {
            setting.path: setting for group in form_groups() for setting in group.settings
        }
        self.use_recipe("laptop")

    def use_recipe(self, name: Recipe) -> None:
        """A new training with a recipe's settings; the data that was named stays."""
        data = self._form.values.get(DATA, ())
        usual = values_of(recipe_named(name))
        self._fill(Origin(name), usual, {**usual, DATA: data}, frozenset())

    def use_run(self, config: TrainingConfig, folder: str) -> None:
        """The settings of a run that has begun: what decides what is learned stays as it is."""
        values = values_of(config)
        fixed = frozenset(path for path in values if path[0] not in _WHEN_GOING_ON)
        self._form.folder = folder
        self._fill(Origin.RUN, values, values, fixed)

    def edit(self, path: Path, text: str) -> None:
        """A person wrote this into a field."""
        try:
            self.set(path, self._settings[path].parse(text))
        except UserError as error:
            self._form.update(
                {
                    "texts": {**self._form.texts, path: text},
                    "wrong": {**self._form.wrong, path: str(error)},
                }
            )
            self.edited.emit()

    def set(self, path: Path, value: Value) -> None:
        """A field gets a value."""
        self._show({**self._form.values, path: value}, written=path)
        self.edited.emit()

    def reset(self, path: Path) -> None:
        """A field gets back the value that it has usually."""
        self.set(path, self._form.usual[path])

    def use_network(self, name: NetworkName) -> None:
        """All fields of the network get those of a named one."""
        self._show({**self._form.values, **values_of(NETWORKS[name], NETWORK)})
        self.edited.emit()

    def text_of(self, path: Path) -> str:
        """What stands in a field."""
        written = self._form.texts.get(path)
        return self._settings[path].text_of(self._form.values[path]) if written is None else written

    def config(self) -> TrainingConfig:
        """The settings; UserError says what is wrong with them."""
        if self._form.complaint:
            raise UserError(self._form.complaint)
        if not self._form.values[DATA]:
            raise UserError(
                "No training data is named: add a folder with annotated pictures, as 'pandanet "
                "crowd' makes them."
            )
        return config_of(self._form.values)

    def _fill(
        self,
        origin: Origin,
        usual: dict[Path, Value],
        values: dict[Path, Value],
        fixed: frozenset[Path],
    ) -> None:
        self._form.update(
            {"origin": origin, "usual": usual, "texts": {}, "wrong": {}, "fixed": fixed}
        )
        self._show(values)
        self.edited.emit()

    def _show(self, values: dict[Path, Value], written: Path | None = None) -> None:
        """Take values and say what is wrong with them; what could not be read stays wrong."""
        unread = {path: text for path, text in self._form.texts.items() if path != written}
        wrong = {path: self._form.wrong[path] for path in unread}
        refused, problem = problems_of(values)
        self._form.update(
            {"values": values, "texts": unread, "wrong": {**refused, **wrong}, "problem": problem}
        )


_ADAPTER: TypeAdapter[TrainingConfig] = TypeAdapter(TrainingConfig)


def config_of(values: Values) -> TrainingConfig:
    """The settings that hold these values, checked as a settings file is.

    Raises pydantic's ValidationError, or UserError as TrainingConfig does.
    """
    return _ADAPTER.validate_python(nested(values), extra="forbid")


def problems_of(values: Values) -> tuple[dict[Path, str], str]:
    """What is wrong with single fields, and with the settings as a whole."""
    try:
        config_of(values)
    except ValidationError as error:
        wrong: dict[Path, str] = {}
        for one in error.errors():
            path = _known(tuple(str(part) for part in one["loc"]), values)
            words = path[-1].replace("_", " ") if path else "the settings"
            wrong.setdefault(path, f"{words}: {one['msg']}.")
        return wrong, ""
    except UserError as error:
        named = _NAMED.match(str(error))
        at = [path for path in values if named is not None and path[-1] == named[1]]
        return ({at[0]: str(error)}, "") if len(at) == 1 else ({}, str(error))
    return {}, ""


def _known(location: Path, values: Values) -> Path:
    """The field that a location lies in; pydantic adds the kinds that it has tried."""
    while location and location not in values:
        location = location[:-1]
    return location
