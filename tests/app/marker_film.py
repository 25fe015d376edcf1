"""A film whose frames say their number in pixels, and a detector that finds what walks in it.

The detector runs for real, in the real child process: it needs no network, so that tests are fast
and know exactly what has to be found.
"""

import time
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera, place
from pandanet_core.detections import Detections
from pandanet_core.skeleton import JTA22, bone_length_sum
from tests.people3d import standing_person

WIDTH, HEIGHT, FPS = 320, 240, 25
BITS, BIT_PX = 10, 16
WALKER_HEIGHTS_PX = (90, 60, 20)
"""A walker's score is its height / 100: 0.9, 0.6 and 0.2."""


def write_film(path: Path, count: int, gop: int = 12) -> Path:
    """H.264 with B-frames; three green walkers, the frame's number as blocks along the top."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"g": str(gop), "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv444p"
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(film_picture(number), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def film_picture(number: int) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH, 3) uint8 RGB: what frame `number` shows before it is encoded."""
    picture = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for bit in range(BITS):
        left = bit * BIT_PX
        picture[:BIT_PX, left : left + BIT_PX] = 255 if number >> bit & 1 else 0
    for x0, y0, x1, y1 in walker_boxes(number):
        picture[y0:y1, x0:x1] = (20, 220, 20)
    return picture


def walker_boxes(number: int) -> list[tuple[int, int, int, int]]:
    """Where the three walkers are, px."""
    boxes = []
    for place_, height in enumerate(WALKER_HEIGHTS_PX):
        x0 = 30 + place_ * 100 + number % 40
        boxes.append((x0, 120, x0 + height // 3, 120 + height))
    return boxes


def number_in(picture: NDArray[np.uint8]) -> int:
    """The number that the blocks along the top of a picture of the film say."""
    centres = picture[BIT_PX // 2, BIT_PX // 2 : BITS * BIT_PX : BIT_PX].mean(-1)
    return sum(1 << bit for bit, value in enumerate(centres) if value > 127)


class MarkerDetector:
    """Finds green rectangles and says that each is a standing person."""

    skeleton = JTA22
    weights_name = "green"
    weights_sha256 = "0" * 64
    engine = "thresholds, 1 thread"
    scale_source = "given stature 1.72 m"

    def __init__(self, min_score: float = 0.0) -> None:
        self.min_score = min_score

    def __call__(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Detections:
        camera = camera or Camera.from_fov(image.shape[1], image.shape[0])
        green = (image[..., 1] > 170) & (image[..., 0] < 90) & (image[..., 2] < 90)
        _, _, stats, _ = cv2.connectedComponentsWithStats(green.astype(np.uint8))
        boxes = np.array(
            [(x, y, x + w, y + h) for x, y, w, h, area in stats[1:] if area > 40], np.float32
        ).reshape(-1, 4)
        scores = ((boxes[:, 3] - boxes[:, 1]) / 100).astype(np.float32)
        order = np.argsort(-scores)
        order = order[scores[order] >= self.min_score]
        return _standing_in(boxes[order], scores[order], camera)


def _standing_in(
    boxes: NDArray[np.float32], scores: NDArray[np.float32], camera: Camera
) -> Detections:
    person = standing_person() * (1, -1, 1)  # y down
    person -= person[list(JTA22.root)].mean(0)
    low, high = person[:, :2].min(0), person[:, :2].max(0)
    share = (person[:, :2] - low) / (high - low)
    pose2d = boxes[:, None, :2] + share * (boxes[:, None, 2:] - boxes[:, None, :2])
    pose2d = pose2d.astype(np.float32)
    scale_mm = np.full(len(boxes), bone_length_sum(person[None], JTA22)[0], np.float32)
    pose3d = np.tile(person, (len(boxes), 1, 1)).astype(np.float32) / scale_mm[:, None, None]
    root_mm = place(pose2d, pose3d * scale_mm[:, None, None], camera).astype(np.float32)
    return Detections(boxes, scores, pose2d, pose3d, root_mm, scale_mm)


class HangingDetector(MarkerDetector):
    """Finds people in one frame, then computes for ever."""

    seen = 0

    def __call__(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Detections:
        self.seen += 1
        while self.seen > 1:
            pass
        return super().__call__(image, camera)


class UnhurriedDetector(MarkerDetector):
    """Takes its time over each frame, as a network does."""

    def __call__(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Detections:
        time.sleep(0.02)
        return super().__call__(image, camera)


def load_marker_detector(weights: Path | None, min_score: float, nms_iou: float) -> MarkerDetector:
    """Like `load_detector`, for the film."""
    return MarkerDetector(min_score)


def load_hanging_detector(weights: Path | None, min_score: float, nms_iou: float) -> MarkerDetector:
    """A detector that must be ended."""
    return HangingDetector(min_score)


def load_unhurried_detector(
    weights: Path | None, min_score: float, nms_iou: float
) -> MarkerDetector:
    """A detector that can be watched."""
    return UnhurriedDetector(min_score)


def load_dying_detector(weights: Path | None, min_score: float, nms_iou: float) -> MarkerDetector:
    """A detector whose process ends at once, as the system's memory keeper would end it."""
    import os
    import signal

    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")
