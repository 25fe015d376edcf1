"""Files in and out of the real window: opening, dropping, saving, and bad ones."""

import os
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from pandanet_app.qt.main_window import MainWindow
from pandanet_app.qt.screenshot import save_window_picture
from pandanet_app.qt.unsaved import Answer
from pandanet_core.detections import read_table
from pandanet_core.errors import UserError
from pandanet_core.video import open_source
from tests.app.marker_film import (
    HEIGHT,
    WIDTH,
    film_picture,
    number_in,
    walker_boxes,
    write_film,
)
from tests.app.window_kit import (
    FRAMES,
    MakeWindow,
    detect_all,
    open_in,
    picture_on,
    press,
    wait_until,
)
from tests.video_files import write_video


def test_saved_detections_are_those_on_screen_and_open_again(
    window: MainWindow, qtbot: QtBot, film: Path
) -> None:
    detect_all(window, qtbot)
    window.detection_bar.score.setValue(50)
    path = film.parent / "people.parquet"
    window.workspace.save_detections(path)
    wait_until(qtbot, path.exists)
    table = read_table(path)
    assert table.header.min_score == 0.5
    assert table.header.frames_done == ((0, FRAMES),)
    assert table.header.source == film.name
    assert (table.scores >= 0.5).all()
    assert len(table) == 2 * FRAMES
    wait_until(qtbot, lambda: not window.workspace.state.export.active)
    open_in(window, qtbot, path)
    assert window.workspace.people is not None
    assert window.workspace.people.done.all()
    assert number_in(picture_on(window)) == 0  # the film was found beside the table
    window.workspace.frames.go_to(17)
    wait_until(qtbot, lambda: window.workspace.state.playback.shown == 17)
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
    wait_until(qtbot, path.exists)
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
    wait_until(qtbot, lambda: window.workspace.state.playback.shown == 0)
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
    wait_until(qtbot, lambda: session.message is not None)
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
    wait_until(qtbot, window.message_bar.isVisible)
    press(window, qtbot, Qt.Key.Key_Right)
    wait_until(qtbot, lambda: window.workspace.state.playback.shown == 1)
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
    wait_until(qtbot, lambda: session.source is not None and session.source.name == "other.mp4")
    wait_until(qtbot, lambda: window.workspace.state.playback.shown == 0)
    assert session.source is not None
    assert session.source.frame_count == 20


def test_detections_that_are_not_saved_are_not_thrown_away(
    make_window: MakeWindow, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    answers = [Answer.STAY, Answer.STAY, Answer.DISCARD]
    window = make_window(ask=lambda parent: answers.pop(0))
    open_in(window, qtbot, film)
    detect_all(window, qtbot)
    drop(window, tmp_path / "other.mp4")
    assert window.workspace.state.session.opening == ""
    assert not window.close()
    assert window.isVisible()
    path = tmp_path / "people.parquet"
    window.workspace.save_detections(path)
    wait_until(qtbot, lambda: not window.workspace.state.session.unsaved)
    assert path.exists()
    assert len(answers) == 1
    assert window.close()


def test_detections_without_their_film_are_shown_on_an_empty_picture(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    detect_all(window, qtbot)
    path = tmp_path / "people.parquet"  # the film lies elsewhere
    window.workspace.save_detections(path)
    wait_until(qtbot, path.exists)
    wait_until(qtbot, lambda: not window.workspace.state.export.active)
    open_in(window, qtbot, path)
    message = window.workspace.state.session.message
    assert message is not None
    assert "film.mp4" in message.text
    people = window.workspace.scenes.scene().people
    assert people is not None
    assert len(people.detections) == 2
    window.workspace.detect()
    assert window.workspace.state.session.message.text.startswith("There is no video")


def test_detections_of_another_film_are_said_to_be(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    detect_all(window, qtbot)
    path = tmp_path / "people.parquet"
    window.workspace.save_detections(path)
    wait_until(qtbot, path.exists)
    write_video(tmp_path / "film.mp4")  # the same name, another size
    open_in(window, qtbot, path)
    message = window.workspace.state.session.message
    assert message is not None
    assert "is not the video of people.parquet" in message.text


def test_a_film_that_is_cut_off_is_shown_as_far_as_it_goes(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    whole = write_film(tmp_path / "whole.mkv", FRAMES)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    window = make_window()
    open_in(window, qtbot, cut)
    source, message = (
        window.workspace.state.session.source,
        window.workspace.state.session.message,
    )
    assert source is not None
    assert message is not None
    assert 10 < source.frame_count < FRAMES
    assert "cut off" in message.text
    assert message.kind == "info"


def test_a_picture_of_the_window_shows_the_film(qtbot: QtBot, film: Path, tmp_path: Path) -> None:
    path = tmp_path / "window.png"
    save_window_picture(film, None, path, size=(1000, 600), frame=37)
    picture = cv2.imread(str(path))
    assert picture.shape == (600, 1000, 3)
    rows = np.flatnonzero((np.abs(picture.astype(int) - (20, 220, 20)).max(-1) < 25).any(1))
    heights = [y1 - y0 for _, y0, _, y1 in walker_boxes(37)]
    scale = (rows.max() + 1 - rows.min()) / max(heights)  # the walkers stand on one line
    assert 1 < scale < 3


def test_a_picture_of_a_missing_film_is_an_error(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"missing\.mp4"):
        save_window_picture(tmp_path / "missing.mp4", None, tmp_path / "window.png")
    assert not (tmp_path / "window.png").exists()


def test_cancelled_saving_leaves_no_file(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    detect_all(window, qtbot)
    window.workspace.save_overlay(tmp_path / "overlay.mp4")
    window.workspace.exports.cancel()
    assert not window.export_bar.isVisible()
    open_in(window, qtbot, window.workspace.state.session.source.path)  # a later task is done
    window.workspace.tasks.close()
    assert list(tmp_path.glob("overlay*")) == []


def test_a_window_closes_at_once_while_a_very_large_film_is_read_for_its_hash(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    film = write_film(tmp_path / "film.mp4", 20)
    window = make_window()
    open_in(window, qtbot, film)
    detect_all(window, qtbot)
    os.truncate(film, 100 << 30)  # zeros that take no room on the disk, but a minute to read
    window.workspace.save_detections(tmp_path / "people.parquet")
    qtbot.wait(300)
    assert window.workspace.state.export.active
    started_s = time.monotonic()
    assert window.close()
    assert time.monotonic() - started_s < 10
    assert sorted(path.name for path in tmp_path.glob("*.parquet*")) == []


def test_a_picture_is_opened_detected_and_saved_as_a_picture(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    picture = tmp_path / "street.png"
    cv2.imwrite(str(picture), film_picture(5)[..., ::-1])
    window = make_window()
    open_in(window, qtbot, picture)
    detect_all(window, qtbot)
    people = window.workspace.scenes.scene().people
    assert people is not None
    assert people.detections.boxes == pytest.approx(np.array(walker_boxes(5)[:2]))
    path = tmp_path / "people.png"
    window.workspace.save_overlay(path)
    wait_until(qtbot, path.exists)
    saved = cv2.imread(str(path))
    assert saved.shape == (HEIGHT, WIDTH, 3)
    assert (saved != film_picture(5)[..., ::-1]).any()
