"""Making a crowd: worker processes draw pictures, this process writes what belongs together."""

from collections.abc import Callable
from contextlib import closing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pandanet_core.crowd.folders import AssetNames, files_of_split
from pandanet_core.crowd.people.cast import load_cast
from pandanet_core.crowd.settings import CrowdSettings, settings_of_folder
from pandanet_core.crowd.studio import SEQUENCE_PICTURES, Made, Order, PictureMaker
from pandanet_core.crowd.workers import Workers
from pandanet_core.crowd.writer import CrowdFolder, Row
from pandanet_core.errors import UserError

BATCH_PICTURES = 10
"""Pictures that a worker draws before it reports."""

CAST_SIZE = {"train": 72, "val": 16, "test": 24}
Progress = Callable[[str, int, int], None]
"""Told what is being made, how many are done, how many there will be."""


def make_crowd(
    folder: Path,
    settings: CrowdSettings,
    pictures: int,
    workers: int,
    progress: Progress,
    resume: bool = False,
) -> int:
    """Make independent pictures and write them to `folder` in JTA's layout.

    On Ctrl+C the finished pictures are kept with their annotations, then KeyboardInterrupt goes on.
    The pictures depend on the settings alone, neither on the number of workers nor on how often the
    making was resumed. To resume is to make what is missing: sequences that are whole are kept.

    Returns the number of pictures in the folder. Raises UserError when something given cannot be
    used.
    """
    if pictures < 1:
        raise UserError(f"{pictures} pictures cannot be made; give --pictures a number from 1 on.")
    names = files_of_split(settings)
    if resume:
        _check_same(settings, settings_of_folder(folder, settings.split))
    output = CrowdFolder(folder, settings.split, resume)
    cast = cast_of(settings, progress)
    sizes = [min(SEQUENCE_PICTURES, pictures - n) for n in range(0, pictures, SEQUENCE_PICTURES)]
    there = {sequence for sequence, size in enumerate(sizes) if output.has(sequence, size)}
    orders = [
        Order(start, min(start + BATCH_PICTURES, pictures))
        for start in range(0, pictures, BATCH_PICTURES)
        if start // SEQUENCE_PICTURES not in there
    ]
    done = sum(sizes[sequence] for sequence in there)
    output.write_index(index_entry(settings, names, done))
    progress("pictures", done, pictures)
    made: dict[int, list[Made]] = {}
    drawn = Workers(PictureMaker(cast, settings, names), workers).carry_out(orders)
    try:
        with closing(drawn):
            for batch in drawn:
                for picture in batch:
                    sequence, frame = divmod(picture.index, SEQUENCE_PICTURES)
                    if sequence not in made:
                        output.begin_sequence(sequence)
                    output.write_frame(sequence, frame + 1, picture.jpeg)
                    made.setdefault(sequence, []).append(picture)
                    done += 1
                    if len(made[sequence]) == sizes[sequence]:
                        _write_sequence(output, sequence, made.pop(sequence))
                progress("pictures", done, pictures)
    finally:
        for sequence, rest in made.items():
            _write_sequence(output, sequence, rest)
        output.write_index(index_entry(settings, names, done))
    return done


def _check_same(settings: CrowdSettings, before: CrowdSettings) -> None:
    """UserError names what differs between what is wished and what the folder was begun with."""
    ours, theirs = settings.to_dict(), before.to_dict()
    changed = [name.replace("_", "-") for name, value in ours.items() if theirs[name] != value]
    if changed:
        raise UserError(
            f"The folder was begun with another {', '.join(changed)}; resume with the same options."
        )


def cast_of(settings: CrowdSettings, progress: Progress) -> Path:
    """The cast of the settings' split, made now if it is not in the cache."""
    count = CAST_SIZE[settings.split]
    return load_cast(
        settings.split,
        count,
        settings.makehuman,
        lambda done, total: progress("people", done, total),
    )


def index_entry(settings: CrowdSettings, names: AssetNames, done: int) -> dict[str, Any]:
    """What crowd.json says of a split: how it was made, and what each split may use."""
    return {
        "settings": settings.to_dict(),
        "made": done,
        "version": _version(),
        "characters": [f"{settings.split}/{number}" for number in range(CAST_SIZE[settings.split])],
        "clips": [file.name for file in names.clips] or [f"builtin-{settings.split}"],
        "skies": [file.name for file in names.skies] or [f"painted-{settings.split}"],
        "backgrounds": [file.name for file in names.backgrounds],
    }


def _version() -> str:
    try:
        return version("pandanet")
    except PackageNotFoundError:
        return "unknown"


def _write_sequence(output: CrowdFolder, sequence: int, made: list[Made]) -> None:
    in_order = sorted(made, key=lambda picture: picture.index)
    rows: list[Row] = [row for picture in in_order for row in picture.rows]
    output.write_sequence(sequence, rows, [picture.camera for picture in in_order])
