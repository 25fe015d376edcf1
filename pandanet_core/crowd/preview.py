"""A contact sheet of a generated crowd, with joints and what hides them."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22

VISIBLE, OCCLUDED, SELF_OCCLUDED = (80, 255, 255), (255, 40, 40), (255, 60, 255)
BONE = (60, 220, 60)
COLUMNS, ROWS = 3, 5


def write_preview(folder: Path, split: str) -> Path:
    """Write preview.png with pictures from all over a split; plain ones and drawn ones alternate."""
    pictures = JtaPictures(folder, split)
    count = min(len(pictures), COLUMNS * ROWS)
    chosen = np.linspace(0, len(pictures) - 1, count).round().astype(int)
    tiles = [
        with_joints(pictures[index]) if number % 2 else pictures[index].image
        for number, index in enumerate(chosen)
    ]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    path = folder / "preview.png"
    if not cv2.imwrite(str(path), np.vstack(rows)[..., ::-1]):
        raise UserError(f"Cannot write {path}; choose another place.")
    return path


def with_joints(sample: Sample) -> NDArray[np.uint8]:
    """The picture with bones, and joints coloured by whether and by what they are hidden."""
    image = sample.image.copy()
    for pose, occluded, hidden_by_self in zip(
        sample.pose2d, sample.occluded, sample.self_occluded, strict=True
    ):
        points = [tuple(int(value) for value in point) for point in np.clip(pose, -4096, 8192)]
        for child, parent in JTA22.bones:
            cv2.line(image, points[child], points[parent], BONE, 1, cv2.LINE_AA)
        for point, other, own in zip(points, occluded, hidden_by_self, strict=True):
            colour = OCCLUDED if other else SELF_OCCLUDED if own else VISIBLE
            cv2.circle(image, point, 1, colour, -1)
    return image
