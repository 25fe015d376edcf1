"""One annotated picture, whatever data set it came from."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.camera import Camera
from pandanet_core.skeleton import Skeleton, bone_length_sum, bone_lengths

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
    """A picture with N annotated people of K joints. Every number is finite; has_2d and has_3d say
    which of them mean something.

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
        ignore_boxes: (M, 4) px, regions with people who are not annotated one by one: a crowd.
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
    ignore_boxes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))

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


@runtime_checkable
class Samples(Protocol):
    """Anything that gives annotated pictures by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Sample: ...


class FiledSamples(Samples, Protocol):
    """Annotated pictures that come from files."""

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""

    def file(self, index: int) -> Path:
        """The picture or the video that number `index` is read from; nothing is decoded."""


class EndlessSamples(Protocol):
    """Annotated pictures without end."""

    def at(self, number: int) -> Sample:
        """Picture number `number`, from 0; the same whenever it is asked for."""


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
        pose3d_mm: (N, K, 3) camera space, mm, every joint annotated.
        skeleton: Its tree gives the bones, its root joints the origin.

    Returns:
        poses (N, K, 3) without unit, and scales (N,) in mm.
    """
    scale = bone_length_sum(pose3d_mm, skeleton)
    return _about_root(pose3d_mm, skeleton, scale), scale


@dataclass(frozen=True)
class RelativePoses:
    """Poses as the 3D loss compares them.

    Attributes:
        poses: (N, K, 3) root-relative, bone lengths summing to 1; 0 where not known.
        known: (N, K) joints whose place relative to the root is known at that scale.
        scale_mm: (N,) sum of the bone lengths, 0 where not known.
    """

    poses: NDArray[np.float32]
    known: NDArray[np.bool_]
    scale_mm: NDArray[np.float32]


def relative_poses(sample: Sample) -> RelativePoses:
    """Root-relative poses of people who may lack joints.

    A bone that is not annotated is as long as its mirror image. Who lacks a root joint, or a bone
    on both sides, has no known scale and so no known joint.
    """
    skeleton, has_3d = sample.skeleton, sample.has_3d
    lengths = bone_lengths(sample.pose3d_mm, skeleton)
    mirrored = lengths[:, list(skeleton.mirrored_bones)]
    lengths = np.where(_measured_bones(has_3d, skeleton), lengths, mirrored)
    complete = has_known_size(has_3d, skeleton)
    scale = np.where(complete, lengths.sum(1), 0).astype(np.float32)
    known = has_3d & complete[:, None]
    poses = np.where(known[..., None], _about_root(sample.pose3d_mm, skeleton, scale), 0)
    return RelativePoses(poses.astype(np.float32), known, scale)


def has_known_size(has_3d: NDArray[np.bool_], skeleton: Skeleton) -> NDArray[np.bool_]:
    """(N,) whose annotated 3D joints (N, K) tell the root and the length of every bone, if only by
    its mirror image."""
    measured = _measured_bones(has_3d, skeleton)
    known: NDArray[np.bool_] = np.all(measured | measured[:, list(skeleton.mirrored_bones)], 1)
    known &= np.all(has_3d[:, list(skeleton.root)], 1)
    return known


def _measured_bones(has_3d: NDArray[np.bool_], skeleton: Skeleton) -> NDArray[np.bool_]:
    """(N, K - 1) the bones of which both joints (N, K) are annotated."""
    child, parent = np.array(skeleton.bones).T
    measured: NDArray[np.bool_] = has_3d[:, child] & has_3d[:, parent]
    return measured


def _about_root(
    pose3d_mm: NDArray[Any], skeleton: Skeleton, scale_mm: NDArray[Any]
) -> NDArray[np.float32]:
    root = pose3d_mm[:, list(skeleton.root)].mean(1, keepdims=True)
    poses: NDArray[Any] = (pose3d_mm - root) / np.maximum(scale_mm, 1e-6)[:, None, None]
    return poses.astype(np.float32)
