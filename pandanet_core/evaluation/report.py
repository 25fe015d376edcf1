"""A report: facts and tables, written as Markdown for people and JSON for programs, same words."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pandanet_core.files import part_path, publish, write_error

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """A table whose columns are named in the keys of its rows; every row has the same keys.

    Units stand in the column names. Floats are shown with `digits` decimals in Markdown and kept
    whole in JSON; None and NaN mean "not known".
    """

    title: str
    note: str
    rows: tuple[Mapping[str, Value], ...]
    digits: int = 1


@dataclass(frozen=True)
class Report:
    """A title, what was measured and how, and the tables."""

    title: str
    facts: Mapping[str, Value]
    tables: tuple[Table, ...]

    def to_markdown(self) -> str:
        """For people."""
        facts = [f"- {name}: {_shown(value)}" for name, value in self.facts.items()]
        parts = [f"# {self.title}", "\n".join(facts), *map(table_to_markdown, self.tables)]
        return "\n\n".join(parts) + "\n"

    def to_json(self) -> str:
        """For programs: {"title", "facts": {}, "tables": [{"title", "note", "rows": [{}]}]}."""
        tables = [
            {
                "title": table.title,
                "note": table.note,
                "rows": [_plain(row) for row in table.rows],
            }
            for table in self.tables
        ]
        values = {"title": self.title, "facts": _plain(self.facts), "tables": tables}
        return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def write(self, path: Path) -> tuple[Path, Path]:
        """Write both files of `report_paths(path)` and return their paths.

        Raises UserError where one cannot be written; an older file then stays as it was.
        """
        markdown, values = report_paths(path)
        _write(markdown, self.to_markdown())
        _write(values, self.to_json())
        return markdown, values


def report_paths(path: Path) -> tuple[Path, Path]:
    """NAME.md and NAME.json, whichever of the two `path` names, or neither.

    Raises UserError where they could not be written.
    """
    stem = path.with_suffix("") if path.suffix in (".md", ".json") else path
    markdown, values = Path(f"{stem}.md"), Path(f"{stem}.json")
    for file in (markdown, values):
        part_path(file)
    return markdown, values


def table_to_markdown(table: Table) -> str:
    """One table, aligned so that it reads well as plain text too."""
    if not table.rows:
        return f"## {table.title}\n\n{table.note}\n\nNobody."
    cells = [[str(name) for name in table.rows[0]]]
    cells += [[_shown(value, table.digits) for value in row.values()] for row in table.rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [_line([cell.ljust(width) for cell, width in zip(cells[0], widths, strict=True)])]
    lines.append(_line(["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]))
    for first, *rest in cells[1:]:
        numbers = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append(_line([first.ljust(widths[0]), *numbers]))
    return f"## {table.title}\n\n{table.note}\n\n" + "\n".join(lines)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _shown(value: Value, digits: int | None = None) -> str:
    """As text; floats with so many decimals, or as short as they are."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if digits is None else f"{value:.{digits}f}"
    return str(value)


def _plain(values: Mapping[str, Value]) -> dict[str, Value]:
    """JSON knows no NaN: null says the same."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }


def _write(path: Path, text: str) -> None:
    part = part_path(path)
    try:
        part.write_text(text, encoding="utf-8")
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error
