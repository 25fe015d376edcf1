"""Pictures that are drawn while a training goes on, in blocks that live in memory."""

import multiprocessing
import os
import shutil
import tempfile
import time
import warnings
import weakref
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from pandanet_core.crowd.drawing.renderers import usable_renderer
from pandanet_core.crowd.folders import files_of_split
from pandanet_core.crowd.generate import Progress, cast_of
from pandanet_core.crowd.live_drawing import (
    ERROR_FILE,
    Drawing,
    ask_for,
    draw,
    is_asked_for,
    sign_of_life,
)
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.crowd.studio import SEQUENCE_PICTURES
from pandanet_core.crowd.workers import one_thread_each
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError

SHOWN_TIMES = 4
"""How often each picture is handed out, in another crop each time, before it is thrown away."""

MEMORY_FOLDER = Path("/dev/shm")
FOLDER_PREFIX = "pandanet-live-"
_OPEN_BLOCKS = 2
_LOOK_EVERY_S = 0.02
_SILENCE_S = 180.0
"""A drawing process that gives no sign of life for so long has ended; getting ready takes seconds."""


class LiveCrowd:
    """An endless list of generated pictures.

    Processes draw ahead of what is wanted, block by block; a block is thrown away when others have
    been in use since, and drawn again if it is wanted again. Picture number n depends on the
    settings and on n alone. Copies in other processes read the same blocks; only the first one ends
    the drawing.
    """

    def __init__(
        self,
        settings: CrowdSettings,
        processes: int | None = None,
        block_pictures: int = SEQUENCE_PICTURES,
        progress: Progress = lambda what, done, total: None,
    ) -> None:
        """Start drawing as soon as a picture is wanted.

        Args:
            settings: What the crowd is like; torch draws, with a warning, where OpenGL is wished and
                cannot be used.
            processes: How many draw, one thread each and with low priority; all cores but one if
                None.
            block_pictures: Pictures that are made, used and thrown away together; a divisor of
                100.
            progress: Told while the cast is made, which happens once on a machine.

        Raises:
            UserError: Something that the settings name cannot be used.
        """
        renderer, reason = usable_renderer(settings.renderer)
        if reason:
            warnings.warn(f"{reason} Until then torch draws.", stacklevel=2)
        self.settings = settings = replace(settings, renderer=renderer)
        names, cast = files_of_split(settings), cast_of(settings, progress)
        count = processes or max(1, (os.cpu_count() or 2) - 1)
        self.block_pictures = block_pictures
        self.folder = _new_folder()
        for number in range(count):
            sign_of_life(self.folder, number).touch()
        context = multiprocessing.get_context("spawn")
        orders = [
            Drawing(self.folder, cast, settings, names, block_pictures, number, count)
            for number in range(count)
        ]
        self._processes: list[BaseProcess] = [
            context.Process(target=draw, args=(order,), daemon=True) for order in orders
        ]
        with one_thread_each():
            for process in self._processes:
                process.start()
        self._count = count
        self._opened: dict[int, JtaPictures] = {}
        self._owner: int | None = os.getpid()
        self._end = weakref.finalize(self, _end, self._processes, self.folder, os.getpid())

    def at(self, number: int) -> Sample:
        """Picture number `number` (from 0) of the list; waits until it is drawn.

        Raises UserError where drawing is impossible here.
        """
        size = self.block_pictures
        block, place = divmod(number, size * SHOWN_TIMES)
        showing, position = divmod(place, size)
        random = np.random.default_rng([self.settings.seed, block, showing])
        return self._block(block)[int(random.permutation(size)[position])]

    def close(self) -> None:
        """End the drawing and free the memory; happens by itself when the program ends."""
        self._end()

    def __enter__(self) -> "LiveCrowd":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Copies for other processes read; they own nothing, wherever they are used."""
        return self.__dict__ | {"_processes": [], "_opened": {}, "_end": None, "_owner": None}

    def _block(self, block: int) -> JtaPictures:
        if block not in self._opened or not (self.folder / str(block)).is_dir():
            self._opened.pop(block, None)
            self._opened[block] = self._wait_for(block)
            for old in list(self._opened)[:-_OPEN_BLOCKS]:
                del self._opened[old]
        return self._opened[block]

    def _wait_for(self, block: int) -> JtaPictures:
        ask_for(self.folder, block)
        while not (self.folder / str(block)).is_dir():
            has_ended = self._nobody_draws(block)
            if (self.folder / ERROR_FILE).exists():
                raise UserError((self.folder / ERROR_FILE).read_text())
            if has_ended:
                raise UserError(
                    "A process that draws pictures has ended, perhaps for want of memory; "
                    "resume the training."
                )
            if not is_asked_for(self.folder, block):
                ask_for(self.folder, block)
            time.sleep(_LOOK_EVERY_S)
        return JtaPictures(self.folder / str(block), self.settings.split)

    def _nobody_draws(self, block: int) -> bool:
        """The owner knows the process that draws a block; copies look for its sign of life."""
        number = block % self._count
        if os.getpid() == self._owner:
            return not self._processes[number].is_alive()
        try:
            silent_s = time.time() - sign_of_life(self.folder, number).stat().st_mtime
        except FileNotFoundError:
            return True
        return silent_s > _SILENCE_S


def _end(processes: list[BaseProcess], folder: Path, owner: int) -> None:
    """Forked copies leave everything to the process that began it."""
    if os.getpid() != owner:
        return
    for process in processes:
        process.terminate()
    for process in processes:
        process.join()
    shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    """An empty folder, in memory where possible; those whose owner was killed are removed."""
    place = MEMORY_FOLDER if MEMORY_FOLDER.is_dir() else Path(tempfile.gettempdir())
    for old in place.glob(f"{FOLDER_PREFIX}*"):
        owner = old.name.removeprefix(FOLDER_PREFIX).partition("-")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(old, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-", dir=place))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
