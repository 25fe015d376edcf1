"""What every reader makes of its labels: boxes, and labels for pictures that were made smaller."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import box_around_joints
from pandanet_core.data.damage import DamagedFile


def boxes_around(pose2d: NDArray[Any], has_2d: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Boxes (N, 4) px around the annotated joints of poses (N, K, 2); zeros where none is."""
    boxes = np.zeros((len(pose2d), 4), np.float32)
    somebody = has_2d.any(1)
    if somebody.any():
        known = has_2d[somebody, :, None]
        low = np.where(known, pose2d[somebody], np.inf).min(1, keepdims=True)
        boxes[somebody] = box_around_joints(np.where(known, pose2d[somebody], low))
    return boxes


def scale_of(image: NDArray[np.uint8], width: int, height: int, file: Path) -> float:
    """How much smaller or larger a picture is than the width x height px its labels belong to.

    Raises UserError where it is not the same picture at another size.
    """
    scale = image.shape[1] / width
    if abs(image.shape[0] - scale * height) > 1:
        raise DamagedFile(
            file,
            f"has {image.shape[1]}x{image.shape[0]} px, but its labels are for {width}x{height} px; "
            "extract the pictures again, at that size or all smaller by one factor",
        )
    return scale
