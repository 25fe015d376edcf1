"""`pandanet data`: what it says and draws, and its exit codes; killed for real, it goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_app.drawing.annotations2d import (
    HIDDEN_BY_ONESELF,
    HIDDEN_BY_OTHERS,
    IGNORED,
    draw_annotations,
)
from pandanet_app.drawing.contact_sheet import SheetStyle, contact_sheet, contact_tile
from pandanet_app.models.viewport import Viewport
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_json, write_picture, write_sequence
from tests.video_files import Recipe, write_video

PANDANET = Path(sys.executable).with_name("pandanet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight pictures to train with and two to test with."""
    write_sequence(tmp_path, 1, [stick_people(seed, 1 + seed % 3) for seed in range(8)])
    write_sequence(tmp_path, 2, [stick_people(seed, 2) for seed in range(2)], "test")
    return tmp_path


def data(*arguments: object, progress: str = "none") -> int:
    return main(["data", *(str(argument) for argument in arguments), "--progress", progress])


def test_a_sound_data_set_is_said_to_be_sound(folder: Path, capsys: Any) -> None:
    assert data("check", f"crowd:{folder}") == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"crowd:{folder}"
    assert "train: 8 pictures" in said
    assert "test: 2 pictures" in said
    assert "  sizes in px: 96x96 (8)" in said
    assert "  people: 15, 15 of them to find, the others ignored" in said
    assert said[-1] == "Everything that was looked at is sound."


def test_damage_is_listed_and_the_exit_code_is_1(folder: Path, capsys: Any) -> None:
    (folder / "frames/train/seq_1/3.png").write_bytes(b"")
    write_json(folder / "annotations/train/seq_9.json", [])
    assert data("check", f"crowd:{folder}", "--json", folder / "found.json") == 1
    said = capsys.readouterr().out
    assert f"damaged: {folder}/videos/train/seq_9.mp4 is missing, and there are no " in said
    assert f"damaged: {folder}/frames/train/seq_1/3.png is no picture that can be read" in said
    assert "2 things are damaged." in said
    found = json.loads((folder / "found.json").read_text())
    assert not found["sound"]
    assert [len(split["damage"]) for split in found["splits"]] == [2, 0]
    assert found["splits"][0]["damage"][1]["file"] == str(folder / "frames/train/seq_1/3.png")
    assert found["splits"][0]["statistics"]["people_a_picture"]["largest"] == 3


def test_what_people_lose_with_other_joints_is_said_but_is_no_damage(
    folder: Path, capsys: Any
) -> None:
    assert data("check", f"crowd:{folder}", "--skeleton", "mupots17") == 0
    said = capsys.readouterr().out.splitlines()
    lost = [line for line in said if "have no 3D pose as mupots17, as jta22 lacks its neck" in line]
    assert [line.split(" of ")[0] for line in lost] == ["  15", "  4"]
    assert data("check", f"crowd:{folder}", "--skeleton", "jta22") == 0
    assert "no 3D pose" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "crowd:{folder}/frames"], "expected annotations/train/seq_N.json in it, found"),
        (["check", "crowd:{folder}:val"], "has no split val, only train, test"),
        (["check", "{folder}"], "write KIND:FOLDER"),
        (["check", "crowd:{folder}", "--skeleton", "cat"], "skeleton 'cat' is unknown"),
        (["check", "jta:{folder}", "--pictures", "0"], "give 1 or more"),
        (["check", "jta:{folder}", "--sheet", "{folder}/sheet.gif"], "end it with .png or .jpg"),
        (
            ["check", "jta:{folder}", "--sheet", "{folder}/no/sheet.png"],
            "its folder does not exist",
        ),
        (["check", "jta:{folder}", "--sheet-pictures", "0"], "give 1 or more"),
        (["extract", "jta:{folder}"], "has no videos to extract"),
        (["extract", "jta:{folder}", "--every", "0"], "--every is 0"),
        (["extract", "jta:{folder}", "--width", "3"], "give 16 or more"),
        (["extract", "jta:{folder}", "--quality", "0"], "give 1 to 100"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(
    folder: Path, arguments: list[str], sentence: str, capsys: Any
) -> None:
    assert data(*(argument.format(folder=folder) for argument in arguments)) == 2
    said = capsys.readouterr().err
    assert said.startswith("pandanet: ")
    assert said.count("\n") == 1
    assert sentence in said


def test_progress_as_json_ends_with_all_that_was_found(folder: Path, capsys: Any) -> None:
    sheet = folder / "sheet.png"
    assert data("check", f"crowd:{folder}", "--sheet", sheet, progress="json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"data": f"crowd:{folder}", "part": "train", "pictures": 8, "of": 8} in lines
    assert lines[-1]["done"]
    assert lines[-1]["sound"]
    assert lines[-1]["files"] == [str(sheet)]


def test_the_contact_sheet_shows_pictures_from_all_over(folder: Path) -> None:
    """Four of eight pictures, and both of the other split: each tile is the picture's own."""
    (folder / "frames/train/seq_1/3.png").write_bytes(b"")
    sheet = folder / "sheet.png"
    assert data("check", f"crowd:{folder}", "--sheet", sheet, "--sheet-pictures", 4) == 1
    style = SheetStyle()
    image = cv2.imread(str(sheet))[..., ::-1]
    assert image.shape[1] == 3 * (style.width + style.gap) + style.gap
    names = [("seq_1", seed) for seed in (0, 3, 4, 6)] + [("seq_2", 0), ("seq_2", 1)]
    for place, (sequence, seed) in enumerate(names):
        people = 2 if sequence == "seq_2" else 1 + seed % 3
        sample = replace(stick_people(seed, people), name=f"{sequence}/{seed + 1}")
        row, column = divmod(place, 3)
        left = style.gap + column * (style.width + style.gap)
        top = style.gap + row * (style.height + style.gap)
        shown = image[top : top + style.height, left : left + style.width]
        difference = np.abs(shown.astype(int) - contact_tile(sample))
        assert difference.mean() < 0.5, (sequence, seed)


def test_hidden_joints_and_regions_to_ignore_are_marked() -> None:
    """On a large black picture, by colour at the joint's own place."""
    drawn = stick_people(3, 2, 400, 400)
    occluded = np.zeros_like(drawn.occluded)
    self_occluded, has_2d = occluded.copy(), ~occluded
    occluded[0, 6], self_occluded[0, 10], has_2d[0, 18] = True, True, False
    has_2d[1] = False
    sample = replace(
        drawn,
        image=np.zeros_like(drawn.image),
        occluded=occluded,
        self_occluded=self_occluded,
        has_2d=has_2d,
        has_3d=has_2d,
        ignore_boxes=np.array([[10, 20, 60, 90]], np.float32),
    )
    canvas = np.zeros((800, 800, 3), np.uint8)
    draw_annotations(canvas, sample, Viewport(2, 0, 0), 12)
    centres = np.floor(sample.pose2d * 2).astype(int)

    def colour(x: float, y: float) -> tuple[int, ...]:
        return tuple(canvas[int(y), int(x)].tolist())

    assert colour(*centres[0, 6]) == HIDDEN_BY_OTHERS
    assert colour(*centres[0, 10]) == HIDDEN_BY_ONESELF
    assert colour(*centres[0, 18]) == (0, 0, 0), "an ankle that nobody annotated"
    assert colour(*centres[0, 17]) != (0, 0, 0)
    assert colour(20, 100) == IGNORED, "the left edge of the region to ignore"
    left, top = (sample.boxes[1, :2] * 2).tolist()
    assert colour(round(left), top + 30) == IGNORED, "who has no joint is not to be found"
    assert not np.array_equal(canvas, canvas[:, ::-1])


def test_a_sheet_is_as_wide_as_its_rows() -> None:
    tile = contact_tile(stick_people(1, 1))
    assert tile.shape == (400, 640, 3)
    one, four = contact_sheet([tile]), contact_sheet([tile] * 4)
    assert one.shape[1] < four.shape[1] == 3 * 650 + 10
    assert four.shape[0] - one.shape[0] == 410
    assert len(np.unique(one[-30:].reshape(-1, 3), axis=0)) > 10, "the colours are explained"


def test_interrupted_it_tells_what_it_saw(tmp_path: Path) -> None:
    image = np.random.default_rng(0).integers(0, 255, (1080, 1920, 3), np.uint8)
    write_picture(tmp_path / "frames/train/seq_1/1.png", image)
    for number in range(2, 400):
        os.link(
            tmp_path / "frames/train/seq_1/1.png", tmp_path / f"frames/train/seq_1/{number}.png"
        )
    write_json(tmp_path / "annotations/train/seq_1.json", [])
    command = [PANDANET, "data", "check", f"jta:{tmp_path}", "--progress", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["of"] == 399
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == ""
    end = json.loads(said.splitlines()[-1])
    assert end["interrupted"]
    assert 0 < end["splits"][0]["looked_at"] < 399


def test_an_extraction_that_was_killed_goes_on_where_it_was(tmp_path: Path, capsys: Any) -> None:
    write_json(tmp_path / "annotations/train/seq_1.json", [])
    (tmp_path / "videos/train").mkdir(parents=True)
    write_video(tmp_path / "videos/train/seq_1.mp4", Recipe(count=150, size=(640, 360)))
    command = [PANDANET, "data", "extract", f"jta:{tmp_path}", "--progress", "none"]
    part, folder = tmp_path / "frames/train/seq_1.part", tmp_path / "frames/train/seq_1"
    process = subprocess.Popen(command)
    while not len(list(part.glob("*.jpg"))) > 10 and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    process.wait()
    kept = len(list(part.glob("*.jpg")))
    assert 10 < kept < 150
    assert not folder.exists()
    before = {file.name: file.stat().st_mtime_ns for file in part.glob("*.jpg")}
    assert data("extract", f"jta:{tmp_path}") == 0
    assert capsys.readouterr().out == f"{150 - kept} pictures of 1 video\n"
    assert not part.exists()
    after = {file.name: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert after.keys() == {f"{number}.jpg" for number in range(1, 151)}
    assert before.items() <= after.items()
    assert all(cv2.imread(str(file)) is not None for file in folder.iterdir())
