"""What tests of the anchor lab share: a film whose truth is known, and weights for it."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.models.viewport import Viewport
from pandanet_app.qt.main_window import MainWindow
from pandanet_core.camera import Camera
from pandanet_core.data.sample import Sample
from tests.app.window_kit import wait_until
from tests.core.drawn_people import as_sample
from tests.core.jta_folder import write_sequence
from tests.people3d import standing_person
from tests.video_files import pictures

WIDTH, HEIGHT, STRIDE = 320, 192, 8
ANCHORS = ((18.0, 44.0), (40.0, 100.0), (56.0, 132.0))
PLACES_MM = ((-150.0, 3000.0), (250.0, 3600.0))
"""Fig. 4's situation: one person half before another."""


def two_people(image: NDArray[np.uint8]) -> Sample:
    """Both of them in a picture of 320 x 192 px."""
    camera = Camera.from_fov(WIDTH, HEIGHT, 70)
    people = [standing_person() * (1, -1, 1) + (x, 860, z) for x, z in PLACES_MM]
    return as_sample(image, np.array(people), camera)


def write_truth_folder(root: Path, frames: int = 3, people: bool = True) -> Path:
    """A folder in JTA's layout; returns the one with its pictures."""
    images = list(pictures(frames, WIDTH, HEIGHT))
    samples = [two_people(image) if people else _nobody(image) for image in images]
    write_sequence(root, 7, samples)
    return root / "frames" / "train" / "seq_7"


def _nobody(image: NDArray[np.uint8]) -> Sample:
    return as_sample(image, np.zeros((0, 22, 3)), Camera.from_fov(WIDTH, HEIGHT, 70))


def scene_of(window: MainWindow) -> AnchorScene:
    """What the lab shows."""
    scene = window.workspace.anchor_lab.scene
    assert scene is not None
    return scene


def show_anchors(window: MainWindow, qtbot: QtBot, view: AnchorView) -> AnchorScene:
    """Show a view, and wait for its trace with the settings as they are."""
    lab = window.workspace.anchor_lab
    lab.lab.view = view
    settled(window, qtbot)
    return scene_of(window)


def settled(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until the trace on screen is the one that is wanted."""
    lab = window.workspace.anchor_lab

    def done() -> bool:
        scene, looked = lab.scene, lab.looked
        return (
            scene is not None
            and looked is not None
            and looked.request.settings == lab.lab.settings
            and looked.request.map is lab.lab.map
            and scene.view is lab.lab.view
        ) or bool(lab.lab.problem)

    wait_until(qtbot, done)


def zoom_to(window: MainWindow, scale: float, x_px: float, y_px: float) -> Viewport:
    """Show the picture at this scale from this point on."""
    viewport = Viewport(scale, x_px, y_px)
    window.workspace.state.view.viewport = viewport
    return viewport
