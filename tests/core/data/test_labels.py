"""Labels without their pictures are the same labels, and nothing is decoded for them."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pandanet_core.data.coco import CocoPictures, MucoPictures
from pandanet_core.data.convert import ConvertedSamples
from pandanet_core.data.frames import empty_image, picture_size
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.panoptic import PanopticPictures
from pandanet_core.data.sample import FiledSamples, Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUCO21, MUPOTS17
from pandanet_core.video import Video
from tests.core import mupots_folder, panoptic_folder
from tests.core.coco_folder import image_entry, person_entry, write_coco, write_muco
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import rows_of, write_json, write_picture, write_sequence
from tests.video_files import Recipe, write_video


def jta(folder: Path) -> FiledSamples:
    write_sequence(folder, 7, [stick_people(seed, people=2) for seed in (1, 2)])
    return JtaPictures(folder)


def jta_video(folder: Path) -> FiledSamples:
    recipe = Recipe(count=3, size=(128, 72))
    rows = rows_of(stick_people(1, 2, *recipe.size), 2)
    write_json(folder / "annotations/train/seq_0.json", rows)
    (folder / "videos/train").mkdir(parents=True)
    write_video(folder / "videos/train/seq_0.mp4", recipe)
    return JtaPictures(folder)


def coco(folder: Path) -> FiledSamples:
    """The second picture is half as large as its labels say."""
    keypoints = np.random.default_rng(0).integers(1, 40, (17, 3)) % (41, 41, 3)
    people = [person_entry(number, number, keypoints.ravel().tolist()) for number in (1, 2)]
    write_coco(folder, [image_entry(1), image_entry(2)], people)
    small = np.zeros((24, 32, 3), np.uint8)
    write_picture(folder / "train2017" / image_entry(2)["file_name"], small)
    return CocoPictures(folder, "train2017")


def mupots(folder: Path) -> FiledSamples:
    mupots_folder.write_sequence(folder / "TS2", mupots_folder.poses(1, 2, 2), invalid=(0, 1))
    return MupotsPictures(folder)


def muco(folder: Path) -> FiledSamples:
    mupots(folder)
    converted = ConvertedSamples(MupotsPictures(folder), MUCO21)
    write_muco(folder, [converted[0], converted[1]])
    return MucoPictures(folder)


def panoptic(folder: Path) -> FiledSamples:
    sequence = folder / "160224_haggling1"
    panoptic_folder.write_calibration(sequence, [panoptic_folder.camera_entry(16, 0.0)])
    panoptic_folder.write_scene(sequence, 7, panoptic_folder.bodies(3, people=3))
    grey = np.full((270, 480, 3), 90, np.uint8)
    panoptic_folder.write_view(sequence, "00_16", 7, grey)
    return PanopticPictures(folder, "test")


def converted(folder: Path) -> FiledSamples:
    return ConvertedSamples(jta(folder), MUPOTS17)


@pytest.mark.parametrize("write", [jta, jta_video, coco, mupots, muco, panoptic, converted])
def test_labels_are_those_of_the_decoded_picture(
    write: Callable[[Path], FiledSamples], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = write(tmp_path)
    decoded = [samples[index] for index in range(len(samples))]

    def refuse(*_: Any) -> None:
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(cv2, "imdecode", refuse)
    monkeypatch.setattr(Video, "read", refuse)
    labels = [samples.labels(index) for index in range(len(samples))]

    assert sum(len(sample) for sample in labels) > 1
    for one, other in zip(labels, decoded, strict=True):
        assert one.image.shape == other.image.shape
        assert not one.image.any()
        assert_same_labels(one, other)


def assert_same_labels(one: Sample, other: Sample) -> None:
    for field in fields(Sample):
        if field.name != "image":
            ours, theirs = getattr(one, field.name), getattr(other, field.name)
            if isinstance(theirs, np.ndarray):
                np.testing.assert_array_equal(ours, theirs)
            else:
                assert ours == theirs


def test_an_empty_picture_takes_no_memory() -> None:
    assert empty_image(8000, 6000).strides == (0, 0, 0)


def test_sizes_of_what_is_no_picture_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(b"no picture")

    with pytest.raises(UserError, match="no picture that can be read"):
        picture_size(tmp_path / "1.jpg")
    with pytest.raises(UserError, match="no picture that can be read"):
        picture_size(tmp_path / "absent.jpg")
