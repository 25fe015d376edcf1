"""CMU Panoptic's people: one file a frame, seen by no camera in particular."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.damage import DamagedFile
from pandanet_core.skeleton import PANOPTIC19

JOINTS = PANOPTIC19.joint_count


@dataclass(frozen=True)
class Bodies:
    """N people in the dome.

    Attributes:
        joints_cm: (N, 19, 3) in the dome's axes; 0 where not annotated.
        annotated: (N, 19).
    """

    joints_cm: NDArray[np.float64]
    annotated: NDArray[np.bool_]


def read_bodies(file: Path) -> Bodies:
    """The people of a body3DScene_########.json; UserError where it is damaged.

    A negative confidence stands for a joint that was not found.
    """
    try:
        content = json.loads(file.read_bytes())
        joints = [np.array(body["joints19"], np.float64) for body in content["bodies"]]
    except (OSError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise DamagedFile(
            file, "is not a list of bodies with joints19, as CMU Panoptic's files are"
        ) from error
    for number, values in enumerate(joints, 1):
        if values.shape != (JOINTS * 4,):
            raise DamagedFile(
                file, f"has {values.size} numbers instead of {JOINTS * 4} for body {number}"
            )
        if not np.isfinite(values).all():
            raise DamagedFile(file, f"holds numbers that are not finite for body {number}")
    table = np.array(joints).reshape(-1, JOINTS, 4)
    annotated = table[..., 3] >= 0
    return Bodies(np.where(annotated[..., None], table[..., :3], 0), annotated)
