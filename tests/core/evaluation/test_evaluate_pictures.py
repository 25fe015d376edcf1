"""The pictures that `pandanet evaluate` reads: damaged ones, as few as needed, and Ctrl+C between two."""

import json
import shutil
import signal
import subprocess
import sys
import weakref
from pathlib import Path

import cv2
import pytest

from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from tests.core.detection_tables import write_table
from tests.core.evaluation.evaluate_kit import PICTURES, evaluate, numbers, write_weights
from tests.core.random_scene import perfect_detections


@pytest.fixture
def copy(data, tmp_path) -> Path:
    """The same pictures, to be damaged."""
    shutil.copytree(data, tmp_path / "damaged")
    return tmp_path / "damaged"


@pytest.mark.parametrize("damaged", ["1.jpg", "2.jpg"])
def test_a_damaged_picture_is_left_out_and_named(copy, damaged, tmp_path, capsys) -> None:
    weights = write_weights(tmp_path / "wild.safetensors")
    (copy / "frames" / "test" / "seq_3" / damaged).write_bytes(b"no picture")

    assert evaluate(weights, copy, tmp_path / "report") == 0

    facts = numbers(tmp_path / "report")["facts"]
    assert facts["pictures"] == PICTURES - 1
    assert "1 that cannot be read, the first: " in facts["pictures left out"]
    assert f"{damaged} is no picture that can be read" in facts["pictures left out"]
    assert damaged in capsys.readouterr().err


def test_with_nothing_but_damage_there_is_no_report(copy, tmp_path, capsys) -> None:
    weights = write_weights(tmp_path / "wild.safetensors")
    for file in (copy / "frames" / "test" / "seq_3").iterdir():
        file.write_bytes(b"no picture")

    assert evaluate(weights, copy, tmp_path / "report") == 2
    assert "1.jpg is no picture that can be read" in capsys.readouterr().err
    assert not list(tmp_path.glob("report*"))


def test_measuring_a_table_decodes_no_picture(scenes, data, tmp_path, monkeypatch) -> None:
    found = [perfect_detections(scene) for scene in scenes]
    table = write_table(tmp_path / "people.parquet", found)

    def refuse(*_: object) -> None:
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(cv2, "imdecode", refuse)

    assert evaluate(table, data, tmp_path / "report") == 0
    assert numbers(tmp_path / "report")["Detection"][0]["AP %"] == 100


def test_pictures_are_let_go_once_they_are_measured(scenes, data, tmp_path, monkeypatch) -> None:
    """Never more than two pictures of the data are in memory: one measured, one on its way."""
    alive: list[weakref.ref] = []
    most = 0
    read = JtaPictures.__getitem__

    def watched(self: JtaPictures, index: int) -> Sample:
        nonlocal most
        sample = read(self, index)
        alive.append(weakref.ref(sample.image))
        most = max(most, sum(image() is not None for image in alive))
        return sample

    monkeypatch.setattr(JtaPictures, "__getitem__", watched)
    weights = write_weights(tmp_path / "wild.safetensors")

    assert evaluate(weights, data, tmp_path / "report", "--worst-pictures", "3") == 0

    assert len(alive) > PICTURES
    assert most <= 2


def test_interrupted_the_report_is_of_the_pictures_done(data, tmp_path) -> None:
    """A real process with much to do, and a real Ctrl+C once it says that it has done something."""
    frames = tmp_path / "frames" / "test" / "seq_3"
    frames.mkdir(parents=True)
    for frame in range(1, 2001):
        (frames / f"{frame}.jpg").hardlink_to(data / "frames" / "test" / "seq_3" / "1.jpg")
    for name in ("annotations", "cameras"):
        shutil.copytree(data / name, tmp_path / name)
    cameras = [[frame, 500, 500, 320, 240] for frame in range(1, 2001)]
    (tmp_path / "cameras" / "test" / "seq_3.json").write_text(json.dumps(cameras))
    weights = write_weights(tmp_path / "wild.safetensors")
    program = [sys.executable, "-m", "pandanet_app", "evaluate", str(weights)]
    options = ["--data", f"jta:{tmp_path}", "-o", str(tmp_path / "report"), "--progress", "json"]
    with subprocess.Popen(program + options, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)

    assert process.returncode == 130
    assert said["of"] == 2000
    assert said["pictures"] <= numbers(tmp_path / "report")["facts"]["pictures"] < 2000
