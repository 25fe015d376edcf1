"""Files in and out of the real window: opening, dropping, saving, and bad ones."""

from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from pandanet_app.qt.main_window import MainWindow
from pandanet_core.detections import read_table
from pandanet_core.video import open_source
from tests.app.marker_film import (
    HEIGHT,
    WIDTH,
    number_in,
    walker_boxes,
    write_film,
)
from tests.app.window_kit import FRAMES, MakeWindow, detect_all, open_in, picture_on, press


def test_saved_detections_are_those_on_screen_and_open_again(
    window: MainWindow, qtbot: QtBot, film: Path
) -> None:
    detect_all(window, qtbot)
    window.detection_bar.score.setValue(50)
    path = film.parent / "people.parquet"
    window.workspace.save_detections(path)
    qtbot.waitUntil(path.exists, timeout=10_000)
    table = read_table(path)
    assert table.header.min_score == 0.5
    assert table.header.frames_done == ((0, FRAMES),)
    assert table.header.source == film.name
    assert (table.scores >= 0.5).all()
    assert len(table) == 2 * FRAMES
    qtbot.waitUntil(lambda: not window.workspace.state.export.active)
    open_in(window, qtbot, path)
    assert window.workspace.people is not None
    assert window.workspace.people.done.all()
    assert number_in(picture_on(window)) == 0  # the film was found beside the table
    window.workspace.frames.go_to(17)
    qtbot.waitUntil(lambda: window.workspace.state.playback.shown == 17, timeout=10_000)
    people = window.workspace.scenes.scene().people
    assert people is not None
    expected = np.array(walker_boxes(17)[:2])
    assert people.detections.boxes == pytest.approx(expected, abs=1.5)


def test_a_saved_overlay_video_shows_people_on_every_frame(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    detect_all(window, qtbot)
    path = tmp_path / "overlay.mp4"
    window.workspace.save_overlay(path)
    qtbot.waitUntil(path.exists, timeout=30_000)
    with open_source(path) as saved:
        assert (saved.frame_count, saved.width, saved.height) == (FRAMES, WIDTH, HEIGHT)
        for index in (0, 31, FRAMES - 1):
            picture = saved.read(index).image
            assert number_in(picture) == index
            x0, y0, x1, y1 = walker_boxes(index)[0]
            inside = picture[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4].astype(int)
            assert (np.abs(inside - (20, 220, 20)).max(-1) > 60).any()  # a skeleton on the green


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    window.dropEvent(event)


def test_a_dropped_film_opens_and_is_remembered(
    make_window: MakeWindow, qtbot: QtBot, film: Path
) -> None:
    window = make_window()
    drop(window, film)
    qtbot.waitUntil(lambda: window.workspace.state.playback.shown == 0, timeout=10_000)
    assert film.name in window.windowTitle()
    second = make_window()
    assert film.name in [button.text() for button in second.welcome.recent_buttons()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.mp4", None),
        ("text.mp4", b"this is not a film"),
        ("empty.avi", b""),
        ("people.parquet", b"this is not a table"),
        ("picture.png", b"\x89PNG\r\n\x1a\nbroken"),
    ],
)
def test_a_bad_file_is_one_sentence_in_the_window(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, name: str, content: bytes | None
) -> None:
    window = make_window()
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    drop(window, path)
    session = window.workspace.state.session
    qtbot.waitUntil(lambda: session.message is not None, timeout=10_000)
    assert session.message is not None
    assert session.message.kind == "error"
    assert window.message_bar.isVisible()
    assert window.message_bar.label.text() == session.message.text
    assert name in session.message.text
    assert "Traceback" not in session.message.text
    assert "Error" not in session.message.text
    assert window.welcome.isVisible()


def test_a_bad_file_leaves_the_open_film_alone(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    detect_all(window, qtbot)
    drop(window, tmp_path / "missing.mp4")
    qtbot.waitUntil(window.message_bar.isVisible, timeout=10_000)
    press(window, qtbot, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: window.workspace.state.playback.shown == 1, timeout=10_000)
    assert window.workspace.people is not None
    assert window.workspace.people.done.all()


def test_the_latest_of_several_opened_files_wins(
    make_window: MakeWindow, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    window = make_window()
    other = write_film(tmp_path / "other.mp4", 20)
    for path in (film, other, film, other):
        window.workspace.open(path)
    session = window.workspace.state.session
    qtbot.waitUntil(
        lambda: session.source is not None and session.source.name == "other.mp4", timeout=20_000
    )
    qtbot.waitUntil(lambda: window.workspace.state.playback.shown == 0, timeout=10_000)
    assert session.source is not None
    assert session.source.frame_count == 20
