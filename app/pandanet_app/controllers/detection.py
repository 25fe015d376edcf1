"""The detection as the person sees it: start, progress, cancel.

Everything here runs on the front end's thread. Messages of a job that was cancelled or replaced are
dropped (each job's messages carry the job).
"""

import time
from collections import deque

from psygnal import Signal

from pandanet_app.controllers.detection_job import DetectionJob
from pandanet_app.controllers.detection_worker import (
    DetectionFailed,
    DetectionFinished,
    DetectionMessage,
    DetectionRequest,
    DetectorReady,
    FrameDetected,
)
from pandanet_app.models.detection import DetectionPhase
from pandanet_app.models.session import Message
from pandanet_app.models.state import AppState
from pandanet_app.views.protocols import Post

_RATE_WINDOW_S = 3.0


class DetectionController:
    """Runs one detection at a time."""

    ready = Signal(DetectorReady)
    """The network is loaded; comes before its first frame."""
    found = Signal(list)
    """Frames were detected: a list of FrameDetected."""

    def __init__(self, state: AppState, post: Post) -> None:
        """No detection runs yet."""
        self._state = state
        self._post = post
        self._job: DetectionJob | None = None
        self._ending: list[DetectionJob] = []
        self._times: deque[tuple[float, int]] = deque()

    @property
    def job(self) -> DetectionJob | None:
        """The job under way."""
        return self._job

    def start(self, request: DetectionRequest) -> None:
        """Start a detection instead of whatever runs."""
        self.cancel()
        total = sum(stop - start for start, stop in request.ranges)
        self._times.clear()
        self._state.detection.update(
            {"phase": DetectionPhase.STARTING, "done": 0, "total": total, "rate_hz": 0.0}
        )
        job = DetectionJob(
            request, lambda messages: self._post(lambda: self._receive(job, messages))
        )
        self._job = job

    def detect_first(self, frame: int) -> None:
        """Go on with this frame: it is on screen."""
        if self._job is not None:
            self._job.detect_first(frame)

    def cancel(self) -> None:
        """End the detection now; what was found stays."""
        if self._job is not None:
            self._end(DetectionPhase.CANCELLED)

    def close(self, timeout_s: float) -> None:
        """Cancel and wait until every child is gone."""
        self.cancel()
        for job in self._ending:
            job.join(timeout_s)

    def _end(self, phase: DetectionPhase) -> None:
        assert self._job is not None
        self._job.cancel()
        self._ending = [job for job in self._ending if job.running] + [self._job]
        self._job = None
        self._state.detection.phase = phase

    def _receive(self, job: DetectionJob, messages: list[DetectionMessage]) -> None:
        if job is not self._job:
            return
        frames = [message for message in messages if isinstance(message, FrameDetected)]
        for message in messages:
            if isinstance(message, DetectorReady):
                self._state.detection.phase = DetectionPhase.RUNNING
                self.ready.emit(message)
        if frames:
            self._count(len(frames))
            self.found.emit(frames)
        last = messages[-1]
        if isinstance(last, DetectionFinished):
            self._end(DetectionPhase.FINISHED)
        elif isinstance(last, DetectionFailed):
            self._end(DetectionPhase.FAILED)
            self._state.session.message = Message("error", last.text)

    def _count(self, frames: int) -> None:
        progress = self._state.detection
        now_s = time.monotonic()
        done = progress.done + frames
        self._times.append((now_s, done))
        while len(self._times) > 2 and now_s - self._times[0][0] > _RATE_WINDOW_S:
            self._times.popleft()
        (first_s, first_done), (last_s, last_done) = self._times[0], self._times[-1]
        rate_hz = (last_done - first_done) / (last_s - first_s) if last_s > first_s else 0.0
        progress.update({"done": done, "rate_hz": rate_hz})
