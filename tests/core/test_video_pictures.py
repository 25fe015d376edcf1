"""Pictures and folders of pictures as sources, and pictures written."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow

from pandanet_core.errors import UserError
from pandanet_core.video import Pictures, PictureWriter, Video, open_source, open_writer
from tests.video_files import Recipe, write_video


def save(path: Path, image: np.ndarray, **options: object) -> np.ndarray:
    Pillow.fromarray(image).save(path, **options)
    return image


def colours(height: int = 5, width: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def test_a_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    names = ["9.png", "10.png", "B2.PNG", "b10.png", "frame 1.png"]
    images = {name: save(tmp_path / name, colours(seed=i)) for i, name in enumerate(names)}
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "._9.png").write_bytes(b"what a Mac leaves behind")
    with open_source(tmp_path) as source:
        assert [file.name for file in source.files] == names
        assert (source.frame_count, source.fps, source.duration_s) == (5, 25, 0.2)
        for frame in source.frames():
            np.testing.assert_array_equal(frame.image, images[names[frame.index]])
            assert frame.time_s == frame.index / 25
        with pytest.raises(IndexError):
            source.read(5)


def test_pictures_of_every_kind_become_rgb(tmp_path: Path) -> None:
    image = colours()
    save(tmp_path / "rgb.png", image)
    save(tmp_path / "alpha.png", np.dstack([image, np.full((5, 8), 9, np.uint8)]))
    save(tmp_path / "grey.png", image[..., 0])
    cv2.imwrite(str(tmp_path / "deep.png"), image[..., ::-1].astype(np.uint16) * 257)
    save(tmp_path / "rgb.bmp", image)
    save(tmp_path / "rgb.tif", image)
    for name in ("rgb.png", "alpha.png", "deep.png", "rgb.bmp", "rgb.tif"):
        np.testing.assert_array_equal(open_source(tmp_path / name).read(0).image, image, name)
    grey = open_source(tmp_path / "grey.png").read(0).image
    np.testing.assert_array_equal(grey, np.repeat(image[..., :1], 3, 2))


def test_photographs_are_turned_upright(tmp_path: Path) -> None:
    """Orientation 6: the camera was held turned, the file must be turned clockwise."""
    image = cv2.resize(colours(4, 6), (96, 64), interpolation=cv2.INTER_CUBIC)
    exif = Pillow.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a.jpg", image, exif=exif, quality=100, subsampling=0)
    found = open_source(tmp_path / "a.jpg").read(0).image.astype(int)
    assert np.abs(found - np.rot90(image, -1)).mean() < 2


def test_one_pixel(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.full((1, 1, 3), 7, np.uint8))
    source = open_source(tmp_path / "a.png")
    assert (source.width, source.height, source.read(0).image.tolist()) == (1, 1, [[[7, 7, 7]]])


def test_damaged_pictures(tmp_path: Path) -> None:
    save(tmp_path / "1.png", colours())
    (tmp_path / "2.png").write_bytes(b"nonsense")
    (tmp_path / "3.png").write_bytes(b"")
    save(tmp_path / "4.png", colours())
    with open_source(tmp_path) as source:
        assert [frame.index for frame in source.frames()] == [0, 3]
        assert ["2.png" in source.warnings[0], "3.png" in source.warnings[1]] == [True, True]
    with pytest.raises(UserError, match=r"2\.png is not a picture that can be read"):
        open_source(tmp_path / "2.png")


def test_names_that_mean_nothing(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no pictures"):
        open_source(tmp_path)
    with pytest.raises(UserError, match="There is no file or folder"):
        open_source(tmp_path / "none.png")
    with pytest.raises(UserError, match="There is no camera 93"):
        open_source("93")
    with pytest.raises(UserError, match="does not answer"):
        open_source("rtsp://127.0.0.1:9/street")


def test_open_source_knows_videos_from_pictures(tmp_path: Path) -> None:
    save(tmp_path / "a.jpeg", colours())
    with open_source(tmp_path / "a.jpeg") as picture:
        assert isinstance(picture, Pictures)
    with open_source(str(write_video(tmp_path / "a.mp4", Recipe(count=1)))) as video:
        assert isinstance(video, Video)


def test_a_picture_is_written_for_one_picture_only(tmp_path: Path) -> None:
    image = save(tmp_path / "a.png", colours())
    target = tmp_path / "drawn.png"
    with open_source(tmp_path / "a.png") as source, open_writer(target, source) as writer:
        assert isinstance(writer, PictureWriter)
        writer.write(source.read(0).image, 0.0)
    np.testing.assert_array_equal(np.asarray(Pillow.open(target)), image)
    assert not list(tmp_path.glob("*.part"))
    save(tmp_path / "b.png", colours())
    with open_source(tmp_path) as folder, pytest.raises(UserError, match=r"name a film, x\.mp4"):
        open_writer(tmp_path / "x.png", folder)


def test_a_discarded_picture_is_not_written(tmp_path: Path) -> None:
    with PictureWriter(tmp_path / "a.png") as writer:
        writer.write(colours(), 0.0)
        writer.discard()
    assert list(tmp_path.iterdir()) == []
