"""What a crowd is like: how many people, how large, how far, seen how wide, how much hidden."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

MOST_SEQUENCES = 20
"""Annotation files that are read of a split, evenly spread: a hundred pictures each say enough."""

_ROW = 10


@dataclass(frozen=True)
class CrowdStatistics:
    """Of all pictures and all labelled people.

    Attributes:
        people: (M,) people in each picture.
        fov_deg: (M,) horizontal field of view of each picture.
        heights_px: (N,) from each person's highest joint to the lowest.
        distances_m: (N,) depth of each person's hips.
        occluded: share of the joints in the picture that something else hides.
        self_occluded: share of them that the person's own body hides.
    """

    people: NDArray[np.int64]
    fov_deg: Floats
    heights_px: Floats
    distances_m: Floats
    occluded: float
    self_occluded: float


@dataclass(frozen=True)
class LabelledPicture:
    """One picture's labels: pose2d (N, 22, 2) px, pose3d_m (N, 22, 3), flags (N, 22), and its camera."""

    pose2d: Floats
    pose3d_m: Floats
    occluded: NDArray[np.bool_]
    self_occluded: NDArray[np.bool_]
    fx: float


def statistics_of(pictures: Iterable[LabelledPicture], size: tuple[int, int]) -> CrowdStatistics:
    """Measure pictures of one size (width, height) in px."""
    people, fov, heights, distances = [], [], [], []
    inside = hidden = hidden_by_self = 0
    for picture in pictures:
        people.append(len(picture.pose2d))
        fov.append(np.degrees(2 * np.arctan(size[0] / 2 / picture.fx)))
        heights.append(np.ptp(picture.pose2d[..., 1], axis=1))
        distances.append(picture.pose3d_m[:, [16, 19], 2].mean(1))
        inside += int(((picture.pose2d >= 0) & (picture.pose2d < size)).all(-1).sum())
        hidden += int(picture.occluded.sum())
        hidden_by_self += int(picture.self_occluded.sum())
    return CrowdStatistics(
        people=np.array(people, np.int64),
        fov_deg=np.array(fov),
        heights_px=np.concatenate([np.zeros(0), *heights]),
        distances_m=np.concatenate([np.zeros(0), *distances]),
        occluded=hidden / max(1, inside),
        self_occluded=hidden_by_self / max(1, inside),
    )


def statistics_of_folder(folder: Path, split: str, size: tuple[int, int]) -> CrowdStatistics:
    """Measure a split of a crowd on disk; UserError where a file is damaged.

    Of more than MOST_SEQUENCES sequences only so many, evenly spread, are read.
    """
    files = sorted((folder / "annotations" / split).glob("seq_*.json"))
    chosen = np.unique(np.linspace(0, len(files) - 1, MOST_SEQUENCES).round().astype(int))
    return statistics_of(
        (
            picture
            for index in (chosen if len(files) else [])
            for picture in _pictures_of(files[index], folder / "cameras" / split)
        ),
        size,
    )


def _pictures_of(file: Path, cameras_folder: Path) -> Iterable[LabelledPicture]:
    try:
        rows = np.array(json.loads(file.read_bytes()), float).reshape(-1, 22, _ROW)
        cameras = json.loads((cameras_folder / file.name).read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(f"{file} or its cameras cannot be read; make the crowd again.") from error
    for frame, fx, *_ in cameras:
        of_frame = rows[rows[:, 0, 0] == frame]
        hidden = of_frame[..., 8:10] > 0
        yield LabelledPicture(
            of_frame[..., 3:5], of_frame[..., 5:8], hidden[..., 0], hidden[..., 1], fx
        )
