"""The anchor lab in the real window: why a person was found or not, what if, and bad input."""

import os
import signal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from pandanet_app.controllers.anchor_lab.messages import Other
from pandanet_app.models.anchor_lab import AnchorMap, AnchorView, TruthChoice
from pandanet_app.qt.main_window import MainWindow
from pandanet_core.boxes import clip_boxes
from pandanet_core.skeleton import MUPOTS17
from tests.app.anchor_lab.kit import (
    ANCHORS,
    HEIGHT,
    WIDTH,
    scene_of,
    settled,
    show_anchors,
    two_people,
    write_truth_folder,
)
from tests.app.window_kit import MakeWindow, open_in, wait_until
from tests.core import brute_force
from tests.tiny_weights import write_tiny_weights
from tests.video_files import pictures


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_weights(tmp_path_factory.mktemp("w") / "three.safetensors", anchors=ANCHORS)


@pytest.fixture(scope="module")
def other_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One anchor a position."""
    path = tmp_path_factory.mktemp("w") / "one.safetensors"
    return write_tiny_weights(path, anchors=ANCHORS[1:2])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_truth_folder(tmp_path / "data")


@pytest.fixture
def lab_window(make_window: MakeWindow, qtbot: QtBot, folder: Path, weights: Path) -> MainWindow:
    """A window on the folder, A+ on screen."""
    window = make_window(weights=weights)
    window.resize(1400, 1000)
    open_in(window, qtbot, folder)
    window.workspace.anchor_lab.change(min_score=0.3, selected_above=0.4)
    window.anchors.next_view()
    show_anchors(window, qtbot, AnchorView.POSITIVE)
    return window


def test_a_person_has_every_anchor_that_matched_and_its_winner(
    lab_window: MainWindow, qtbot: QtBot
) -> None:
    lab, tab = lab_window.workspace.anchor_lab, lab_window.anchors.panel.person
    for person in (0, 1):
        lab.choose_person(person)
        qtbot.waitUntil(lambda person=person: tab.summary.text().startswith(f"Person {person}:"))
        trace = scene_of(lab_window).trace
        own = trace.positives.person == person
        scores = [float(row[2]) for row in tab.table.texts()]
        assert scores == pytest.approx(sorted(trace.positives.scores[own])[::-1], abs=0.0051)
        winners = [row for row in tab.table.texts() if row[1] == "winner"]
        survivors = np.flatnonzero(trace.readout.suppressed_by < 0)
        assert len(winners) == np.isin(trace.positives.candidate[own], survivors).sum()
    tab.table.sortByColumn(4, Qt.SortOrder.AscendingOrder)
    overlaps = [float(row[4]) for row in tab.table.texts()]
    assert overlaps == pytest.approx(sorted(trace.positives.pose_overlap[own]), abs=0.0051)
    check_a_chosen_row(lab_window, qtbot)


def check_a_chosen_row(lab_window: MainWindow, qtbot: QtBot) -> None:
    """It gives the box and the pose that its anchor would have given."""
    lab, tab = lab_window.workspace.anchor_lab, lab_window.anchors.panel.person
    bare = lab_window.video.grab().toImage()
    tab.table.selectRow(3)
    spot = lab.lab.spot
    assert spot is not None
    wait_until(qtbot, lambda: lab.scene is not None and lab.scene.reading is not None
               and lab.scene.reading.place_of(spot) is not None)  # fmt: skip
    scene = scene_of(lab_window)
    assert scene.reading is not None
    place = scene.reading.place_of(spot)
    positives = scene.trace.positives
    row = np.flatnonzero(
        (positives.anchor == spot.anchor)
        & (positives.row == spot.row)
        & (positives.column == spot.column)
    )
    assert place is not None
    assert scene.reading.boxes[place] == pytest.approx(positives.boxes[row[0]], abs=1e-3)
    assert scene.reading.pose2d[place] == pytest.approx(positives.pose2d[row[0]], abs=1e-3)
    assert scene.person == 1
    assert lab_window.video.grab().toImage() != bare


def test_lost_people_are_listed_counted_and_jumped_to(lab_window: MainWindow, qtbot: QtBot) -> None:
    lab, tab = lab_window.workspace.anchor_lab, lab_window.anchors.panel.lost
    tab.start.click()
    assert lab.lost.found.active
    wait_until(qtbot, lambda: not lab.lost.found.active)
    found = lab.lost.found
    assert (found.done, found.people, found.problem) == (3, 6, "")
    assert len(found.lost) == sum(found.by_reason().values()) > 0
    assert f"{6 - len(found.lost)} of 6 people found, {len(found.lost)} not" in tab.summary.text()
    last = max(found.lost, key=lambda one: one.frame)
    assert last.frame > 0
    row = [text[:2] for text in tab.table.texts()].index([str(last.frame), str(last.person)])
    tab.table.selectRow(row)
    wait_until(qtbot, lambda: lab.lab.person == last.person
               and lab_window.workspace.state.playback.shown == last.frame)  # fmt: skip
    assert scene_of(lab_window).frame == last.frame
    fate = scene_of(lab_window).trace.fates[last.person]
    assert (fate.reason.value if fate.reason else "found") == last.reason
    reason = tab.reason.findData(last.reason)
    tab.reason.setCurrentIndex(reason)
    tab.reason.activated.emit(reason)
    assert {text[2] for text in tab.table.texts()} == {last.reason}
    assert len(tab.table.texts()) == found.by_reason()[last.reason]
    tab.start.click()
    process = lab.lost._process
    assert process is not None
    wait_until(qtbot, lambda: process.pid is not None)
    tab.cancel.click()
    assert not lab.lost.found.active
    wait_until(qtbot, lambda: not process.running)


def test_sliders_rule_and_anchors_change_the_trace(lab_window: MainWindow, qtbot: QtBot) -> None:
    tab = lab_window.anchors.panel.what_if
    boxes = clip_boxes(two_people(next(pictures(1, WIDTH, HEIGHT))).boxes, WIDTH, HEIGHT)

    def positives(sizes: list[tuple[float, float]], above: float) -> int:
        found = brute_force.match(boxes.tolist(), sizes, 8, HEIGHT // 8, WIDTH // 8)
        return int((found.pono > above).sum())

    tab.sliders["positive_above"].setValue(69)
    qtbot.keyClick(tab.sliders["positive_above"], Qt.Key.Key_Right)
    assert lab_window.workspace.state.playback.frame == 0  # the arrow is the slider's
    settled(lab_window, qtbot)
    assert len(scene_of(lab_window).trace.positives) == positives(list(ANCHORS), 0.7)
    tab.rule.activated.emit(0)
    settled(lab_window, qtbot)
    table = scene_of(lab_window).trace.positives
    assert (table.quality == table.pono).all()
    forty = [(10.0 + kind, 30.0 + 3 * kind) for kind in range(40)]
    for sizes in ([(40.0, 100.0)], forty):
        tab.sizes.setText(", ".join(f"{w:g}x{h:g}" for w, h in sizes))
        tab.sizes.returnPressed.emit()
        settled(lab_window, qtbot)
        scene = scene_of(lab_window)
        assert scene.trace.grid.sizes_px.tolist() == [list(size) for size in sizes]
        assert len(scene.trace.positives) == positives(sizes, 0.7)
        assert not lab_window.grab().isNull()
    tab.sizes.setText("40 by 100")
    tab.sizes.returnPressed.emit()
    assert "is no size of an anchor" in lab_window.anchors.read_out.first.text()
    tab.reset.click()
    settled(lab_window, qtbot)
    assert len(scene_of(lab_window).trace.grid.sizes_px) == 3


def test_two_settings_and_two_weights_stand_side_by_side(
    lab_window: MainWindow, qtbot: QtBot, other_weights: Path
) -> None:
    lab, tab = lab_window.workspace.anchor_lab, lab_window.anchors.panel.what_if
    tab.keep.click()
    tab.sliders["positive_above"].setValue(80)
    settled(lab_window, qtbot)
    wait_until(qtbot, lambda: lab_window.compared.isVisible())
    scene = scene_of(lab_window)
    assert scene.other is not None
    gone = len(scene.other.positives) - len(scene.trace.positives)
    assert gone > 0
    assert f"A+ 0 more and {gone:,} gone" in tab.effect.text()
    assert lab_window.compared.width() == pytest.approx(lab_window.video.width(), abs=2)
    lab.compare(Other(other_weights, lab.lab.settings))
    wait_until(qtbot, lambda: lab.scene is not None and lab.scene.other is not None
               and len(lab.scene.other.grid.sizes_px) == 1)  # fmt: skip
    assert "The anchors are others" in tab.effect.text()
    tab.stop.click()
    wait_until(qtbot, lambda: not lab_window.compared.isVisible())
    check_maps(lab_window, qtbot)


def check_maps(lab_window: MainWindow, qtbot: QtBot) -> None:
    """Each is another picture."""
    lab = lab_window.workspace.anchor_lab
    pictures_seen = []
    for wanted in AnchorMap:
        lab.lab.map = wanted
        wait_until(qtbot, lambda wanted=wanted: lab.looked is not None
                   and lab.looked.request.map is wanted)  # fmt: skip
        settled(lab_window, qtbot)
        pictures_seen.append(lab_window.video.grab().toImage())
    for first, second in pairwise(pictures_seen):
        assert first != second


def test_the_final_people_stand_in_where_nobody_knows_the_truth(
    make_window: MakeWindow, qtbot: QtBot, film: Path, weights: Path
) -> None:
    window = make_window(weights=weights)
    open_in(window, qtbot, film)
    lab = window.workspace.anchor_lab
    scene = show_anchors(window, qtbot, AnchorView.POSITIVE)
    assert scene.trace.truth.name == "the people who were found"
    assert "truth: the people who were found" in window.anchors.read_out.second.text()
    assert len(scene.trace.truth) > 0
    pid = lab._child.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until(qtbot, lambda: "ended unexpectedly" in lab.lab.problem)
    lab.change(nms_iou=0.4)
    settled(window, qtbot)
    wait_until(qtbot, lambda: lab.scene is not None and not lab.lab.problem)


def test_a_frame_without_people_says_so(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, weights: Path
) -> None:
    window = make_window(weights=weights)
    open_in(window, qtbot, write_truth_folder(tmp_path / "data", frames=1, people=False))
    scene = show_anchors(window, qtbot, AnchorView.POSITIVE)
    assert len(scene.trace.truth) == 0
    assert "0 anchors match 0 people" in window.anchors.read_out.first.text()
    window.workspace.anchor_lab.cluster(4)
    wait_until(qtbot, lambda: "need at least 4 people" in window.anchors.read_out.first.text())


def test_bad_input_is_said_in_one_sentence(
    make_window: MakeWindow, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"no weights")
    window = make_window(weights=damaged)
    open_in(window, qtbot, folder)
    lab = window.workspace.anchor_lab
    lab.lab.view = AnchorView.POSITIVE
    wait_until(qtbot, lambda: bool(lab.lab.problem))
    assert "is damaged or no weights file" in window.anchors.read_out.first.text()


def test_a_truth_that_cannot_be_read_is_replaced_and_said(
    make_window: MakeWindow, qtbot: QtBot, folder: Path, weights: Path, tmp_path: Path
) -> None:
    (folder.parents[2] / "annotations" / "train" / "seq_7.json").write_text("no rows")
    window = make_window(weights=weights)
    open_in(window, qtbot, folder)
    scene = show_anchors(window, qtbot, AnchorView.POSITIVE)
    assert scene.trace.truth.name == "the people who were found"
    assert "The final people are taken as truth" in window.anchors.read_out.first.text()


def test_a_truth_with_other_joints_keeps_those_in_common(
    make_window: MakeWindow, qtbot: QtBot, folder: Path, tmp_path: Path, weights: Path
) -> None:
    mupots = write_tiny_weights(tmp_path / "mupots.safetensors", MUPOTS17, ANCHORS)
    window = make_window(weights=mupots)
    open_in(window, qtbot, folder)
    scene = show_anchors(window, qtbot, AnchorView.POSITIVE)
    assert scene.trace.truth.skeleton == MUPOTS17
    assert len(scene.trace.positives) > 0
    lab = window.workspace.anchor_lab
    lab.compare(Other(weights, lab.lab.settings))
    wait_until(qtbot, lambda: "compare with weights that know the same" in lab.lab.problem)
    window.anchors.panel.what_if.stop.click()
    lab.lab.truth = TruthChoice.FINAL_PEOPLE
    wait_until(qtbot, lambda: lab.scene is not None
               and lab.scene.trace.truth.name == "the people who were found")  # fmt: skip
