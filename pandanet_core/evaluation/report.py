"""A report: facts, tables, curves and pictures, with the same words for people and programs."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pandanet_core.evaluation.curves import Curve
from pandanet_core.evaluation.evaluator import PictureOutcome
from pandanet_core.evaluation.table import Table, Value
from pandanet_core.files import part_path


@dataclass(frozen=True)
class Report:
    """A title, what was measured and how, tables, curves, and the pictures with most misses."""

    title: str
    facts: Mapping[str, Value]
    tables: tuple[Table, ...]
    curves: tuple[Curve, ...] = ()
    pictures: tuple[PictureOutcome, ...] = ()

    def to_json(self) -> str:
        """For programs::

        {"title", "facts": {},
         "tables": [{"title", "note", "rows": [{}]}],
         "curves": [{"title", "x_label", "y_label", "x_names": [],
                     "series": [{"name", "x": [], "y": []}]}],
         "pictures": [{"name", "people", "false_alarms",
                       "missed": [{"person", "reason", "score", "evidence", "by",
                                    "found"}]}]}
        """
        values = {
            "title": self.title,
            "facts": _plain(self.facts),
            "tables": [_plain_table(table) for table in self.tables],
            "curves": [asdict(curve) for curve in self.curves],
            "pictures": [_plain_picture(picture) for picture in self.pictures],
        }
        return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def report_paths(path: Path) -> tuple[Path, Path]:
    """NAME.html and NAME.json, whichever of the two `path` names, or neither.

    Raises UserError where they could not be written.
    """
    stem = path.with_suffix("") if path.suffix in (".html", ".json") else path
    page, values = Path(f"{stem}.html"), Path(f"{stem}.json")
    for file in (page, values):
        part_path(file)
    return page, values


def _plain(values: Mapping[str, Value]) -> dict[str, Value]:
    """JSON knows no NaN: null says the same."""
    return {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in values.items()
    }


def _plain_table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "note": table.note,
        "rows": [_plain(row) for row in table.rows],
    }


def _plain_picture(picture: PictureOutcome) -> dict[str, Any]:
    missed = [
        {**vars(person), "reason": person.reason.value, "by": person.by if person.by >= 0 else None}
        for person in picture.missed
    ]
    return {
        "name": picture.name,
        "people": picture.counted,
        "false_alarms": int(picture.wrong.sum()),
        "missed": [_plain(person) for person in missed],
    }
