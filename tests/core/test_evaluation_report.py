"""Reports: Markdown and JSON say the same, and a failed write leaves nothing half done."""

import json
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.errors import UserError
from pandanet_core.evaluation.measure import measure_picture, together
from pandanet_core.evaluation.report import Report, Table
from pandanet_core.evaluation.summary import report_tables
from pandanet_core.skeleton import JTA22
from tests.core.random_scene import noisy_detections, random_scene


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
    rng = np.random.default_rng(0)
    scenes = [random_scene(rng, 15) for _ in range(4)]
    mean_pose = rng.normal(size=(22, 3)) * 0.1
    whole = together(
        measure_picture(scene, noisy_detections(rng, scene, 3), mean_pose3d=mean_pose)
        for scene in scenes
    )
    return Report("Random people", {"pictures": 4}, report_tables(whole, JTA22, pose_score=0.3))


def test_markdown_shows_facts_and_aligned_tables() -> None:
    assert small_report().to_markdown() == (
        "# Evaluation of a test\n"
        "\n"
        "- date: 2020-06-14\n"
        "- threshold: 0.3\n"
        "- people: 3\n"
        "- weights: –\n"
        "\n"
        "## Poses\n"
        "\n"
        "A note.\n"
        "\n"
        "| who | people | MPJPE mm |\n"
        "| --- | -----: | -------: |\n"
        "| all |      3 |     12.3 |\n"
        "| far |      0 |        – |\n"
        "\n"
        "## Empty\n"
        "\n"
        "Nothing here.\n"
        "\n"
        "Nobody.\n"
    )


def test_json_keeps_every_digit_and_knows_no_nan() -> None:
    values = json.loads(small_report().to_json())

    assert values["facts"]["threshold"] == 0.3
    assert values["tables"][0]["rows"][0] == {"who": "all", "people": 3, "MPJPE mm": 12.345}
    assert values["tables"][0]["rows"][1]["MPJPE mm"] is None


def test_markdown_and_json_use_the_same_words_for_the_same_numbers() -> None:
    report = full_report()
    values, markdown = json.loads(report.to_json()), report.to_markdown()

    for table in values["tables"]:
        assert f"## {table['title']}\n\n{table['note']}\n" in markdown
        for row in table["rows"]:
            shown = [show(value) for value in row.values()]
            assert ["", *shown, ""] in split_lines(markdown), row
            assert ["", *row, ""] in split_lines(markdown)
    assert len(values["tables"]) == 8


def show(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def split_lines(markdown: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in markdown.splitlines()]


@pytest.mark.parametrize("name", ["report", "report.md", "report.json"])
def test_both_files_are_written_whatever_the_name(tmp_path: Path, name: str) -> None:
    written = small_report().write(tmp_path / name)

    assert written == (tmp_path / "report.md", tmp_path / "report.json")
    assert written[0].read_text(encoding="utf-8") == small_report().to_markdown()
    assert written[1].read_text(encoding="utf-8") == small_report().to_json()
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_a_name_with_a_dot_is_kept(tmp_path: Path) -> None:
    assert small_report().write(tmp_path / "v1.2")[0] == tmp_path / "v1.2.md"


def test_a_missing_folder_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder does not exist"):
        small_report().write(tmp_path / "absent" / "report.md")
