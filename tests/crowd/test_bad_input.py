"""What goes wrong is one sentence; what is finished stays valid, and the rest can be made later."""

import shutil
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pandanet_core.crowd.folders import files_of_split
from pandanet_core.crowd.generate import make_crowd
from pandanet_core.crowd.plates import read_photo
from pandanet_core.crowd.settings import SPLITS, CrowdSettings
from pandanet_core.crowd.video import VideoFile, make_video
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError
from tests.full_disk import small_disk

SMALL = CrowdSettings(width=192, height=128, people=(2, 6), height_px=(20, 110), seed=5)


def quiet(what: str, done: int, total: int) -> None:
    """No progress bar."""


@pytest.mark.usefixtures("small_casts", "renderer")
def test_a_full_disk_is_said_and_the_rest_is_made_elsewhere(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 60_000, others_are_large=True) as disk:
        with pytest.raises(UserError, match="the disk is full"):
            make_crowd(disk / "crowd", SMALL, 30, 1, quiet)
        assert not list(disk.rglob("*.part"))
        for file in disk.rglob("*.jpg"):
            assert cv2.imread(str(file)).shape == (128, 192, 3)
        shutil.copytree(disk / "crowd", tmp_path / "larger")
    assert make_crowd(tmp_path / "larger", SMALL, 30, 1, quiet, resume=True) == 30
    pictures = JtaPictures(tmp_path / "larger", "train")
    assert len(pictures) == 30
    assert pictures[29].image.shape == (128, 192, 3)


def test_a_video_that_fills_the_disk_is_said(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), dtype=np.uint8)

    def fill(path: Path) -> None:
        with VideoFile(path, 320, 240, 20) as video:
            for frame in range(120):
                video.write(np.roll(noise, 997 * frame))

    with small_disk(tmp_path / "disk", 200_000, others_are_large=True) as disk:
        with pytest.raises(UserError, match=r"Cannot write .*video\.mp4: the disk is full"):
            fill(disk / "video.mp4")
        assert not list(disk.iterdir())


def test_a_video_of_no_frames_leaves_no_file(tmp_path: Path) -> None:
    with VideoFile(tmp_path / "none.mp4", 64, 48, 20):
        pass
    assert not list(tmp_path.iterdir())
    with VideoFile(tmp_path / "one.mp4", 65, 49, 20) as video:
        video.write(np.full((49, 65, 3), 120, np.uint8))
    with av.open(str(tmp_path / "one.mp4")) as container:
        assert next(container.decode(video=0)).width == 64


@pytest.mark.usefixtures("small_casts", "renderer")
def test_what_failed_at_once_can_be_tried_again_in_the_same_folder(tmp_path: Path) -> None:
    crammed = replace(SMALL, preset="panoptic", people=(25, 25), height_px=(20, 100), room_m=4.0)
    with pytest.raises(UserError, match="of 25 people find room in the room"):
        make_video(tmp_path / "out", crammed, 0.4, 1, quiet)
    assert not list(tmp_path.rglob("*.mp4"))
    assert make_video(tmp_path / "out", replace(SMALL, people=(2, 3)), 0.4, 1, quiet) == 10


@pytest.mark.parametrize(
    ("option", "kind"),
    [("motion", ".bvh files"), ("hdri", ".hdr panoramas"), ("backgrounds", "photographs")],
)
def test_a_folder_without_any_usable_file(option: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    with pytest.raises(UserError, match=f"{tmp_path} holds no {kind}"):
        files_of_split(replace(SMALL, **{option: tmp_path}))  # type: ignore[arg-type]


def test_photographs_are_shared_out_and_damaged_ones_named(tmp_path: Path) -> None:
    for number in range(6):
        cv2.imwrite(str(tmp_path / f"{number}.jpg"), np.full((40, 60, 3), 40 * number, np.uint8))
    names = {
        split: files_of_split(replace(SMALL, split=split, backgrounds=tmp_path)).backgrounds
        for split in SPLITS
    }
    assert [len(names[split]) for split in SPLITS] == [4, 1, 1]
    assert len({file for files in names.values() for file in files}) == 6
    assert read_photo(tmp_path / "3.jpg").shape == (40, 60, 3)
    (tmp_path / "3.jpg").write_bytes((tmp_path / "3.jpg").read_bytes()[:100])
    with pytest.raises(UserError, match=r"3\.jpg is no readable photograph"):
        read_photo(tmp_path / "3.jpg")


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"people": (60, 60), "room_m": 2.0}, "60 people find no room in a room of 2 m"),
        ({"room_m": 1.0}, "A room of 1 m cannot be made"),
        ({"room_m": 500.0}, "A room of 500 m cannot be made"),
    ],
)
def test_impossible_rooms(wish: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        replace(SMALL, height_px=(2, 100), **wish)  # type: ignore[arg-type]
