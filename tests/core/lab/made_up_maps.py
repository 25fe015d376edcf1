"""What a network could have said, made by hand: maps and truths for the anchor lab."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, to_anchor_space
from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import Truth
from pandanet_core.network.pandanet import AnchorOutputs
from pandanet_core.skeleton import COCO17, Skeleton

STRIDE, ROWS, COLUMNS = 8, 8, 12
SIZES = ((14.0, 30.0), (28.0, 44.0))
SIZE_PX = (COLUMNS * STRIDE, ROWS * STRIDE)


@dataclass
class Network:
    """Says at every anchor the anchor's own box, a pose in its middle and a score of 0, until told
    otherwise."""

    sizes: tuple[tuple[float, float], ...] = SIZES
    skeleton: Skeleton = COCO17
    scores: NDArray[np.float32] = field(init=False)
    boxes: NDArray[np.float32] = field(init=False)
    pose2d: NDArray[np.float32] = field(init=False)
    pose3d: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        grid = self.grid
        self.scores = np.zeros(grid.shape, np.float32)
        self.boxes = grid.all_boxes().numpy()
        middle = (self.boxes[..., :2] + self.boxes[..., 2:]) / 2
        joints = self.skeleton.joint_count
        self.pose2d = np.repeat(middle[..., None, :], joints, -2)
        self.pose3d = np.zeros((*grid.shape, joints, 3), np.float32)

    @property
    def grid(self) -> AnchorGrid:
        return AnchorGrid(torch.tensor(self.sizes), STRIDE, ROWS, COLUMNS)

    def say(self, at: tuple[int, int, int], score: float, truth: Truth, person: int) -> None:
        """At one anchor: a score, and exactly the box and the 2D pose of a person."""
        self.scores[at] = score
        self.boxes[at] = truth.boxes[person]
        self.pose2d[at] = truth.pose2d[person]

    def maps(self) -> FrameMaps:
        def read(
            anchor: Tensor, row: Tensor, column: Tensor, with_pose3d: bool = True
        ) -> AnchorOutputs:
            at = (anchor.numpy(), row.numpy(), column.numpy())
            boxes, pose2d, pose3d = (
                torch.from_numpy(part[at]) for part in (self.boxes, self.pose2d, self.pose3d)
            )
            in_anchor = to_anchor_space(pose2d, grid.boxes_at(anchor, row, column))
            return AnchorOutputs(boxes, in_anchor, pose2d, pose3d)

        grid = self.grid
        scores = torch.from_numpy(self.scores.copy())
        return FrameMaps(
            "made up", self.skeleton, grid, scores, read, SIZE_PX, np.ones(2, np.float32)
        )


def truth_of(
    boxes: list[list[float]], skeleton: Skeleton = COCO17, ignored: int = 0, spread: float = 0.35
) -> Truth:
    """People with these boxes, whose joints are spread evenly inside; the last few are ignored."""
    array = np.array(boxes, np.float32).reshape(-1, 4)
    joints = skeleton.joint_count
    random = np.random.default_rng(0)
    inside = random.uniform(-spread, spread, (joints, 2))
    middle, size = (array[:, :2] + array[:, 2:]) / 2, array[:, 2:] - array[:, :2]
    pose2d = (middle[:, None] + inside * size[:, None]).astype(np.float32)
    people = len(array) - ignored
    known = np.ones((people, joints), bool)
    return Truth(
        boxes=array[:people],
        pose2d=pose2d[:people],
        has_2d=known & ((pose2d[:people] >= 0) & (pose2d[:people] < SIZE_PX)).all(-1),
        skeleton=skeleton,
        name="made up",
        pose3d_mm=np.zeros((people, joints, 3), np.float32),
        has_3d=~known,
        height_px=(array[:, 3] - array[:, 1])[:people],
        ignored_boxes=array[people:],
    )


def anchor_box(network: Network, at: tuple[int, int, int]) -> list[float]:
    """The box of an anchor, px."""
    return [float(side) for side in network.grid.all_boxes()[at]]
