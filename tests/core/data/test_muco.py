"""MuCo-3DHP in the form of the 3DMPPE release: written by hand, read back, damaged, mixed."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pandanet_core.camera import project
from pandanet_core.data.coco import MucoPictures
from pandanet_core.data.loader import AugmentedBatches, collate
from pandanet_core.data.sample import Sample, root_relative
from pandanet_core.data.sources import open_mixture, open_samples
from pandanet_core.data.transforms import Augmentation
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUCO21, MUPOTS17
from tests.core.coco_folder import (
    assert_refused,
    change,
    image_entry,
    person_entry,
    write_coco,
    write_muco,
)
from tests.core.jta_folder import write_picture
from tests.core.random_scene import random_scene


@pytest.fixture
def scenes() -> list[Sample]:
    rng = np.random.default_rng(0)
    return [random_scene(rng, people, MUCO21) for people in (3, 1, 0, 2)]


@pytest.fixture
def folder(tmp_path: Path, scenes: list[Sample]) -> Path:
    write_muco(tmp_path, scenes)
    return tmp_path


def annotation_file(folder: Path) -> Path:
    return folder / "MuCo-3DHP.json"


def test_people_are_read_as_they_were_written(folder: Path, scenes: list[Sample]) -> None:
    pictures = MucoPictures(folder)
    with_people = [scene for scene in scenes if len(scene)]
    assert len(pictures) == len(with_people) == 3
    for index, scene in enumerate(with_people):
        sample = pictures[index]
        assert sample.skeleton == MUCO21
        for name in ("image", "pose2d", "pose3d_mm", "occluded", "has_2d", "has_3d", "boxes"):
            np.testing.assert_allclose(getattr(sample, name), getattr(scene, name), rtol=1e-5)
        assert sample.camera.to_dict() == pytest.approx(scene.camera.to_dict())
        np.testing.assert_allclose(
            project(sample.pose3d_mm, sample.camera), sample.pose2d, atol=0.05
        )


def test_the_folder_above_may_be_named(folder: Path) -> None:
    (folder / "MuCo").mkdir()
    for path in list(folder.iterdir()):
        if path.name != "MuCo":
            (folder / "MuCo/data").mkdir(exist_ok=True)
            path.rename(folder / "MuCo/data" / path.name)
    assert len(MucoPictures(folder / "MuCo")) == len(MucoPictures(folder / "MuCo/data")) == 3


def test_pictures_may_be_smaller_than_the_labels_say(folder: Path, scenes: list[Sample]) -> None:
    write_picture(folder / "unaugmented_set/001/000000.png", scenes[0].image[::2, ::2])
    sample = MucoPictures(folder)[0]
    np.testing.assert_allclose(sample.pose2d, scenes[0].pose2d / 2, rtol=1e-5)
    np.testing.assert_allclose(project(sample.pose3d_mm, sample.camera), sample.pose2d, atol=0.05)
    np.testing.assert_allclose(sample.boxes, scenes[0].boxes / 2, rtol=1e-5)


def test_converted_to_mupots_everything_can_be_learned(folder: Path, scenes: list[Sample]) -> None:
    sample = open_samples(f"muco:{folder}", skeleton=MUPOTS17)[0]
    assert sample.has_2d.all()
    assert sample.has_3d.all()
    batch = collate([replace(sample, occluded=np.zeros_like(sample.occluded))])
    assert batch.has_3d.all()
    poses, scales = root_relative(scenes[0].pose3d_mm[:, :17], MUPOTS17)
    kept = [int(np.abs(scales - scale).argmin()) for scale in batch.scale_mm.numpy()]
    np.testing.assert_allclose(batch.pose3d, poses[kept], atol=1e-5)


def test_half_of_a_batch_from_coco_has_no_3d_loss(folder: Path) -> None:
    """The paper's training for MuPoTS-3D: every batch half MuCo-3DHP, half COCO."""
    keypoints = [float(v) for k in range(17) for v in (12 + k, 8 + k, 2)]
    write_coco(folder / "coco", [image_entry(1)], [person_entry(1, 1, keypoints)])
    mixture = open_mixture([f"muco:{folder}@1/2", f"coco:{folder / 'coco'}@1/2"], "train", MUPOTS17)
    for number in range(4):
        names = [mixture.draw(0, number * 6 + place)[0].name for place in range(6)]
        assert sum(name == "000000000001.jpg" for name in names) == 3
    data = AugmentedBatches(mixture, 6, Augmentation(64, 64, least_scale=1, most_scale=1), seed=0)
    batch = data[0]
    unknown_to_coco = [MUPOTS17.index(name) for name in ("head top", "neck", "pelvis", "spine")]
    from_coco = ~batch.has_3d.any(1)
    assert from_coco.any()
    assert not batch.has_2d[from_coco][:, unknown_to_coco].any()
    assert batch.has_2d[from_coco][:, MUPOTS17.index("left knee")].all()
    assert batch.pose3d.isfinite().all()
    assert batch.pose2d.isfinite().all()


def test_what_is_no_number_or_behind_the_camera_is_not_annotated(folder: Path) -> None:
    def spoil(content: dict[str, Any]) -> None:
        person = content["annotations"][0]
        person["keypoints_cam"][3][1] = math.nan
        person["keypoints_cam"][4][2] = -100.0
        person["keypoints_img"][5][0] = math.inf
        del content["annotations"][1]["keypoints_vis"]

    change(annotation_file(folder), spoil)
    sample = MucoPictures(folder)[0]
    assert np.flatnonzero(~sample.has_3d[0]).tolist() == [3, 4]
    assert np.flatnonzero(~sample.has_2d[0]).tolist() == [5]
    assert not sample.occluded[1].any()
    for array in (sample.pose2d, sample.pose3d_mm, sample.boxes):
        assert np.isfinite(array).all()


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (
            lambda c: c["annotations"][4]["keypoints_cam"].pop(),
            "annotation 4: keypoints_cam has 60",
        ),
        (lambda c: c["annotations"][4].pop("keypoints_img"), "'keypoints_img' is missing"),
        (lambda c: c["annotations"][4]["keypoints_cam"][2].pop(), "annotation 4: setting an array"),
        (lambda c: c["images"][1].pop("f"), "picture 1: 'f' is missing"),
        (lambda c: c["images"][1].update(f=[0, 1500]), "picture 1: its camera has no focal"),
        (lambda c: c["images"][1].update(c=[math.nan, 3]), "picture 1: its camera"),
    ],
)
def test_damaged_entries_are_named(
    folder: Path, spoil: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    change(annotation_file(folder), spoil)
    assert_refused(lambda: MucoPictures(folder), annotation_file(folder), complaint)


def test_missing_pictures_and_wrong_folders_are_named(folder: Path) -> None:
    (folder / "unaugmented_set/002/000003.png").unlink()
    with pytest.raises(UserError, match=r"lacks pictures \(unaugmented_set/002/000003\.png\)"):
        MucoPictures(folder)
    with pytest.raises(UserError, match=r"expected MuCo-3DHP\.json.*found 001/, 002/"):
        MucoPictures(folder / "unaugmented_set")
    with pytest.raises(UserError, match="no split 'val'"):
        MucoPictures(folder, "val")
    change(annotation_file(folder), lambda content: content["annotations"].clear())
    with pytest.raises(UserError, match="no picture of anybody"):
        MucoPictures(folder)
