"""Reports: tables as people and programs read them, and names of files."""

import json
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.evaluation.curves import evaluation_curves
from pandanet_core.evaluation.evaluator import EvaluationSettings, Evaluator
from pandanet_core.evaluation.protocols.jta import JtaMeter
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.report import Report, report_paths
from pandanet_core.evaluation.summary import report_tables
from pandanet_core.evaluation.table import Table, shown, table_to_markdown
from pandanet_core.files import write_text
from pandanet_core.skeleton import JTA22
from tests.core.random_scene import noisy_detections, random_scene
from tests.full_disk import small_disk


def small_report() -> Report:
    rows = (
        {"who": "all", "people": 3, "MPJPE mm": 12.345},
        {"who": "far", "people": 0, "MPJPE mm": float("nan")},
    )
    return Report(
        "Evaluation of a test",
        {"date": "2020-06-14", "threshold": 0.3, "people": 3, "weights": None},
        (Table("Poses", "A note.", rows), Table("Empty", "Nothing here.", ())),
    )


def full_report() -> Report:
    """Of pictures that are measured as the command does it."""
    rng = np.random.default_rng(0)
    evaluator = Evaluator(
        EvaluationSettings(worst_pictures=3),
        JtaMeter(MeterSettings(JTA22, tuple(range(22)), pose_score=0.3)),
        rng.normal(size=(22, 3)) * 0.1,
    )
    for index in range(4):
        scene = random_scene(rng, 15)
        evaluator.add(index, scene, noisy_detections(rng, scene, 3))
    evaluation = evaluator.finish()
    return Report(
        "Random people",
        {"pictures": 4},
        report_tables(evaluation, JTA22, pose_score=0.3),
        evaluation_curves(evaluation.measurement, range(22), 0.3, beside_jta=True),
        evaluation.worst,
    )


def test_tables_read_well_as_plain_text() -> None:
    poses, empty = small_report().tables

    assert table_to_markdown(poses) == (
        "## Poses\n"
        "\n"
        "A note.\n"
        "\n"
        "| who | people | MPJPE mm |\n"
        "| --- | -----: | -------: |\n"
        "| all |      3 |     12.3 |\n"
        "| far |      0 |        – |"
    )
    assert table_to_markdown(empty) == "## Empty\n\nNothing here.\n\nNobody."


def test_values_as_people_read_them() -> None:
    values = [None, float("nan"), True, False, 3, 12.345, "words"]

    assert [shown(value, 1) for value in values] == ["–", "–", "yes", "no", "3", "12.3", "words"]
    assert shown(0.3) == "0.3"


def test_json_keeps_every_digit_and_knows_no_nan() -> None:
    values = json.loads(small_report().to_json())

    assert values["facts"]["threshold"] == 0.3
    assert values["tables"][0]["rows"][0] == {"who": "all", "people": 3, "MPJPE mm": 12.345}
    assert values["tables"][0]["rows"][1]["MPJPE mm"] is None


def test_json_holds_curves_and_pictures() -> None:
    report = full_report()

    values = json.loads(report.to_json())

    assert [curve["title"] for curve in values["curves"]] == [c.title for c in report.curves]
    for ours, theirs in zip(report.curves, values["curves"], strict=True):
        for line, written in zip(ours.series, theirs["series"], strict=True):
            assert written["name"] == line.name
            np.testing.assert_array_equal(written["x"], line.x)
            np.testing.assert_array_equal(written["y"], line.y)
    assert len(values["pictures"]) == len(report.pictures) > 1
    for ours, theirs in zip(report.pictures, values["pictures"], strict=True):
        assert theirs["name"] == ours.name
        assert theirs["false_alarms"] == ours.wrong.sum()
        assert [person["reason"] for person in theirs["missed"]] == [
            person.reason.value for person in ours.missed
        ]


@pytest.mark.parametrize("name", ["report", "report.html", "report.json"])
def test_both_files_are_named_whatever_the_name(tmp_path: Path, name: str) -> None:
    assert report_paths(tmp_path / name) == (tmp_path / "report.html", tmp_path / "report.json")


def test_a_name_with_a_dot_is_kept(tmp_path: Path) -> None:
    assert report_paths(tmp_path / "v1.2")[0] == tmp_path / "v1.2.html"


def test_a_missing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder does not exist"):
        report_paths(tmp_path / "absent" / "report.html")


def test_a_failed_write_leaves_the_older_file(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 100_000) as folder:
        path = folder / "report.json"
        write_text(path, "older")

        with pytest.raises(UserError, match="Cannot write"):
            write_text(path, "newer" * 100_000)

        assert path.read_text() == "older"
        assert list(folder.iterdir()) == [path]
