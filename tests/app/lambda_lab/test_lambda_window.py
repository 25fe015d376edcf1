"""The λ lab in the real window, drawn without a screen."""

import math
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from pandanet_app.controllers.starting import open_first
from pandanet_app.drawing.lambda_figure.content import Shown
from pandanet_app.drawing.lambda_figure.panels import Cell, HeatPanel
from pandanet_app.qt.docks import show_in_front
from pandanet_app.qt.lambda_lab.figure_view import FigureView
from pandanet_app.qt.main_window import MainWindow
from pandanet_app.views.shortcuts import Command
from tests.app.lambda_lab.kit import colour_in, read_colour
from tests.app.test_window_files import drop
from tests.app.window_kit import MakeWindow, detect_all, press, wait_until
from tests.lambda_runs import (
    EVERY,
    MadeUpRun,
    append_points,
    made_up_run,
    write_run,
    write_weights,
)


def open_run(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Open a training and look at its λ, which share their place with its curves."""
    lab, opened = window.workspace.state.lambda_lab, list[Path]()
    before = lab.first
    window.workspace.training_opened.connect(opened.append)
    window.open(path)
    wait_until(qtbot, lambda: bool(opened) and lab.first is not before)
    show_in_front(window.lambda_dock)
    wait_until(qtbot, window.lambda_panel.figure.isVisible)


def on_screen(view: FigureView) -> NDArray[np.uint8]:
    """What the figure's view shows, (H, W, 3) RGB."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    bits = image.constBits()
    assert bits is not None
    rows = np.frombuffer(bits.asstring(image.sizeInBytes()), np.uint8)
    return rows.reshape(image.height(), -1)[:, : image.width() * 3].reshape(
        image.height(), image.width(), 3
    )


def check_screen(window: MainWindow, run: MadeUpRun, point: int) -> None:
    """The heatmaps on screen show a point of the run's history, and every cell of it."""
    view = window.lambda_panel.figure
    picture, figure = on_screen(view), view.figure
    assert figure is not None
    for number, panel in enumerate(figure.panels[:2]):
        assert isinstance(panel, HeatPanel)
        low, high = panel.scale.low, panel.scale.high
        for row, anchor in enumerate(np.argsort(run.sizes_px[:, 0])):
            for column, name in enumerate(panel.columns):
                colour = colour_in(picture, figure, Cell(number, row, column))
                found = math.log(read_colour(colour, low, high, logarithmic=True))
                expected = run.joint[point, number, anchor, run.skeleton.joints.index(name)]
                assert found == pytest.approx(expected, abs=0.05)


def middle_of(view: FigureView, cell: Cell) -> QPoint:
    assert view.figure is not None
    x0, y0, x1, y1 = (edge / view.devicePixelRatioF() for edge in view.figure.rectangle(cell))
    return QPoint(round((x0 + x1) / 2), round((y0 + y1) / 2))


def test_a_run_folder_opens_in_its_dock_and_grows_while_it_is_open(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(4))
    window = make_window()
    assert not window.lambda_dock.isVisible()
    drop(window, folder)
    player = window.lambda_panel.player
    wait_until(qtbot, lambda: player.slider.maximum() == 3)
    wait_until(qtbot, window.lambda_dock.toggleViewAction().isChecked)
    show_in_front(window.lambda_dock)
    check_screen(window, run, 3)
    append_points(folder, run, 4, 7)
    wait_until(qtbot, lambda: player.slider.maximum() == 6)  # nobody asked for it
    assert player.step.text() == "step 700 of 700"
    assert not window.welcome.isVisible()  # the training has all the room
    for dock in (window.lambda_dock, window.training_dock):
        dock.close()
    assert window.welcome.isVisible()
    show_in_front(window.lambda_dock)
    check_screen(window, run, 6)
    assert "run" in [button.text() for button in window.welcome.recent_buttons()]
    assert window.workspace.state.session.message is None


def test_the_command_opens_a_run_folder(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    run = made_up_run()
    open_first(window.workspace, write_run(tmp_path / "run", run), fov_deg=None, detect=True)
    wait_until(qtbot, lambda: window.workspace.state.lambda_lab.step == run.steps[-1])
    show_in_front(window.lambda_dock)
    check_screen(window, run, 11)
    assert window.workspace.state.session.source is None


def test_the_slider_moves_through_the_history_by_mouse_and_keys(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made_up_run()
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", run))
    slider, lab = window.lambda_panel.player.slider, window.workspace.state.lambda_lab
    slider.setFocus()
    for key, place in (
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
    ):
        qtbot.keyClick(slider, key)
        assert lab.step == EVERY * (place + 1)
        check_screen(window, run, place)
    slider.setValue(8)
    check_screen(window, run, 8)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert lab.newest


def test_playing_ends_where_the_history_ends(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made_up_run()
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", run))
    lab, seen = window.workspace.state.lambda_lab, list[int]()
    lab.events.step.connect(seen.append)
    play = window.lambda_panel.player.play
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert lab.playing
    wait_until(qtbot, lambda: not lab.playing)
    assert seen[0] == EVERY
    assert seen == sorted(set(seen))
    assert lab.step == run.steps[-1]
    check_screen(window, run, 11)
    play.setFocus()
    qtbot.keyClick(play, Qt.Key.Key_Space)
    assert lab.playing
    window.lambda_dock.close()
    assert not lab.playing  # nobody looks


def test_cells_are_read_by_mouse_and_keys_and_the_film_stays(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made_up_run()
    open_run(window, qtbot, write_run(tmp_path / "run", run))
    view, said = window.lambda_panel.figure, window.lambda_panel.choices.reading
    assert "arrow keys" in said.text()
    assert view.figure is not None
    panel = view.figure.panels[0]
    assert isinstance(panel, HeatPanel)
    anchor = int(np.argsort(run.sizes_px[:, 0])[2])
    joint = run.skeleton.joints.index(panel.columns[5])
    value = math.exp(run.joint[-1, 0, anchor, joint])
    expected = f"{value:.3g} · λ 2D joints · {panel.rows[2]}, {panel.columns[5]}"

    def read_by_mouse() -> bool:
        """The docks may still be finding their sizes, and the cell its place."""
        qtbot.mouseMove(view, QPoint(0, 0))
        qtbot.mouseMove(view, middle_of(view, Cell(0, 2, 5)))
        return said.text() == expected

    wait_until(qtbot, read_by_mouse)
    qtbot.mouseMove(view, QPoint(0, 0))
    assert "arrow keys" in said.text()
    view.setFocus()
    for key, cell in (
        (Qt.Key.Key_Down, Cell(0, 0, 0)),
        (Qt.Key.Key_Down, Cell(0, 1, 0)),
        (Qt.Key.Key_Right, Cell(0, 1, 1)),
        (Qt.Key.Key_Left, Cell(0, 1, 0)),
    ):
        qtbot.keyClick(view, key)
        assert said.text().endswith(
            f" · λ 2D joints · {panel.rows[cell.row]}, {panel.columns[cell.column]}"
        )
    window.workspace.lambda_lab.go_to(0)
    assert said.text().startswith("1.00 · ")  # it is read anew at every step
    assert window.workspace.state.playback.frame == 0
    window.video.setFocus()
    press(window, qtbot, Qt.Key.Key_Right)
    assert window.workspace.state.playback.frame == 1
    assert "arrow keys" in said.text()


def test_two_runs_beside_each_other(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "old", made_up_run(points=5)))
    weights = write_weights(tmp_path / "new.safetensors", made_up_run(points=5, seed=2))
    window.workspace.lambda_lab.compare(weights)
    lab, panel = window.workspace.state.lambda_lab, window.lambda_panel
    wait_until(qtbot, lambda: lab.second is not None)
    assert panel.choices.runs.text() == "old and new"
    assert panel.figure.figure is not None
    titles = [one.title for one in panel.figure.figure.panels]
    assert "λ 2D joints: new ÷ old" in titles
    assert "old: Joints in 2D" in panel.words.text()
    assert "new: Joints in 2D" in panel.words.text()
    picture = on_screen(panel.figure)
    window.workspace.lambda_lab.swap()
    assert (on_screen(panel.figure) != picture).any()
    window.workspace.lambda_lab.compare_no_more()
    assert panel.choices.runs.text() == "new"


def test_choices_change_the_figure(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", made_up_run()))
    choices, lab = window.lambda_panel.choices, window.workspace.state.lambda_lab
    pictures = [on_screen(window.lambda_panel.figure)]
    for button in (choices.logarithmic, choices.by_group):
        button.click()
        pictures.append(on_screen(window.lambda_panel.figure))
    assert not lab.logarithmic
    assert not lab.by_group
    choices.shown.setCurrentIndex(choices.shown.findData(Shown.ANCHORS))
    choices.shown.activated.emit(choices.shown.currentIndex())
    assert lab.shown is Shown.ANCHORS
    pictures.append(on_screen(window.lambda_panel.figure))
    for before, after in pairwise(pictures):
        assert before.shape != after.shape or (before != after).any()


def test_what_is_saved_looks_like_the_window(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", made_up_run()))
    path = tmp_path / "figure.png"
    window.lambda_panel.choices.picture_wanted.emit(path)
    wait_until(qtbot, lambda: not window.workspace.state.export.active)
    corner = cv2.imread(str(path))[0, 0, ::-1]
    assert (corner == on_screen(window.lambda_panel.figure)[0, 0]).all()
    assert window.message_bar.label.text() == f"Saved {path}."


def test_the_figure_is_in_the_windows_colours(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", made_up_run()))
    dark = on_screen(window.lambda_panel.figure)[0, 0].mean()
    window.actions_[Command.LIGHT_STYLE].trigger()
    assert on_screen(window.lambda_panel.figure)[0, 0].mean() > dark + 100


@pytest.mark.parametrize("anchors", [1, 40])
def test_one_anchor_and_forty(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, anchors: int
) -> None:
    run = made_up_run(anchors=anchors)
    window = make_window()
    open_run(window, qtbot, write_run(tmp_path / "run", run))
    check_screen(window, run, 11)
    assert window.lambda_panel.words.text().count("\n") == 6


def test_weights_without_a_history_show_their_last_lambdas_and_say_so(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    run = made_up_run()
    window = make_window()
    open_run(window, qtbot, write_weights(tmp_path / "last.safetensors", run, history=False))
    check_screen(window, run, 11)
    panel = window.lambda_panel
    assert panel.note.isVisible()
    assert "without their history" in panel.note.text()
    assert not panel.player.slider.isEnabled()
    assert not panel.player.play.isEnabled()


@pytest.mark.parametrize(
    ("first_line", "said"),
    [
        ("no json\n", "damaged"),
        (made_up_run().header(format_version=2), "newer version"),
        ("", "no λ yet"),
    ],
)
def test_a_run_that_cannot_be_shown_says_why(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, first_line: str, said: str
) -> None:
    folder = write_run(tmp_path / "run", made_up_run())
    (folder / "lambdas.jsonl").write_text(first_line)
    window = make_window()
    drop(window, folder)
    wait_until(qtbot, window.message_bar.isVisible)
    assert said in window.message_bar.label.text()
    assert said in window.lambda_panel.note.text()
    assert not window.lambda_panel.figure.isVisible()


def test_a_training_opens_beside_detections_that_are_not_saved(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    asked = []
    detect_all(window, qtbot)
    window._ask = asked.append
    open_run(window, qtbot, write_run(tmp_path / "run", made_up_run()))
    assert not asked
    assert window.workspace.state.session.unsaved
    assert window.workspace.people is not None
    assert window.workspace.people.done.all()
    window.workspace.state.session.unsaved = False


def test_every_button_of_the_dock_says_what_it_does(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = make_window()
    window.lambda_dock.show()
    assert "Drop a run folder" in window.lambda_panel.note.text()
    open_run(window, qtbot, write_run(tmp_path / "run", made_up_run()))
    for button in window.lambda_panel.findChildren(QToolButton):
        assert button.toolTip()
    window.lambda_dock.setFloating(True)  # a torn-off dock goes with its window
    QApplication.processEvents()
