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
from pandanet_core.files import write_text

ERROR_FILE = "error"
KEPT_BLOCKS = 4
"""So many blocks that were asked for last stay: readers do not all go at the same speed."""

_ASKED = ".asked"
_LOOK_EVERY_S = 0.05
_NICENESS = 10


@dataclass(frozen=True)
class Drawing:
    """What a drawing process needs to know.

    Attributes:
        folder: Where blocks appear, as folders in JTA's layout named by their number; beside them
            are the questions for them and the processes' signs of life.
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


def ask_for(folder: Path, block: int) -> None:
    """Leave a question for a block, which is then drawn if it is not there."""
    with contextlib.suppress(FileNotFoundError):  # the drawing has ended, which the reader will see
        _question(folder, block).touch()


def is_asked_for(folder: Path, block: int) -> bool:
    """Whether the question for a block is still there; it goes away together with the block."""
    return _question(folder, block).exists()


def sign_of_life(folder: Path, number: int) -> Path:
    """The file that process `number` touches while it lives."""
    return folder / f"alive-{number}"


def draw(order: Drawing) -> None:
    """Draw blocks that are asked for and a few ahead, until the folder or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    parent = os.getppid()
    try:
        _draw_blocks(order, parent)
    except Exception as error:
        said = str(error) if isinstance(error, UserError) else f"Drawing pictures failed: {error!r}"
        with contextlib.suppress(UserError):
            write_text(order.folder / ERROR_FILE, said)
    if os.getppid() != parent:
        shutil.rmtree(order.folder, ignore_errors=True)


def _draw_blocks(order: Drawing, parent: int) -> None:
    studio = Studio(order.cast, order.settings, order.names)
    while order.folder.is_dir() and os.getppid() == parent:
        sign_of_life(order.folder, order.number).touch()
        asked = _asked(order.folder)
        block = _next_block(order, asked)
        if block is None:
            time.sleep(_LOOK_EVERY_S)
            continue
        first = block * order.block_pictures
        indices = range(first, first + order.block_pictures)
        _write_block(order, block, _drawn(order, studio, indices))
        _throw_away(order, {block, *asked[-KEPT_BLOCKS:], *_ahead(order, asked)})


def _asked(folder: Path) -> list[int]:
    """The blocks that were asked for, the latest question last."""
    questions = []
    for file in folder.glob(f"*{_ASKED}"):
        with contextlib.suppress(FileNotFoundError):
            questions.append((file.stat().st_mtime_ns, int(file.stem)))
    return [block for _, block in sorted(questions)]


def _ahead(order: Drawing, asked: Sequence[int]) -> range:
    """The block of the latest question and those after it, one for each process."""
    return range(asked[-1], asked[-1] + order.count + 1) if asked else range(0)


def _next_block(order: Drawing, asked: Sequence[int]) -> int | None:
    """The first of this process's blocks that is missing: questions first, however old."""
    for block in [*sorted(asked), *_ahead(order, asked)]:
        if block % order.count == order.number and not (order.folder / str(block)).exists():
            return block
    return None


def _drawn(order: Drawing, studio: Studio, indices: Sequence[int]) -> list[Made]:
    """The pictures of a block, as many at once as the renderer draws fastest."""
    made: list[Made] = []
    for start in range(0, len(indices), DRAWN_AT_ONCE):
        sign_of_life(order.folder, order.number).touch()
        made += studio.pictures(indices[start : start + DRAWN_AT_ONCE])
    return made


def _write_block(order: Drawing, block: int, made: list[Made]) -> None:
    """A block appears whole: it is written beside its place and moved there."""
    part = order.folder / f"{block}.part"
    output = CrowdFolder(part, order.settings.split)
    for picture in made:
        output.write_frame(block, picture.index % SEQUENCE_PICTURES + 1, picture.jpeg)
    rows = [row for picture in made for row in picture.rows]
    output.write_sequence(block, rows, [picture.camera for picture in made])
    part.rename(order.folder / str(block))


def _throw_away(order: Drawing, kept: set[int]) -> None:
    """Remove this process's other blocks and their questions: who still waits asks again."""
    names = {file.name.removesuffix(_ASKED) for file in order.folder.iterdir()}
    for block in {int(name) for name in names if name.isdigit()} - kept:
        if block % order.count == order.number:
            _remove(order.folder / str(block))
            _question(order.folder, block).unlink(missing_ok=True)


def _remove(folder: Path) -> None:
    """First out of sight, then away: nobody opens half a block."""
    with contextlib.suppress(OSError):
        old = folder.rename(folder.with_name(f"{folder.name}.old"))
        shutil.rmtree(old, ignore_errors=True)


def _question(folder: Path, block: int) -> Path:
    return folder / f"{block}{_ASKED}"
