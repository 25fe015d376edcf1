"""The same person keeps the same colour from frame to frame, as far as boxes overlap.

Only for the eye: identities that are saved come from tracking.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pandanet_app.controllers.picking import same_person
from pandanet_app.models.people import VisiblePeople


class ColourLinks:
    """Colour numbers of the shown frame, carried over to the next one."""

    def __init__(self) -> None:
        """Nobody has a colour yet."""
        self._frame = -1
        self._boxes: dict[int, NDArray[np.float32]] = {}
        self._colours: dict[int, int] = {}

    def coloured(self, frame: int, people: VisiblePeople) -> VisiblePeople:
        """The people of a frame in lasting colours; those in tracks have their tracks' colours."""
        if len(people.index) == 0 or (people.track_ids >= 0).all():
            return people
        return replace(people, colour=self.of(frame, people.index, people.detections.boxes))

    def of(
        self, frame: int, index: NDArray[np.intp], boxes: NDArray[np.float32]
    ) -> NDArray[np.intp]:
        """Colour numbers of the people of a frame.

        Args:
            frame: Frame number; while it stays the same, everybody's colour does.
            index: (N,) places among the frame's candidates.
            boxes: (N, 4) boxes, px.

        Returns:
            (N,) colour numbers.
        """
        people = index.tolist()
        if frame != self._frame:
            self._colours = self._carried(people, boxes)
            self._frame, self._boxes = frame, {}
        for person, box in zip(people, boxes, strict=True):
            self._colours.setdefault(person, _unused(self._colours))
            self._boxes[person] = box
        return np.array([self._colours[person] for person in people], np.intp)

    def _carried(self, people: list[int], boxes: NDArray[np.float32]) -> dict[int, int]:
        """Colours of those who were there in the frame before."""
        before = dict(self._boxes)
        colours: dict[int, int] = {}
        for person, box in zip(people, boxes, strict=True):
            known = list(before)
            match = same_person(box, np.array([before[one] for one in known]).reshape(-1, 4))
            if match is not None:
                colours[person] = self._colours[known[match]]
                del before[known[match]]
        return colours


def _unused(colours: dict[int, int]) -> int:
    """The lowest number that nobody has."""
    used = set(colours.values())
    return next(number for number in range(len(used) + 1) if number not in used)
