"""All state of one window or notebook and the controllers on it.

Everything here is called on the front end's thread and returns at once. Files are opened and saved,
frames decoded and people detected elsewhere; what comes back is handed over by `post`.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

from psygnal import Signal

from pandanet_app.controllers.anchor_lab.lab import AnchorLabController
from pandanet_app.controllers.detection import DetectionController
from pandanet_app.controllers.detection_worker import (
    PACKAGED_WEIGHTS,
    DetectionRequest,
    DetectorReady,
    FrameDetected,
    LoadDetector,
    load_detector,
)
from pandanet_app.controllers.exports import ExportController
from pandanet_app.controllers.frames import FrameController
from pandanet_app.controllers.keeping import Keeper
from pandanet_app.controllers.lambda_lab.lab import LambdaLabController
from pandanet_app.controllers.lambda_lab.run_files import WEIGHTS_SUFFIX, is_training
from pandanet_app.controllers.opening import Opened, open_path
from pandanet_app.controllers.saving import Snapshot, save_overlay, save_table
from pandanet_app.controllers.scenes import SceneController
from pandanet_app.controllers.tasks import TaskHandle, TaskRunner
from pandanet_app.controllers.training.controller import TrainingController
from pandanet_app.models.overlay import CANDIDATE_SCORE
from pandanet_app.models.people import People
from pandanet_app.models.session import Message
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post
from pandanet_core.assets import asset_path
from pandanet_core.camera import Camera
from pandanet_core.skeleton import skeleton_named
from pandanet_core.video import Frame
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE, DEFAULT_NMS_IOU, read_recommended_score


class Workspace:
    """What a front end drives."""

    people_changed = Signal()
    """Frames were detected, or another file was opened."""
    opened = Signal(Path)
    """A video, pictures or detections were opened."""
    training_opened = Signal(Path)
    """A run folder or a weights file is to be looked at."""

    def __init__(
        self, post: Post, weights: Path | None = None, load: LoadDetector = load_detector
    ) -> None:
        """An empty workspace.

        Args:
            post: Hands over to the front end's thread.
            weights: Weights file; None for the packaged one.
            load: Makes the detector in the child process.
        """
        self.state = AppState()
        self.frames = FrameController(self.state, post)
        self.scenes = SceneController(self.state, self.frames, post)
        self.detection = DetectionController(self.state, post)
        self.tasks = TaskRunner(post)
        self.exports = ExportController(self.state, self.tasks)
        self.anchor_lab = AnchorLabController(self.state, self.frames, self.scenes, post, weights)
        self.lambda_lab = LambdaLabController(
            self.state.lambda_lab, self.tasks, self.exports, lambda text: self.say("error", text)
        )
        self.training = TrainingController(self.state.training, post, self.tasks, self.say)
        self.keeper = Keeper(self.state, self.tasks, lambda: self._snapshot(CANDIDATE_SCORE))
        self._weights = weights
        self._weights_name = weights.stem if weights else PACKAGED_WEIGHTS
        self._weights_sha256 = ""
        self._load = load
        self._opening = 0
        self.state.session.update(
            {
                "weights": self._weights_name,
                "engine": "loads with the first detection",
            }
        )
        self.tasks.run(
            lambda handle: read_recommended_score(
                weights or asset_path(f"weights/{PACKAGED_WEIGHTS}.safetensors")
            ),
            self._recommend,
            lambda text: None,  # whoever loads the weights is told
        )
        self.frames.shown.connect(self._frame_shown)
        self.training.lambdas_wanted.connect(self._show_lambdas)
        self.detection.ready.connect(self._detector_ready)
        self.detection.found.connect(self._frames_detected)

    @property
    def people(self) -> People | None:
        """Everybody found so far; None before the first detection."""
        return self.scenes.people

    def open(self, path: Path, table: Path | None = None) -> None:
        """Open a file or folder; the latest one asked for wins.

        Args:
            path: A video, a picture, a folder of pictures, detections, a run folder or weights.
            table: Detections to show on it; a detections file of its own finds its video itself.
        """
        self._opening += 1
        request = self._opening
        session = self.state.session
        session.update({"opening": path.name, "message": None})

        def done(opened: Opened | None) -> None:
            if request == self._opening:
                session.opening = ""
                if opened is None:
                    self.lambda_lab.open(path)
                    if path.suffix != WEIGHTS_SUFFIX:
                        self.training.open_run(path)
                    self.training_opened.emit(path)
                else:
                    self._show_opened(path, opened)
            elif opened is not None:
                opened.reader.close()

        def failed(text: str) -> None:
            if request == self._opening:
                session.update({"opening": "", "message": Message("error", text)})

        self.tasks.run(
            lambda handle: None if is_training(path) else open_path(path, table), done, failed
        )

    def detect(self) -> None:
        """Detect the frames of the range that are not detected yet; those on screen first."""
        source, camera = self.state.session.source, self.state.session.camera
        if source is None or camera is None:
            return
        if source.path is None:
            self.say("error", "There is no video to detect people in: open the video.")
            return
        ranges = self._ranges_to_do()
        if not ranges:
            self.say("info", "Every frame of the range is detected.")
            return
        self.detection.start(
            DetectionRequest(
                source=source.path,
                ranges=ranges,
                camera=camera,
                min_score=CANDIDATE_SCORE,
                nms_iou=DEFAULT_NMS_IOU,
                weights=self._weights,
                load=self._load,
            )
        )

    def set_fov(self, fov_deg: float) -> None:
        """Place the people again in front of a camera with this horizontal field of view."""
        source = self.state.session.source
        if source is not None:
            camera = Camera.from_fov(source.width, source.height, fov_deg)
            self.state.session.update({"camera": camera, "camera_assumed": False})

    def change_min_score(self, step: float) -> None:
        """Raise or lower the least score."""
        overlay = self.state.overlay
        overlay.min_score = min(1.0, max(CANDIDATE_SCORE, round(overlay.min_score + step, 2)))

    def save_detections(self, path: Path) -> None:
        """Save the visible people as Parquet, in the background."""

        def saved() -> None:
            if not self.state.detection.active:
                self.state.session.unsaved = False

        self._save(save_table, path, saved)

    def save_overlay(self, path: Path) -> None:
        """Save the range of the film with the people drawn on it as MP4, in the background."""
        self._save(save_overlay, path)

    def say(self, kind: Literal["info", "error"], text: str) -> None:
        """Show one sentence."""
        self.state.session.message = Message(kind, text)

    def close(self) -> None:
        """End every thread and process."""
        self.frames.close()
        self.detection.close(timeout_s=2.0)
        self.anchor_lab.close(timeout_s=2.0)
        self.lambda_lab.close()
        self.training.close()
        self.tasks.close()
        self.frames.join(timeout_s=5.0)

    def _recommend(self, score: float | None) -> None:
        """Start with the score that suits the weights, unless somebody has chosen one already."""
        if score is not None:
            self.state.session.recommended_score = score
            if self.state.overlay.min_score == DEFAULT_MIN_SCORE:
                self.state.overlay.min_score = max(CANDIDATE_SCORE, score)

    def _save(
        self,
        save: Callable[[Snapshot, Path, TaskHandle], Path],
        path: Path,
        on_saved: Callable[[], None] = lambda: None,
    ) -> None:
        snapshot = self._snapshot(self.state.overlay.min_score)
        if snapshot is None:
            self.say("error", "There are no people to save yet: detect them first.")
        else:
            self.exports.start(partial(save, snapshot), path, on_saved)

    def _snapshot(self, min_score: float) -> Snapshot | None:
        """Everybody found so far, with at least that score; None before anything was found."""
        people, session = self.people, self.state.session
        if people is None or not people.done.any():
            return None
        assert session.source is not None
        assert session.camera is not None
        return Snapshot(
            info=session.source,
            people=people.copy(),
            camera=session.camera,
            min_score=min_score,
            layers=self.scenes.layers(),
            work=(self.state.playback.range_start, self.state.playback.range_stop),
            weights=session.weights,
            weights_sha256=self._weights_sha256,
            scale_source=session.scale_source,
            nms_iou=DEFAULT_NMS_IOU,
        )

    def _show_opened(self, path: Path, opened: Opened) -> None:
        self.detection.cancel()
        self.scenes.start(opened.people)
        session = self.state.session
        header = opened.people.table.header if opened.people and opened.people.table else None
        session.update(
            {
                "source": opened.info,
                "camera": opened.camera,
                "camera_assumed": opened.camera_assumed,
                "scale_source": header.scale_source if header else "",
                "weights": header.weights if header else self._weights_name,
                "message": Message("info", opened.note) if opened.note else None,
                "unsaved": False,
            }
        )
        self._weights_sha256 = header.weights_sha256 if header else ""
        self.state.view.update({"viewport": None, "orbit": None})
        self.frames.open(opened.reader, opened.info)
        self.opened.emit(path)
        self.people_changed.emit()

    def _show_lambdas(self, run: Path) -> None:
        self.lambda_lab.open(run)
        self.training_opened.emit(run)

    def _ranges_to_do(self) -> tuple[tuple[int, int], ...]:
        """Frames of the range that are not detected: from the one on screen on, then the rest."""
        playback = self.state.playback
        start, stop = playback.range_start, playback.range_stop
        here = min(max(playback.frame, start), stop)
        done = self.people.done_ranges() if self.people else ()
        return gaps(here, stop, done) + gaps(start, here, done)

    def _frame_shown(self, frame: Frame) -> None:
        """Somebody looks at a frame that is not detected yet: it comes first."""
        done = self.people is not None and bool(self.people.done[frame.index])
        if not done and not self.state.playback.playing:
            self.detection.detect_first(frame.index)

    def _detector_ready(self, ready: DetectorReady) -> None:
        session = self.state.session
        session.update(
            {
                "weights": ready.weights_name,
                "engine": ready.engine,
                "scale_source": ready.scale_source,
            }
        )
        self._weights_sha256 = ready.weights_sha256
        skeleton = skeleton_named(ready.skeleton)
        if self.people is None or self.people.skeleton != skeleton:
            assert session.source is not None
            assert session.camera is not None
            self.scenes.people = People(skeleton, session.source.frame_count, session.camera)

    def _frames_detected(self, found: list[FrameDetected]) -> None:
        job = self.detection.job
        if self.people is None or job is None:
            return
        self.people.add(
            [(one.frame, one.time_s, one.detections) for one in found], job.request.camera
        )
        self.state.session.unsaved = True
        self.keeper.people_found()
        self.people_changed.emit()
        if self.state.playback.shown in {one.frame for one in found}:
            self.scenes.refresh_soon()


def gaps(start: int, stop: int, done: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """The parts of (start, stop) that lie in none of the sorted ranges `done`."""
    found = []
    for done_start, done_stop in done:
        if start < min(done_start, stop):
            found.append((start, min(done_start, stop)))
        start = max(start, done_stop)
    if start < stop:
        found.append((start, stop))
    return tuple(found)
