"""Frame i of a video is the i-th frame of plain decoding, whatever the file is like."""

import random
import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.video import Video
from tests.shared_data import shared_data
from tests.video_files import Recipe, decode_all, write_video

_GROUPS = "keyint=12:min-keyint=12:scenecut=0:bframes=3:b-adapt=0"
_CLOSED = {"x264-params": _GROUPS}
_OPEN = {"x264-params": _GROUPS + ":open-gop=1"}
_HEVC = "log-level=none:keyint=12:min-keyint=12:scenecut=0:bframes=3"
_REFRESH = {"x264-params": "intra-refresh=1:keyint=12:bframes=2"}
_REFRESH_TO_THE_END = {"x264-params": "intra-refresh=1:keyint=12:bframes=0"}
_IRREGULAR_MS = np.cumsum(np.random.default_rng(0).integers(5, 200, 60)).tolist()

KINDS = {
    "b-frames": Recipe(options=_CLOSED),
    "one key frame": Recipe(),
    "one frame": Recipe(count=1),
    "open gop mp4": Recipe(options=_OPEN),
    "open gop mkv": Recipe("mkv", options=_OPEN),
    "open gop ts": Recipe("ts", options=_OPEN),
    "fragmented": Recipe(options=_OPEN, container={"movflags": "frag_keyframe+empty_moov"}),
    "b-frames in avi have no times": Recipe("avi", options=_OPEN),
    "no container at all": Recipe("h264", options=_OPEN),
    "irregular times": Recipe(options=_CLOSED, times_ms=_IRREGULAR_MS),
    "picture heals slowly": Recipe("mkv", options=_REFRESH),
    "picture heals until the end": Recipe(options=_REFRESH_TO_THE_END),
    "interlaced": Recipe("ts", options={"x264-params": _GROUPS + ":open-gop=1:tff=1"}),
    "odd size": Recipe("mkv", size=(97, 63), pixels="yuv444p"),
    "hevc open gop": Recipe("mkv", "libx265", {"x265-params": _HEVC + ":open-gop=1"}),
    "hevc leading pictures": Recipe(
        "mp4", "libx265", {"x265-params": _HEVC + ":radl=2:open-gop=0"}
    ),
    "motion jpeg": Recipe("avi", "mjpeg", pixels="yuvj420p"),
    "mpeg-4 in avi": Recipe("avi", "mpeg4", {"bf": "2", "g": "12"}),
    "mpeg-2 program": Recipe("mpg", "mpeg2video", {"bf": "2", "g": "12"}),
    "mpeg-2 transport": Recipe("ts", "mpeg2video", {"bf": "2", "g": "12"}),
    "vp9": Recipe("webm", "libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}),
    "gif": Recipe("gif", "gif", pixels="rgb8"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_order_gives_the_frames_of_plain_decoding(tmp_path: Path, kind: str) -> None:
    path = write_video(tmp_path / f"video.{KINDS[kind].suffix}", KINDS[kind])
    expected = decode_all(path)
    everything = list(range(len(expected)))
    shuffled = random.Random(3).sample(everything, len(everything))
    with Video(path) as video:
        assert video.frame_count == len(expected) == KINDS[kind].count
        for index in shuffled + everything[::-5] + everything:
            frame = video.read(index)
            assert frame.index == index
            np.testing.assert_array_equal(frame.image, expected[index], err_msg=f"frame {index}")
        numbers = [frame.index for frame in video.frames(5, 50, 7)]
        assert numbers == [number for number in everything if number in range(5, 50, 7)]
        assert video.warnings == ()


def test_times_are_those_of_the_file(tmp_path: Path) -> None:
    with Video(write_video(tmp_path / "a.mp4", KINDS["irregular times"])) as video:
        times_ms = [round(video.time_s(index) * 1000) for index in range(60)]
        assert times_ms == [time_ms - _IRREGULAR_MS[0] for time_ms in _IRREGULAR_MS]
        assert [frame.time_s for frame in video.frames()] == [video.time_s(i) for i in range(60)]
        assert video.fps == pytest.approx(60 / video.duration_s)
    with Video(write_video(tmp_path / "b.avi", KINDS["b-frames in avi have no times"])) as video:
        assert (video.fps, video.duration_s, video.time_s(59)) == (25, 2.4, 59 / 25)


@pytest.mark.parametrize(
    "rotation",
    [
        (90, False, False),
        (180, False, False),
        (-90, False, False),
        (0, True, False),
        (90, True, False),
    ],
)
def test_pictures_are_turned_upright(tmp_path: Path, rotation: tuple[int, bool, bool]) -> None:
    """OpenCV turns by its own reading of the file, but does not mirror (after turning)."""
    path = write_video(tmp_path / "a.mp4", Recipe(count=3, rotation=rotation))
    degrees, mirrored, _ = rotation
    with Video(path) as video:
        found = video.read(1).image
        assert (video.height, video.width) == found.shape[:2]
    if mirrored:
        plain = write_video(tmp_path / "plain.mp4", Recipe(count=3))
        expected = np.rot90(decode_all(plain)[1], degrees // 90)[:, ::-1]
    else:
        capture = cv2.VideoCapture(str(path))
        capture.read()
        expected = capture.read()[1][..., ::-1]
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 2
    assert np.abs(found[::-1].astype(int) - expected).mean() > 10


def test_8k_and_one_pixel(tmp_path: Path) -> None:
    fast = {"preset": "ultrafast"}
    path = write_video(tmp_path / "a.mp4", Recipe(count=1, size=(7680, 4320), options=fast))
    with Video(path) as video:
        assert (video.width, video.height) == (7680, 4320)
        np.testing.assert_array_equal(video.read(0).image, decode_all(path)[0])
    path = write_video(tmp_path / "b.mkv", Recipe(count=2, size=(1, 1), codec="ffv1", suffix="mkv"))
    assert Video(path).read(1).image.shape == (1, 1, 3)


def test_real_street() -> None:
    path = shared_data("real/pets09_s2l1/vtest.avi")
    wanted = random.Random(1).sample(range(795), 12)
    with av.open(str(path)) as container:
        frames = enumerate(container.decode(video=0))
        expected = {i: frame.to_ndarray(format="rgb24") for i, frame in frames if i in wanted}
    with Video(path) as video:
        assert (video.frame_count, video.width, video.height, video.fps) == (795, 768, 576, 10)
        for index in wanted:
            np.testing.assert_array_equal(video.read(index).image, expected[index])


def cut(path: Path, share: float) -> Path:
    """The first part of a file."""
    short = path.with_stem("short")
    data = path.read_bytes()
    short.write_bytes(data[: int(len(data) * share)])
    return short


@pytest.mark.parametrize(
    ("recipe", "sentence"),
    [
        (
            Recipe(options=_OPEN, container={"movflags": "faststart"}),
            r"short.mp4 is cut off: \d+ f",
        ),
        (Recipe("avi", "mjpeg", pixels="yuvj420p"), r"short.avi is cut off: .* \d+ frames are"),
        (Recipe("mkv", options=_OPEN), r"short.mkv is cut off: .* \d\.\d s are missing"),
    ],
)
def test_what_is_left_of_a_cut_file_is_read(tmp_path: Path, recipe: Recipe, sentence: str) -> None:
    path = write_video(tmp_path / f"a.{recipe.suffix}", recipe)
    whole, short = decode_all(path), cut(path, 0.4)
    with Video(short) as video:
        assert 10 < video.frame_count < 50
        for frame in video.frames():
            np.testing.assert_array_equal(frame.image, whole[frame.index])
        assert frame.index >= video.frame_count - 4
        assert len(video.warnings) <= 5
        assert re.search(sentence, video.warnings[0])


def test_cut_off_start_of_an_open_group(tmp_path: Path) -> None:
    """The first key frame's leading frames cannot be decoded: they are no frames of this file."""
    path = write_video(tmp_path / "a.ts", KINDS["open gop ts"])
    late = tmp_path / "late.ts"
    data = path.read_bytes()
    start = len(data) // 3 // 188 * 188
    late.write_bytes(data[: 3 * 188] + data[start:])
    expected = decode_all(late)
    with Video(late) as video:
        assert video.frame_count == len(expected) < 45
        for index in (20, 0, 7, video.frame_count - 1):
            np.testing.assert_array_equal(video.read(index).image, expected[index])


def test_a_damaged_frame_is_said_and_left_out(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.avi", KINDS["motion jpeg"])
    expected = decode_all(path)
    with av.open(str(path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0)][:60]
    data = bytearray(path.read_bytes())
    for number in (20, 21):
        position, size = packets[number]
        data[position + 8 : position + size] = bytes(size - 8)
    path.write_bytes(data)
    with Video(path) as video:
        with pytest.raises(UserError, match=r"Frame 20 of a\.avi is damaged"):
            video.read(20)
        frames = list(video.frames())
        assert [frame.index for frame in frames] == [*range(20), *range(22, 60)]
        assert all((frame.image == expected[frame.index]).all() for frame in frames)
        assert len(video.warnings) == 2


def test_pixels_that_are_not_square_are_said(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", Recipe(count=2, aspect=Fraction(16, 11)))
    assert "not square (16:11)" in Video(path).warnings[0]


def write_sound(path: Path) -> Path:
    samples = (3000 * np.sin(np.arange(8000) / 5)).astype("<i2").tobytes()
    head = struct.pack("<4sI8sIHHI", b"RIFF", 36 + len(samples), b"WAVEfmt ", 16, 1, 1, 8000)
    path.write_bytes(head + struct.pack("<IHH4sI", 16000, 2, 16, b"data", len(samples)) + samples)
    return path


def test_files_that_are_no_video(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no video"):
        Video(tmp_path / "none.mp4")
    for name, content in {"empty.mp4": b"", "text.mp4": b"hello " * 99}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="is not a video that can be read"):
            Video(tmp_path / name)
    with pytest.raises(UserError, match="is not a video that can be read"):
        Video(cut(write_video(tmp_path / "whole.mp4"), 0.7))
    with pytest.raises(UserError, match="holds no video"):
        Video(write_sound(tmp_path / "sound.wav"))


def test_frames_that_never_were(tmp_path: Path) -> None:
    with Video(write_video(tmp_path / "a.mp4", Recipe(count=5))) as video:
        for index in (-1, 5):
            with pytest.raises(IndexError, match="frames 0 to 4"):
                video.read(index)
        assert [frame.index for frame in video.frames(3, 99)] == [3, 4]
        assert list(video.frames(7)) == []
