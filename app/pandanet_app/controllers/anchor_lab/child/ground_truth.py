"""The ground truth beside a video or a folder of pictures, if there is any.

For the lab's child process alone: it reads files, and imports the data sets.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.damage import refuse
from pandanet_core.data.frames import OpenVideo
from pandanet_core.data.jta.pictures import JtaPictures, SequenceReader, labelled
from pandanet_core.data.sample import Sample
from pandanet_core.detections import DetectionTable, read_table
from pandanet_core.errors import UserError
from pandanet_core.evaluation.truth import truth_of_sample
from pandanet_core.lab.frame_trace import Truth
from pandanet_core.skeleton import Skeleton, skeleton_named
from pandanet_core.video import Frame
from pandanet_core.video.pictures import pictures_below

TABLE_WEIGHTS = "ground truth"
"""What a table of detections calls its weights where it is the truth about a generated video."""

TruthAt = Callable[[Frame, Skeleton], Truth]
"""(frame, joints of the network) -> who is to be found, in px of the frame; UserError where the
truth has none of these joints."""


def ground_truth_of(source: Path) -> tuple[str, TruthAt] | None:
    """Where a source's ground truth comes from, and what gives it; None where there is none.

    Known are the table that `pandanet crowd` writes beside a video, and in a folder in JTA's
    layout the pictures or the video of one sequence, or the pictures of a whole split. UserError
    where the truth is there, but damaged.
    """
    table_file = source.with_suffix(".parquet")
    if table_file.is_file():
        table = read_table(table_file)
        if table.header.weights == TABLE_WEIGHTS:
            return table_file.name, _of_table(table, table_file.name)
    annotations = jta_annotations(source)
    if annotations is not None:
        return f"annotations/{annotations.parent.name}/{annotations.name}", _of_jta(annotations)
    if is_jta_split(source):
        return f"annotations/{source.resolve().name}", _of_jta_split(source.resolve())
    return None


def boxes_of_table(source: Path, otherwise: NDArray[Any]) -> NDArray[Any]:
    """(M, 4) px boxes of everybody in all frames of the table beside a video; `otherwise` where no
    table of truth is there."""
    file = source.with_suffix(".parquet")
    table = read_table(file) if file.is_file() else None
    if table is None or table.header.weights != TABLE_WEIGHTS or not len(table):
        return otherwise
    return np.concatenate([table.at(frame).boxes for frame in range(table.header.frame_count)])


def jta_annotations(source: Path) -> Path | None:
    """ROOT/annotations/SPLIT/seq_N.json of ROOT/frames/SPLIT/seq_N or ROOT/videos/SPLIT/seq_N.mp4;
    None where there is none."""
    parents = source.resolve().parents
    if len(parents) < 3 or parents[1].name not in ("frames", "videos"):
        return None
    file = parents[2] / "annotations" / parents[0].name / f"{source.stem}.json"
    return file if file.is_file() else None


def is_jta_split(source: Path) -> bool:
    """Whether this is ROOT/frames/SPLIT beside ROOT/annotations/SPLIT."""
    split = source.resolve()
    root = split.parent.parent
    return split.parent.name == "frames" and (root / "annotations" / split.name).is_dir()


def _of_table(table: DetectionTable, name: str) -> TruthAt:
    skeleton = skeleton_named(table.header.skeleton)

    def truth_at(frame: Frame, joints: Skeleton) -> Truth:
        people = table.at(frame.index)
        known = np.ones(people.pose2d.shape[:2], bool)
        sample = Sample(
            image=frame.image,
            pose2d=people.pose2d,
            pose3d_mm=people.pose3d_mm,
            occluded=~known,
            self_occluded=~known,
            has_2d=known,
            has_3d=known,
            boxes=people.boxes,
            camera=table.header.camera,
            skeleton=skeleton,
            name=name,
        )
        return truth_of_sample(sample, joints)

    return truth_at


def _of_jta(annotations: Path) -> TruthAt:
    root, split = annotations.parents[2], annotations.parent.name
    sequence = SequenceReader(root, split, refuse, OpenVideo()).read(annotations)
    assert sequence is not None  # `refuse` raises where there is nothing to read

    def truth_at(frame: Frame, joints: Skeleton) -> Truth:
        return truth_of_sample(labelled(sequence, frame.index, frame.image), joints)

    return truth_at


def _of_jta_split(frames: Path) -> TruthAt:
    pictures = JtaPictures(frames.parents[1], frames.name)
    numbers = {pictures.file(number): number for number in range(len(pictures))}
    shown = pictures_below(frames)

    def truth_at(frame: Frame, joints: Skeleton) -> Truth:
        file = shown[frame.index]
        if file not in numbers:
            raise UserError(f"{file.parent.name}/{file.name} has no annotations: choose another.")
        sample = replace(pictures.labels(numbers[file]), image=frame.image)
        return truth_of_sample(sample, joints)

    return truth_at
