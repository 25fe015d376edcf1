"""The card and the contact sheet beside a crowd, made by the real command."""

import os
import re
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_core.crowd.data_card import licence_of, write_card
from pandanet_core.crowd.preview import show
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError
from tests.shared_data import shared_data

pytestmark = pytest.mark.usefixtures("small_casts", "renderer")
OPTIONS = "--size 192x128 --people 1:5 --height-px 20:110 --workers 1"


def cells(card: str, split: str) -> list[list[str]]:
    """The rows of a split in the card's tables."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in card.splitlines()
        if line.startswith(f"| {split} ")
    ]


def test_a_card_tells_what_the_samples_tell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "crowd"
    assert main(["crowd", str(folder), "--pictures", "6", *OPTIONS.split()]) == 0
    assert str(folder / "README.md") in capsys.readouterr().out.replace("\n", "")
    more = ["--pictures", "2", "--split", "val", "--seed", "7", *OPTIONS.split()]
    assert main(["crowd", str(folder), *more]) == 0
    card = (folder / "README.md").read_text()
    measured, made = cells(card, "train")
    samples = [JtaPictures(folder, "train")[index] for index in range(6)]
    people = [len(sample) for sample in samples]
    assert measured[1] == made[1] == "6"
    assert measured[2] == f"{np.mean(people):.1f} ({min(people)}-{max(people)})"
    hips = np.concatenate([sample.pose3d_mm[:, [16, 19], 2].mean(1) for sample in samples]) / 1000
    assert float(measured[4].split()[0]) == pytest.approx(np.median(hips), rel=0.01)
    inside = hidden = 0
    for sample in samples:
        seen = ((sample.pose2d >= 0) & (sample.pose2d < (192, 128))).all(-1)
        inside += seen.sum()
        hidden += (sample.occluded & seen).sum()
    assert measured[6].split(",")[0] == f"{hidden / inside:.0%}"
    assert cells(card, "val")[1][2] == "7"
    assert "built-in motions" in card
    assert str(tmp_path) not in card
    figure = cv2.imread(str(folder / "statistics.png"))
    assert figure is not None
    assert figure.std() > 10


def test_licences_are_quoted_or_said_to_be_unknown(tmp_path: Path) -> None:
    assert "CC0" in licence_of(shared_data("makehuman"))
    assert "no file in it says" in licence_of(tmp_path)
    (tmp_path / "LICENSE").write_text("\n# Licensed under the Steps Licence | v2\n")
    assert licence_of(tmp_path) == '"Licensed under the Steps Licence | v2" (LICENSE)'
    assert "no file in it says" in licence_of(tmp_path / "gone")


def test_no_crowd_no_card(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"crowd\.json is missing"):
        write_card(tmp_path)
    (tmp_path / "crowd.json").write_text("[]")
    with pytest.raises(UserError, match="is damaged"):
        write_card(tmp_path)


def test_a_preview_needs_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["crowd", "--preview", "--pictures", "2", *OPTIONS.split()]) == 0
    said = capsys.readouterr().out.replace("\n", "")
    path = Path(re.search(r"(/\S+preview\.png)", said)[1])  # type: ignore[index]
    assert cv2.imread(str(path)).std() > 5
    assert main(["crowd", "--pictures", "2"]) == 2
    assert "Say where to write" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no xdg-open")
def test_the_desktops_viewer_is_asked_where_there_is_a_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program named as the desktop's opener, which notes what it was given."""
    for name in ("xdg-open", "open"):
        opener = tmp_path / name
        opener.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/asked"\n')
        opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("DISPLAY", ":7")
    assert show(tmp_path / "sheet.png")
    deadline = time.monotonic() + 20
    while not (tmp_path / "asked").exists() or not (tmp_path / "asked").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (tmp_path / "asked").read_text().strip() == str(tmp_path / "sheet.png")
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    if os.uname().sysname != "Darwin":
        assert not show(tmp_path / "sheet.png")
