"""Films that are written: right colours and times, any size, nothing half."""

from pathlib import Path

import av
import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.video import Video, VideoWriter
from tests.full_disk import small_disk
from tests.video_files import pictures


def write(path: Path, images: list[np.ndarray], times_s: list[float] | None = None) -> Path:
    height, width = images[0].shape[:2]
    with VideoWriter(path, width, height) as writer:
        for number, image in enumerate(images):
            writer.write(image, times_s[number] if times_s else number / 25)
    return path


def test_pictures_come_back_in_their_colours_and_order(tmp_path: Path) -> None:
    """Also plain red and green: a mix-up of colour matrices would shift them by 10 and more."""
    plain = [np.full((64, 96, 3), colour, np.uint8) for colour in ((230, 20, 20), (20, 200, 30))]
    images = [*pictures(20, 96, 64), *plain]
    with Video(write(tmp_path / "a.mp4", images)) as film:
        found = [frame.image.astype(int) for frame in film.frames()]
    assert len(found) == 22
    for image, expected in zip(found[:20], images, strict=False):
        assert np.abs(image - expected).mean() < 6
    for image, expected in zip(found[20:], plain, strict=True):
        assert np.abs(image - expected).max() < 8
    with av.open(str(tmp_path / "a.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
        assert (context.colorspace, context.color_range, context.color_primaries) == (1, 1, 1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


def test_irregular_times_are_kept_and_start_at_zero(tmp_path: Path) -> None:
    times_s = (3.5 + np.cumsum(np.random.default_rng(1).uniform(0.005, 0.4, 30))).tolist()
    with Video(write(tmp_path / "a.mp4", list(pictures(30, 64, 48)), times_s)) as film:
        found = [film.time_s(index) for index in range(film.frame_count)]
    np.testing.assert_allclose(found, np.array(times_s) - times_s[0], atol=1.2e-5)


@pytest.mark.parametrize("size", [(97, 63), (1, 1), (64, 33)])
def test_odd_sizes_are_padded(tmp_path: Path, size: tuple[int, int]) -> None:
    images = list(pictures(4, *size))
    with Video(write(tmp_path / "a.mp4", images)) as film:
        assert (film.width, film.height) == (size[0] + size[0] % 2, size[1] + size[1] % 2)
        found = film.read(3).image.astype(int)
    inside = found[: size[1], : size[0]]
    assert np.abs(inside - images[3]).mean() < 8
    last = found[size[1] - 1]
    assert np.abs(found[-1] - last).mean() < 8


def test_frames_before_an_exception_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt), VideoWriter(path, 96, 64):
        raise KeyboardInterrupt
    assert path.read_bytes() == b"older"
    with pytest.raises(KeyboardInterrupt):
        interrupted(path)
    assert Video(path).frame_count == 7
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.mp4"]


def interrupted(path: Path) -> None:
    with VideoWriter(path, 96, 64) as writer:
        for number, image in enumerate(pictures(7, 96, 64)):
            writer.write(image, number / 25)
        raise KeyboardInterrupt


@pytest.mark.parametrize("count", [2, 300])
def test_a_full_disk_is_one_sentence_and_keeps_the_older_film(tmp_path: Path, count: int) -> None:
    """Two frames fail on closing, 300 fail while frames come in."""
    with small_disk(tmp_path / "disk", 20_000) as disk:
        path = disk / "a.mp4"
        path.write_bytes(b"older")
        full = r"Cannot write .*a\.mp4: the (disk is full|file would be larger)"
        images = list(np.random.default_rng(0).integers(0, 255, (8, 120, 160, 3), np.uint8))
        with pytest.raises(UserError, match=full):
            write(path, [images[number % 8] for number in range(count)])
        assert path.read_bytes() == b"older"
        assert [entry.name for entry in disk.iterdir()] == ["a.mp4"]


def test_names_and_sizes_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"name a\.avi something\.mp4"):
        VideoWriter(tmp_path / "a.avi", 8, 8)
    with pytest.raises(UserError, match="folder does not exist"):
        VideoWriter(tmp_path / "none" / "a.mp4", 8, 8)
    with VideoWriter(tmp_path / "a.mp4", 8, 8) as writer, pytest.raises(ValueError, match="fit"):
        writer.write(np.zeros((9, 8, 3), np.uint8), 0.0)
