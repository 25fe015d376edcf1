"""A table of a report: rows of values with one set of columns, and how people read it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Table:
    """A table whose columns are named in the keys of its rows; every row has the same keys.

    Units stand in the column names. Floats are shown with `digits` decimals to people and kept
    whole in JSON; None and NaN mean "not known".
    """

    title: str
    note: str
    rows: tuple[Mapping[str, Value], ...]
    digits: int = 1


def table_to_markdown(table: Table) -> str:
    """One table, aligned so that it reads well as plain text too."""
    if not table.rows:
        return f"## {table.title}\n\n{table.note}\n\nNobody."
    cells = [[str(name) for name in table.rows[0]]]
    cells += [[shown(value, table.digits) for value in row.values()] for row in table.rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [_line([cell.ljust(width) for cell, width in zip(cells[0], widths, strict=True)])]
    lines.append(_line(["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]))
    for first, *rest in cells[1:]:
        numbers = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append(_line([first.ljust(widths[0]), *numbers]))
    return f"## {table.title}\n\n{table.note}\n\n" + "\n".join(lines)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def shown(value: Value, digits: int | None = None) -> str:
    """A value as people read it; floats with so many decimals, or as short as they are."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}" if digits is None else f"{value:.{digits}f}"
    return str(value)
