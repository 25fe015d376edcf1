"""`pandanet evaluate` from files to reports: tables and weights on pictures in JTA's layout."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from pandanet_app.cli import main
from pandanet_app.commands.evaluation_subjects import selection_of
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.evaluation.measure import Measurement, measure_picture, together
from pandanet_core.evaluation.summary import headline
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import COCO17, JTA22, Skeleton
from pandanet_core.weights import Weights, save_weights
from tests.core.detection_tables import write_table
from tests.core.random_scene import CAMERA, noisy_detections, perfect_detections, random_scene

PICTURES = 4


@pytest.fixture(scope="module")
def scenes() -> list[Sample]:
    rng = np.random.default_rng(7)
    return [random_scene(rng, people=9) for _ in range(PICTURES)]


@pytest.fixture(scope="module")
def data(scenes: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sequence 3 of the split test, in JTA's layout."""
    folder = tmp_path_factory.mktemp("jta")
    frames = folder / "frames" / "test" / "seq_3"
    for sub in (frames, folder / "annotations" / "test", folder / "cameras" / "test"):
        sub.mkdir(parents=True)
    rows, cameras = [], []
    for frame, scene in enumerate(scenes, start=1):
        cv2.imwrite(str(frames / f"{frame}.jpg"), scene.image + np.uint8(60 * frame))
        cameras.append([frame, CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy])
        for person in range(len(scene)):
            for joint in range(JTA22.joint_count):
                place = [*scene.pose2d[person, joint], *scene.pose3d_mm[person, joint] / 1000]
                hidden = int(scene.occluded[person, joint])
                rows.append([frame, person, joint, *map(float, place), hidden, 0])
    (folder / "annotations" / "test" / "seq_3.json").write_text(json.dumps(rows))
    (folder / "cameras" / "test" / "seq_3.json").write_text(json.dumps(cameras))
    return folder


def write_weights(path: Path, skeleton: Skeleton = JTA22) -> Path:
    """A network that never learned anything and is sure of everything."""
    torch.manual_seed(1)
    config = NetworkConfig(backbone="repvgg", pyramid_channels=8, head_channels=8)
    sizes = torch.tensor([[12.0, 24.0], [30.0, 70.0], [100.0, 240.0]])
    network = PandaNet(config, sizes, skeleton.joint_count).eval()
    with torch.no_grad():
        network.score_out.bias.fill_(1.0)
        network.pose3d_out.bias.normal_()
    mean_pose = torch.randn(skeleton.joint_count, 3) * 0.05
    save_weights(path, Weights(network, skeleton, mean_pose, {}))
    return path


def evaluate(subject: Path, data: Path, report: Path, *more: str) -> int:
    arguments = ["evaluate", str(subject), "--data", f"jta:{data}", "-o", str(report)]
    return main([*arguments, "--progress", "none", *more])


def numbers(report: Path) -> dict[str, Any]:
    """The report's tables by title, each a list of rows, and its facts."""
    values = json.loads(report.with_suffix(".json").read_text())
    return {"facts": values["facts"]} | {
        table["title"]: table["rows"] for table in values["tables"]
    }


def test_perfect_detections_get_full_marks(scenes, data, tmp_path) -> None:
    found = [perfect_detections(scene) for scene in scenes]
    table = write_table(tmp_path / "people.parquet", found)

    assert evaluate(table, data, tmp_path / "report.html") == 0

    result = numbers(tmp_path / "report")
    assert result["Detection"][0]["AP %"] == 100
    assert result["Poses"][0]["MPJPE mm"] == pytest.approx(0, abs=0.05)
    assert result["Poses"][0]["3DPCK all %"] == 100
    assert result["Poses"][0]["constant pose mm"] is None
    assert result["facts"]["pictures"] == PICTURES
    assert result["facts"]["weights"] == "some-weights"
    assert result["facts"]["people"] == result["Poses"][0]["people"] > 10
    assert '<th scope="col">AP %</th>' in (tmp_path / "report.html").read_text()


def test_what_is_read_from_files_equals_what_is_measured_directly(scenes, data, tmp_path) -> None:
    rng = np.random.default_rng(1)
    found = [noisy_detections(rng, scene, false_alarms=3) for scene in scenes]
    table = write_table(tmp_path / "people.parquet", found)

    assert evaluate(table, data, tmp_path / "report", "--pose-score", "0.5") == 0

    direct = together(map(measure_picture, scenes, found))
    assert_says(numbers(tmp_path / "report"), direct, pose_score=0.5)


def assert_says(result: dict[str, Any], measurement: Measurement, pose_score: float) -> None:
    expected = headline(measurement, pose_score)
    assert result["Detection"][0]["AP %"] == pytest.approx(100 * expected.average_precision)
    assert result["Poses"][0]["MPJPE mm"] == pytest.approx(expected.mpjpe_mm, rel=1e-4)
    assert result["Poses"][0]["3DPCK all %"] == pytest.approx(100 * expected.pck_3d)
    assert result["Poses"][0]["AUC all %"] == pytest.approx(100 * expected.auc_3d)
    assert result["facts"]["people"] == len(measurement.people)


def test_frames_that_nobody_looked_at_are_not_measured(scenes, data, tmp_path) -> None:
    found = [perfect_detections(scene) for scene in scenes[:2]]
    table = write_table(
        tmp_path / "people.parquet", found, source="seq_3.mp4", frame_count=PICTURES
    )

    assert evaluate(table, data, tmp_path / "report") == 0

    assert numbers(tmp_path / "report")["facts"]["pictures"] == 2
    assert numbers(tmp_path / "report")["Detection"][0]["AP %"] == 100


def test_weights_are_measured_like_their_detections(scenes, data, tmp_path) -> None:
    path = write_weights(tmp_path / "wild.safetensors")

    # Nothing was learned: only a low overlap lets guesses find people often enough to be compared.
    assert evaluate(path, data, tmp_path / "report", "--pictures", "2", "--iou", "0.2") == 0

    result = numbers(tmp_path / "report")
    assert result["facts"]["weights SHA-256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert result["facts"]["weights"] == "wild"
    assert result["facts"]["pictures"] == 2
    detector = Detector(path, DetectorOptions(min_score=0.05))
    pictures = [
        cv2.imread(str(data / f"frames/test/seq_3/{frame}.jpg"))[..., ::-1] for frame in (1, 2)
    ]
    direct = together(
        measure_picture(scene, detector(picture, CAMERA), iou=0.2, mean_pose3d=detector.mean_pose3d)
        for scene, picture in zip(scenes, pictures, strict=False)
    )
    assert len(direct.scores) > 10
    assert direct.people.found.sum() > 1
    assert_says(result, direct, pose_score=0.3)
    constant = headline(direct, 0.3).constant_mpjpe_mm
    assert result["Poses"][0]["constant pose mm"] == pytest.approx(constant, rel=1e-4)


@pytest.mark.parametrize(
    ("notes", "rule"),
    [
        ({}, "pose-aware"),
        ({"selection": "box-aware"}, "box-aware"),
        ({"selection": ["none"]}, "pose-aware"),
    ],
)
def test_people_are_selected_as_the_weights_learned_it(notes, rule) -> None:
    assert selection_of(notes).rule == rule


def test_a_folder_detected_by_the_command_is_measured_like_its_weights(data, tmp_path) -> None:
    """The same pictures, network and scores: a table and weights give the same tables, but that a
    table knows no readout. Its joints stand where people do, up to a kilometre away, in float32."""
    weights = write_weights(tmp_path / "wild.safetensors")
    table = tmp_path / "people.parquet"
    folder = data / "frames" / "test" / "seq_3"
    options = ["--min-score", "0.05", "--weights", str(weights), "--progress", "none"]
    assert main(["detect", str(folder), "-o", str(table), *options]) == 0

    evaluate(weights, data, tmp_path / "first", "--iou", "0.2")
    evaluate(table, data, tmp_path / "second", "--iou", "0.2", "--weights", str(weights))

    first, second = numbers(tmp_path / "first"), numbers(tmp_path / "second")
    assert first["Detection"][0]["detections"] > 10
    assert first["Poses"][0]["found %"] > 0
    for title in ("Detection", "Poses", "By joint", "By distance", "Precision and recall"):
        for row, other in zip(first[title], second[title], strict=True):
            assert list(row) == list(other)
            for ours, theirs in zip(row.values(), other.values(), strict=True):
                exact = not isinstance(theirs, float)
                assert ours == (theirs if exact else pytest.approx(theirs, rel=1e-3))
    said = {row["reason"] for row in second["Why people were missed"]}
    assert said <= {"pose wrong", "below the score", "box wrong", "not detected"}


@pytest.fixture
def damaged(data, tmp_path) -> Path:
    """The same pictures, but the second one is no picture."""
    folder = tmp_path / "damaged"
    shutil.copytree(data, folder)
    (folder / "frames" / "test" / "seq_3" / "2.jpg").write_bytes(b"no picture")
    return folder


def test_a_damaged_picture_is_left_out_and_named(damaged, tmp_path, capsys) -> None:
    weights = write_weights(tmp_path / "wild.safetensors")

    assert evaluate(weights, damaged, tmp_path / "report") == 0

    facts = numbers(tmp_path / "report")["facts"]
    assert facts["pictures"] == PICTURES - 1
    assert "1 that cannot be read, the first: " in facts["pictures left out"]
    assert "2.jpg is no picture that can be read" in facts["pictures left out"]
    assert "2.jpg" in capsys.readouterr().err


def test_with_nothing_but_damage_there_is_no_report(damaged, tmp_path, capsys) -> None:
    weights = write_weights(tmp_path / "wild.safetensors")
    for file in (damaged / "frames" / "test" / "seq_3").iterdir():
        file.write_bytes(b"no picture")

    assert evaluate(weights, damaged, tmp_path / "report") == 2
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


def test_a_table_is_compared_with_the_mean_pose_of_its_weights(scenes, data, tmp_path) -> None:
    weights = write_weights(tmp_path / "some.safetensors")
    found = [perfect_detections(scene) for scene in scenes]
    sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
    table = write_table(tmp_path / "people.parquet", found, weights_sha256=sha256)

    assert evaluate(table, data, tmp_path / "report", "--weights", str(weights)) == 0

    row = numbers(tmp_path / "report")["Poses"][0]
    assert row["constant pose mm"] > 100
    assert row["better by %"] == pytest.approx(100, abs=0.1)


def test_who_counts_can_be_set(scenes, data, tmp_path) -> None:
    table = write_table(tmp_path / "people.parquet", [perfect_detections(s) for s in scenes])

    evaluate(table, data, tmp_path / "some")
    evaluate(table, data, tmp_path / "few", "--min-visible-joints", "20", "--min-height-px", "40")

    some, few = numbers(tmp_path / "some")["facts"], numbers(tmp_path / "few")["facts"]
    assert few["people"] < some["people"]
    assert few["people"] + few["people ignored"] == some["people"] + some["people ignored"]
    assert few["people count from visible joints"] == 20


@pytest.mark.parametrize(
    ("subject", "more", "message"),
    [
        ("absent.parquet", [], "no file"),
        ("absent.safetensors", [], "no weights file"),
        ("people.csv", [], "neither weights"),
        ("other.parquet", [], "of seq_4, which this data does not have; it has seq_3"),
        ("coco.parquet", [], "joints of coco17"),
        ("longer.parquet", [], "another seq_3"),
        ("foreign.parquet", [], "another seq_3"),
        ("unseen.parquet", [], "looked at no annotated picture"),
        ("people.parquet", ["--weights", "wild.safetensors"], "was not made with"),
        ("people.parquet", ["--iou", "50"], "between 0 and 1"),
        ("people.parquet", ["--pictures", "0"], "1 or more"),
        ("people.parquet", ["--output", "absent/report"], "folder does not exist"),
        ("people.parquet", ["--data", "jta:nowhere"], "annotations/test"),
        ("people.parquet", ["--data", "nothing"], "names no data"),
        (
            "people.parquet",
            ["--protocol", "panoptic"],
            "measures data of the kind panoptic, not jta",
        ),
        ("people.parquet", ["--worst-pictures", "-1"], "0 or more"),
    ],
)
def test_wrong_use_is_one_sentence(
    subject, more, message, scenes, data, tmp_path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nobody = [Detections.empty(22)] * PICTURES
    write_table(Path("people.parquet"), nobody)
    write_table(Path("other.parquet"), nobody, source="seq_4")
    write_table(Path("longer.parquet"), nobody, frame_count=900)
    write_table(Path("foreign.parquet"), nobody, source_sha256="1" * 64)
    write_table(Path("unseen.parquet"), [], frame_count=PICTURES)
    write_table(Path("coco.parquet"), [Detections.empty(17)] * PICTURES, COCO17)
    write_weights(Path("wild.safetensors"))

    code = evaluate(Path(subject), data, Path("report"), *more)

    said = capsys.readouterr().err.strip()
    assert code == 2
    assert message in said
    assert len(said.splitlines()) == 1
    assert not list(Path().glob("report*"))


def test_progress_as_json_lines(scenes, data, tmp_path, capsys) -> None:
    table = write_table(tmp_path / "people.parquet", [perfect_detections(s) for s in scenes])

    evaluate(table, data, tmp_path / "report", "--progress", "json")

    first = capsys.readouterr().out.splitlines()[0]
    assert json.loads(first) == {"pictures": PICTURES, "of": PICTURES}
