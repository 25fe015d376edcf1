"""From a source to files: decoding, detecting and writing at the same time, memory flat."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import TYPE_CHECKING

from pandanet_app.commands.detection.cameras import CameraChoice
from pandanet_app.commands.detection.film import Film
from pandanet_app.commands.detection.outputs import Output
from pandanet_app.commands.detection.progress import Show, Step
from pandanet_app.commands.detection.selection import Selection
from pandanet_app.commands.detection.threads import Ahead, frames_in_memory
from pandanet_app.commands.detection.traces import TracedDetector
from pandanet_core import __version__
from pandanet_core.allocator import give_back_free_memory
from pandanet_core.detections import TableHeader, TableWriter
from pandanet_core.files import sha256_of
from pandanet_core.video import FrameSource

if TYPE_CHECKING:  # torch, which takes seconds to load
    from pandanet_core.detector import Detector

_MOST_WARNINGS = 5
_POLL_S = 0.1
_FRAMES_UNTIL_TIDY = 50
"""Memory is given back after so many frames: often enough to stay flat, too rarely to cost time."""


@dataclass(frozen=True)
class Outcome:
    """What a detection came to, and where its time went, in seconds."""

    frames: int
    people: int
    total_s: float
    detecting_s: float
    decoding_s: float
    """On its own thread."""
    film_s: float
    """Drawing and encoding, on their own thread."""
    engine: str
    """What computed."""


def detect_source(
    source: FrameSource,
    selection: Selection,
    output: Output,
    detector: "Detector",
    cameras: CameraChoice,
    show: Show,
    stop: Event,
) -> Outcome:
    """Look at the chosen frames and write table, film and traces; end early once `stop` is set.

    Raises UserError where something cannot be written; finished frames are kept.
    """
    camera = cameras.for_size(source.width, source.height)
    started = time.perf_counter()
    frames_done = people = 0
    detecting_s = 0.0
    with ExitStack() as stack:
        header = _header(source, detector, cameras)
        table = stack.enter_context(TableWriter(output.table, header))
        traced = TracedDetector(detector, output.traces, source.name) if output.traces else None
        film = Film(output.overlay, source, detector.skeleton) if output.overlay else None
        if film:
            stack.enter_context(film)
        digest = _InBackground(lambda: sha256_of(source.files) if source.files else "")
        chosen = source.frames(selection.start, selection.stop, selection.step)
        ahead = stack.enter_context(Ahead(chosen, frames_in_memory(source.width, source.height)))
        for frame in ahead.until(stop):
            before = time.perf_counter()
            height, width = frame.image.shape[:2]
            if (width, height) != (camera.width, camera.height):
                camera = cameras.for_size(width, height)
            found = traced(frame, camera) if traced else detector(frame.image, camera)
            detecting_s += time.perf_counter() - before
            table.append(frame.index, frame.time_s, found)
            if film:
                film.add(frame, found)
            frames_done, people = frames_done + 1, people + len(found)
            if frames_done % _FRAMES_UNTIL_TIDY == 0:
                give_back_free_memory()
            rate = frames_done / (time.perf_counter() - started)
            show(Step(frame.index, frames_done, people, rate))
        if stop.is_set() and not frames_done:
            table.discard()
        table.header = replace(
            table.header,
            note=_note(source, cameras, stop),
            source_sha256=digest.result(stop) or "",
        )
    return Outcome(
        frames=frames_done,
        people=people,
        total_s=time.perf_counter() - started,
        detecting_s=detecting_s,
        decoding_s=ahead.busy_s,
        film_s=film.busy_s if film else 0.0,
        engine=detector.engine,
    )


def _header(source: FrameSource, detector: "Detector", cameras: CameraChoice) -> TableHeader:
    return TableHeader(
        skeleton=detector.skeleton.name,
        camera=cameras.for_size(source.width, source.height),
        scale_source=detector.scale_source,
        source=source.name,
        source_sha256="",
        frame_count=source.frame_count or 0,
        fps=source.fps,
        weights=detector.weights_name,
        weights_sha256=detector.weights_sha256,
        min_score=detector.min_score,
        nms_iou=detector.options.nms_iou,
        version=__version__,
    )


def _note(source: FrameSource, cameras: CameraChoice, stop: Event) -> str:
    """What whoever opens the table should know."""
    notes = list(source.warnings[:_MOST_WARNINGS])
    if cameras.is_assumed:
        notes.append("The camera's field of view is assumed, not known.")
    if stop.is_set():
        notes.append("Interrupted: the frames that are missing were not looked at.")
    return " ".join(notes)


class _InBackground:
    """The result of `work`, computed on a thread that never keeps the program from ending."""

    def __init__(self, work: Callable[[], str]) -> None:
        self._result: str | None = None
        self._thread = Thread(target=self._do, args=(work,), daemon=True)
        self._thread.start()

    def result(self, stop: Event) -> str | None:
        """Waits for it, until `stop` is set; None where it is not there yet then."""
        while self._thread.is_alive() and not stop.is_set():
            self._thread.join(_POLL_S)
        return self._result

    def _do(self, work: Callable[[], str]) -> None:
        self._result = work()
