"""A settings dataclass taken apart into fields that a form can show: nothing is listed twice.

Names, help, kinds, choices and units come from the dataclass: its type hints, its docstring's
"Attributes:" and the units that end its names.
"""

import inspect
import re
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, auto
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pandanet_core.errors import UserError

Path = tuple[str, ...]
"""Names from the outermost dataclass to a field, as ("optimiser", "kind")."""
Value = bool | int | float | str | tuple[str, ...] | None
Values = Mapping[Path, Value]

_UNITS = {"px": "px", "mm": "mm", "s": "s", "deg": "°", "steps": "steps"}
_ATTRIBUTE = re.compile(r"(\w+(?:, \w+)*): (.*)")


class Kind(Enum):
    """What a field holds."""

    SWITCH = auto()
    INTEGER = auto()
    NUMBER = auto()
    TEXT = auto()
    CHOICE = auto()
    LIST = auto()


@dataclass(frozen=True)
class Setting:
    """One field of a form.

    Attributes:
        path: Where it is.
        kind: What it holds.
        help: What the dataclass says about it.
        choices: The values of a CHOICE; what a TEXT may be, among other things.
        optional: Whether it may be None.
    """

    path: Path
    kind: Kind
    help: str
    choices: tuple[str, ...] = ()
    optional: bool = False

    @property
    def label(self) -> str:
        """Its name in words, without the unit."""
        words = self.path[-1].split("_")
        return " ".join(words[:-1] if self.unit and len(words) > 1 else words)

    @property
    def unit(self) -> str:
        """The unit that its name ends with; empty where there is none."""
        *before, last = self.path[-1].split("_")
        return _UNITS.get(last, "") if before else ""

    def parse(self, text: str) -> Value:
        """The value that a person wrote; UserError says what is wrong with it."""
        text = text.strip()
        if not text and self.optional:
            return None
        if self.kind in (Kind.INTEGER, Kind.NUMBER):
            return self._number(text)
        if self.kind is Kind.LIST:
            return tuple(line.strip() for line in text.splitlines() if line.strip())
        return text

    def text_of(self, value: Value) -> str:
        """Inverse of parse."""
        if value is None:
            return ""
        if isinstance(value, tuple):
            return "\n".join(value)
        return (
            f"{value:g}"
            if isinstance(value, float) and float(f"{value:g}") == value
            else f"{value}"
        )

    def _number(self, text: str) -> int | float:
        try:
            return int(text.replace("_", "")) if self.kind is Kind.INTEGER else float(text)
        except ValueError as error:
            what = "a whole number" if self.kind is Kind.INTEGER else "a number"
            empty = ", or nothing" if self.optional else ""
            raise UserError(f"{self.label} is '{text}'; give {what}{empty}.") from error


@dataclass(frozen=True)
class Group:
    """Fields that belong together.

    Attributes:
        path: Where the dataclass of these is; () for the outermost.
        help: What the dataclass says about itself.
        settings: Its fields, in their order.
    """

    path: Path
    help: str
    settings: tuple[Setting, ...]

    @property
    def title(self) -> str:
        """Its name in words."""
        return " ".join(self.path).replace("_", " ") or "training"


def groups_of(settings_type: type, path: Path = ()) -> tuple[Group, ...]:
    """The fields of a dataclass and, after them, of the dataclasses within it."""
    summary, helps = _read_docstring(settings_type)
    hints = get_type_hints(settings_type)
    own: list[Setting] = []
    nested: list[Group] = []
    for field in fields(settings_type):
        hint, place = hints[field.name], (*path, field.name)
        if is_dataclass(hint):
            assert isinstance(hint, type)
            nested += groups_of(hint, place)
        else:
            own.append(_setting(place, hint, helps.get(field.name, "")))
    return (Group(path, summary, tuple(own)), *nested)


def values_of(settings: Any, path: Path = ()) -> dict[Path, Value]:
    """The values of a dataclass's fields, those of the dataclasses within it included."""
    values: dict[Path, Value] = {}
    for field in fields(settings):
        value, place = getattr(settings, field.name), (*path, field.name)
        values |= values_of(value, place) if is_dataclass(value) else {place: value}
    return values


def nested(values: Values) -> dict[str, Any]:
    """Values as nested dictionaries, as a settings file holds them."""
    whole: dict[str, Any] = {}
    for (*groups, name), value in values.items():
        inner = whole
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[name] = list(value) if isinstance(value, tuple) else value
    return whole


def _setting(path: Path, hint: Any, help_text: str) -> Setting:
    optional = get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint)
    if optional:
        (hint,) = (one for one in get_args(hint) if one is not type(None))
    if get_origin(hint) is Literal:
        return Setting(path, Kind.CHOICE, help_text, get_args(hint), optional)
    if get_origin(hint) is tuple:
        return Setting(path, Kind.LIST, help_text, optional=optional)
    kinds = {bool: Kind.SWITCH, int: Kind.INTEGER, float: Kind.NUMBER, str: Kind.TEXT}
    return Setting(path, kinds[hint], help_text, optional=optional)


def _read_docstring(settings_type: type) -> tuple[str, dict[str, str]]:
    """What a dataclass says of itself and of its attributes; several may share a text."""
    summary, _, attributes = (inspect.getdoc(settings_type) or "").partition("\nAttributes:\n")
    helps: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(attributes).splitlines():
        found = _ATTRIBUTE.fullmatch(line)
        if found:
            names = found[1].split(", ")
            helps |= dict.fromkeys(names, found[2])
        else:
            helps |= {name: f"{helps[name]} {line.strip()}".strip() for name in names}
    return " ".join(summary.split()), helps
