"""Which pictures a table of detections belongs to, told from files alone."""

from pathlib import Path

import numpy as np
import pytest

from pandanet_core.camera import Camera
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections, DetectionTable, read_table
from pandanet_core.errors import UserError
from pandanet_core.evaluation.detected import pictures_of
from pandanet_core.files import sha256_of
from tests.core.detection_tables import write_table
from tests.core.jta_folder import write_picture

NOBODY = Detections.empty(22)


class Files:
    """A data set that is asked for its files only; nothing may be decoded."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, index: int) -> Sample:
        raise AssertionError("a picture was decoded")

    def file(self, index: int) -> Path:
        return self._files[index]


def pictures(folder: Path, *numbers: int, grey: int = 90) -> list[Path]:
    files = [folder / f"{number}.jpg" for number in numbers]
    for file in files:
        write_picture(file, np.full((40, 40, 3), grey, np.uint8))
    return files


def table(folder: Path, source: str, frames: int, **other: object) -> DetectionTable:
    return read_table(write_table(folder / "t.parquet", [NOBODY] * frames, source=source, **other))


def test_frames_are_places_in_the_folder_not_numbers_of_files(tmp_path: Path) -> None:
    """Every fifth frame was extracted, and one of the pictures is not annotated."""
    files = pictures(tmp_path / "seq_3", 6, 1, 11, 101)
    data = Files([files[1], files[0], files[3]])  # 1, 6, 101

    assert pictures_of(table(tmp_path, "seq_3", 4), data) == [(0, 0), (1, 1), (2, 3)]


def test_frames_that_nobody_looked_at_are_left_out(tmp_path: Path) -> None:
    data = Files(pictures(tmp_path / "seq_3", 1, 2, 3))

    assert pictures_of(table(tmp_path, "seq_3", 2, frame_count=3), data) == [(0, 0), (1, 1)]


def test_of_two_folders_of_one_name_the_bytes_tell(tmp_path: Path) -> None:
    first = pictures(tmp_path / "a" / "00_16", 1, 2, grey=10)
    second = pictures(tmp_path / "b" / "00_16", 1, 2, grey=200)
    hashed = table(tmp_path, "00_16", 2, source_sha256=sha256_of(second))

    assert pictures_of(hashed, Files(first + second)) == [(2, 0), (3, 1)]
    with pytest.raises(UserError, match="another 00_16"):
        pictures_of(hashed, Files(first))


def test_a_single_picture(tmp_path: Path) -> None:
    files = pictures(tmp_path / "val2017", 139, 285)

    assert pictures_of(table(tmp_path, "285.jpg", 1), Files(files)) == [(1, 0)]


def test_a_video_that_the_data_is_read_from(tmp_path: Path) -> None:
    """Its frames are the data set's pictures, in order."""
    video, other = tmp_path / "seq_4.mp4", tmp_path / "seq_5.mp4"
    video.write_bytes(b"4")
    data = Files([other, other, video, video, video])

    assert pictures_of(table(tmp_path, "seq_4.mp4", 3), data) == [(2, 0), (3, 1), (4, 2)]


def test_a_video_that_was_taken_apart(tmp_path: Path) -> None:
    """Its folder has its name, and its pictures the numbers of its frames, from 1."""
    data = Files(pictures(tmp_path / "seq_4", 2, 5))
    found = table(tmp_path, "seq_4.mp4", 9, camera=Camera.from_fov(40, 40))

    assert pictures_of(found, data) == [(0, 1), (1, 4)]


def test_a_video_that_was_taken_apart_into_smaller_pictures_is_refused(tmp_path: Path) -> None:
    """Its boxes are in the video's px: compared as they are, they would find nobody."""
    data = Files(pictures(tmp_path / "seq_4", 2, 5))
    found = table(tmp_path, "seq_4.mp4", 9, camera=Camera.from_fov(80, 80))

    with pytest.raises(UserError, match=r"seq_4.mp4 at 80x80 px, but .*2.jpg has 40x40 px"):
        pictures_of(found, data)


@pytest.mark.parametrize(
    ("source", "frames", "message"),
    [
        ("seq_9", 3, "of seq_9, which this data does not have; it has seq_3"),
        ("seq_9.mp4", 3, "which this data does not have"),
        ("seq_3", 900, "another seq_3"),
    ],
)
def test_another_film_is_refused(tmp_path: Path, source: str, frames: int, message: str) -> None:
    data = Files(pictures(tmp_path / "seq_3", 1, 2, 3))

    with pytest.raises(UserError, match=message):
        pictures_of(table(tmp_path, source, 1, frame_count=frames), data)


def test_a_table_of_other_frames_is_refused(tmp_path: Path) -> None:
    data = Files(pictures(tmp_path / "seq_3", 1, 2, 3))

    with pytest.raises(UserError, match="looked at no annotated picture"):
        pictures_of(table(tmp_path, "seq_3", 0, frame_count=3), data)
