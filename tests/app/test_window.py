"""The real window on a real film, drawn without a screen."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from pandanet_app.models.detection import DetectionPhase
from pandanet_app.qt.main_window import MainWindow
from pandanet_app.views.shortcuts import Command
from pandanet_core.weights import load_weights, save_weights
from tests.app.leaks import alive
from tests.app.marker_film import (
    HEIGHT,
    WIDTH,
    load_hanging_detector,
    number_in,
    walker_boxes,
)
from tests.app.window_kit import (
    FRAMES,
    MakeWindow,
    detect_all,
    open_in,
    picture_on,
    position,
    press,
    screen_of,
    wait_until,
)
from tests.tiny_weights import write_tiny_weights


def test_an_empty_window_says_what_to_do(make_window: MakeWindow) -> None:
    window = make_window(weights=None)
    assert window.welcome.isVisible()
    assert not window.detection_bar.detect.isEnabled()
    assert not window.transport.isEnabled()
    assert "pandanet-small" in window.statusBar().weights.text()
    assert window.statusBar().engine.isVisible()


def test_keys_show_exactly_the_frame_they_mean(window: MainWindow, qtbot: QtBot) -> None:
    held = Qt.KeyboardModifier
    playback = window.workspace.state.playback
    steps = [
        (Qt.Key.Key_Right, held.NoModifier, 1),
        (Qt.Key.Key_Right, held.NoModifier, 2),
        (Qt.Key.Key_Right, held.ControlModifier, 12),
        (Qt.Key.Key_Left, held.NoModifier, 11),
        (Qt.Key.Key_Left, held.ControlModifier, 1),
        (Qt.Key.Key_End, held.NoModifier, FRAMES - 1),
        (Qt.Key.Key_Right, held.NoModifier, FRAMES - 1),
        (Qt.Key.Key_Home, held.NoModifier, 0),
        (Qt.Key.Key_Right, held.ControlModifier | held.AltModifier, FRAMES - 1),
    ]
    for key, modifiers, expected in steps:
        press(window, qtbot, key, modifiers)
        wait_until(qtbot, lambda expected=expected: playback.shown == expected)
        assert number_in(picture_on(window)) == expected
        assert f"frame {expected} / {FRAMES - 1}" in window.transport.frame_text()


def test_a_click_on_the_slider_shows_that_frame(window: MainWindow, qtbot: QtBot) -> None:
    slider = window.transport.slider
    at = QPoint(round(slider.x_of(33)), slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=at)
    playback = window.workspace.state.playback
    wait_until(qtbot, lambda: playback.shown == slider.frame_at(at.x()))
    assert abs(number_in(picture_on(window)) - 33) <= 1
    assert number_in(picture_on(window)) == playback.shown


def test_space_plays_and_pauses(window: MainWindow, qtbot: QtBot) -> None:
    playback = window.workspace.state.playback
    shown: list[int] = []
    window.workspace.frames.shown.connect(lambda frame: shown.append(frame.index))
    press(window, qtbot, Qt.Key.Key_Space)
    wait_until(qtbot, lambda: len(shown) > 5)
    press(window, qtbot, Qt.Key.Key_Space)
    assert not playback.playing
    assert shown == sorted(set(shown))
    assert number_in(picture_on(window)) == playback.shown == playback.frame


def test_detection_streams_in_and_the_score_slider_needs_no_new_one(
    window: MainWindow, qtbot: QtBot
) -> None:
    detect_all(window, qtbot)
    workspace = window.workspace
    assert workspace.people is not None
    assert workspace.people.done.all()
    assert "thresholds" in window.statusBar().engine.text()
    counts = []
    for score in (0.05, 0.3, 0.7, 0.95, 0.1):
        window.detection_bar.score.setValue(round(score * 100))
        wait_until(qtbot, lambda score=score: workspace.state.overlay.min_score == score)
        people = workspace.scenes.scene().people
        assert people is not None
        counts.append(len(people.detections))
        assert workspace.state.detection.phase is DetectionPhase.FINISHED
    assert counts == [3, 2, 1, 0, 3]


def test_the_score_slider_starts_where_the_weights_recommend(
    make_window: MakeWindow, qtbot: QtBot, film: Path, tmp_path: Path
) -> None:
    loaded = load_weights(write_tiny_weights(tmp_path / "tiny.safetensors"))
    weights = tmp_path / "speaking.safetensors"
    save_weights(weights, replace(loaded, notes={"recommended_score": 0.7}))
    window = make_window(weights=weights)
    wait_until(qtbot, lambda: window.detection_bar.score.value() == 70)
    open_in(window, qtbot, film)
    detect_all(window, qtbot)
    people = window.workspace.scenes.scene().people
    assert people is not None
    assert len(people.detections) == 1
    window.detection_bar.score.setValue(5)
    wait_until(qtbot, lambda: len(window.workspace.scenes.scene().people.detections) == 3)


def test_the_score_slider_changes_the_pixels(window: MainWindow, qtbot: QtBot) -> None:
    bare = picture_on(window).astype(int)
    detect_all(window, qtbot)

    def drawn_on(person: int) -> bool:
        x0, y0, x1, y1 = walker_boxes(0)[person]
        around = (slice(y0 - 6, y1 + 6), slice(x0 - 6, x1 + 6))
        return bool((np.abs(picture_on(window).astype(int) - bare)[around] > 60).any())

    wait_until(qtbot, lambda: drawn_on(0) and drawn_on(1) and not drawn_on(2))
    window.detection_bar.score.setValue(10)
    wait_until(qtbot, lambda: drawn_on(2))
    window.detection_bar.score.setValue(95)
    wait_until(qtbot, lambda: not any(drawn_on(person) for person in range(3)))
    window.detection_bar.score.setValue(10)
    press(window, qtbot, Qt.Key.Key_H)
    wait_until(qtbot, lambda: not any(drawn_on(person) for person in range(3)))


def test_a_click_chooses_a_person_everywhere(window: MainWindow, qtbot: QtBot) -> None:
    detect_all(window, qtbot)
    x0, y0, x1, y1 = walker_boxes(0)[1]
    middle = position(window, (x0 + x1) / 2, (y0 + y1) / 2)
    qtbot.mouseClick(window.video, Qt.MouseButton.LeftButton, pos=middle)
    workspace = window.workspace
    assert workspace.scenes.scene().selected == 1
    panel = window.people_panel
    wait_until(qtbot, lambda: panel.joints.rowCount() == 22)
    assert [index.row() for index in panel.people_view.selectionModel().selectedRows()] == [1]
    assert "0.60" in panel.summary.text()
    qtbot.mouseClick(
        window.video, Qt.MouseButton.LeftButton, pos=position(window, WIDTH - 5, HEIGHT - 5)
    )
    assert workspace.state.selection.person is None
    row = panel.people_view.visualRect(panel.people.index(0, 0)).center()
    qtbot.mouseClick(panel.people_view.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert workspace.scenes.scene().selected == 0


def test_the_chosen_person_is_followed(window: MainWindow, qtbot: QtBot) -> None:
    detect_all(window, qtbot)
    window.workspace.scenes.select_row(1)
    playback = window.workspace.state.playback
    for expected in range(1, 6):
        press(window, qtbot, Qt.Key.Key_Right)
        wait_until(qtbot, lambda expected=expected: playback.shown == expected)
    scene = window.workspace.scenes.scene()
    assert scene.selected is not None
    assert scene.people is not None
    box = scene.people.detections.boxes[scene.selected]
    assert box == pytest.approx(np.array(walker_boxes(5)[1]), abs=1.5)


def test_cancel_ends_the_child_at_once(make_window: MakeWindow, qtbot: QtBot, film: Path) -> None:
    window = make_window(load_hanging_detector)
    open_in(window, qtbot, film)
    qtbot.mouseClick(window.detection_bar.detect, Qt.MouseButton.LeftButton)
    detection = window.workspace.state.detection
    wait_until(qtbot, lambda: detection.done == 1)
    job = window.workspace.detection.job
    assert job is not None
    pid = job.pid
    assert pid is not None
    assert window.detection_bar.cancel.isVisible()
    started_s = time.monotonic()
    qtbot.mouseClick(window.detection_bar.cancel, Qt.MouseButton.LeftButton)
    assert time.monotonic() - started_s < 0.2
    qtbot.waitUntil(lambda: not alive(pid), timeout=2_000)
    assert not window.detection_bar.cancel.isVisible()
    assert window.detection_bar.detect.isEnabled()
    assert window.workspace.people is not None
    assert window.workspace.people.done_ranges() == ((0, 1),)


def test_closing_during_detection_leaves_nothing(
    make_window: MakeWindow, qtbot: QtBot, film: Path
) -> None:
    window = make_window(load_hanging_detector)
    open_in(window, qtbot, film)
    window.workspace.detect()
    wait_until(qtbot, lambda: window.workspace.state.detection.done == 1)
    job = window.workspace.detection.job
    assert job is not None
    pid = job.pid
    assert pid is not None
    assert alive(pid)
    press(window, qtbot, Qt.Key.Key_Space)
    window.close()
    assert not window.isVisible()
    qtbot.waitUntil(lambda: not alive(pid), timeout=2_000)
    assert not window.workspace.state.playback.playing
    # Threads and shared memory are for the fixture to look for.


def test_the_field_of_view_places_people_again(window: MainWindow, qtbot: QtBot) -> None:
    detect_all(window, qtbot)
    scenes = window.workspace.scenes

    def depth() -> float:
        people = scenes.scene().people
        assert people is not None
        return float(people.detections.root_mm[0, 2])

    before = depth()
    window.detection_bar.fov.setValue(30)
    ratio = np.tan(np.radians(30)) / np.tan(np.radians(15))
    assert depth() / before == pytest.approx(ratio, rel=0.02)
    assert "30°" in window.statusBar().camera.text()


def test_range_is_what_is_detected(window: MainWindow, qtbot: QtBot) -> None:
    playback = window.workspace.state.playback
    for frame, key in ((20, Qt.Key.Key_I), (29, Qt.Key.Key_O), (25, None)):
        window.workspace.frames.go_to(frame)
        wait_until(qtbot, lambda frame=frame: playback.shown == frame)
        if key is not None:
            press(window, qtbot, key)
    detect_all(window, qtbot)
    assert window.workspace.people is not None
    assert window.workspace.people.done_ranges() == ((20, 30),)
    window.workspace.detect()
    message = window.workspace.state.session.message
    assert message is not None
    assert message.text == "Every frame of the range is detected."


def test_zoom_is_about_the_pointer_and_double_click_fits(window: MainWindow, qtbot: QtBot) -> None:
    fitted = window.video.viewport()
    assert fitted is not None
    at = QPointF(position(window, 170, 110))
    before = fitted.to_picture(at.x(), at.y())
    event = QWheelEvent(
        at, window.video.mapToGlobal(at), QPoint(), QPoint(0, 960), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(window.video, event)
    zoomed = window.video.viewport()
    assert zoomed is not None
    assert zoomed.scale == pytest.approx(fitted.scale * 1.25**8)
    assert zoomed.to_picture(at.x(), at.y()) == pytest.approx(before, abs=1e-6)
    qtbot.mouseDClick(window.video, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert window.video.viewport() == fitted


def test_every_shortcut_is_in_f1_and_every_icon_says_what_it_does(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_[Command.SHORTCUTS].trigger()
    dialog = next(
        one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window
    )
    text = dialog.page.toPlainText()
    for words in ("Play or pause", "Space", "Ctrl+Alt+Right", "Next frame", "Drop a video"):
        assert words in text
    dialog.close()
    dialog.deleteLater()
    for button in window.findChildren(QToolButton):
        if button.isVisible():
            assert button.text() or button.toolTip(), button
            assert button.toolTip() or button.text(), button


def test_light_style_is_kept(window: MainWindow, make_window: MakeWindow) -> None:
    dark = screen_of(window)[2, 2].mean()
    window.actions_[Command.LIGHT_STYLE].trigger()
    assert screen_of(window)[2, 2].mean() > dark + 100
    assert not make_window().theme.dark
