"""MuPoTS-3D's official evaluation (Mehta et al., 3DV 2018; `mpii_mupots_multiperson_eval.m`).

Differs from the other protocols in all three steps: people are matched by their 2D joints, the
predicted bones are given the true lengths one by one, and 14 of the 17 joints are compared.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.evaluation.pose_metrics import joint_errors_mm
from pandanet_core.skeleton import MUPOTS17, Skeleton

Floats = NDArray[np.floating[Any]]

COMPARED_JOINTS = tuple(range(14))
"""All but pelvis, spine and head."""

MATCHED_JOINTS = tuple(range(1, 14))
"""The compared joints without the top of the head."""

MATCH_WITHIN_PX = 40.0
"""A joint speaks for a match when it is nearer than this in x and in y."""


@dataclass(frozen=True, eq=False)
class MupotsTruth:
    """The P people of one picture whose annotation is valid.

    Attributes:
        pose2d: (P, 17, 2) px.
        pose3d_mm: (P, 17, 3) what is compared with: of bodies made equally large (`univ_annot3`)
            in the official evaluation.
        occluded: (P, 17) hidden joints.
    """

    pose2d: Floats
    pose3d_mm: Floats
    occluded: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class MupotsErrors:
    """The P annotated people of one picture, or many.

    Attributes:
        errors_mm: (P, 14) of the compared joints; infinity for people who were not found.
        occluded: (P, 14) hidden joints.
    """

    errors_mm: Floats
    occluded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.errors_mm)

    @property
    def matched(self) -> "MupotsErrors":
        """Only the people who were found."""
        found = np.isfinite(self.errors_mm).all(1)
        return MupotsErrors(self.errors_mm[found], self.occluded[found])


def mupots_errors(truth: MupotsTruth, pose2d: Floats, pose3d: Floats) -> MupotsErrors:
    """Errors of everybody annotated in one picture.

    Args:
        truth: P people.
        pose2d: (N, 17, 2) px, of the accepted detections.
        pose3d: (N, 17, 3) theirs, of any size.
    """
    finder = match_joints(truth.pose2d, pose2d)
    found = finder >= 0
    truth_mm = truth.pose3d_mm[found].astype(np.float64)
    sized = with_true_bones(pose3d[finder[found]].astype(np.float64), truth_mm, MUPOTS17)
    errors = np.full(truth.pose2d.shape[:2], np.inf)
    errors[found] = joint_errors_mm(sized, truth_mm, MUPOTS17.root)
    compared = list(COMPARED_JOINTS)
    return MupotsErrors(errors[:, compared], truth.occluded[:, compared])


def match_joints(truth_px: Floats, found_px: Floats) -> NDArray[np.int64]:
    """(M,) which detection each annotated person gets, -1 for none.

    Person after person takes the free detection with the most joints that are near; one is enough.

    Args:
        truth_px: (M, 17, 2) in the order of the annotations.
        found_px: (N, 17, 2); joints at exactly (0, 0) are unknown.
    """
    joints = list(MATCHED_JOINTS)
    difference = np.abs(truth_px[:, None, joints] - found_px[None, :, joints])
    known = (found_px[:, joints] != 0).any(-1)
    near = ((difference < MATCH_WITHIN_PX).all(-1) & known).sum(-1)
    finder = np.full(len(truth_px), -1)
    for person, joints_near in enumerate(near):
        joints_near[finder[finder >= 0]] = 0
        if joints_near.any():
            finder[person] = joints_near.argmax()
    return finder


def with_true_bones(predicted: Floats, truth: Floats, skeleton: Skeleton) -> Floats:
    """Poses (P, K, 3) with the directions of the predicted bones and the lengths of the true ones.

    Both in any axes and from any origin; the tree's root joint stays where it is.
    """
    resized = predicted.copy()
    for joint in _from_the_root(skeleton):
        parent = skeleton.parents[joint]
        bone = predicted[:, joint] - predicted[:, parent]
        length = np.linalg.norm(truth[:, joint] - truth[:, parent], axis=-1, keepdims=True)
        own = np.linalg.norm(bone, axis=-1, keepdims=True).clip(np.finfo(np.float32).tiny)
        resized[:, joint] = resized[:, parent] + bone * (length / own)
    return resized


def _from_the_root(skeleton: Skeleton) -> list[int]:
    """Every joint but the root, parents before children."""

    def depth(joint: int) -> int:
        parent = skeleton.parents[joint]
        return 0 if parent < 0 else 1 + depth(parent)

    return sorted((child for child, _ in skeleton.bones), key=depth)
