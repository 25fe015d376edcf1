"""Checks that an annotated picture and its labels fit together."""

import numpy as np

from pandanet_core.camera import project
from pandanet_core.data.sample import Sample
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import find_dots


def check_labels(sample: Sample, tolerance_px: float, mirrored: bool = False) -> int:
    """Every dot lies on a joint of its side; returns how many dots were seen."""
    dots, sides = find_dots(sample.image)
    swapped = {"left": "right", "right": "left", "middle": "middle"}
    for dot, side in zip(dots, sides, strict=True):
        distance = np.linalg.norm(sample.pose2d[0] - dot, axis=1)
        joint = int(distance.argmin())
        assert distance[joint] < tolerance_px
        assert side == (swapped if mirrored else {s: s for s in swapped})[JTA22.side(joint)]
    height, width = sample.image.shape[:2]
    well_inside = (sample.pose2d[0] > 20).all(1) & (
        sample.pose2d[0] < (width - 20, height - 20)
    ).all(1)
    assert len(dots) >= well_inside.sum()
    return len(dots)


def check_geometry(sample: Sample) -> None:
    """The camera returned with the picture sees the 3D joints where the 2D joints are."""
    np.testing.assert_allclose(project(sample.pose3d_mm, sample.camera), sample.pose2d, atol=0.01)
    assert (sample.camera.height, sample.camera.width) == sample.image.shape[:2]
