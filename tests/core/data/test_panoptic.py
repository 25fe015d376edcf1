"""CMU Panoptic: straightened pictures, whose labels are where OpenCV says the joints were seen."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pandanet_core.camera import project
from pandanet_core.data.damage import refuse
from pandanet_core.data.panoptic import PanopticPictures
from pandanet_core.data.panoptic.calibration import read_calibration
from pandanet_core.data.panoptic.pictures import scenario_of
from pandanet_core.data.panoptic.undistortion import pinhole_camera
from pandanet_core.errors import UserError
from pandanet_core.skeleton import PANOPTIC19
from tests.core.drawn_people import find_dots
from tests.core.panoptic_folder import (
    SIZE,
    Entry,
    bodies,
    camera_entry,
    copy_sequence,
    dotted_picture,
    raw_pixels,
    write_calibration,
    write_scene,
    write_view,
)
from tests.shared_data import shared_data
from tests.video_files import Recipe, decode_all, write_video

HAGGLING = "160422_haggling1"
CAMERAS = [camera_entry(number, angle) for number, angle in ((3, 0.4), (16, -0.2), (30, 2.5))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Frames 5 and 7 of Haggling, seen by cameras 3, 16 and 30; and a dance, seen by camera 3."""
    for name, seen_by in ((HAGGLING, CAMERAS), ("170307_dance5", CAMERAS[:1])):
        write_calibration(tmp_path / name, CAMERAS)
        for frame in (5, 7, 9):
            people = bodies(frame, 2)
            write_scene(tmp_path / name, frame, people)
            for camera in seen_by if frame < 9 else ():
                image = dotted_picture(raw_pixels(people, camera), SIZE)
                write_view(tmp_path / name, camera["name"], frame, image)
        write_view(tmp_path / name, "00_03", 6, np.zeros((*SIZE[::-1], 3), np.uint8))
    return tmp_path


def names(pictures: PanopticPictures) -> list[str]:
    return [pictures[index].name for index in range(len(pictures))]


def test_the_splits_are_the_papers(folder: Path) -> None:
    """Frame 6 has a picture but no people's file; frame 9 the other way round."""
    assert names(PanopticPictures(folder, "test")) == [
        f"{HAGGLING}/{camera}/{frame:08d}" for camera in ("00_16", "00_30") for frame in (5, 7)
    ]
    assert names(PanopticPictures(folder)) == [
        f"{sequence}/00_03/{frame:08d}"
        for sequence in (HAGGLING, "170307_dance5")
        for frame in (5, 7)
    ]
    assert len(PanopticPictures(folder / HAGGLING, "test")) == 4
    assert scenario_of("160906_pizza1") == "pizza"
    assert scenario_of("160906_band1") is None


def bent_again(pixels: Any, camera: Entry, sample: Any) -> Any:
    """Where OpenCV's model bends pixels (..., 2) of the straight picture to, as `raw_pixels`."""
    pinhole = sample.camera
    rays = (pixels - (pinhole.cx, pinhole.cy)) / (pinhole.fx, pinhole.fy)
    points = np.concatenate([rays, np.ones((*rays.shape[:-1], 1))], -1).reshape(-1, 1, 3)
    bent, _ = cv2.projectPoints(
        points.astype(np.float64),
        np.zeros(3),
        np.zeros(3),
        np.array(camera["K"], np.float64),
        np.array(camera["distCoef"], np.float64),
    )
    return bent.reshape(pixels.shape)


def seen(pixels: Any, size: tuple[int, int]) -> Any:
    """Which points lie well inside the bent picture."""
    return ((pixels > 12) & (pixels < np.array(size) - 12)).all(-1)


def test_labels_are_where_opencv_saw_the_joints(folder: Path) -> None:
    pictures = PanopticPictures(folder, "test")
    for index in range(len(pictures)):
        sample, camera = pictures[index], CAMERAS[1 + index // 2]
        people = bodies(5 + 2 * (index % 2), 2)
        pixels = raw_pixels(np.round(people, 5), camera)
        inside = seen(pixels, SIZE)
        assert inside.sum() > 20
        bent = bent_again(sample.pose2d, camera, sample)
        np.testing.assert_allclose(bent[inside], pixels[inside], atol=0.01)
        projected = project(sample.pose3d_mm, sample.camera)
        np.testing.assert_allclose(
            sample.pose2d[sample.has_2d], projected[sample.has_2d], atol=1e-3
        )


def test_the_dots_in_the_pictures_are_where_the_labels_say(folder: Path) -> None:
    """One person of few joints, so that each dot stands alone in the picture."""
    sequence = folder / HAGGLING
    people = bodies(1, 1)
    grid = np.stack(np.meshgrid((-80, -40, 0, 40, 80), (-160, -100, -40)), -1).reshape(-1, 2)
    people[0, :15, :2], people[0, :, 2], people[0, 15:, 3] = grid, 10, -1
    write_scene(sequence, 5, people)
    image = dotted_picture(raw_pixels(people[:, :15], CAMERAS[1]), SIZE)
    write_view(sequence, "00_16", 5, image)
    sample = PanopticPictures(folder, "test")[0]
    centres, _ = find_dots(sample.image)
    assert len(centres) == 15
    distance = np.linalg.norm(sample.pose2d[0, :15, None] - centres, axis=-1)
    assert distance.min(1).max() < 0.1
    bent = raw_pixels(people[:, :15], CAMERAS[1])[0] + 0.5
    assert np.linalg.norm(bent[:, None] - centres, axis=-1).min(1).max() > 3, "it was bent"
    assert not sample.has_2d[0, 15:].any()
    assert not sample.has_3d[0, 15:].any()
    assert sample.has_2d[0, :15].all()
    assert sample.skeleton is PANOPTIC19


def test_the_straight_picture_keeps_what_was_seen_and_makes_nothing_up(folder: Path) -> None:
    """White throughout stays white throughout; the middles of the edges stay in the picture."""
    write_view(folder / HAGGLING, "00_16", 5, np.full((*SIZE[::-1], 3), 255, np.uint8))
    sample = PanopticPictures(folder, "test")[0]
    assert (sample.image == 255).all()
    width, height = sample.camera.width, sample.camera.height
    assert sample.image.shape[:2] == (height, width)
    x, y = sample.camera.cx, sample.camera.cy
    middles = np.array([[0, y], [width, y], [x, 0], [x, height]])
    left, right, top, bottom = bent_again(middles, CAMERAS[1], sample) + 0.5
    assert 0 <= left[0] < 1
    assert 0 <= SIZE[0] - right[0] < 1
    assert 0 <= top[1] < 1
    assert 0 <= SIZE[1] - bottom[1] < 1


def test_pictures_may_be_smaller_by_one_factor(folder: Path) -> None:
    whole = PanopticPictures(folder, "test")[0]
    image = cv2.imread(str(folder / HAGGLING / "hdImgs/00_16/00_16_00000005.png"))
    half = cv2.resize(image, (SIZE[0] // 2, SIZE[1] // 2), interpolation=cv2.INTER_AREA)
    write_view(folder / HAGGLING, "00_16", 5, half.astype(np.uint8))
    sample = PanopticPictures(folder, "test")[0]
    assert sample.camera.fx == pytest.approx(whole.camera.fx / 2)
    shift = np.array([whole.camera.cx, whole.camera.cy]) / 2 - (sample.camera.cx, sample.camera.cy)
    np.testing.assert_allclose(sample.pose2d + shift, whole.pose2d / 2, atol=1e-3)
    assert (np.abs(shift) < 1).all()


def test_a_smaller_picture_has_a_camera_smaller_by_the_same_factor(folder: Path) -> None:
    """To a small part of a pixel: OpenCV counts from a pixel's centre, and centres move."""
    calibration = folder / HAGGLING / f"calibration_{HAGGLING}.json"
    lens = next(iter(read_calibration(calibration, refuse).values()))
    straight = replace(lens, distortion=np.zeros(5))
    assert pinhole_camera(straight).cx == lens.matrix[0, 2] + 0.5
    assert pinhole_camera(straight, 0.5) == pinhole_camera(straight).scaled(0.5)


def test_without_distortion_the_picture_is_the_cameras_own(folder: Path) -> None:
    straight = [dict(camera, distCoef=[0, 0, 0, 0, 0]) for camera in CAMERAS]
    write_calibration(folder / HAGGLING, straight)
    sample = PanopticPictures(folder, "test")[0]
    image = cv2.imread(str(folder / HAGGLING / "hdImgs/00_16/00_16_00000005.png"))
    np.testing.assert_array_equal(sample.image, image)
    expected = raw_pixels(np.round(bodies(5, 2), 5), straight[1]) + 0.5
    np.testing.assert_allclose(sample.pose2d, expected, atol=1e-3)


def test_frames_of_videos_count_from_0(folder: Path) -> None:
    sequence = folder / HAGGLING
    (sequence / "hdVideos").mkdir()
    (sequence / "hdImgs/00_30").rename(sequence / "hdImgs/kept")
    video = write_video(sequence / "hdVideos/hd_00_30.mp4", Recipe(count=12, size=SIZE))
    write_calibration(sequence, [dict(camera, distCoef=[0] * 5) for camera in CAMERAS])
    pictures = PanopticPictures(folder, "test")
    assert [name for name in names(pictures) if "00_30" in name] == [
        f"{HAGGLING}/00_30/{frame:08d}" for frame in (5, 7, 9)
    ]
    frames = decode_all(video)
    np.testing.assert_array_equal(pictures[2].image, frames[5])
    np.testing.assert_array_equal(pictures[4].image, frames[9])
    write_scene(sequence, 12, bodies(0, 1))
    with pytest.raises(UserError, match=r"names frame 12, but the last one of hd_00_30.mp4 is 11"):
        PanopticPictures(folder, "test")


def test_who_is_not_in_the_picture_is_left_out(folder: Path) -> None:
    """One person behind the camera, one beside what it sees, one with a single joint in sight."""
    people = bodies(5, 3)
    rotation = np.array(CAMERAS[1]["R"])
    place = -rotation.T @ np.array(CAMERAS[1]["t"])[:, 0]
    people[0, :, :3] = place - 50 * rotation[2]
    people[1, :, :3] = place + 300 * rotation[2] + 400 * rotation[0]
    people[2, 1:, :3] = people[1, 1:, :3]
    people[2, 0, :3] = place + 300 * rotation[2]
    write_scene(folder / HAGGLING, 5, people)
    sample = PanopticPictures(folder, "test")[0]
    assert len(sample) == 1
    np.testing.assert_allclose(sample.pose3d_mm[0, 0], (0, 0, 3000), atol=0.1)
    assert sample.has_2d.all()


CALIBRATION = f"{HAGGLING}/calibration_{HAGGLING}.json"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c.pop("distCoef"), r"no usable distortion \(distCoef\) for camera 00_16"),
        (lambda c: c.update(distCoef=[0.1, 0.2]), r"no usable distortion \(distCoef\) for"),
        (lambda c: c.update(distCoef=[float("nan")] * 5), r"no usable distortion \(distCoef\)"),
        (lambda c: c.update(K=[[0, 0, 1], [0, 1, 1], [0, 0, 1]]), r"no usable intrinsics \(K\)"),
        (lambda c: c.update(R=np.eye(3)[::-1].tolist()), r"no usable rotation \(R\)"),
        (lambda c: c.update(t=[["a"], [0], [0]]), r"no usable translation \(t\)"),
        (lambda c: c.pop("resolution"), r"no usable picture size \(resolution\)"),
    ],
    ids=["none", "two", "nan", "K", "R", "t", "size"],
)
def test_a_calibration_that_cannot_be_used_is_named(
    folder: Path, change: Callable[[Entry], Any], sentence: str
) -> None:
    cameras = [dict(camera) for camera in CAMERAS]
    change(cameras[1])
    write_calibration(folder / HAGGLING, cameras)
    with pytest.raises(UserError, match=rf"calibration_{HAGGLING}.json has {sentence}"):
        PanopticPictures(folder, "test")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "is missing; download it again"),
        ("", "is not a calibration of CMU Panoptic"),
        ("[]", "is not a calibration of CMU Panoptic"),
        ('{"cameras": [5]}', "is not a calibration of CMU Panoptic"),
        ('{"cameras": []}', "has no HD camera"),
    ],
)
def test_a_file_that_is_no_calibration_is_named(
    folder: Path, text: str | None, sentence: str
) -> None:
    if text is None:
        (folder / CALIBRATION).unlink()
    else:
        (folder / CALIBRATION).write_text(text)
    with pytest.raises(UserError, match=rf"calibration_{HAGGLING}.json {sentence}"):
        PanopticPictures(folder, "test")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is not a list of bodies"),
        ("[]", "is not a list of bodies"),
        ('{"bodies": [{}]}', "is not a list of bodies"),
        ('{"bodies": [{"joints19": [1, 2, 3]}]}', "has 3 numbers instead of 76 for body 1"),
        (json.dumps({"bodies": [{"joints19": [float("nan")] * 76}]}), "not finite for body 1"),
    ],
)
def test_a_damaged_file_of_people_is_named(folder: Path, text: str, sentence: str) -> None:
    (folder / HAGGLING / "hdPose3d_stage1_coco19/body3DScene_00000005.json").write_text(text)
    with pytest.raises(UserError, match=rf"body3DScene_00000005.json .*{sentence}"):
        PanopticPictures(folder, "test")[0]


def test_a_wrong_folder_and_a_wrong_split_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected SEQUENCE/hdPose3d_stage1_coco19 and .* found"):
        PanopticPictures(folder / HAGGLING / "hdImgs")
    with pytest.raises(UserError, match="has no split val, only train and test"):
        PanopticPictures(folder, "val")
    with pytest.raises(UserError, match=r"none of the test scenarios haggling, .* 170307_dance5"):
        PanopticPictures(folder / "170307_dance5", "test")


def test_who_asks_is_told_of_all_damage(folder: Path) -> None:
    (folder / HAGGLING / "hdImgs").rename(folder / HAGGLING / "gone")
    (folder / "170307_dance5/calibration_170307_dance5.json").write_text("{}")
    told: list[str] = []
    pictures = PanopticPictures(
        folder, "train", lambda file, reason: told.append(f"{file.name} {reason}")
    )
    assert len(pictures) == 0
    assert told == [
        f"{HAGGLING} has neither hdImgs nor hdVideos; add one of them, or take it away",
        "calibration_170307_dance5.json is not a calibration of CMU Panoptic with a list of cameras",
        f"{folder.name} has no picture of a camera of the split train",
    ]


def test_the_real_files_agree_with_opencv(tmp_path: Path) -> None:
    """Real calibration and people; the pictures are made here, from OpenCV's projection."""
    source = shared_data("real/panoptic_body3d/160906_band1")
    sequence, cameras, scenes = copy_sequence(source, tmp_path)
    assert len(cameras) == 31
    assert len(scenes) == 20
    frame, people = next(iter(scenes.items()))
    chosen = [cameras[number] for number in (0, 13, 27)]
    for camera in chosen:
        pixels = raw_pixels(people, camera)
        write_view(
            sequence,
            camera["name"],
            frame,
            dotted_picture(pixels[people[..., 3] >= 0], (1920, 1080)),
        )
    pictures = PanopticPictures(tmp_path)
    assert len(pictures) == 3
    dots = 0
    for index, camera in enumerate(chosen):
        sample = pictures[index]
        pixels = raw_pixels(people, camera)
        shown = [
            person
            for person in range(len(people))
            if (seen(pixels[person], (1920, 1080)) & (people[person, :, 3] >= 0)).any()
        ]
        assert len(sample) == len(shown) >= 1
        inside = seen(pixels[shown], (1920, 1080)) & sample.has_2d
        bent = bent_again(sample.pose2d, camera, sample)
        np.testing.assert_allclose(bent[inside], pixels[shown][inside], atol=0.01)
        centres, _ = find_dots(sample.image)
        nearest = np.linalg.norm(sample.pose2d[inside][:, None] - centres, axis=-1).min(1)
        dots += (nearest < 0.15).sum()
        assert np.median(nearest) < 0.1
        assert (sample.has_3d == (people[shown][..., 3] >= 0)).all()
        # Cameras are 2.5 to 4 m from the dome's middle, and people are as large as people.
        assert (sample.pose3d_mm[..., 2][sample.has_3d] > 500).all()
        neck_to_hips = sample.pose3d_mm[:, 0] - sample.pose3d_mm[:, 2]
        assert (np.abs(np.linalg.norm(neck_to_hips, axis=-1) - 500) < 150).all()
    assert dots > 40
