"""Pictures in JTA's layout that the tests of `pandanet evaluate` share."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_core.data.sample import Sample
from pandanet_core.skeleton import JTA22
from tests.core.evaluation.evaluate_kit import PICTURES
from tests.core.random_scene import CAMERA, random_scene


@pytest.fixture(scope="module")
def scenes() -> list[Sample]:
    rng = np.random.default_rng(7)
    return [random_scene(rng, people=9) for _ in range(PICTURES)]


@pytest.fixture(scope="module")
def data(scenes: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sequence 3 of the split test, in JTA's layout."""
    folder = tmp_path_factory.mktemp("jta")
    frames = folder / "frames" / "test" / "seq_3"
    for sub in (frames, folder / "annotations" / "test", folder / "cameras" / "test"):
        sub.mkdir(parents=True)
    rows, cameras = [], []
    for frame, scene in enumerate(scenes, start=1):
        cv2.imwrite(str(frames / f"{frame}.jpg"), scene.image + np.uint8(60 * frame))
        cameras.append([frame, CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy])
        for person in range(len(scene)):
            for joint in range(JTA22.joint_count):
                place = [*scene.pose2d[person, joint], *scene.pose3d_mm[person, joint] / 1000]
                hidden = int(scene.occluded[person, joint])
                rows.append([frame, person, joint, *map(float, place), hidden, 0])
    (folder / "annotations" / "test" / "seq_3.json").write_text(json.dumps(rows))
    (folder / "cameras" / "test" / "seq_3.json").write_text(json.dumps(cameras))
    return folder
