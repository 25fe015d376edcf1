"""`pandanet detect` from files to files, with a small real network."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from pandanet_app.cli import main
from pandanet_core.camera import Camera
from pandanet_core.detections import read_table
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.skeleton import MUPOTS17
from pandanet_core.video import Video
from tests.full_disk import small_disk
from tests.tiny_weights import write_tiny_weights
from tests.video_files import Recipe, decode_all, pictures, write_video

PANDANET = Path(sys.executable).with_name("pandanet")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "street.mp4", Recipe(count=24))


def detect(weights: Path, *arguments: object, progress: str = "none") -> int:
    common = ["--weights", weights, "--progress", progress, "--threads", "1"]
    return main(["detect", *(str(argument) for argument in [*arguments, *common])])


def sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said on standard error: one line, no traceback."""
    said = capsys.readouterr().err.strip()
    assert said.startswith("pandanet: ")
    assert len(said.splitlines()) == 1
    return said


def test_a_table_holds_what_the_detector_finds_in_each_frame(weights, video, tmp_path) -> None:
    table, film = tmp_path / "people.parquet", tmp_path / "people.mp4"
    assert detect(weights, video, "-o", table, "--overlay", film, "--fov", "75") == 0

    found = read_table(table)
    detector = Detector(weights, DetectorOptions(threads=1))
    camera = Camera.from_fov(96, 64, 75)
    total = 0
    for number, image in enumerate(decode_all(video)):
        expected, stored = detector(image, camera), found.at(number)
        np.testing.assert_array_equal(stored.boxes, expected.boxes)
        np.testing.assert_array_equal(stored.pose2d, expected.pose2d)
        np.testing.assert_allclose(stored.pose3d_mm, expected.pose3d_mm, rtol=1e-5, atol=0.1)
        total += len(expected)
    assert len(found) == total > 24
    header = found.header
    assert (header.source, header.frame_count, header.fps) == ("street.mp4", 24, 25)
    assert (header.frames_done, header.camera, header.note) == (((0, 24),), camera, "")
    assert header.scale_source == "population mean 1.70 m stature"
    assert len(header.source_sha256) == len(header.weights_sha256) == 64

    with Video(film) as drawn:
        assert (drawn.frame_count, drawn.width, drawn.height) == (24, 96, 64)
        plain = decode_all(video)
        changes = [np.abs(f.image.astype(int) - plain[f.index]).mean() for f in drawn.frames()]
    assert min(changes) > 3, "people are drawn on every frame"


def test_range_and_every(weights, video, tmp_path, capsys) -> None:
    film = tmp_path / "a.mp4"
    chosen = ("--range", "3:14", "--every", "5", "--overlay", film)
    assert detect(weights, video, "-o", tmp_path / "a.parquet", *chosen) == 0
    assert read_table(tmp_path / "a.parquet").header.frames_done == ((3, 4), (8, 9), (13, 14))
    assert set(read_table(tmp_path / "a.parquet").frame.tolist()) <= {3, 8, 13}
    assert Video(film).time_s(2) == pytest.approx(0.4), "the film keeps the pace of the street"
    output = capsys.readouterr()
    assert "in 3 of 3 frames" in output.out
    assert "60 degrees is assumed" in output.err


def test_nobody_is_an_empty_table(weights, video, tmp_path) -> None:
    table = tmp_path / "a.parquet"
    assert detect(weights, video, "-o", table, "--min-score", "1.0", "--fov", "60") == 0
    assert len(read_table(table)) == 0
    assert read_table(table).header.frames_done == ((0, 24),)


def test_several_inputs_of_all_kinds_and_one_that_is_missing(
    weights, video, tmp_path, capsys
) -> None:
    """Each gets its own file; what cannot be opened is said, the others are done."""
    folder = tmp_path / "street"
    folder.mkdir()
    for number, size in ((10, (96, 64)), (9, (128, 96))):
        Pillow.fromarray(next(pictures(1, *size))).save(folder / f"{number}.png")
    inputs = (video, tmp_path / "none.mp4", folder, folder / "9.png")
    tables, films = tmp_path / "tables", tmp_path / "films"
    assert detect(weights, *inputs, "-o", tables, "--overlay", films, "--fov", "60") == 2
    assert "none.mp4" in sentence(capsys)
    names = [path.name for path in sorted(tables.iterdir())]
    assert names == ["9.parquet", "street-2.parquet", "street.parquet"]
    assert {path.name for path in films.iterdir()} == {"9.png", "street-2.mp4", "street.mp4"}
    pair = read_table(tables / "street-2.parquet").header
    assert (pair.frame_count, pair.camera) == (2, Camera.from_fov(128, 96, 60))
    assert Video(films / "street-2.mp4").frame_count == 2
    assert np.asarray(Pillow.open(films / "9.png")).shape == (96, 128, 3)


def test_one_pixel_and_8k(weights, tmp_path) -> None:
    Pillow.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert detect(weights, tmp_path / "dot.png", "-o", tmp_path / "dot.parquet") == 0
    assert len(read_table(tmp_path / "dot.parquet")) == 0
    large = cv2.resize(next(pictures(1, 480, 270)), (7680, 4320))
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    small = ("--max-side-px", "960", "--overlay", tmp_path / "drawn.jpg")
    assert detect(weights, tmp_path / "large.jpg", "-o", tmp_path / "large.parquet", *small) == 0
    found = read_table(tmp_path / "large.parquet")
    assert found.boxes[:, 2].max() > 3840, "positions are in the picture's own pixels"
    assert cv2.imread(str(tmp_path / "drawn.jpg")).shape == (4320, 7680, 3)


def test_a_cut_off_video_is_read_as_far_as_it_goes(weights, tmp_path, capsys) -> None:
    path = write_video(tmp_path / "a.mkv", Recipe("mkv"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert detect(weights, path, "-o", tmp_path / "a.parquet", "--fov", "60") == 0
    said = sentence(capsys)
    assert "a.mkv is cut off" in said
    header = read_table(tmp_path / "a.parquet").header
    assert 20 < header.frame_count < 45
    assert header.note == said.removeprefix("pandanet: ")


def test_intrinsics(weights, video, tmp_path, capsys) -> None:
    known = Camera(1000, 990, 480, 320, 960, 640)
    (tmp_path / "camera.json").write_text(json.dumps(known.to_dict()))
    given = ("--intrinsics", tmp_path / "camera.json")
    assert detect(weights, video, "-o", tmp_path / "a.parquet", *given) == 0
    assert read_table(tmp_path / "a.parquet").header.camera == known.scaled(0.1)
    (tmp_path / "camera.json").write_text(json.dumps(known.to_dict() | {"height": 960}))
    capsys.readouterr()
    assert detect(weights, video, "-o", tmp_path / "a.parquet", *given) == 2
    assert "for pictures of 960x960 pixels, this one has 96x64" in sentence(capsys)
    assert detect(weights, video, "-o", tmp_path / "a.parquet", *given, "--fov", "50") == 2
    (tmp_path / "camera.json").write_text("{")
    assert detect(weights, video, "-o", tmp_path / "a.parquet", *given) == 2


WRONG = {
    "no such file": (["none.mp4", "-o", "a.parquet"], "There is no file or folder none.mp4"),
    "not a video": (["text.mp4", "-o", "a.parquet"], "text.mp4 is not a video that can be read"),
    "no input": (["-o", "a.parquet"], "Name a video, a picture"),
    "no Parquet": (["street.mp4", "-o", "a.csv"], "name a.csv something.parquet"),
    "no folder": (["street.mp4", "-o", "none/a.parquet"], "its folder does not exist"),
    "no film": (
        ["street.mp4", "-o", "a.parquet", "--overlay", "a.avi"],
        "name a.avi something.mp4",
    ),
    "one picture of many": (["street.mp4", "-o", "a.parquet", "--overlay", "a.png"], "name a film"),
    "over itself": (["street.mp4", "-o", "a.parquet", "--overlay", "street.mp4"], "is an input"),
    "no range": (["street.mp4", "-o", "a.parquet", "--range", "5"], "--range 5 is not A:B"),
    "after the end": (["street.mp4", "-o", "a.parquet", "--range", "24:"], "has frames 0 to 23"),
    "not every": (["street.mp4", "-o", "a.parquet", "--every", "0"], "--every is 0"),
    "no angle": (["street.mp4", "-o", "a.parquet", "--fov", "200"], "field of view is 200"),
    "no score": (["street.mp4", "-o", "a.parquet", "--min-score", "7"], "score threshold is 7"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_one_sentence_and_leaves_nothing(
    weights, video, tmp_path, capsys, monkeypatch, case
) -> None:
    arguments, expected = WRONG[case]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "street.mp4").write_bytes(video.read_bytes())
    (tmp_path / "text.mp4").write_text("hello")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert detect(weights, *arguments) == 2
    assert expected in sentence(capsys)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_weights_that_cannot_be_used(weights, video, tmp_path, capsys) -> None:
    output = ("-o", tmp_path / "a.parquet")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(weights.read_bytes()[:5000])
    assert detect(damaged, video, *output) == 2
    assert "damaged.safetensors" in sentence(capsys)
    assert detect(tmp_path / "none.safetensors", video, *output) == 2
    assert "none.safetensors" in sentence(capsys)
    other = write_tiny_weights(tmp_path / "other.safetensors", MUPOTS17)
    assert detect(other, video, *output) == 0, "weights of another known skeleton work"
    assert read_table(tmp_path / "a.parquet").header.skeleton == "mupots17"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there(weights, video, tmp_path, capsys) -> None:
    assert detect(weights, video, "-o", tmp_path / "a.parquet", "--device", "cuda") == 2
    assert "No CUDA device" in sentence(capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("full", ["table", "film"])
def test_a_full_disk(weights, video, tmp_path, capsys, full: str) -> None:
    """What fits on the other disk is kept whole."""
    with small_disk(tmp_path / "disk", 6000, others_are_large=True) as disk:
        table = (disk if full == "table" else tmp_path) / "a.parquet"
        film = (disk if full == "film" else tmp_path) / "a.mp4"
        assert detect(weights, video, "-o", table, "--overlay", film, "--fov", "60") == 2
        assert ("disk is full" in (said := sentence(capsys))) or "would be larger" in said
        assert list(disk.iterdir()) == []
    if full == "table":
        assert Video(film).frame_count == 24
    else:
        assert read_table(table).header.frames_done[0][0] == 0


def run(*arguments: object) -> subprocess.Popen[str]:
    """The real console script."""
    command = [str(PANDANET), "detect", *(str(argument) for argument in arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def test_ctrl_c_keeps_the_finished_frames(weights, tmp_path) -> None:
    """A real SIGINT in the middle of a film of 20,000 pictures."""
    source = tmp_path / "long.avi"
    with av.open(str(source), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuvj420p"
        frame = av.VideoFrame.from_ndarray(next(pictures(1, 96, 64)), format="rgb24")
        [packet] = stream.encode(frame)
        for number in range(20_000):
            packet.pts = packet.dts = number
            packet.stream = stream
            container.mux(packet)
    table, film = tmp_path / "a.parquet", tmp_path / "a.mp4"
    common = ("--weights", weights, "--threads", "1", "--progress", "json")
    process = run(source, "-o", table, "--overlay", film, *common)
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    output, errors = process.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130, errors
    last = json.loads(output.splitlines()[-1])
    assert (last["done"], last["interrupted"]) == (True, True)
    done = last["frames_done"]
    assert first["frames_done"] <= done < 20_000
    assert read_table(table).header.frames_done == ((0, done),)
    assert "Interrupted" in read_table(table).header.note
    assert set(read_table(table).frame.tolist()) == set(range(done))
    assert Video(film).frame_count == done
    assert {path.name for path in tmp_path.iterdir()} == {"long.avi", "a.parquet", "a.mp4"}


def test_ctrl_c_ends_the_reading_of_a_very_large_film_for_its_hash(weights, tmp_path) -> None:
    source = write_video(tmp_path / "street.mp4", Recipe(count=24))
    os.truncate(source, 100 << 30)  # zeros that take no room on the disk, but a minute to read
    table = tmp_path / "a.parquet"
    common = ("--weights", weights, "--threads", "1", "--progress", "json", "--fov", "60")
    process = run(source, "-o", table, *common)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["frames_done"] < 24:
        pass
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    _, errors = process.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert process.returncode == 130, errors
    header = read_table(table).header
    assert header.frames_done == ((0, 24),)
    assert (header.source_sha256, header.note) == ("", "")


def test_the_console_script_says_how_it_went(weights, video, tmp_path) -> None:
    common = ("--weights", weights, "--threads", "1", "--fov", "60")
    process = run(video, "-o", tmp_path / "a.parquet", *common)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert f"{tmp_path}/a.parquet" in output
    assert "in 24 of 24 frames" in output
    assert "Traceback" not in errors
    process = run(tmp_path / "none.mp4", "-o", tmp_path / "b.parquet", *common)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (2, "")
    assert errors.strip() == (
        f"pandanet: There is no file or folder {tmp_path}/none.mp4: check the name."
    )
