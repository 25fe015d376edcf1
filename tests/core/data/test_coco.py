"""COCO's keypoints: real files against COCO's own reader, and files damaged in every way."""

import math
import shutil
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from pandanet_core.data.coco import CocoPictures
from pandanet_core.data.loader import collate
from pandanet_core.errors import UserError
from pandanet_core.skeleton import COCO17
from tests.core.coco_folder import (
    Entry,
    assert_refused,
    change,
    image_entry,
    person_entry,
    write_coco,
)
from tests.core.jta_folder import write_picture
from tests.shared_data import shared_data

WHOLE = [float(v) for k in range(17) for v in (12 + k, 8 + k, 2 - k % 2)]
"""Seventeen joints in steps of a pixel, seen and hidden in turn."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures: one person; another one, a crowd, and somebody without keypoints."""
    crowd = {"counts": [5, 60, 3007], "size": [48, 64]}
    write_coco(
        tmp_path,
        [image_entry(7), image_entry(3)],
        [
            person_entry(1, 7, WHOLE),
            person_entry(2, 3, WHOLE, bbox=[0, 0, 15.5, 20.25]),
            person_entry(3, 3, [0] * 51, iscrowd=1, bbox=[30, 10, 25, 20], segmentation=crowd),
            person_entry(4, 3, [0] * 51, bbox=[40, 20, 5, 12]),
        ],
    )
    return tmp_path


def annotation_file(folder: Path) -> Path:
    return folder / "annotations/person_keypoints_train2017.json"


def check_against_pycocotools(pictures: CocoPictures, file: Path) -> int:
    """Everything that COCO's own reader says; returns the number of joints."""
    reference = COCO(str(file))
    by_name = {image["file_name"]: image for image in reference.imgs.values()}
    seen = set()
    joints = 0
    for index in range(len(pictures)):
        sample = pictures[index]
        image = by_name[sample.name]
        seen.add(sample.name)
        assert sample.image.shape == (image["height"], image["width"], 3)
        entries = reference.loadAnns(reference.getAnnIds(imgIds=image["id"]))
        people = [entry for entry in entries if not entry["iscrowd"]]
        crowds = [entry for entry in entries if entry["iscrowd"]]
        assert len(sample) == len(people)
        assert len(sample.ignore_boxes) == len(crowds)
        regions = [*sample.boxes, *sample.ignore_boxes]
        for box, entry in zip(regions, [*people, *crowds], strict=True):
            x, y, width, height = entry["bbox"]
            np.testing.assert_allclose(box, [x, y, x + width, y + height], atol=1e-3)
        for person, entry in enumerate(people):
            points = np.array(entry["keypoints"]).reshape(17, 3)
            assert sample.has_2d[person].sum() == entry["num_keypoints"]
            joints += entry["num_keypoints"]
            for joint, (x, y, visibility) in enumerate(points):
                assert sample.has_2d[person, joint] == (visibility > 0)
                assert sample.occluded[person, joint] == (visibility == 1)
                if visibility:
                    assert tuple(sample.pose2d[person, joint]) == (x + 0.5, y + 0.5)
        assert not sample.has_3d.any()
    with_keypoints = [entry for entry in reference.anns.values() if entry["num_keypoints"]]
    assert seen == {reference.imgs[entry["image_id"]]["file_name"] for entry in with_keypoints}
    return joints


def test_real_coco_pictures_are_read_as_pycocotools_reads_them() -> None:
    folder = shared_data("real/coco_mini")
    pictures = CocoPictures(folder, "train2017")
    file = folder / "person_keypoints_train2017.json"
    assert check_against_pycocotools(pictures, file) == 800
    assert sum(len(pictures[n].ignore_boxes) for n in range(len(pictures))) > 0


def test_other_real_coco_pictures(tmp_path: Path) -> None:
    source = shared_data("real/format_samples/coco")
    file = tmp_path / "annotations/person_keypoints_val2017.json"
    file.parent.mkdir()
    shutil.copy(source / "test_coco.json", file)
    (tmp_path / "images/val2017").mkdir(parents=True)
    for picture in source.glob("*.jpg"):
        shutil.copy(picture, tmp_path / "images/val2017")
    assert check_against_pycocotools(CocoPictures(tmp_path, "val"), file) > 100


def test_a_real_batch_finds_people_ignores_crowds_and_is_finite() -> None:
    pictures = CocoPictures(shared_data("real/coco_mini"))
    samples = [pictures[index] for index in range(len(pictures))]
    assert all(
        np.isfinite(getattr(sample, field.name)).all()
        for sample in samples
        for field in fields(sample)
        if isinstance(getattr(sample, field.name), np.ndarray)
    )
    for sample in samples:
        batch = collate([sample])
        entries = len(sample) + len(sample.ignore_boxes)
        assert 0 < len(batch.boxes) + len(batch.ignored_boxes[0]) <= entries
        assert not batch.has_3d.any()
        assert batch.pose3d.isfinite().all()


def test_a_keypoint_is_the_pixel_that_its_numbers_name(tmp_path: Path) -> None:
    """A white pixel is drawn at row y, column x, as annotators clicked it."""
    write_coco(tmp_path, [image_entry(1)], [person_entry(1, 1, [31, 17, 2] + [0] * 48)])
    picture = np.zeros((48, 64, 3), np.uint8)
    picture[17, 31] = 255
    file = tmp_path / "train2017/000000000001.jpg"
    file.unlink()
    assert cv2.imwrite(str(file.with_suffix(".png")), picture)
    file.with_suffix(".png").rename(file)
    sample = CocoPictures(tmp_path)[0]
    x, y = sample.pose2d[0, COCO17.index("nose")]
    assert sample.image[math.floor(y), math.floor(x)].tolist() == [255, 255, 255]
    assert (x % 1, y % 1) == (0.5, 0.5), "the centre of the pixel"


def test_crowds_and_people_without_keypoints_are_ignored(folder: Path) -> None:
    pictures = CocoPictures(folder)
    assert [pictures[n].name for n in range(2)] == ["000000000007.jpg", "000000000003.jpg"]
    batch = collate([pictures[0], pictures[1]])
    assert [len(boxes) for boxes in batch.people_boxes] == [1, 1]
    np.testing.assert_array_equal(batch.ignored_boxes[0], np.zeros((0, 4)))
    np.testing.assert_array_equal(batch.ignored_boxes[1], [[40, 20, 45, 32], [30, 10, 55, 30]])


def test_pictures_may_be_smaller_than_the_labels_say(folder: Path) -> None:
    write_picture(folder / "train2017/000000000003.jpg", np.zeros((24, 32, 3), np.uint8))
    sample = CocoPictures(folder)[1]
    assert tuple(sample.pose2d[0, 4]) == ((12 + 4 + 0.5) / 2, (8 + 4 + 0.5) / 2)
    np.testing.assert_array_equal(sample.boxes[0], [0, 0, 7.75, 10.125])
    np.testing.assert_array_equal(sample.ignore_boxes, [[15, 5, 27.5, 15]])
    write_picture(folder / "train2017/000000000003.jpg", np.zeros((48, 32, 3), np.uint8))
    with pytest.raises(UserError, match=r"000000000003.jpg.*32x48.*64x48"):
        CocoPictures(folder)[1]


def test_somebody_with_one_joint_is_ignored(folder: Path) -> None:
    one_joint = [20, 20, 2] + [0] * 48

    def add(content: dict[str, Any]) -> None:
        content["annotations"].append(person_entry(9, 7, one_joint, bbox=[18, 18, 12, 14]))

    change(annotation_file(folder), add)
    batch = collate([CocoPictures(folder)[0]])
    assert len(batch.boxes) == 1
    np.testing.assert_array_equal(batch.ignored_boxes[0], [[18, 18, 30, 32]])


def test_what_is_no_number_is_not_annotated(folder: Path) -> None:
    def spoil(content: dict[str, Any]) -> None:
        keypoints = content["annotations"][0]["keypoints"]
        keypoints[3], keypoints[8] = math.nan, math.inf
        content["annotations"][1]["bbox"] = [math.nan, 0, 3, 4]

    change(annotation_file(folder), spoil)
    pictures = CocoPictures(folder)
    spoilt, other = pictures[0], pictures[1]
    assert spoilt.has_2d[0].tolist() == [True, False, False] + [True] * 14
    assert np.isfinite(spoilt.pose2d).all()
    low, high = other.pose2d[0].min(0), other.pose2d[0].max(0)
    assert (other.boxes[0, :2] < low).all()
    assert (other.boxes[0, 2:] > high).all()


def entry_of(content: dict[str, Any], number: int) -> Entry:
    entry: Entry = next(entry for entry in content["annotations"] if entry["id"] == number)
    return entry


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda c: entry_of(c, 2)["keypoints"].pop(), "annotation 2: keypoints has 50 numbers"),
        (lambda c: entry_of(c, 2).pop("keypoints"), "annotation 2: 'keypoints' is missing"),
        (lambda c: entry_of(c, 2).update(keypoints=["x"] * 51), "annotation 2: could not convert"),
        (lambda c: entry_of(c, 2).update(bbox=[1, 2, 3]), "annotation 2: bbox has 3 numbers"),
        (lambda c: c["images"][0].pop("width"), "picture 7: 'width' is missing"),
        (lambda c: c["images"][0].update(height=0), "picture 7: its size is 64x0 px"),
        (lambda c: c.pop("annotations"), 'no lists "images" and "annotations"'),
    ],
)
def test_damaged_entries_are_named_and_may_be_left_out(
    folder: Path, spoil: Callable[[dict[str, Any]], None], complaint: str
) -> None:
    change(annotation_file(folder), spoil)
    assert_refused(lambda: CocoPictures(folder), annotation_file(folder), complaint)


def test_the_rest_of_a_damaged_file_can_be_used(folder: Path) -> None:
    change(annotation_file(folder), lambda content: entry_of(content, 2)["keypoints"].pop())
    noted: list[tuple[Path, str]] = []
    pictures = CocoPictures(folder, report=lambda file, reason: noted.append((file, reason)))
    assert len(pictures) == len(noted) == 1
    assert pictures[0].name == "000000000007.jpg"


def test_a_file_that_is_no_json_is_refused(folder: Path) -> None:
    file = annotation_file(folder)
    for text in (file.read_text()[:-100], "", "[1, 2]", "[" * 100_000):
        file.write_text(text)
        with pytest.raises(UserError, match=file.name):
            CocoPictures(folder)


def test_missing_and_damaged_pictures_are_named(folder: Path) -> None:
    file = folder / "train2017/000000000003.jpg"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(UserError, match=r"000000000003\.jpg"):
        CocoPictures(folder)[1]
    file.unlink()
    with pytest.raises(UserError, match=r"train2017 lacks pictures \(000000000003\.jpg\)"):
        CocoPictures(folder)


def test_wrong_folders_are_refused_with_what_is_in_them(folder: Path) -> None:
    empty = folder / "empty"
    empty.mkdir()
    with pytest.raises(UserError, match=r"person_keypoints_train2017.json.*it is empty"):
        CocoPictures(empty)
    with pytest.raises(UserError, match=r"expected .*found .*000000000003\.jpg"):
        CocoPictures(folder / "train2017")
    with pytest.raises(UserError, match="there is no such folder"):
        CocoPictures(folder / "nowhere")
    (folder / "train2017").rename(folder / "elsewhere")
    with pytest.raises(UserError, match=r"expected .*train2017 .*found .*elsewhere/"):
        CocoPictures(folder)


def test_of_two_years_one_must_be_named(folder: Path) -> None:
    write_coco(folder, [image_entry(5)], [person_entry(1, 5, WHOLE)], "train2014")
    with pytest.raises(UserError, match=r"train2014.json and person_keypoints_train2017.json"):
        CocoPictures(folder)
    assert len(CocoPictures(folder, "train2014")) == 1
    assert len(CocoPictures(folder, "train2017")) == 2


def test_a_file_without_keypoints_is_refused(folder: Path) -> None:
    change(annotation_file(folder), lambda content: content["annotations"].clear())
    with pytest.raises(UserError, match="no picture of anybody with keypoints"):
        CocoPictures(folder)
