"""A window that is started with a file opens it and does what the command asked for, once."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pandanet_app.controllers.starting import open_first
from pandanet_app.models.detection import DetectionPhase
from tests.app.marker_film import write_film
from tests.app.window_kit import FRAMES, MakeWindow, open_in, wait_until


def test_people_are_looked_for_at_once_with_the_camera_that_was_named(
    make_window: MakeWindow, qtbot: QtBot, film: Path
) -> None:
    workspace = make_window().workspace
    open_first(workspace, film, fov_deg=40.0, detect=True)
    wait_until(qtbot, lambda: workspace.state.detection.phase is DetectionPhase.FINISHED)
    assert workspace.people is not None
    assert workspace.people.done_ranges() == ((0, FRAMES),)
    camera = workspace.state.session.camera
    assert camera is not None
    assert camera.fov_deg == pytest.approx(40.0)
    assert not workspace.state.session.camera_assumed


def test_what_was_asked_for_one_file_is_not_done_to_another(
    make_window: MakeWindow, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    window = make_window()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")
    session = window.workspace.state.session
    open_first(window.workspace, broken, fov_deg=40.0, detect=True)
    wait_until(qtbot, lambda: session.message is not None)
    open_in(window, qtbot, film)
    open_in(window, qtbot, write_film(tmp_path / "other.mp4", 3))
    assert session.camera_assumed
    assert window.workspace.state.detection.phase is DetectionPhase.IDLE


def test_a_file_opens_with_nothing_else_asked_for(
    make_window: MakeWindow, qtbot: QtBot, film: Path
) -> None:
    workspace = make_window().workspace
    open_first(workspace, film, fov_deg=None, detect=False)
    wait_until(qtbot, lambda: workspace.state.playback.shown == 0)
    assert workspace.state.session.camera_assumed
    assert workspace.state.detection.phase is DetectionPhase.IDLE
