"""The detection's child process: opens the source, runs the network, sends what it finds.

It touches nothing but its own source and its end of the pipe: no file is written and no memory is
shared, so it may be killed at any moment. When the window is gone, sending fails and it ends.
"""

import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pandanet_core.allocator import give_back_free_memory, keep_blocks_for_the_next_frame
from pandanet_core.camera import Camera
from pandanet_core.detections import Detections
from pandanet_core.errors import UserError
from pandanet_core.skeleton import Skeleton
from pandanet_core.video import FrameSource, open_source
from pandanet_core.weights_notes import DEFAULT_NMS_IOU

PACKAGED_WEIGHTS = "pandanet-small"
"""Name of the weights that are used where none are given."""

_NICENESS = 5
"""The window stays quick while the network keeps every core busy."""
_FRAMES_UNTIL_TIDY = 50
"""Free memory is given back after so many frames."""


class AnyDetector(Protocol):
    """What the worker needs of `pandanet_core.detector.Detector`."""

    @property
    def skeleton(self) -> Skeleton:
        """Joints of the people it finds."""
        ...

    @property
    def weights_name(self) -> str:
        """Name of its weights."""
        ...

    @property
    def weights_sha256(self) -> str:
        """Their hash."""
        ...

    @property
    def engine(self) -> str:
        """What it runs on, in words."""
        ...

    @property
    def scale_source(self) -> str:
        """Where metric scale comes from, in words."""
        ...

    def __call__(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Detections:
        """Find the people of one picture."""
        ...


Ranges = tuple[tuple[int, int], ...]
"""Frames as (start, stop), in the order in which they are wanted."""
LoadDetector = Callable[[Path | None, float, float], AnyDetector]
"""(weights, min_score, nms_iou) -> detector; must be importable by the child."""


def load_detector(weights: Path | None, min_score: float, nms_iou: float) -> AnyDetector:
    """The detector with these or the packaged weights; keeps candidates down to `min_score`."""
    from pandanet_core.detector import Detector, DetectorOptions

    return Detector(weights, DetectorOptions(min_score=min_score, nms_iou=nms_iou))


@dataclass(frozen=True)
class DetectionRequest:
    """What to detect.

    Attributes:
        source: Path of the video or picture.
        ranges: What to detect.
        camera: Intrinsics that people are placed with.
        min_score: Candidates below this are not kept.
        nms_iou: Overlap above which the weaker of two candidates is dropped.
        weights: Weights file; None for the packaged one.
        load: Makes the detector, in the child.
    """

    source: Path
    ranges: Ranges
    camera: Camera
    min_score: float
    nms_iou: float = DEFAULT_NMS_IOU
    weights: Path | None = None
    load: LoadDetector = load_detector


@dataclass(frozen=True)
class DetectorReady:
    """The network is loaded."""

    skeleton: str
    weights_name: str
    weights_sha256: str
    engine: str
    scale_source: str


@dataclass(frozen=True, eq=False)
class FrameDetected:
    """One frame is done."""

    frame: int
    time_s: float
    detections: Detections


@dataclass(frozen=True)
class DetectionFailed:
    """The detection cannot go on."""

    text: str


@dataclass(frozen=True)
class DetectionFinished:
    """Every frame is done."""


DetectionMessage = DetectorReady | FrameDetected | DetectionFailed | DetectionFinished


def run_detection(request: DetectionRequest, connection: Connection) -> None:
    """The child's main function."""
    os.nice(_NICENESS)
    keep_blocks_for_the_next_frame()
    try:
        _detect(request, connection)
        connection.send(DetectionFinished())
    except (BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        pass  # the window is gone, or the person pressed Ctrl+C in the terminal
    except UserError as error:
        connection.send(DetectionFailed(str(error)))
    except MemoryError:
        connection.send(
            DetectionFailed("There is not enough memory for the detection: close other programs.")
        )
    except Exception as error:
        connection.send(DetectionFailed(f"The detection failed ({type(error).__name__}: {error})."))
    finally:
        connection.close()


def _detect(request: DetectionRequest, connection: Connection) -> None:
    detector = request.load(request.weights, request.min_score, request.nms_iou)
    ready = DetectorReady(
        skeleton=detector.skeleton.name,
        weights_name=detector.weights_name,
        weights_sha256=detector.weights_sha256,
        engine=detector.engine,
        scale_source=detector.scale_source,
    )
    connection.send(ready)
    with closing(open_source(str(request.source))) as source:
        todo = request.ranges
        while todo:
            todo = _detect_range(detector, source, request.camera, todo, connection)


def _detect_range(
    detector: AnyDetector,
    source: FrameSource,
    camera: Camera,
    todo: Ranges,
    connection: Connection,
) -> Ranges:
    """Detect the first range until it is done or another frame is wanted first; what is left."""
    (start, stop), *rest = todo
    for frame in source.frames(start, stop):
        people = detector(frame.image, camera)
        connection.send(FrameDetected(frame.index, frame.time_s, people))
        if frame.index % _FRAMES_UNTIL_TIDY == 0:
            give_back_free_memory()
        wanted = None
        while connection.poll():
            wanted = connection.recv()
        if wanted is not None:
            return starting_at(wanted, ((frame.index + 1, stop), *rest))
    return tuple(rest)


def starting_at(frame: int, ranges: Ranges) -> Ranges:
    """The same frames in another order: from `frame` on first, if it is among them."""
    for place, (start, stop) in enumerate(ranges):
        if start <= frame < stop:
            before, after = ranges[:place], ranges[place + 1 :]
            parts = ((frame, stop), *after, *before, (start, frame))
            return tuple(part for part in parts if part[0] < part[1])
    return tuple(part for part in ranges if part[0] < part[1])
