"""Pictures of videos: the readers then read them instead, labels and all."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_core.data.extract import Extracted, Extraction, Film, extract, films_of
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.panoptic import PanopticPictures
from pandanet_core.data.sources import parse_source
from pandanet_core.errors import UserError
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import rows_of, write_json
from tests.core.panoptic_folder import SIZE as DOME
from tests.core.panoptic_folder import bodies, camera_entry, write_calibration, write_scene
from tests.full_disk import small_disk
from tests.video_files import Recipe, decode_all, write_video

SIZE = (128, 72)
PIZZA = "160906_pizza1"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One JTA sequence of 12 frames; people in the first and the last."""
    rows = rows_of(stick_people(1, 1, *SIZE), 1) + rows_of(stick_people(2, 2, *SIZE), 12)
    write_json(tmp_path / "annotations/val/seq_3.json", rows)
    (tmp_path / "videos/val").mkdir(parents=True)
    write_video(tmp_path / "videos/val/seq_3.mp4", Recipe(count=12, size=SIZE))
    return tmp_path


def extract_all(spec: str, extraction: Extraction | None = None) -> int:
    wanted = extraction or Extraction()
    films = films_of(parse_source(spec))
    return sum(extract(film, wanted, lambda done: None, lambda: False) for film in films)


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_the_pictures_are_the_frames(folder: Path) -> None:
    before = JtaPictures(folder, "val")
    assert extract_all(f"jta:{folder}") == 12
    after = JtaPictures(folder, "val")
    assert after.file(0) == folder / "frames/val/seq_3/1.jpg"
    assert names(folder / "frames/val") == sorted(f"seq_3/{number}.jpg" for number in range(1, 13))
    for index in range(12):
        old, new = before[index], after[index]
        assert old.name == new.name
        assert old.camera == new.camera
        np.testing.assert_array_equal(old.pose2d, new.pose2d)
        difference = old.image.astype(float) - new.image
        assert np.sqrt((difference**2).mean()) < 6, "of JPEG at quality 95"
    assert extract_all(f"jta:{folder}:val") == 0, "all there"


def test_every_third_frame_at_half_the_width(folder: Path) -> None:
    before = JtaPictures(folder, "val")
    frames = decode_all(folder / "videos/val/seq_3.mp4")
    assert extract_all(f"jta:{folder}", Extraction(every=3, width=64, quality=100)) == 4
    after = JtaPictures(folder, "val")
    assert [after[index].name for index in range(4)] == [f"seq_3/{n}" for n in (1, 4, 7, 10)]
    np.testing.assert_allclose(after[0].pose2d, before[0].pose2d / 2, rtol=1e-5)
    assert after[0].camera.fx == pytest.approx(before[0].camera.fx / 2)
    small = cv2.resize(frames[9], (64, 36), interpolation=cv2.INTER_AREA)
    assert np.abs(after[3].image.astype(float) - small).mean() < 3


def test_panoptics_pictures_are_named_as_its_toolbox_names_them(tmp_path: Path) -> None:
    sequence = tmp_path / PIZZA
    write_calibration(sequence, [camera_entry(16, 0.1), camera_entry(2, 1.0)])
    write_scene(sequence, 4, bodies(0, 2))
    (sequence / "hdVideos").mkdir()
    for camera in ("00_02", "00_16"):
        write_video(sequence / f"hdVideos/hd_{camera}.mp4", Recipe(count=6, size=DOME))
    before = PanopticPictures(tmp_path, "test")[0]
    assert extract_all(f"panoptic:{tmp_path}:test", Extraction(every=2)) == 3
    assert names(sequence / "hdImgs") == [f"00_16/00_16_{n:08d}.jpg" for n in (0, 2, 4)]
    after = PanopticPictures(tmp_path, "test")[0]
    assert after.name == before.name == f"{PIZZA}/00_16/00000004"
    assert np.abs(after.image.astype(float) - before.image).mean() < 4
    assert extract_all(f"panoptic:{tmp_path}") == 6


def test_an_interrupted_extraction_goes_on_and_hides_until_it_is_complete(folder: Path) -> None:
    (film,) = films_of(parse_source(f"jta:{folder}"))
    seen: list[Extracted] = []
    assert extract(film, Extraction(), seen.append, lambda: len(seen) == 5) == 5
    assert [(step.part, step.done, step.total) for step in seen] == [
        ("seq_3", done, 12) for done in range(1, 6)
    ]
    assert not film.folder.exists()
    assert JtaPictures(folder, "val").file(0).suffix == ".mp4"
    with pytest.raises(UserError, match=r"seq_3.part is what an extraction with other settings"):
        extract(film, Extraction(every=2), seen.append, lambda: False)
    assert extract(film, Extraction(), seen.append, lambda: False) == 7
    assert len(names(film.folder)) == 12
    assert not film.folder.with_name("seq_3.part").exists()


def test_a_kill_at_the_end_leaves_no_pictures_that_other_settings_would_go_on_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (film,) = films_of(parse_source(f"jta:{folder}"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as end:
        end.setattr(Path, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            extract(film, Extraction(width=64), lambda done: None, lambda: False)
    assert extract(film, Extraction(), lambda done: None, lambda: False) == 0
    assert {JtaPictures(folder, "val").labels(n).camera.width for n in range(12)} == {64}


def test_a_camera_for_each_frame_keeps_the_size(folder: Path) -> None:
    """Generated crowds have them: they are for pictures of one size."""
    write_json(folder / "cameras/val/seq_3.json", [[n, 100, 100, 64, 36] for n in range(1, 13)])
    with pytest.raises(UserError, match="leave --width out"):
        extract_all(f"crowd:{folder}", Extraction(width=64))
    assert extract_all(f"crowd:{folder}") == 12


def test_a_folder_without_videos_is_refused(folder: Path, tmp_path: Path) -> None:
    for spec in (f"jta:{folder}:train", f"panoptic:{tmp_path}", f"coco:{folder}"):
        with pytest.raises(UserError, match="has no videos"):
            extract_all(spec)


def test_a_full_disk_is_told_and_leaves_no_half_picture(folder: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", 16_384) as disk:
        film = Film(folder / "videos/val/seq_3.mp4", disk / "seq_3", 1, "{}.jpg")
        with pytest.raises(
            UserError, match=r"Cannot write .* the disk is full|larger than allowed"
        ):
            extract(film, Extraction(quality=100), lambda done: None, lambda: False)
        assert not film.folder.exists()
        for file in (disk / "seq_3.part").glob("*.jpg"):
            assert cv2.imread(str(file)) is not None
