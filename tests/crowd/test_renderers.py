"""Crowds on disk drawn by either renderer, and machines without OpenGL."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_app.commands.crowd import Crowd
from pandanet_core.crowd.drawing.renderers import why_no_opengl
from pandanet_core.crowd.generate import make_crowd
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.data.jta import JtaPictures

pytestmark = pytest.mark.usefixtures("small_casts")
SMALL = CrowdSettings(width=192, height=128, people=(2, 6), height_px=(20, 110), seed=5)


def quiet(what: str, done: int, total: int) -> None:
    """No progress bar."""


@pytest.mark.usefixtures("renderer")
def test_both_renderers_make_the_same_crowd(tmp_path: Path) -> None:
    for name in ("gl", "torch"):
        make_crowd(tmp_path / name, replace(SMALL, renderer=name), 4, 1, quiet)
    ours, theirs = (JtaPictures(tmp_path / name, "train") for name in ("torch", "gl"))
    equal = []
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine.pose2d, other.pose2d)
        np.testing.assert_array_equal(mine.pose3d_mm, other.pose3d_mm)
        assert np.abs(mine.image.astype(float) - other.image).mean() < 3
        equal.append((mine.occluded == other.occluded).ravel())
        equal.append((mine.self_occluded == other.self_occluded).ravel())
    assert np.concatenate(equal).mean() >= 0.99


def test_without_opengl_torch_draws_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("anny")
    monkeypatch.setenv("GLCONTEXT_LINUX_LIBEGL", "libthere-is-none.so")
    reason = why_no_opengl()
    assert reason is not None
    assert "libegl1" in reason
    Crowd(tmp_path / "crowd", pictures=1, size="192x128", people="1:3", workers=1).run()
    said = capsys.readouterr().out
    assert "libegl1" in said
    assert "torch draws" in said
    index = json.loads((tmp_path / "crowd" / "crowd.json").read_text())
    assert index["splits"]["train"]["settings"]["renderer"] == "torch"
    assert len(JtaPictures(tmp_path / "crowd", "train")) == 1


@pytest.mark.usefixtures("renderer")
def test_with_opengl_there_is_no_reason() -> None:
    assert why_no_opengl() is None
