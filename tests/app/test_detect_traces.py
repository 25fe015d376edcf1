"""`pandanet detect --trace`: traces of every frame, and nothing of the lab without it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from pandanet_app.cli import main
from pandanet_core.detections import read_table
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.places import frame_path, traces_in
from tests.tiny_weights import write_tiny_weights
from tests.video_files import Recipe, decode_all, pictures, write_video


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "tiny.safetensors")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "street.mp4", Recipe(count=6))


def detect(weights: Path, *arguments: object) -> int:
    common = ["--weights", weights, "--progress", "none", "--threads", "1", "--fov", "60"]
    return main(["detect", *(str(argument) for argument in [*arguments, *common])])


def test_each_frame_has_a_trace_with_the_people_of_the_table(
    weights: Path, video: Path, tmp_path: Path
) -> None:
    table, traces = tmp_path / "people.parquet", tmp_path / "traces"
    assert detect(weights, video, "-o", table, "--trace", traces, "--range", "1:4") == 0

    found = read_table(table)
    assert list(traces_in(traces)) == [frame_path(traces, frame) for frame in (1, 2, 3)]
    for path, image in zip(traces_in(traces), decode_all(video)[1:4], strict=True):
        opened = open_trace(path)
        origin = opened.header.origin
        assert (origin.source, origin.weights) == ("street.mp4", "tiny")
        assert origin.weights_sha256 == found.header.weights_sha256
        people = found.at(origin.frame)
        np.testing.assert_array_equal(opened.truth.boxes, people.boxes)
        trace = opened.trace()
        assert len(trace.people.scores) >= len(people) == len(trace.fates)
        assert all(fate.finder >= 0 for fate in trace.fates)
        assert opened.picture is not None
        assert abs(opened.picture.astype(int) - image).mean() < 12


def test_large_pictures_are_traced_as_the_network_sees_them(weights: Path, tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    Pillow.fromarray(next(pictures(1, 640, 384))).save(picture)
    table, traces = tmp_path / "people.parquet", tmp_path / "traces"
    assert detect(weights, picture, "-o", table, "--trace", traces, "--max-side-px", "320") == 0

    (path,) = traces_in(traces)
    opened = open_trace(path)

    assert opened.header.size_px == (320, 192)
    assert opened.picture is not None
    assert opened.picture.shape == (192, 320, 3)
    people = read_table(table).at(0)
    in_frame = opened.truth.stretched(np.array(opened.header.stretch))
    np.testing.assert_allclose(in_frame.boxes, people.boxes, rtol=1e-5, atol=1e-3)
    assert len(people) > 0


def test_several_inputs_have_a_folder_each(weights: Path, video: Path, tmp_path: Path) -> None:
    picture = tmp_path / "one.png"
    Pillow.fromarray(next(pictures(1, 96, 64))).save(picture)
    traces = tmp_path / "traces"
    arguments = (video, picture, "-o", tmp_path / "tables", "--trace", traces)
    assert detect(weights, *arguments, "--range", "0:1") == 0
    assert sorted(folder.name for folder in traces.iterdir()) == ["one", "street"]
    assert all(len(traces_in(folder)) == 1 for folder in traces.iterdir())


def test_a_folder_that_is_a_file_is_refused(
    weights: Path, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    table = tmp_path / "people.parquet"
    assert detect(weights, video, "-o", table, "--trace", tmp_path / "taken") == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("pandanet: Cannot write")
    assert len(said.splitlines()) == 1


WITHOUT = """
import sys
from pandanet_app.cli import main
code = main(sys.argv[1:])
assert not {f"pandanet_core.lab.{name}" for name in ("tracing", "frame_maps")} & set(sys.modules)
sys.exit(code)
"""


def test_without_traces_nothing_of_the_lab_is_even_loaded(
    weights: Path, video: Path, tmp_path: Path
) -> None:
    common = ["--weights", weights, "--progress", "none", "--fov", "60", "--range", "0:1"]
    command = ["detect", video, "-o", tmp_path / "people.parquet", *common]
    program = [sys.executable, "-c", WITHOUT, *map(str, command)]
    assert subprocess.run(program, check=False).returncode == 0
