"""The truth's people in the colours that the same people have in all other views."""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.controllers.picking import same_person
from pandanet_app.models.people import VisiblePeople
from pandanet_core.lab.frame_trace import FrameTrace


def truth_boxes(trace: FrameTrace) -> NDArray[np.float32]:
    """(N, 4) boxes of the truth in px of the frame."""
    boxes = trace.truth.boxes * np.tile(trace.stretch, 2)
    return boxes.astype(np.float32)


def truth_colours(trace: FrameTrace, people: VisiblePeople | None) -> NDArray[np.intp]:
    """(N,) colour numbers: those of the people who are shown where the truth's are, and unused
    numbers for the others."""
    boxes = truth_boxes(trace)
    colours = np.full(len(boxes), -1, np.intp)
    if people is not None:
        free = np.ones(len(people.index), bool)
        for person, box in enumerate(boxes):
            rows = np.flatnonzero(free)
            match = same_person(box, people.detections.boxes[rows])
            if match is not None:
                colours[person] = people.colour[rows[match]]
                free[rows[match]] = False
    used = set(colours.tolist()) | (set(people.colour.tolist()) if people is not None else set())
    unused = (number for number in range(len(boxes) + len(used) + 1) if number not in used)
    for person in np.flatnonzero(colours < 0).tolist():
        colours[person] = next(unused)
    return colours
