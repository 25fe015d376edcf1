"""Who is to be found in an annotated picture, and what is known of each of them."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import clip_boxes
from pandanet_core.data.sample import (
    PeopleRule,
    Sample,
    cut_by_frame,
    joints_inside,
    visible_people,
)

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class AnnotatedPeople:
    """The M people of one picture.

    Attributes:
        boxes: (M, 4) px, clipped to the picture.
        counts: (M,) who is to be found.
        height_px: (M,) height of the whole box, also of what lies outside the picture.
        distance_mm: (M,) from the camera to the root; NaN where the root is not annotated.
        share_visible: (M,) share of the joints inside the picture and not hidden by others.
        cut: (M,) more than an eighth of the box lies outside the picture.
        pose3d_mm: (M, K, 3) camera space.
        has_3d: (M, K) 3D joints that are annotated; none of people without root or any bone, whose
            place or size is not known.
        inside: (M, K) 2D joints that are annotated and inside the picture.
        pose2d: (M, K, 2) px.
    """

    boxes: Floats
    counts: NDArray[np.bool_]
    height_px: Floats
    distance_mm: Floats
    share_visible: Floats
    cut: NDArray[np.bool_]
    pose3d_mm: Floats
    has_3d: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    pose2d: Floats

    def choose(self, chosen: NDArray[np.bool_]) -> "AnnotatedPeople":
        """Only the people of a mask (M,)."""
        return AnnotatedPeople(*(getattr(self, field.name)[chosen] for field in fields(self)))


def annotated_people(sample: Sample, rule: PeopleRule) -> AnnotatedPeople:
    """Everybody in the picture, with who counts under the rule."""
    height, width = sample.image.shape[:2]
    boxes = clip_boxes(sample.boxes, width, height)
    inside = joints_inside(sample) & sample.has_2d
    visible = inside & ~sample.occluded
    root = list(sample.skeleton.root)
    root_mm = sample.pose3d_mm[:, root].mean(1)
    root_known = sample.has_3d[:, root].all(1)
    measurable = root_known & _has_bone(sample)
    return AnnotatedPeople(
        boxes=boxes,
        counts=visible_people(sample, rule),
        height_px=sample.boxes[:, 3] - sample.boxes[:, 1],
        distance_mm=np.where(root_known, np.linalg.norm(root_mm, axis=1), np.nan),
        share_visible=visible.mean(1),
        cut=cut_by_frame(sample),
        pose3d_mm=sample.pose3d_mm,
        has_3d=sample.has_3d & measurable[:, None],
        inside=inside,
        pose2d=sample.pose2d,
    )


def _has_bone(sample: Sample) -> NDArray[np.bool_]:
    """(M,) whether both ends of any bone are annotated in 3D."""
    child, parent = np.array(sample.skeleton.bones).T
    known: NDArray[np.bool_] = (sample.has_3d[:, child] & sample.has_3d[:, parent]).sum(1) > 0
    return known
