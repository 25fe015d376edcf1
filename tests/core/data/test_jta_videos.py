"""The real JTA has a video a sequence: its frames are the pictures, exactly and in any process."""

import multiprocessing
import pickle
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.camera import project
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import rows_of, write_json, write_picture
from tests.video_files import Recipe, decode_all, write_video

SIZE = (128, 72)
FRAMES = 24
RECIPE = Recipe(count=FRAMES, size=SIZE, options={"g": "8"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sequences 0 and 1 of 24 frames; people in frames 1, 7 and 24 of both."""
    for sequence in (0, 1):
        rows = [
            row
            for frame, people in ((1, 1), (7, 2), (24, 1))
            for row in rows_of(stick_people(sequence * 100 + frame, people, *SIZE), frame)
        ]
        write_json(tmp_path / f"annotations/train/seq_{sequence}.json", rows)
        (tmp_path / "videos/train").mkdir(parents=True, exist_ok=True)
        write_video(tmp_path / f"videos/train/seq_{sequence}.mp4", RECIPE)
    return tmp_path


def test_the_pictures_are_the_videos_frames(folder: Path) -> None:
    frames = decode_all(folder / "videos/train/seq_0.mp4")
    pictures = JtaPictures(folder)
    assert len(pictures) == 2 * FRAMES
    for index in (0, 1, 2, 30, 6, 23, 47, 5):
        sample = pictures[index]
        np.testing.assert_array_equal(sample.image, frames[index % FRAMES])
        assert sample.name == f"seq_{index // FRAMES}/{index % FRAMES + 1}"
        assert len(sample) == {0: 1, 6: 2, 23: 1}.get(index % FRAMES, 0)
        assert pictures.file(index) == folder / f"videos/train/seq_{index // FRAMES}.mp4"
    with pytest.raises(IndexError):
        pictures[2 * FRAMES]


def test_labels_are_for_jtas_size(folder: Path) -> None:
    """The drawn people were projected into 128 x 72 px; as labels these are px of 1920 x 1080."""
    sample, drawn = JtaPictures(folder)[6], stick_people(7, 2, *SIZE)
    np.testing.assert_allclose(sample.pose2d, drawn.pose2d / 15, atol=1e-3)
    assert project(sample.pose3d_mm, sample.camera).shape == sample.pose2d.shape
    assert sample.camera.fx == pytest.approx(1158 / 15)


_inherited: list[JtaPictures] = []


def _inherit(pictures: JtaPictures) -> None:
    _inherited.append(pictures)


def _sum_of_inherited(index: int) -> int:
    return _sum_of(_inherited[0], index)


def _sum_of(pictures: JtaPictures, index: int) -> int:
    return int(pictures[index].image.sum())


def test_other_processes_read_the_same_frames(folder: Path) -> None:
    """The video is open here when the others begin, as it is when a training looks at a sample."""
    pictures = JtaPictures(folder)
    indices = [3, 40, 4, 5, 22, 41]
    expected = [_sum_of(pictures, index) for index in indices]
    with multiprocessing.get_context("fork").Pool(2, _inherit, [pictures]) as pool:
        read = pool.map_async(_sum_of_inherited, indices, chunksize=3)
        mine = [_sum_of(pictures, index) for index in indices]
        assert read.get(60) == mine == expected
    copied = pickle.loads(pickle.dumps(pictures))
    assert [_sum_of(copied, index) for index in indices] == expected


def test_extracted_pictures_come_before_the_video(folder: Path) -> None:
    image = stick_people(7, 2, *SIZE).image
    for number in (7, 20):
        write_picture(folder / f"frames/train/seq_0/{number}.png", image)
    pictures = JtaPictures(folder)
    assert len(pictures) == 2 + FRAMES
    assert [pictures[index].name for index in (0, 1, 2)] == ["seq_0/7", "seq_0/20", "seq_1/1"]
    np.testing.assert_array_equal(pictures[0].image, image)
    assert len(pictures[0]) == 2


def test_a_frame_past_the_videos_end_is_named(folder: Path) -> None:
    write_json(
        folder / "annotations/train/seq_1.json",
        rows_of(stick_people(0, 1, *SIZE), 3) + rows_of(stick_people(0, 1, *SIZE), 25),
    )
    with pytest.raises(
        UserError, match=r"seq_1.json names frame 25, but the last one of seq_1.mp4 is 24"
    ):
        JtaPictures(folder)


def test_a_missing_video_and_a_damaged_one_are_named(folder: Path) -> None:
    (folder / "videos/train/seq_0.mp4").write_bytes(b"no video")
    (folder / "videos/train/seq_1.mp4").unlink()
    told: list[str] = []
    pictures = JtaPictures(folder, "train", lambda file, reason: told.append(f"{file} {reason}"))
    assert len(pictures) == 0
    assert told[0].startswith(f"{folder}/videos/train/seq_0.mp4 cannot be read (seq_0.mp4 is not a")
    assert told[1].startswith(f"{folder}/videos/train/seq_1.mp4 is missing, and there are no pic")
    with pytest.raises(UserError, match=r"seq_0.mp4 cannot be read"):
        JtaPictures(folder)


def test_a_video_that_is_cut_off_is_read_as_far_as_it_goes(folder: Path) -> None:
    """A download that broke off: what is missing is what the labels name and the video lacks."""
    path = folder / "videos/train/seq_1.mkv"
    write_video(path, Recipe(suffix="mkv", count=FRAMES, size=SIZE, options={"g": "8"}))
    data = path.read_bytes()
    (folder / "videos/train/seq_1.mp4").write_bytes(data[: len(data) * 2 // 3])
    told: list[str] = []
    pictures = JtaPictures(folder, "train", lambda file, reason: told.append(reason))
    left = len(pictures) - FRAMES
    assert 0 < left < FRAMES
    assert told == [f"names frame 24, but the last one of seq_1.mp4 is {left}"]
