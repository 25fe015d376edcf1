"""A detection of the marker film, and everything that it tells."""

from pathlib import Path

from pandanet_app.controllers.detection import DetectionController
from pandanet_app.controllers.detection_worker import (
    DetectionRequest,
    DetectorReady,
    FrameDetected,
    LoadDetector,
)
from pandanet_app.models.detection import DetectionPhase
from pandanet_app.models.state import AppState
from pandanet_core.camera import Camera
from tests.app.marker_film import HEIGHT, WIDTH
from tests.app.ui_queue import UiQueue

CAMERA = Camera.from_fov(WIDTH, HEIGHT)


def request(film: Path, load: LoadDetector, ranges=((0, 40),)) -> DetectionRequest:
    return DetectionRequest(film, ranges, CAMERA, 0.05, load=load)


class Run:
    """A controller, what it told, and its event loop."""

    def __init__(self) -> None:
        self.state, self.ui = AppState(), UiQueue()
        self.controller = DetectionController(self.state, self.ui.post)
        self.ready: list[DetectorReady] = []
        self.found: list[FrameDetected] = []
        self.controller.ready.connect(self.ready.append)
        self.controller.found.connect(self.found.extend)

    def wait_for(self, *phases: DetectionPhase) -> None:
        self.ui.run_until(lambda: self.state.detection.phase in phases, 240)
