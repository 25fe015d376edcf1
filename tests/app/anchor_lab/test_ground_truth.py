"""Whom the anchor lab takes for the truth in a whole split of a data set."""

from pathlib import Path

import numpy as np
import pytest

from pandanet_app.controllers.anchor_lab.child.ground_truth import ground_truth_of
from pandanet_core.camera import Camera
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from pandanet_core.video import open_source
from tests.app.anchor_lab.kit import HEIGHT, WIDTH
from tests.core.drawn_people import as_sample
from tests.core.jta_folder import write_sequence
from tests.people3d import standing_person
from tests.video_files import pictures

DEPTHS_MM = {9: (3000.0, 3500.0), 10: (4000.0, 5000.0, 6000.0)}
"""How far away the one person in each frame of two sequences stands."""


@pytest.fixture
def split(tmp_path: Path) -> Path:
    """The pictures of both sequences, whose names sort the other way round as text."""
    camera = Camera.from_fov(WIDTH, HEIGHT, 70)
    for number, depths in DEPTHS_MM.items():
        samples = [
            as_sample(image, (standing_person() * (1, -1, 1) + (0, 860, depth))[None], camera)
            for image, depth in zip(pictures(len(depths), WIDTH, HEIGHT), depths, strict=True)
        ]
        write_sequence(tmp_path, number, samples)
    return tmp_path / "frames" / "train"


def test_a_whole_split_is_shown_with_its_truth(split: Path) -> None:
    source = open_source(split)
    found = ground_truth_of(split)
    assert found is not None
    name, truth_at = found
    assert name == "annotations/train"
    assert source.frame_count == 5
    depths = []
    for index in range(5):
        truth = truth_at(source.read(index), JTA22)
        assert len(truth) == 1
        hips = truth.pose3d_mm[0, [JTA22.joints.index(f"{side} hip") for side in ("right", "left")]]
        depths.append(float(hips[:, 2].mean()))
    own = standing_person()[[JTA22.joints.index("right hip"), JTA22.joints.index("left hip")], 2]
    wanted = np.array([*DEPTHS_MM[9], *DEPTHS_MM[10]]) + own.mean()
    np.testing.assert_allclose(depths, wanted, atol=1)


def test_a_picture_without_annotations_is_named(split: Path) -> None:
    (split.parents[1] / "annotations" / "train" / "seq_10.json").unlink()
    found = ground_truth_of(split)
    assert found is not None
    with pytest.raises(UserError, match=r"seq_10/1\.png has no annotations"):
        found[1](open_source(split).read(2), JTA22)
