"""The life of a process that draws pictures for a training that goes on."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pandanet_core.crowd.folders import AssetNames
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.crowd.studio import DRAWN_AT_ONCE, SEQUENCE_PICTURES, Made, Studio
from pandanet_core.crowd.writer import CrowdFolder
from pandanet_core.errors import UserError

WANTED_FILE, ERROR_FILE, ALIVE_FILE = "wanted", "error", "alive"
KEPT_BLOCKS = 3
"""Finished blocks behind the newest one in use: readers do not all go at the same speed."""

_LOOK_EVERY_S = 0.05
_NICENESS = 10


@dataclass(frozen=True)
class Drawing:
    """What a drawing process needs to know.

    Attributes:
        folder: Where blocks appear, as folders in JTA's layout named by their number; the file
            `wanted` there holds the newest block that somebody asked for.
        cast: File of the cast.
        settings: What the crowd is like.
        names: Files that its split may use.
        block_pictures: Pictures of a block.
        number: Which of the processes this is; it draws every count-th block.
        count: Number of processes.
    """

    folder: Path
    cast: Path
    settings: CrowdSettings
    names: AssetNames
    block_pictures: int
    number: int
    count: int


def draw(order: Drawing) -> None:
    """Draw blocks a little ahead of what is wanted, until the folder or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    parent = os.getppid()
    try:
        _draw_blocks(order, parent)
    except Exception as error:
        said = str(error) if isinstance(error, UserError) else f"Drawing pictures failed: {error!r}"
        with contextlib.suppress(OSError):
            (order.folder / ERROR_FILE).write_text(said)
    if os.getppid() != parent:
        shutil.rmtree(order.folder, ignore_errors=True)


def _draw_blocks(order: Drawing, parent: int) -> None:
    studio = Studio(order.cast, order.settings, order.names)
    block: int | None = None
    while order.folder.is_dir() and os.getppid() == parent:
        wanted = _wanted(order.folder)
        (order.folder / ALIVE_FILE).touch()
        if block is None and wanted is not None:
            block = _first_block(order, wanted)
        if block is None or wanted is None or block > wanted + order.count:
            time.sleep(_LOOK_EVERY_S)
            continue
        first = block * order.block_pictures
        indices = range(first, first + order.block_pictures)
        _write_block(order, block, _drawn(order, studio, indices))
        _remove(order.folder / str(block - KEPT_BLOCKS - 2 * order.count))
        block += order.count


def _drawn(order: Drawing, studio: Studio, indices: Sequence[int]) -> list[Made]:
    """The pictures of a block, as many at once as the renderer draws fastest."""
    made: list[Made] = []
    for start in range(0, len(indices), DRAWN_AT_ONCE):
        (order.folder / ALIVE_FILE).touch()
        made += studio.pictures(indices[start : start + DRAWN_AT_ONCE])
    return made


def _first_block(order: Drawing, wanted: int) -> int:
    """The first of this process's blocks from `wanted` on."""
    return wanted + (order.number - wanted) % order.count


def _write_block(order: Drawing, block: int, made: list[Made]) -> None:
    """A block appears whole: it is written beside its place and moved there."""
    part = order.folder / f"{block}.part"
    output = CrowdFolder(part, order.settings.split)
    for picture in made:
        output.write_frame(block, picture.index % SEQUENCE_PICTURES + 1, picture.jpeg)
    rows = [row for picture in made for row in picture.rows]
    output.write_sequence(block, rows, [picture.camera for picture in made])
    part.rename(order.folder / str(block))


def _remove(folder: Path) -> None:
    """First out of sight, then away: nobody opens half a block."""
    with contextlib.suppress(OSError):
        old = folder.rename(folder.with_name(f"{folder.name}.old"))
        shutil.rmtree(old, ignore_errors=True)


def _wanted(folder: Path) -> int | None:
    try:
        return int((folder / WANTED_FILE).read_text())
    except (OSError, ValueError):
        return None
