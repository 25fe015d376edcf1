"""MuPoTS-3D's layout written by hand, in the nested form of its MATLAB files."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scipy.io
from numpy.typing import NDArray

from tests.core.jta_folder import write_picture

MATRIX = np.array([[1500.0, 0, 1010], [0, 1498, 1033], [0, 0, 1]])


def poses(seed: int, frames: int, people: int) -> NDArray[Any]:
    """(F, P, 17, 3) joints in front of the camera, mm."""
    random = np.random.default_rng(seed)
    places = random.uniform((-1200, -300, 3000), (1200, 300, 6000), (frames, people, 1, 3))
    return places + random.uniform(-700, 700, (frames, people, 17, 3))


def seen_by_opencv(points: NDArray[Any]) -> NDArray[Any]:
    """Points (..., 3) in camera space, as OpenCV's pinhole camera sees them."""
    flat = np.ascontiguousarray(points.reshape(-1, 1, 3))
    pixels, _ = cv2.projectPoints(flat, np.zeros(3), np.zeros(3), MATRIX, np.zeros(5))
    return pixels.reshape(*points.shape[:-1], 2)


def person(pose3d: NDArray[Any], pose2d: NDArray[Any], valid: bool = True) -> dict[str, Any]:
    """A cell's structure; its matrices have a column a joint."""
    return {
        "annot2": pose2d.T,
        "annot3": pose3d.T,
        "univ_annot3": pose3d.T * 0.9,
        "isValidFrame": np.array([[int(valid)]], np.uint8),
    }


def cells(rows: list[list[Any]]) -> NDArray[np.object_]:
    """A MATLAB cell array (F, P)."""
    array = np.empty((len(rows), len(rows[0])), object)
    for place in np.ndindex(*array.shape):
        array[place] = rows[place[0]][place[1]]
    return array


def write_mats(folder: Path, people: list[list[Any]], hidden: list[list[Any]]) -> None:
    """annot.mat and occlusion.mat of rows of frames, a person a column."""
    folder.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(folder / "annot.mat", {"annotations": cells(people)})
    scipy.io.savemat(folder / "occlusion.mat", {"occlusion_labels": cells(hidden)})


def write_sequence(
    folder: Path, pose3d: NDArray[Any], invalid: tuple[int, int] | None, side_px: int = 64
) -> None:
    """A sequence with square pictures; joint 4 of everybody is hidden, one person's place is not valid."""
    pose2d = seen_by_opencv(pose3d)
    labels = np.zeros((1, 17))
    labels[0, 4] = 1
    frames, people = pose3d.shape[:2]
    write_mats(
        folder,
        [
            [person(pose3d[f, p], pose2d[f, p], (f, p) != invalid) for p in range(people)]
            for f in range(frames)
        ],
        [[labels] * people for _ in range(frames)],
    )
    for frame in range(frames):
        image = np.full((side_px, side_px, 3), 40 * frame, np.uint8)
        write_picture(folder / f"img_{frame:06d}.jpg", image)
