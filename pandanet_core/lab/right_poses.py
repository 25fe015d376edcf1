"""When is the pose of somebody who was found right?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.evaluation.pose_metrics import PCK_THRESHOLD_MM, sized_errors_mm
from pandanet_core.lab.frame_trace import Truth
from pandanet_core.readout_trace import People

Floats = NDArray[np.floating[Any]]

RIGHT_POSE_SHARE = 0.5
"""A pose is wrong when fewer of the annotated joints than this are right."""

PCK_2D_SHARE = 0.1
"""Where nothing is annotated in 3D, a joint is right nearer than this part of the height."""


def pose_is_right(errors_mm: Floats, errors_2d: Floats) -> NDArray[np.bool_]:
    """(P,) whether at least half of the annotated joints are right; in 2D where there is no 3D.

    Args:
        errors_mm: (P, K) root-aligned 3D errors given the true size, NaN where not annotated.
        errors_2d: (P, K) 2D errors as a share of the person's height, NaN where not annotated.
    """
    in_3d, in_2d = ~np.isnan(errors_mm), ~np.isnan(errors_2d)
    good_3d = (errors_mm < PCK_THRESHOLD_MM).sum(1)
    good_2d = (errors_2d < PCK_2D_SHARE).sum(1)
    right: NDArray[np.bool_] = np.where(
        in_3d.any(1),
        good_3d >= RIGHT_POSE_SHARE * in_3d.sum(1),
        good_2d >= RIGHT_POSE_SHARE * in_2d.sum(1),
    )
    return right


def wrong_pose_words(errors_mm: Floats, errors_2d: Floats) -> str:
    """How far one person's joints (K,) are off."""
    known = errors_mm[~np.isnan(errors_mm)]
    if len(known):
        return (
            f"{int((known < PCK_THRESHOLD_MM).sum())} of {len(known)} joints within "
            f"{PCK_THRESHOLD_MM:.0f} mm, {known.mean():.0f} mm off on average"
        )
    off = errors_2d[~np.isnan(errors_2d)]
    return f"joints off by {off.mean():.0%} of the height on average"


def pose_errors(
    truth: Truth, people: People, finder: NDArray[np.int64], stretch: Floats
) -> tuple[Floats, Floats]:
    """Errors (N, K) of the N people of a truth, as pose_is_right takes them; NaN for who has no
    finder.

    Args:
        truth: Who is to be found.
        people: Who was found.
        finder: (N,) which of the people found each one, -1 for nobody.
        stretch: (2,) px of the frame a px of the network's input.
    """
    found = finder >= 0
    in_3d = np.full(truth.has_3d.shape, np.nan)
    in_2d = np.full(truth.has_2d.shape, np.nan)
    in_3d[found] = sized_errors_mm(
        people.pose3d[finder[found]], truth.pose3d_mm[found], truth.has_3d[found], truth.skeleton
    )
    off_px = (people.pose2d[finder[found]] - truth.pose2d[found]) * stretch
    share = np.linalg.norm(off_px, axis=-1) / (truth.height_px[found, None] * stretch[1])
    in_2d[found] = np.where(truth.has_2d[found], share, np.nan)
    return in_3d, in_2d
