"""Where the results of each input go."""

from dataclasses import dataclass
from pathlib import Path

from pandanet_core.errors import UserError
from pandanet_core.files import write_error
from pandanet_core.video import is_picture

_TABLE = ".parquet"
_FILM, _PICTURE = ".mp4", ".png"


@dataclass(frozen=True)
class Output:
    """The files for one input."""

    table: Path
    overlay: Path | None
    traces: Path | None = None
    """A folder."""


def plan_outputs(
    inputs: list[str], table: Path, overlay: Path | None, traces: Path | None = None
) -> list[Output]:
    """One `Output` for each input; folders for several inputs are made.

    Raises UserError where a result would replace an input, or a name makes no sense.
    """
    into_folder = len(inputs) > 1 or table.is_dir()
    if not inputs:
        raise UserError("Name a video, a picture, a folder of pictures or a camera to look at.")
    if not into_folder and table.suffix.lower() != _TABLE:
        raise UserError(
            f"Detections are written as Parquet: name {table.name or table} something.parquet."
        )
    names = _distinct([_stem(text) for text in inputs])
    tables = _in_folder(table, [name + _TABLE for name in names]) if into_folder else [table]
    films: list[Path] | list[None] = [None] * len(inputs)
    if overlay is not None:
        many = len(inputs) > 1 or overlay.is_dir()
        kinds = [_PICTURE if is_picture(Path(text)) else _FILM for text in inputs]
        drawn = [name + kind for name, kind in zip(names, kinds, strict=True)]
        films = _in_folder(overlay, drawn) if many else [overlay]
    folders: list[Path] | list[None] = [None] * len(inputs)
    if traces is not None:
        folders = _in_folder(traces, names) if len(inputs) > 1 else [traces]
    outputs = [Output(*paths) for paths in zip(tables, films, folders, strict=True)]
    _refuse_to_replace(inputs, outputs)
    return outputs


def _in_folder(folder: Path, names: list[str]) -> list[Path]:
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: for several inputs, name a folder for the results.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, folder) from error
    return [folder / name for name in names]


def _stem(text: str) -> str:
    if "://" in text:
        return "stream"
    return Path(text).resolve().stem or "camera"


def _distinct(names: list[str]) -> list[str]:
    """The second "street" becomes "street-2"."""
    taken: list[str] = []
    for name in names:
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}-{number}"
        taken.append(free)
    return taken


def _refuse_to_replace(inputs: list[str], outputs: list[Output]) -> None:
    sources = {Path(text).resolve() for text in inputs}
    for output in outputs:
        for path in (output.table, output.overlay):
            if path is not None and path.resolve() in sources:
                raise UserError(f"{path} is an input: choose another name for the result.")
