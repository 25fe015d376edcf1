"""Folders in JTA's format, written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import Sample


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def write_picture(path: Path, image: NDArray[np.uint8]) -> None:
    """A PNG without loss or a JPEG, by the name's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image[..., ::-1])


def rows_of(sample: Sample, frame: int) -> list[list[float]]:
    """Rows [frame, person, joint, x, y, X, Y, Z (m), occluded, self-occluded] of a picture."""
    rows = []
    for person in range(len(sample)):
        for joint in range(sample.skeleton.joint_count):
            x, y = sample.pose2d[person, joint].tolist()
            metres = (sample.pose3d_mm[person, joint] / 1000).tolist()
            hidden = [sample.occluded[person, joint], sample.self_occluded[person, joint]]
            rows.append([frame, 100 + person, joint, x, y, *metres, *map(int, hidden)])
    return rows


def write_sequence(
    folder: Path, sequence: int, samples: Sequence[Sample], split: str = "train"
) -> None:
    """Annotations, cameras and PNGs of a sequence; frames count from 1."""
    rows, cameras = [], []
    for frame, sample in enumerate(samples, 1):
        rows += rows_of(sample, frame)
        camera = sample.camera
        cameras.append([frame, camera.fx, camera.fy, camera.cx, camera.cy])
        write_picture(folder / "frames" / split / f"seq_{sequence}" / f"{frame}.png", sample.image)
    write_json(folder / "annotations" / split / f"seq_{sequence}.json", rows)
    write_json(folder / "cameras" / split / f"seq_{sequence}.json", cameras)
