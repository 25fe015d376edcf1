"""Errors of 3D poses: MPJPE, 3DPCK, its area under the curve, and Procrustes-aligned errors.

Errors are arrays (P, K) in mm of P people and K joints with two special values: infinity for every
joint of a person who was not found, and NaN for a joint that is not annotated.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.skeleton import Skeleton, bone_lengths

Floats = NDArray[np.floating[Any]]

PCK_THRESHOLD_MM = 150.0
"""3DPCK counts joints nearer than this (Mehta et al., 3DV 2017)."""

AUC_THRESHOLDS_MM = np.linspace(0, 150, 31)
"""The AUC averages 3DPCK over these; no joint is nearer than 0, so perfect poses reach 30/31."""


def joint_errors_mm(predicted_mm: Floats, truth_mm: Floats, root: Sequence[int]) -> Floats:
    """Root-aligned Euclidean distances (P, K) of poses (P, K, 3), in mm.

    Args:
        predicted_mm: Predicted poses with the size of the people of `truth_mm`.
        truth_mm: True poses, in the same axes; where either has its origin does not matter.
        root: Joints whose mean is put at the origin of both.
    """
    difference = predicted_mm - truth_mm
    difference = difference - difference[:, list(root)].mean(1, keepdims=True)
    return np.linalg.norm(difference, axis=-1)


def sized_errors_mm(
    predicted: Floats, truth_mm: Floats, known: NDArray[np.bool_], skeleton: Skeleton
) -> Floats:
    """Root-aligned distances (P, K) in mm of poses (P, K, 3) given each person's true size.

    Args:
        predicted: Poses in units of the sum of the bone lengths (see `Detections.pose3d`).
        truth_mm: True poses, in the same axes.
        known: (P, K) joints that are annotated; the others' errors are NaN.
        skeleton: Its bones measure the size, its root joints are put at the origin.
    """
    size_mm = true_sizes_mm(predicted, truth_mm, known, skeleton)
    errors = joint_errors_mm(predicted * size_mm[:, None, None], truth_mm, skeleton.root)
    return np.where(known, errors, np.nan)


def true_sizes_mm(
    predicted: Floats, truth_mm: Floats, known: NDArray[np.bool_], skeleton: Skeleton
) -> Floats:
    """Sums (P,) of the bone lengths of true poses (P, K, 3), in mm.

    A bone with an end that is not annotated is as long as its counterpart of the other side, as in
    training; where neither is annotated, both are taken to be the same part of the whole as in the
    predicted pose. NaN for people without any annotated bone.
    """
    child, parent = np.array(skeleton.bones).T
    mirrored = list(skeleton.mirrored_bones)
    annotated = known[:, child] & known[:, parent]
    length_mm = bone_lengths(truth_mm, skeleton)
    length_mm = np.where(annotated, length_mm, length_mm[:, mirrored])
    annotated = annotated | annotated[:, mirrored]
    # A pose collapsed to a point has shares too.
    share = bone_lengths(predicted, skeleton) + np.finfo(np.float32).tiny
    share_annotated = (share * annotated).sum(1) / share.sum(1)
    sizes: Floats = np.where(
        share_annotated > 0, (length_mm * annotated).sum(1) / share_annotated.clip(1e-9), np.nan
    )
    return sizes


def aligned_errors_mm(
    predicted: Floats, truth_mm: Floats, known: NDArray[np.bool_] | None = None
) -> Floats:
    """Distances (P, K) in mm after the best rotation, translation and size of each prediction.

    The similarity with the least squared distance (Umeyama, PAMI 1991), never a mirror image.

    Args:
        predicted: (P, K, 3) poses in any unit and axes.
        truth_mm: (P, K, 3) true poses.
        known: (P, K) joints that are annotated, all if None; the others' errors are NaN.
    """
    if known is None:
        known = np.ones(truth_mm.shape[:2], bool)
    moved, target = _centred(predicted, known), _centred(truth_mm, known)
    left, strength, right = np.linalg.svd(moved.swapaxes(1, 2) @ target)
    handedness = np.sign(np.linalg.det(left @ right))
    left[:, :, 2] *= handedness[:, None]
    strength[:, 2] *= handedness
    spread = np.maximum((moved**2).sum((1, 2)), np.finfo(np.float64).tiny)
    scale = strength.sum(1) / spread
    errors = np.linalg.norm(scale[:, None, None] * (moved @ left @ right) - target, axis=-1)
    return np.where(known, errors, np.nan)


def _centred(poses: Floats, known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Poses (P, K, 3) about the mean of their known joints; the others are put there."""
    weight = known[..., None].astype(np.float64)
    mean = (poses * weight).sum(1, keepdims=True) / weight.sum(1, keepdims=True).clip(1)
    centred: NDArray[np.float64] = (poses - mean) * weight
    return centred


def mpjpe(errors: Floats) -> float:
    """Mean per-joint position error of the people who were found; NaN if nobody was.

    In the unit of the errors (P, K).
    """
    found = errors[np.isfinite(errors)]
    return float(found.mean()) if found.size else float("nan")


def pck_3d(errors_mm: Floats, threshold_mm: float = PCK_THRESHOLD_MM) -> float:
    """Share of the annotated joints nearer than the threshold; a missed person has none."""
    annotated = errors_mm[~np.isnan(errors_mm)]
    return float((annotated < threshold_mm).mean()) if annotated.size else float("nan")


def auc_3d(errors_mm: Floats) -> float:
    """Mean 3DPCK over the thresholds 0, 5, ..., 150 mm."""
    return float(np.mean([pck_3d(errors_mm, float(limit)) for limit in AUC_THRESHOLDS_MM]))
