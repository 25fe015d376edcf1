"""The picture or film with the people drawn on it, made while the next frames are looked at."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from pandanet_app.commands.detection.threads import Behind, frames_in_memory
from pandanet_app.controllers.colour_links import ColourLinks
from pandanet_app.drawing.film import drawn_frame
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Scene
from pandanet_core.detections import Detections
from pandanet_core.skeleton import Skeleton
from pandanet_core.video import Frame, FrameSource, open_writer


class Film:
    """Draws and writes on a thread. Pictures of another size than the first are fitted into it.

    A context manager: on leaving it, also by an exception, the frames added so far are written.
    Raises UserError where `path` cannot be written.
    """

    def __init__(self, path: Path, source: FrameSource, skeleton: Skeleton) -> None:
        self._size = source.width, source.height
        self._skeleton = skeleton
        self._colours = ColourLinks()
        self._writer = open_writer(path, source)
        self._behind = Behind(self._write, frames_in_memory(*self._size))

    @property
    def busy_s(self) -> float:
        """Seconds of drawing and encoding."""
        return self._behind.busy_s

    def add(self, frame: Frame, found: Detections) -> None:
        """The next frame and its people; raises UserError where an earlier one failed."""
        self._behind.add((frame, found))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            stack.push(self._writer.__exit__)
            stack.callback(self._behind.close)

    def _write(self, item: tuple[Frame, Detections]) -> None:
        frame, found = item
        self._writer.write(drawn_frame(self._scene(frame, found), *self._size), frame.time_s)

    def _scene(self, frame: Frame, found: Detections) -> Scene:
        """People are named by their lasting colours: nobody has tracked them."""
        index = np.arange(len(found))
        numbers = self._colours.of(frame.index, index, found.boxes)
        no_tracks = np.full(len(found), -1, np.int32)
        people = VisiblePeople(found, numbers, no_tracks, numbers)
        return Scene(frame=frame, people=people, skeleton=self._skeleton)
