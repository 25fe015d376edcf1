"""Fig. 4's situation on screen, anchor by anchor, against loops over the paper's definitions."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PyQt6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from pandanet_app.drawing.colours import person_colours
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.qt.main_window import MainWindow
from pandanet_core.detector import Detector
from tests.app.anchor_lab.kit import (
    ANCHORS,
    HEIGHT,
    STRIDE,
    WIDTH,
    scene_of,
    settled,
    show_anchors,
    two_people,
    write_truth_folder,
    zoom_to,
)
from tests.app.window_kit import MakeWindow, open_in, press, screen_of
from tests.core import brute_force
from tests.tiny_weights import write_tiny_weights
from tests.video_files import pictures

ROWS, COLUMNS = HEIGHT // STRIDE, WIDTH // STRIDE
SELECTED_ABOVE = 0.4
SCALE, LEFT, TOP = 4.0, 100.0, 40.0


@dataclass
class Expected:
    """By kind, row and column: who matched, overlaps, and the score."""

    matches: brute_force.Matches
    pose_overlap: NDArray[np.float64]
    scores: NDArray[np.float64]

    @property
    def positive(self) -> NDArray[np.bool_]:
        return self.matches.pono > 0.5

    @property
    def selected(self) -> NDArray[np.bool_]:
        return self.positive & (self.matches.pono * self.pose_overlap > SELECTED_ABOVE)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_weights(tmp_path_factory.mktemp("w") / "three.safetensors", anchors=ANCHORS)


@pytest.fixture(scope="module")
def expected(weights: Path) -> Expected:
    image = next(pictures(1, WIDTH, HEIGHT))
    sample = two_people(image)
    detector = Detector(weights)
    examined = detector.examine(image)
    assert examined is not None
    scores = detector.network.score_logits(examined.features)[0].sigmoid().numpy()
    _, pose2d, _ = detector.network.dense_outputs(examined.features)
    boxes = np.clip(sample.boxes, 0, (WIDTH, HEIGHT) * 2)
    matches = brute_force.match(boxes.tolist(), ANCHORS, STRIDE, ROWS, COLUMNS)
    overlap = np.zeros(matches.pono.shape)
    for at in zip(*np.nonzero(matches.pono > 0.5), strict=True):
        kind, row, column = (int(part) for part in at)
        said = pose2d[0, kind, :, :, row, column]
        overlap[at] = _pose_overlap(said, sample.pose2d[matches.person[at]], kind, row, column)
    return Expected(matches, overlap, scores)


def _pose_overlap(
    said: torch.Tensor, true_px: NDArray[np.float32], kind: int, row: int, column: int
) -> float:
    """Mean overlap of the joints inside the picture (Eq. 6), in the anchor's own space."""
    overlaps = []
    x0, y0, x1, y1 = brute_force.anchor_box(ANCHORS[kind], STRIDE, row, column)
    for joint, (x, y) in enumerate(true_px.tolist()):
        if 0 <= x < WIDTH and 0 <= y < HEIGHT:
            true_x, true_y = (x - (x0 + x1) / 2) / (x1 - x0), (y - (y0 + y1) / 2) / (y1 - y0)
            dx, dy = float(said[joint, 0]) - true_x, float(said[joint, 1]) - true_y
            overlaps.append(brute_force.square_overlaps(dx, dy)[0])
    return sum(overlaps) / len(overlaps)


@pytest.fixture
def lab_window(make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, weights: Path) -> MainWindow:
    window = make_window(weights=weights)
    open_in(window, qtbot, write_truth_folder(tmp_path, frames=1))
    window.resize(1400, 1000)
    window.workspace.anchor_lab.change(selected_above=SELECTED_ABOVE)
    overlay = window.workspace.state.overlay
    overlay.update({"boxes": False, "labels": False})
    return window


def marked(window: MainWindow) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Whether each anchor in sight has a mark on screen, its colour, and which are in sight."""
    screen = screen_of(window).astype(float)
    dark = screen_of_picture_alone(window)
    shape = (len(ANCHORS), ROWS, COLUMNS)
    seen, mark = np.zeros(shape, bool), np.zeros(shape, bool)
    colour = np.zeros((*shape, 3))
    side = math.ceil(math.sqrt(len(ANCHORS)))
    for kind, row, column in np.ndindex(shape):
        slot_x = (kind % side + 0.5) / side
        slot_y = (kind // side + 0.5) / math.ceil(len(ANCHORS) / side)
        x = ((column + slot_x) * STRIDE - LEFT) * SCALE
        y = ((row + slot_y) * STRIDE - TOP) * SCALE
        if 2 <= x < screen.shape[1] - 2 and 2 <= y < screen.shape[0] - 2:
            at = kind, row, column
            seen[at] = True
            colour[at] = screen[int(y), int(x)]
            mark[at] = np.abs(colour[at] - dark[int(y), int(x)]).max() > 12
    return mark, colour, seen


def screen_of_picture_alone(window: MainWindow) -> NDArray[np.float64]:
    """What is under the marks: the picture, dimmed."""
    video = window.video
    scene, anchors = video._scene, video._anchors
    assert scene.frame is not None
    video.show_anchors(None)
    bare = screen_of(window).astype(float) * 0.55
    video.show_anchors(anchors)
    return bare


def test_exactly_the_anchors_of_the_definition_are_marked(
    lab_window: MainWindow, qtbot: QtBot, expected: Expected
) -> None:
    assert 0 < expected.selected.sum() < expected.positive.sum()
    for view, should in (
        (AnchorView.POSITIVE, expected.positive),
        (AnchorView.SELECTED, expected.selected),
    ):
        scene = show_anchors(lab_window, qtbot, view)
        zoom_to(lab_window, SCALE, LEFT, TOP)
        mark, colour, seen = marked(lab_window)
        assert should[seen].sum() > 20
        assert (mark[seen] == should[seen]).all()
        check_colours(person_colours(scene.colour), colour, seen & should, expected)
    check_ambiguous(lab_window, qtbot, expected)


def check_colours(
    own: NDArray[np.float64],
    colour: NDArray[np.float64],
    marked: NDArray[np.bool_],
    expected: Expected,
) -> None:
    """Every mark has the hue of the person who matched, `own` (N, 3)."""
    for at in zip(*np.nonzero(marked), strict=True):
        wanted = own[expected.matches.person[at]]
        shown = colour[at] / np.linalg.norm(colour[at])
        assert shown == pytest.approx(wanted / np.linalg.norm(wanted), abs=0.03)


def check_ambiguous(lab_window: MainWindow, qtbot: QtBot, expected: Expected) -> None:
    """The difference shows rings at exactly the anchors that match without being selected."""
    show_anchors(lab_window, qtbot, AnchorView.DIFFERENCE)
    zoom_to(lab_window, SCALE, LEFT, TOP)
    screen = screen_of(lab_window)
    _, _, seen = marked(lab_window)
    ambiguous = expected.positive & ~expected.selected
    side = math.ceil(math.sqrt(len(ANCHORS)))
    for kind, row, column in zip(*np.nonzero(seen), strict=True):
        x = ((column + (kind % side + 0.5) / side) * STRIDE - LEFT) * SCALE
        y = ((row + (kind // side + 0.5) / side) * STRIDE - TOP) * SCALE
        core = tuple(screen[int(y), int(x)].tolist())
        assert (core == (16, 16, 20)) == ambiguous[kind, row, column], (kind, row, column)


def test_the_read_out_says_what_the_definition_says(
    lab_window: MainWindow, qtbot: QtBot, expected: Expected
) -> None:
    show_anchors(lab_window, qtbot, AnchorView.POSITIVE)
    zoom_to(lab_window, SCALE, LEFT, TOP)
    _, _, seen = marked(lab_window)
    places = np.argwhere(seen & expected.positive)
    others = np.argwhere(seen & ~expected.positive)
    rng = np.random.default_rng(4)
    chosen = [*rng.permutation(places)[:8].tolist(), *rng.permutation(others)[:4].tolist()]
    side = math.ceil(math.sqrt(len(ANCHORS)))
    for kind, row, column in chosen:
        x = ((column + (kind % side + 0.5) / side) * STRIDE - LEFT) * SCALE
        y = ((row + (kind // side + 0.5) / side) * STRIDE - TOP) * SCALE
        qtbot.mouseMove(lab_window.video, QPoint(int(x), int(y)))
        qtbot.waitUntil(lambda at=(kind, row, column): _hovered(lab_window) == at)
        qtbot.wait(30)
        check_words(lab_window, expected, (kind, row, column))


def _hovered(window: MainWindow) -> tuple[int, int, int] | None:
    spot = scene_of(window).hovered
    return None if spot is None else (spot.anchor, spot.row, spot.column)


def check_words(window: MainWindow, expected: Expected, at: tuple[int, int, int]) -> None:
    first, second = window.anchors.read_out.first.text(), window.anchors.read_out.second.text()
    kind, row, column = at
    assert f"Anchor {kind} of 3" in first
    assert f"row {row}, column {column} " in first
    assert number(first, "score") == pytest.approx(expected.scores[at], abs=0.006)
    if not expected.positive[at]:
        assert second.startswith("Not in A+")
        return
    matches = expected.matches
    assert second.startswith(f"Person {matches.person[at]}: ")
    assert number(second, "IoU") == pytest.approx(matches.iou[at], abs=0.006)
    assert number(second, "PONO") == pytest.approx(matches.pono[at], abs=0.006)
    assert number(second, "pose overlap") == pytest.approx(expected.pose_overlap[at], abs=0.006)
    assert ("A+ only" in second) != expected.selected[at]


def number(text: str, after: str) -> float:
    found = re.search(rf"{after} (\d\.\d\d)", text)
    assert found, text
    return float(found[1])


def whole_picture(window: MainWindow) -> NDArray[np.float64]:
    """The picture as it is on screen, at its own size."""
    viewport = window.video.viewport()
    assert viewport is not None
    left, top = viewport.to_view(0, 0)
    right, bottom = viewport.to_view(WIDTH, HEIGHT)
    shown = screen_of(window)[round(top) : round(bottom), round(left) : round(right)]
    return cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(float)


def test_the_key_goes_through_the_views_and_back(
    lab_window: MainWindow, qtbot: QtBot, expected: Expected
) -> None:
    lab, people = lab_window.workspace.anchor_lab.lab, whole_picture(lab_window)
    counts = []
    for _ in range(4):
        press(lab_window, qtbot, Qt.Key.Key_A)
        settled(lab_window, qtbot)
        counts.append((lab.view, lab_window.anchors.read_out.first.text()))
        assert np.abs(whole_picture(lab_window) - people).mean() > 20
    assert [view for view, _ in counts] == list(AnchorView)[1:]
    everything = len(ANCHORS) * ROWS * COLUMNS
    assert f"{everything:,} in all" in counts[0][1]
    assert f"{expected.positive.sum():,} anchors match 2 people" in counts[1][1]
    assert f"{expected.selected.sum():,} of {expected.positive.sum():,}" in counts[2][1]
    assert lab_window.anchors.dock is not None
    assert lab_window.anchors.dock.isVisible()
    assert "annotations/train/seq_7.json" in lab_window.anchors.read_out.second.text()
    press(lab_window, qtbot, Qt.Key.Key_A)
    assert lab.view is AnchorView.OFF
    qtbot.waitUntil(lambda: not lab_window.anchors.read_out.isVisible())
    assert np.abs(whole_picture(lab_window) - people).mean() < 6
