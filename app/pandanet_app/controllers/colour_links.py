"""The same person keeps the same colour from frame to frame, as far as boxes overlap.

Only for the eye: identities that are saved come from tracking.
"""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.controllers.picking import same_person


class ColourLinks:
    """Colour numbers of one frame, carried over to the next."""

    def __init__(self) -> None:
        """Nobody has a colour yet."""
        self._boxes = np.zeros((0, 4), np.float32)
        self._colours = np.zeros(0, np.intp)

    def carried_to(self, boxes: NDArray[np.float32]) -> NDArray[np.intp]:
        """(N,) colour numbers of people with these boxes (N, 4), best first; remembered for the next frame."""
        colours = np.full(len(boxes), -1, np.intp)
        free = np.ones(len(self._boxes), bool)
        for row, box in enumerate(boxes):
            rows = np.flatnonzero(free)
            match = same_person(box, self._boxes[rows])
            if match is not None:
                colours[row] = self._colours[rows[match]]
                free[rows[match]] = False
        used = set(colours.tolist())
        unused = (number for number in range(len(used) + len(boxes)) if number not in used)
        for row in np.flatnonzero(colours < 0):
            colours[row] = next(unused)
        self._boxes, self._colours = boxes, colours
        return colours
