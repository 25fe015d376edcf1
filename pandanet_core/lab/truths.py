"""Who is to be found in a frame without annotations: the people who were found in it."""

import numpy as np

from pandanet_core.detections import Detections
from pandanet_core.lab.frame_trace import Truth
from pandanet_core.skeleton import Skeleton


def truth_of_people(people: Detections, skeleton: Skeleton, size: tuple[int, int]) -> Truth:
    """The final people themselves, for frames whose truth nobody knows.

    Args:
        people: Who was found, in px of the frame.
        skeleton: What their joints are.
        size: (width, height) of the frame, px.
    """
    known = np.ones(people.pose2d.shape[:2], bool)
    return Truth(
        boxes=people.boxes,
        pose2d=people.pose2d,
        has_2d=np.all((people.pose2d >= 0) & (people.pose2d < size), axis=-1),
        skeleton=skeleton,
        name="the people who were found",
        pose3d_mm=people.pose3d_mm,
        has_3d=known,
        height_px=people.boxes[:, 3] - people.boxes[:, 1],
    )
