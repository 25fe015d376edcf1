"""The training window as it is on screen: a real window, and a real training."""

import os
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtWidgets import QApplication, QCheckBox, QGraphicsView, QLineEdit
from pytestqt.qtbot import QtBot

from pandanet_app.drawing.curves import smoothed
from pandanet_app.drawing.probe import draw_probe
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.training.runs import RunPhase
from pandanet_app.qt.main_window import MainWindow
from pandanet_app.qt.theme import DARK, LIGHT, Theme, contrast
from pandanet_app.qt.training.curves import colour_of
from pandanet_app.qt.training.desk import TrainingDesk
from pandanet_app.qt.training.plot import CurvePlot
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.places import probe_path
from pandanet_core.training.config import TrainingConfig, write_config
from pandanet_core.training.run_folder.holder import holder_of
from tests.app.leaks import alive
from tests.app.window_kit import MakeWindow, press, wait_until

STEPS = 3000


def write_run(run: Path, config: TrainingConfig, offset: float = 0.0) -> None:
    """A run folder as a training of 3,000 steps leaves it."""
    (run / "checkpoints").mkdir(parents=True)
    (run / "checkpoints" / "00003000.pt").write_bytes(b"")
    write_config(run / "config.json", config)
    random = np.random.default_rng(0)
    with (run / "log.jsonl").open("w") as log:
        for step in range(1, STEPS + 1):
            loss, rate = 9 / step - 2 + offset + random.normal() / 9, 1e-3 / step
            log.write(f'{{"step": {step}, "loss": {loss}, "learning_rate": {rate}}}\n')


def desk_of(window: MainWindow) -> TrainingDesk:
    desk = window.training_panel.desk
    assert desk is not None
    return desk


def open_run(window: MainWindow, qtbot: QtBot, run: Path) -> None:
    window.open(run)
    runs = window.workspace.state.training.runs
    wait_until(qtbot, lambda: runs.chosen == run and len(runs.current.log) > 0)  # type: ignore[union-attr]
    wait_until(qtbot, lambda: window.training_panel.desk is not None)
    wait_until(qtbot, lambda: window.workspace.state.training.form.folder == str(run))


def turn_wheel_over(canvas: QGraphicsView, plot: CurvePlot) -> None:
    place = canvas.mapFromScene(plot.box.sceneBoundingRect().center())
    viewport = canvas.viewport()
    assert viewport is not None
    event = QWheelEvent(
        QPointF(place), QPointF(viewport.mapToGlobal(place)), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def type_into(window: MainWindow, qtbot: QtBot, path: tuple[str, ...], text: str) -> None:
    editor = desk_of(window).form.rows[path].editor
    assert isinstance(editor, QLineEdit)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)


def test_a_training_is_started_watched_paused_and_resumed_with_the_mouse(
    make_window: MakeWindow, qtbot: QtBot, tiny: TrainingConfig, run: Path, tmp_path: Path
) -> None:
    window = make_window()
    window.training_dock.toggleViewAction().trigger()
    desk = desk_of(window)
    assert desk.tabs.currentIndex() == 1  # nothing is open: begin with the settings
    form, state = desk.form, window.workspace.state.training
    window.workspace.training.form.use_run(tiny, "")  # a person's many clicks
    window.workspace.training.form._form.update(
        {"origin": form.origin.itemData(0), "fixed": frozenset()}
    )
    qtbot.keyClicks(form.folder, str(run))
    assert state.form.folder == str(run)
    type_into(window, qtbot, ("steps",), "x")
    assert not form.start.isEnabled()
    assert form.problem.text() == "steps is 'x'; give a whole number."
    assert form.rows["steps",].label.text() == "▲ steps"
    type_into(window, qtbot, ("steps",), "90000")
    assert form.rows["steps",].label.text() == "● steps"
    qtbot.mouseClick(form.start, Qt.MouseButton.LeftButton)
    wait_until(qtbot, lambda: state.runs.current is not None and state.runs.current.step >= 3)
    assert desk.tabs.currentIndex() == 0
    assert "of 90,000" in desk.run_bar.progress.format()
    assert "pictures/s" in desk.run_bar.progress.format()
    assert "left" in desk.run_bar.progress.format()
    holder = holder_of(run)
    assert holder is not None

    window.close()  # the training goes on, and another window finds it
    again = make_window()
    open_run(again, qtbot, run)
    assert alive(holder.pid)
    bar, runs = desk_of(again).run_bar, again.workspace.state.training.runs
    wait_until(qtbot, bar.pause.isVisible)
    qtbot.mouseClick(bar.pause, Qt.MouseButton.LeftButton)
    wait_until(qtbot, lambda: runs.current.phase is RunPhase.STOPPED)  # type: ignore[union-attr]
    assert bar.resume.isVisible()
    assert bar.progress.format().startswith("stopped · step ")
    wait_until(qtbot, lambda: not alive(holder.pid))
    os.waitpid(holder.pid, 0)  # as the system does when the program that started it has ended

    step = runs.current.step  # type: ignore[union-attr]
    desk_of(again).tabs.setCurrentIndex(1)
    assert not desk_of(again).form.rows["seed",].editor.isEnabled()
    type_into(again, qtbot, ("steps",), str(step + 2))
    type_into(again, qtbot, ("probe_every_steps",), "1")
    qtbot.mouseClick(bar.resume, Qt.MouseButton.LeftButton)
    wait_until(qtbot, lambda: runs.current.phase is RunPhase.FINISHED)  # type: ignore[union-attr]
    assert runs.current.step == step + 2  # type: ignore[union-attr]
    assert not bar.resume.isEnabled()

    again.workspace.state.lambda_lab.first = None
    qtbot.mouseClick(bar.lambdas, Qt.MouseButton.LeftButton)
    wait_until(qtbot, again.lambda_panel.isVisible)
    again.training_dock.raise_()
    wait_until(qtbot, bar.isVisible)
    desk_of(again).tabs.setCurrentIndex(2)
    probes = again.workspace.state.training.probes
    wait_until(qtbot, lambda: len(probes.looks) == 2)
    view = desk_of(again).probes
    assert view.step.text() == f"after {step + 2:,} of {step + 2:,} steps"
    qtbot.keyClick(view.slider, Qt.Key.Key_Left)
    path = probe_path(run, step + 1, 0)
    wait_until(qtbot, lambda: probes.looks[0].path == path)
    look, stored = probes.looks[0], open_trace(path)
    assert look.trace is not None
    assert [fate.reason for fate in look.trace.fates] == [f.reason for f in stored.trace().fates]
    shown = view.pictures[0].grab().toImage()
    again_drawn = draw_probe(
        stored.picture,
        stored.trace(),
        AnchorView.SELECTED,
        (shown.width(), shown.height()),
        (0, 0, 0),
    )
    middle = shown.pixelColor(shown.width() // 2, shown.height() // 2)
    expected = again_drawn[shown.height() // 2, shown.width() // 2].tolist()
    assert [middle.red(), middle.green(), middle.blue()] == expected


def test_curves_show_the_log_and_runs_beside_each_other(
    make_window: MakeWindow, qtbot: QtBot, tiny: TrainingConfig, tmp_path: Path
) -> None:
    window = make_window()
    for name, offset in (("first", 0.0), ("second", 5.0)):
        write_run(tmp_path / name, tiny, offset)
        open_run(window, qtbot, tmp_path / name)
    desk, runs = desk_of(window), window.workspace.state.training.runs
    loss, rate = desk.curves.plots[0], desk.curves.plots[5]
    for plot, name in ((loss, "loss"), (rate, "learning_rate")):
        for line, view in zip(plot.lines[1::2], runs.views, strict=True):  # single steps, mean
            np.testing.assert_array_equal(line.steps, view.log["step"])
            np.testing.assert_array_equal(line.values, smoothed(view.log[name], runs.smoothing))
    low, high = loss.box.viewRange()[1]
    assert low < -2.2
    assert high > 3.1
    assert loss.box.viewRange()[0] == [1, STEPS]

    qtbot.mouseClick(desk.choices.log_values, Qt.MouseButton.LeftButton)
    assert "linear: not above 0" in loss.words
    assert "linear" not in rate.words
    assert rate.box.viewRange()[1][1] < 0  # powers of ten
    first = desk.choices.findChildren(QCheckBox, "first")[0]
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert runs.hidden == {tmp_path / "first"}
    assert len(loss.lines) == 2
    assert "linear" not in loss.words  # all of the second run's losses are above 0
    loss.point_at(1000)
    found = smoothed(runs.views[1].log["loss"], runs.smoothing)[999]
    assert f"{found:.2f}" in loss.words


def test_the_curves_grow_while_somebody_trains_elsewhere(
    make_window: MakeWindow, qtbot: QtBot, tiny: TrainingConfig, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    write_run(run, tiny)
    window = make_window()
    open_run(window, qtbot, run)
    curves = desk_of(window).curves
    loss, other = curves.plots[0], curves.plots[1]
    assert loss.box.viewRange()[0] == [1, STEPS]
    turn_wheel_over(curves.canvas, loss)
    zoomed = loss.box.viewRange()
    assert zoomed[0][1] - zoomed[0][0] < 0.95 * STEPS
    assert other.box.viewRange()[0] == zoomed[0]  # the plots' steps move together
    with (run / "log.jsonl").open("a") as log:
        log.write(f'{{"step": {STEPS + 1}, "loss": 7.5}}\n')
    wait_until(qtbot, lambda: loss.lines[0].steps[-1] == STEPS + 1)
    assert loss.box.viewRange() == zoomed
    desk_of(window).choices.fit.click()
    assert loss.box.viewRange()[0] == [1, STEPS + 1]


def test_keys_that_are_typed_into_a_field_do_not_command_the_window(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    window.training_dock.toggleViewAction().trigger()
    window.activateWindow()
    overlay = window.workspace.state.overlay
    folder = desk_of(window).form.folder
    folder.setFocus()
    for key in (Qt.Key.Key_B, Qt.Key.Key_S, Qt.Key.Key_H):
        press(folder, qtbot, key)  # type: ignore[arg-type]
    assert folder.text() == "bsh"
    assert overlay.boxes
    assert overlay.people


def test_another_recipe_fills_a_field_that_is_being_written(
    make_window: MakeWindow, qtbot: QtBot
) -> None:
    window = make_window()
    window.training_dock.toggleViewAction().trigger()
    window.activateWindow()
    type_into(window, qtbot, ("batch_size",), "a few")
    editor = desk_of(window).form.rows["batch_size",].editor
    assert isinstance(editor, QLineEdit)
    window.workspace.training.new_run("paper")
    assert editor.text() == "24"
    type_into(window, qtbot, ("optimiser", "learning_rate"), "5e-3")
    rate = desk_of(window).form.rows["optimiser", "learning_rate"].editor
    assert isinstance(rate, QLineEdit)
    assert rate.text() == "5e-3"  # not put right under one's hands
    assert desk_of(window).form.rows["optimiser", "learning_rate"].label.text() == "learning rate"


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_numbers_in_a_runs_colour_can_be_read(theme: Theme) -> None:
    for place in range(7):
        assert contrast(colour_of(place, theme), theme.window) >= 4.5
