"""All state of one window or notebook, the controllers on it, and the scene they add up to.

Everything here is called on the front end's thread and returns at once. Files are opened and saved,
frames decoded and people detected elsewhere; what comes back is handed over by `post`.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal

from psygnal import Signal

from pandanet_app.controllers.colour_links import ColourLinks
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
from pandanet_app.controllers.ground import Ground
from pandanet_app.controllers.opening import Opened, open_path
from pandanet_app.controllers.picking import person_at, same_person
from pandanet_app.controllers.saving import Snapshot, save_table
from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.models.overlay import CANDIDATE_SCORE
from pandanet_app.models.people import People
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.session import Message
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post
from pandanet_core.camera import Camera
from pandanet_core.skeleton import skeleton_named
from pandanet_core.video import Frame

NMS_IOU = 0.5
FOLLOWED_FRAMES = 10
"""The selected person is looked for again across a jump of at most so many frames."""


class Workspace:
    """What a front end drives: intentions in, `scene_changed` out."""

    scene_changed = Signal(Scene)
    people_changed = Signal()
    """Frames were detected, or another file was opened."""
    opened = Signal(Path)
    """A file was opened."""

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
        self.detection = DetectionController(self.state, post)
        self.tasks = TaskRunner(post)
        self.exports = ExportController(self.state, self.tasks)
        self.people: People | None = None
        self.weights_sha256 = ""
        self._post = post
        self._ground = Ground()
        self._colours = ColourLinks()
        self._weights = weights
        self._load = load
        self.state.session.update(
            {
                "weights": weights.stem if weights else PACKAGED_WEIGHTS,
                "engine": "loads with the first detection",
            }
        )
        self._opening = 0
        self._stale = False
        self._last_shown = -1
        self._connect()

    def _connect(self) -> None:
        state = self.state
        self.frames.shown.connect(self._follow_selection)
        self.detection.ready.connect(self._detector_ready)
        self.detection.found.connect(self._frames_detected)
        for model in (state.overlay, state.selection):
            model.events.connect(self._refresh_soon)
        state.session.events.camera.connect(self._refresh_soon)

    def open(self, path: Path) -> None:
        """Open a file or folder; the latest one asked for wins."""
        self._opening += 1
        request = self._opening
        session = self.state.session
        session.update({"opening": path.name, "message": None})

        def done(opened: Opened) -> None:
            if request == self._opening:
                session.opening = ""
                self._show_opened(path, opened)
            else:
                opened.reader.close()

        def failed(text: str) -> None:
            if request == self._opening:
                session.update({"opening": "", "message": Message("error", text)})

        self.tasks.run(lambda handle: open_path(path), done, failed)

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
                nms_iou=NMS_IOU,
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

    def select_at(self, x_px: float, y_px: float, reach_px: float) -> None:
        """Choose the person at a point of the picture, or nobody."""
        scene = self.scene()
        if scene.people is None or scene.skeleton is None:
            return
        row = person_at(scene.people.detections, scene.skeleton, x_px, y_px, reach_px)
        self.select_row(row)

    def select_row(self, row: int | None) -> None:
        """Choose the person in this row of the scene's people."""
        people = self.scene().people
        known = people is not None and row is not None and 0 <= row < len(people.detections)
        self.state.selection.person = int(people.index[row]) if known else None

    def select_neighbour(self, step: int) -> None:
        """Choose the next (1) or the previous (-1) person of the scene."""
        scene = self.scene()
        if scene.people is None or len(scene.people.detections) == 0:
            return
        first = 0 if step > 0 else -1
        row = first if scene.selected is None else scene.selected + step
        self.select_row(row % len(scene.people.detections))

    def change_min_score(self, step: float) -> None:
        """Raise or lower the least score."""
        overlay = self.state.overlay
        overlay.min_score = min(1.0, max(CANDIDATE_SCORE, round(overlay.min_score + step, 2)))

    def save_detections(self, path: Path) -> None:
        """Save the visible people as Parquet, in the background."""
        snapshot = self._snapshot()
        if snapshot is not None:
            self.exports.start(save_table, snapshot, path)

    def scene(self) -> Scene:
        """What is to be seen right now."""
        overlay, camera = self.state.overlay, self.state.session.camera
        frame = self.frames.current
        if frame is None or camera is None:
            return Scene()
        visible = None
        if self.people is not None and overlay.people:
            visible = self.people.visible(frame.index, camera, overlay.min_score)
        if visible is not None and (visible.track_ids < 0).any():
            boxes = visible.detections.boxes
            visible = replace(visible, colour=self._colours.of(frame.index, visible.index, boxes))
        return Scene(
            frame=frame,
            people=visible,
            selected=visible.row_of(self.state.selection.person) if visible else None,
            camera=camera,
            skeleton=self.people.skeleton if self.people else None,
            layers=Layers(overlay.boxes, overlay.skeletons, overlay.labels),
            floor=self._ground.floor(self.people, camera),
        )

    def _snapshot(self) -> Snapshot | None:
        """What an export writes; None, and a message, where there is nothing to write."""
        session = self.state.session
        if self.people is None or not self.people.done.any():
            self.say("error", "There are no people to save yet: detect them first.")
            return None
        assert session.source is not None
        assert session.camera is not None
        return Snapshot(
            info=session.source,
            people=self.people.copy(),
            camera=session.camera,
            min_score=self.state.overlay.min_score,
            weights=session.weights,
            weights_sha256=self.weights_sha256,
            scale_source=session.scale_source,
            nms_iou=NMS_IOU,
        )

    def close(self) -> None:
        """End every thread and process."""
        self.frames.close()
        self.detection.close(timeout_s=2.0)
        self.tasks.close()
        self.frames.join(timeout_s=5.0)

    def _show_opened(self, path: Path, opened: Opened) -> None:
        self.detection.cancel()
        self.state.selection.person = None
        self.people = opened.people
        self._ground.clear()
        self._colours = ColourLinks()
        session = self.state.session
        header = opened.people.table.header if opened.people and opened.people.table else None
        session.update(
            {
                "source": opened.info,
                "camera": opened.camera,
                "camera_assumed": opened.camera_assumed,
                "scale_source": header.scale_source if header else "",
                "weights": header.weights if header else session.weights,
                "message": Message("info", opened.note) if opened.note else None,
            }
        )
        self.weights_sha256 = header.weights_sha256 if header else ""
        self.frames.open(opened.reader, opened.info)
        self.opened.emit(path)
        self.people_changed.emit()

    def _ranges_to_do(self) -> tuple[tuple[int, int], ...]:
        """Frames of the range without people yet: from the one on screen to the end, then the rest."""
        playback, source = self.state.playback, self.state.session.source
        assert source is not None
        start, stop = playback.range_start, playback.range_stop
        here = min(max(playback.frame, start), stop)
        done = self.people.done_ranges() if self.people else ()
        return tuple(gap for part in ((here, stop), (start, here)) for gap in gaps(*part, done))

    def _detector_ready(self, ready: DetectorReady) -> None:
        session = self.state.session
        session.update(
            {
                "weights": ready.weights_name,
                "engine": ready.engine,
                "scale_source": ready.scale_source,
            }
        )
        self.weights_sha256 = ready.weights_sha256
        skeleton = skeleton_named(ready.skeleton)
        if self.people is None or self.people.skeleton != skeleton:
            assert session.source is not None
            assert session.camera is not None
            self.people = People(skeleton, session.source.frame_count, session.camera)

    def _frames_detected(self, found: list[FrameDetected]) -> None:
        job = self.detection.job
        if self.people is None or job is None:
            return
        self.people.add(
            [(one.frame, one.time_s, one.detections) for one in found], job.request.camera
        )
        self.people_changed.emit()
        if self.state.playback.shown in {one.frame for one in found}:
            self._refresh_soon()

    def _follow_selection(self, frame: Frame) -> None:
        """Keep the same person chosen from frame to frame, by overlap of the boxes."""
        before, self._last_shown = self._last_shown, frame.index
        person, camera = self.state.selection.person, self.state.session.camera
        if person is not None and self.people is not None and camera is not None:
            was = self.people.candidates(before, camera)
            now = self.people.visible(frame.index, camera, self.state.overlay.min_score)
            near = abs(frame.index - before) <= FOLLOWED_FRAMES
            row = (
                same_person(was.boxes[person], now.detections.boxes)
                if near and was and now
                else None
            )
            self.state.selection.person = int(now.index[row]) if now and row is not None else None
        self._refresh()

    def say(self, kind: Literal["info", "error"], text: str) -> None:
        """Show one sentence."""
        self.state.session.message = Message(kind, text)

    def _refresh_soon(self) -> None:
        """Several changes in one go make one new scene."""
        if not self._stale:
            self._stale = True
            self._post(self._refresh)

    def _refresh(self) -> None:
        self._stale = False
        self.scene_changed.emit(self.scene())


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
