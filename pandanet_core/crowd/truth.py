"""The truth about a generated video as a table of detections, for the window and for comparisons."""

from pathlib import Path

import numpy as np

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera
from pandanet_core.crowd.writer import Row
from pandanet_core.data.sample import LEAST_VISIBLE_JOINTS, root_relative
from pandanet_core.detections import Detections, TableHeader, TableWriter
from pandanet_core.files import sha256_of
from pandanet_core.skeleton import JTA22


def write_truth(
    video: Path, rows: list[Row], cameras: list[Row], size: tuple[int, int], fps: float
) -> Path:
    """Write the table beside a video (.parquet): everybody of whom two joints can be seen, score 1.

    Args:
        video: The finished video file.
        rows: JTA's annotation rows, frames from 1.
        cameras: One row [frame, fx, fy, cx, cy] (px) a frame, the same camera in all.
        size: Width and height of the video, px.
        fps: Frames per second.
    """
    fx, fy, cx, cy = cameras[0][1:]
    header = TableHeader(
        skeleton=JTA22.name,
        camera=Camera(fx, fy, cx, cy, *size),
        scale_source="given",
        source=video.name,
        source_sha256=sha256_of([video]),
        frame_count=len(cameras),
        fps=fps,
        weights="ground truth",
        weights_sha256="",
        min_score=1.0,
        nms_iou=1.0,
        note="ground truth of a generated crowd",
    )
    table = np.array(rows, np.float64).reshape(-1, 10)
    starts = np.searchsorted(table[:, 0], np.arange(1, len(cameras) + 2))
    path = video.with_suffix(".parquet")
    with TableWriter(path, header) as writer:
        for frame in range(len(cameras)):
            people = table[starts[frame] : starts[frame + 1]].reshape(-1, JTA22.joint_count, 10)
            people = people[_visible_joints(people, size) >= LEAST_VISIBLE_JOINTS]
            writer.append(
                frame, frame / fps, detections_of(people), people[:, 0, 1].astype(np.int32)
            )
    return path


def detections_of(people: np.ndarray) -> Detections:
    """Annotation rows of one frame by person (N, 22, 10) as certain detections."""
    if not len(people):
        return Detections.empty(JTA22.joint_count)
    pose2d = people[..., 3:5].astype(np.float32)
    pose3d_mm = (people[..., 5:8] * 1000).astype(np.float32)
    pose3d, scale_mm = root_relative(pose3d_mm, JTA22)
    return Detections(
        boxes=box_around_joints(pose2d),
        scores=np.ones(len(people), np.float32),
        pose2d=pose2d,
        pose3d=pose3d,
        root_mm=pose3d_mm[:, list(JTA22.root)].mean(1),
        scale_mm=scale_mm,
    )


def _visible_joints(people: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(N,) joints inside the picture that nothing else hides."""
    pixels = people[..., 3:5]
    inside = ((pixels >= 0) & (pixels < size)).all(-1)
    count: np.ndarray = (inside & (people[..., 8] == 0)).sum(1)
    return count
