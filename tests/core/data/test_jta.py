"""JTA's format: a folder written by hand is read back; whatever is damaged is named."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import rows_of, write_json, write_picture, write_sequence

ANNOTATION = "annotations/train/seq_7.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sequence 7 with two people, nobody, and one person."""
    write_sequence(
        tmp_path, 7, [stick_people(seed, people) for seed, people in ((1, 2), (2, 0), (3, 1))]
    )
    return tmp_path


def changed_rows(folder: Path, change: Any) -> None:
    """Rewrite the annotation file through `change`, which gets the list of rows."""
    rows = json.loads((folder / ANNOTATION).read_text())
    write_json(folder / ANNOTATION, change(rows) or rows)


def test_what_was_written_is_read_back(folder: Path) -> None:
    pictures = JtaPictures(folder)
    assert len(pictures) == 3
    for index, (seed, people) in enumerate(((1, 2), (2, 0), (3, 1))):
        truth, read = stick_people(seed, people), pictures[index]
        np.testing.assert_array_equal(read.image, truth.image)
        np.testing.assert_allclose(read.pose2d, truth.pose2d, atol=1e-3)
        np.testing.assert_allclose(read.pose3d_mm, truth.pose3d_mm, atol=1e-2)
        np.testing.assert_allclose(read.boxes, truth.boxes, atol=1e-2)
        assert read.camera == truth.camera
        assert read.name == f"seq_7/{index + 1}"
        assert read.skeleton is JTA22
        assert read.has_2d.all()
        assert read.has_3d.all()


def test_rows_may_stand_in_any_order(folder: Path) -> None:
    before = JtaPictures(folder)[0]
    order = np.random.default_rng(0).permutation(66)
    changed_rows(folder, lambda rows: [rows[n] for n in order])
    np.testing.assert_array_equal(JtaPictures(folder)[0].pose2d, before.pose2d)


def test_a_joint_is_hidden_by_others_or_by_oneself_but_not_by_both(folder: Path) -> None:
    def hide(rows: list[Any]) -> None:
        rows[4][8:], rows[5][8:], rows[6][8:] = [1, 0], [0, 1], [1, 1]

    changed_rows(folder, hide)
    read = JtaPictures(folder)[0]
    assert np.argwhere(read.occluded).tolist() == [[0, 4], [0, 6]]
    assert np.argwhere(read.self_occluded).tolist() == [[0, 5]]


def test_sequences_and_frames_are_counted_and_not_spelt(tmp_path: Path) -> None:
    for sequence in (10, 9):
        write_sequence(tmp_path, sequence, [stick_people(n, 1, 32, 32) for n in range(11)])
    names = [JtaPictures(tmp_path)[index].name for index in (0, 1, 9, 10, 11)]
    assert names == ["seq_9/1", "seq_9/2", "seq_9/10", "seq_9/11", "seq_10/1"]


def test_without_cameras_the_camera_is_jtas_own(tmp_path: Path) -> None:
    sample = stick_people(4, 2, 192, 108)
    write_json(tmp_path / "annotations/val/seq_0.json", rows_of(sample, 1))
    full = cv2.resize(sample.image, (1920, 1080)).astype(np.uint8)
    write_picture(tmp_path / "frames/val/seq_0/1.jpg", full)
    assert JtaPictures(tmp_path, "val")[0].camera == Camera(1158, 1158, 960, 540, 1920, 1080)


def test_pictures_may_be_smaller_than_jtas_by_one_factor(tmp_path: Path) -> None:
    sample = stick_people(4, 2, 192, 108)
    write_json(tmp_path / "annotations/val/seq_0.json", rows_of(sample, 1))
    write_picture(tmp_path / "frames/val/seq_0/1.png", sample.image)
    read = JtaPictures(tmp_path, "val")[0]
    assert read.camera.to_dict() == pytest.approx(
        {"fx": 115.8, "fy": 115.8, "cx": 96, "cy": 54, "width": 192, "height": 108}
    )
    np.testing.assert_allclose(read.pose2d, sample.pose2d * 0.1, atol=1e-4)
    np.testing.assert_allclose(read.boxes, sample.boxes * 0.1, atol=1e-3)


def test_pictures_of_another_shape_are_refused(folder: Path) -> None:
    (folder / "cameras/train/seq_7.json").unlink()
    with pytest.raises(UserError, match=r"1.png has 96x96 px, but its labels are for 1920x1080 px"):
        JtaPictures(folder)[0]


def test_pictures_of_nobody_may_have_any_size(tmp_path: Path) -> None:
    """Backgrounds, that teach what people do not look like."""
    write_json(tmp_path / "annotations/train/seq_0.json", [])
    for number, size in ((1, (40, 30)), (2, (31, 77))):
        image = np.full((*size, 3), 9, np.uint8)
        write_picture(tmp_path / f"frames/train/seq_0/{number}.png", image)
    pictures = JtaPictures(tmp_path)
    assert [pictures[index].image.shape[:2] for index in (0, 1)] == [(40, 30), (31, 77)]
    assert [len(pictures[index]) for index in (0, 1)] == [0, 0]
    assert (pictures[1].camera.width, pictures[1].camera.cx) == (77, 38.5)


def test_joints_behind_the_camera_have_no_place_in_the_picture(folder: Path) -> None:
    whole = JtaPictures(folder)[0]

    def put_behind(rows: list[Any]) -> None:
        rows[0][3:5], rows[0][7] = [-5000, 9000], -0.5

    changed_rows(folder, put_behind)
    read = JtaPictures(folder)[0]
    assert np.argwhere(~read.has_2d).tolist() == [[0, 0]]
    assert read.has_3d.all()
    np.testing.assert_array_equal(read.boxes[:1], box_around_joints(whole.pose2d[:1, 1:]))


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[3].__setitem__(2, 22),
        lambda rows: rows[3].__setitem__(2, -1),
        lambda rows: rows[3].__setitem__(2, 2.5),
        lambda rows: rows[3].__setitem__(2, 4),
        lambda rows: rows.pop(21),
        lambda rows: rows.pop(0),
        lambda rows: rows.append([1, 100, 22, *rows[0][3:]]),
        lambda rows: rows.append(rows[5]),
    ],
    ids=["22", "-1", "2.5", "joint twice", "last missing", "first missing", "a 23rd", "row twice"],
)
def test_a_person_without_exactly_jtas_joints_is_named(folder: Path, change: Any) -> None:
    changed_rows(folder, lambda rows: (change(rows), rows)[1])
    with pytest.raises(UserError, match=r"give person 100 in frame 1 each .* joints 0 to 21"):
        JtaPictures(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[[1, 2",
        "{}",
        "null",
        "7",
        "[7]",
        "[[1, 2, 3]]",
        '[["a", 0, 0, 0, 0, 0, 0, 0, 0, 0]]',
        '[[{"frame": 1}, 0, 0, 0, 0, 0, 0, 0, 0, 0]]',
        "[1, 100, 0, 5, 5, 1, 1, 9, 0, 0]",
        "[[1, 100, 0, 5, 5], [1, 1, 9, 0, 0]]",
        "[" * 100_000,
        "\x00\x01\x02",
    ],
    ids=range(13),
)
def test_damaged_annotations_are_named(folder: Path, text: str) -> None:
    (folder / ANNOTATION).write_text(text)
    with pytest.raises(UserError, match=r"seq_7.json is not a list of rows of 10 numbers"):
        JtaPictures(folder)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "null"])
def test_numbers_that_are_none_are_refused(folder: Path, number: str) -> None:
    text = (folder / ANNOTATION).read_text()
    (folder / ANNOTATION).write_text(text.replace("[1, 100, 0, ", f"[1, 100, 0, {number}, ", 1)
                                     .replace(", 0, 0]", ", 0]", 1))  # fmt: skip
    with pytest.raises(UserError, match=r"seq_7.json holds numbers that are not finite"):
        JtaPictures(folder)


def test_bytes_that_are_no_text_are_named(folder: Path) -> None:
    (folder / ANNOTATION).write_bytes(b"\xff\xfe[[1]]")
    with pytest.raises(UserError, match=r"seq_7.json is not a list of rows"):
        JtaPictures(folder)


@pytest.mark.parametrize("cameras", [[[1, 0, 500, 48, 48]], [[2, 500, -1, 48, 48]]])
def test_a_camera_without_focal_length_is_refused(folder: Path, cameras: Any) -> None:
    write_json(folder / "cameras/train/seq_7.json", cameras)
    with pytest.raises(UserError, match=r"cameras.train.seq_7.json .* focal length"):
        JtaPictures(folder)


def test_a_picture_that_vanished_or_is_damaged_is_named(folder: Path) -> None:
    pictures = JtaPictures(folder)
    frames = folder / "frames/train/seq_7"
    (frames / "1.png").unlink()
    (frames / "2.png").write_bytes(b"")
    (frames / "3.png").write_bytes((frames / "3.png").read_bytes()[:60])
    for index in range(3):
        with pytest.raises(UserError, match=rf"{index + 1}.png is no picture that can be read"):
            pictures[index]


def test_frames_without_picture_and_pictures_with_other_names_are_passed_over(
    folder: Path,
) -> None:
    """A folder from which only every n-th frame was extracted, and somebody's thumbnail."""
    frames = folder / "frames/train/seq_7"
    (frames / "2.png").unlink()
    write_picture(frames / "cover.jpg", stick_people(0, 1).image)
    pictures = JtaPictures(folder)
    assert [pictures[index].name for index in range(len(pictures))] == ["seq_7/1", "seq_7/3"]
    write_picture(frames / "3.jpg", stick_people(0, 1).image)
    assert [JtaPictures(folder).file(index).name for index in (0, 1)] == ["1.png", "3.jpg"]


def test_jpegs_are_read_as_opencv_reads_them(folder: Path) -> None:
    """A picture that was cut off would be grey at its end; no decoder says so."""
    frames = folder / "frames/train/seq_7"
    (frames / "1.png").unlink()
    write_picture(frames / "1.jpg", stick_people(1, 2).image)
    pictures = JtaPictures(folder)
    expected = cv2.imread(str(frames / "1.jpg"))[..., ::-1]
    np.testing.assert_array_equal(pictures[0].image, expected)
    whole = (frames / "1.jpg").read_bytes()
    (frames / "1.jpg").write_bytes(whole[: len(whole) * 2 // 3])
    assert cv2.imread(str(frames / "1.jpg")) is not None
    with pytest.raises(UserError, match=r"1.jpg is no picture that can be read"):
        pictures[0]


def test_an_absent_split_and_a_sequence_without_pictures_are_refused(folder: Path) -> None:
    with pytest.raises(UserError, match="has no split test, only train; name another"):
        JtaPictures(folder, "test")
    write_json(folder / "annotations/val/seq_1.json", [])
    with pytest.raises(UserError, match=r"videos/val/seq_1.mp4 is missing, .*add one of them"):
        JtaPictures(folder, "val")


def test_a_wrong_folder_is_told_what_belongs_there_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "other/photos").mkdir(parents=True)
    (tmp_path / "other/list.txt").write_text("")
    for name, found in (
        ("gone", "nothing, because there is no such folder"),
        ("empty", "nothing: it is empty"),
        ("file", "a file instead of a folder"),
        ("other", "list.txt, photos/"),
    ):
        with pytest.raises(UserError) as raised:
            JtaPictures(tmp_path / name)
        assert str(raised.value) == (
            f"{tmp_path / name} is not the right folder: expected annotations/train/seq_N.json in it, "
            f"found {found}."
        )


def test_who_asks_is_told_of_all_damage_and_gets_what_is_sound(folder: Path) -> None:
    """Sequence 7 has two people in frame 1 and one in frame 3; five things are wrong with it."""
    rows = json.loads((folder / ANNOTATION).read_text())
    sound = JtaPictures(folder)[2]
    rows[3] = rows[3][:9]
    rows[30][5] = float("nan")
    rows[31][6] = float("inf")
    rows += [[0, 300, joint, *rows[40][3:]] for joint in range(22)]
    rows += [[2, 301, 5, *rows[40][3:]], "row"]
    write_json(folder / ANNOTATION, rows)
    write_json(folder / "annotations/train/seq_8.json", [])
    write_json(folder / "annotations/train/seq_9.json", {})
    write_picture(folder / "frames/train/seq_9/1.png", np.zeros((9, 16, 3), np.uint8))
    told: list[tuple[str, str]] = []
    pictures = JtaPictures(folder, "train", lambda file, reason: told.append((file.name, reason)))
    assert told == [
        ("seq_7.json", "does not have 10 numbers in every row (row 4 and 1 more)"),
        ("seq_7.json", "holds numbers that are not finite (row 30 and 1 more)"),
        (
            "seq_7.json",
            "does not give person 100 in frame 1 and 1 more each of JTA's joints 0 to 21 once",
        ),
        ("seq_7.json", "names frame 0, but frames are counted from 1"),
        (
            "seq_8.mp4",
            "is missing, and there are no pictures in frames/train/seq_8 either; add one of them, or "
            "remove annotations/train/seq_8.json",
        ),
        ("seq_9.json", "is not a list of rows of 10 numbers, as JTA's files are"),
    ]
    assert [len(pictures[index]) for index in range(len(pictures))] == [0, 0, 1, 0]
    np.testing.assert_array_equal(pictures[2].pose2d, sound.pose2d)
