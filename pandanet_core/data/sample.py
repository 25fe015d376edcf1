"""One annotated picture, whatever data set it came from."""

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.camera import Camera
from pandanet_core.skeleton import Skeleton, bone_length_sum

LEAST_VISIBLE_JOINTS = 2
"""A person with fewer visible joints is no object to find (spec, section 8, says one; one joint is
rarely enough to see)."""

LEAST_HEIGHT_PX = 10.0
"""A person lower than this in the picture is no object to find."""

LEAST_WIDTH_PX = 3.0
"""A person not wider than this in the picture is no object to find."""


@dataclass(frozen=True)
class PeopleRule:
    """Who counts, in training and in evaluation; whoever does not is ignored: a detection of them
    is neither right nor wrong."""

    min_visible_joints: int = LEAST_VISIBLE_JOINTS
    """Joints inside the picture that nothing but the person's own body hides (JTA's authors: 1)."""
    min_height_px: float = LEAST_HEIGHT_PX
    """Height of the part of the person's box that lies in the picture."""


@dataclass(frozen=True)
class Sample:
    """A picture with N annotated people of K joints.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        pose2d: (N, K, 2) joints in px, also outside the picture.
        pose3d_mm: (N, K, 3) joints in camera space, mm.
        occluded: (N, K) hidden by something other than the person.
        self_occluded: (N, K) hidden by the person's own body.
        has_2d: (N, K) the 2D joint is annotated.
        has_3d: (N, K) the 3D joint is annotated.
        boxes: (N, 4) px, not clipped to the picture.
        camera: Intrinsics for this picture.
        skeleton: What the K joints are.
        name: Where it came from, for reports.
    """

    image: NDArray[np.uint8]
    pose2d: NDArray[np.float32]
    pose3d_mm: NDArray[np.float32]
    occluded: NDArray[np.bool_]
    self_occluded: NDArray[np.bool_]
    has_2d: NDArray[np.bool_]
    has_3d: NDArray[np.bool_]
    boxes: NDArray[np.float32]
    camera: Camera
    skeleton: Skeleton
    name: str

    def __len__(self) -> int:
        return len(self.pose2d)

    def people(self, chosen: NDArray[Any]) -> "Sample":
        """The same picture with only the chosen people (indices or mask)."""
        per_person = (
            "pose2d",
            "pose3d_mm",
            "occluded",
            "self_occluded",
            "has_2d",
            "has_3d",
            "boxes",
        )
        return replace(self, **{name: getattr(self, name)[chosen] for name in per_person})


class Samples(Protocol):
    """Anything that gives annotated pictures by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Sample: ...


def joints_inside(sample: Sample) -> NDArray[np.bool_]:
    """(N, K) which joints lie inside the picture."""
    height, width = sample.image.shape[:2]
    low = (sample.pose2d >= 0).all(-1)
    return low & (sample.pose2d[..., 0] < width) & (sample.pose2d[..., 1] < height)


def visible_people(sample: Sample, rule: PeopleRule | None = None) -> NDArray[np.bool_]:
    """(N,) who is an object to find; everybody else is an ignore region, not a miss."""
    rule = rule or PeopleRule()
    height, width = sample.image.shape[:2]
    visible = joints_inside(sample) & ~sample.occluded & sample.has_2d
    clipped = clip_boxes(sample.boxes, width, height)
    size = clipped[:, 2:] - clipped[:, :2]
    large = (size[:, 1] >= rule.min_height_px) & (size[:, 0] > LEAST_WIDTH_PX)
    result: NDArray[np.bool_] = (visible.sum(1) >= rule.min_visible_joints) & large
    return result


def cut_by_frame(sample: Sample) -> NDArray[np.bool_]:
    """(N,) whose box loses more than an eighth of its area at the picture's edges."""
    height, width = sample.image.shape[:2]
    clipped = clip_boxes(sample.boxes, width, height)
    inside = (clipped[:, 2:] - clipped[:, :2]).prod(1)
    whole = (sample.boxes[:, 2:] - sample.boxes[:, :2]).prod(1)
    result: NDArray[np.bool_] = inside < whole * 7 / 8
    return result


def root_relative(
    pose3d_mm: NDArray[Any], skeleton: Skeleton
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Root-relative poses scaled so that each person's bone lengths sum to 1, and those sums.

    Args:
        pose3d_mm: (N, K, 3) camera space, mm.
        skeleton: Its tree gives the bones, its root joints the origin.

    Returns:
        poses (N, K, 3) without unit, and scales (N,) in mm.
    """
    root = pose3d_mm[:, list(skeleton.root)].mean(1, keepdims=True)
    scale = bone_length_sum(pose3d_mm, skeleton)
    safe = np.maximum(scale, 1e-6)
    return ((pose3d_mm - root) / safe[:, None, None]).astype(np.float32), scale.astype(np.float32)
