"""What the detector finds in one picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Detections:
    """N people with K joints each, in one frame; every array is float32.

    Pixels: x right, y down, the centre of the top-left pixel at (0.5, 0.5). Camera space: x right,
    y down, z forward, millimetres. Raises ValueError where shapes disagree.
    """

    boxes: Floats
    """(N, 4) x0, y0, x1, y1 in pixels."""
    scores: Floats
    """(N,) 0 to 1."""
    pose2d: Floats
    """(N, K, 2) pixels."""
    pose3d: Floats
    """(N, K, 3) root-relative, camera axes, in units of scale_mm: the bone lengths of a true pose sum
    to 1, those of an unsure prediction to less."""
    root_mm: Floats
    """(N, 3) camera space."""
    scale_mm: Floats
    """(N,) what the sum of a person's bone lengths is taken to be."""

    def __post_init__(self) -> None:
        count, joints = len(self.scores), self.pose2d.shape[1] if self.pose2d.ndim == 3 else -1
        expected = {
            "boxes": (count, 4),
            "scores": (count,),
            "pose2d": (count, joints, 2),
            "pose3d": (count, joints, 3),
            "root_mm": (count, 3),
            "scale_mm": (count,),
        }
        for name, shape in expected.items():
            array = getattr(self, name)
            if array.shape != shape or array.dtype != np.float32:
                raise ValueError(f"{name} is {array.dtype} {array.shape}, not float32 {shape}")

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def joint_count(self) -> int:
        return int(self.pose2d.shape[1])

    @property
    def pose3d_mm(self) -> Floats:
        """(N, K, 3) camera space, millimetres."""
        return self.pose3d * self.scale_mm[:, None, None] + self.root_mm[:, None]

    @staticmethod
    def empty(joint_count: int) -> "Detections":
        """Nobody."""
        zeros = [(0, 4), (0,), (0, joint_count, 2), (0, joint_count, 3), (0, 3), (0,)]
        return Detections(*(np.zeros(shape, np.float32) for shape in zeros))

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Detections":
        """The people that `which` (mask (N,) or indices) names, in its order."""
        return Detections(
            boxes=self.boxes[which],
            scores=self.scores[which],
            pose2d=self.pose2d[which],
            pose3d=self.pose3d[which],
            root_mm=self.root_mm[which],
            scale_mm=self.scale_mm[which],
        )

    def above(self, score: float) -> "Detections":
        """The people whose score is at least `score`."""
        return self.take(self.scores >= score)
