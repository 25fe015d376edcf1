"""`pandanet evaluate` from files to reports: tables and weights on pictures in JTA's layout."""

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_core.detections import Detections
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.evaluation.measure import Measurement, measure_picture, together
from pandanet_core.evaluation.summary import headline
from pandanet_core.selection_settings import selection_of
from pandanet_core.skeleton import COCO17
from tests.core.detection_tables import write_table
from tests.core.evaluation.evaluate_kit import PICTURES, evaluate, numbers, write_weights
from tests.core.random_scene import CAMERA, noisy_detections, perfect_detections


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
    assert said <= {"box or pose wrong", "below the score", "not detected"}


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
