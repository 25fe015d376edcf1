"""What `pandanet evaluate` measures: weights, or a table of detections made earlier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import FiledSamples, Sample
from pandanet_core.detections import Detections, DetectionTable, read_table
from pandanet_core.detector import Detector, DetectorOptions, Examination
from pandanet_core.errors import UserError
from pandanet_core.evaluation.detected import pictures_of
from pandanet_core.evaluation.table import Value
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.selection_settings import SelectionSettings, selection_of
from pandanet_core.skeleton import Skeleton, skeleton_named
from pandanet_core.weights import Weights, load_weights

LOWEST_SCORE = 0.05
"""Average precision wants doubtful detections too; below this hardly any are right."""

Look = Callable[[int, Sample], tuple[Detections, Examination | None]]
"""Detections of a picture, given its number, and what led to them where that is known."""


@dataclass(frozen=True)
class Observer:
    """Something that has detections for the pictures of one data set.

    Attributes:
        numbers: The pictures that it has detections for.
        look: Gives them.
    """

    numbers: Sequence[int]
    look: Look


@dataclass(frozen=True)
class Subject:
    """Something to measure.

    Attributes:
        name: What people call it.
        facts: What the report says about it.
        skeleton: The joints of its poses.
        mean_pose3d: (K, 3) the constant pose to compare with; None where it is not known.
        network: What tells why somebody was missed; None where only detections are known.
        selection: How A++ was chosen when the weights learned.
        observe: Makes it the observer of a data set; UserError where the two do not fit.
    """

    name: str
    facts: dict[str, Value]
    skeleton: Skeleton
    mean_pose3d: NDArray[np.floating[Any]] | None
    network: PandaNet | None
    selection: SelectionSettings
    observe: Callable[[FiledSamples], Observer]


def subject_of(path: Path, weights_of_table: Path | None) -> Subject:
    """Weights or a table, by the file's ending; UserError for anything else."""
    if path.suffix == ".parquet":
        return _table(path, weights_of_table)
    if path.suffix == ".safetensors":
        return _weights(path)
    raise UserError(
        f"{path.name} is neither weights (.safetensors) nor detections (.parquet): name either."
    )


def _weights(path: Path) -> Subject:
    detector = Detector(path, DetectorOptions(min_score=LOWEST_SCORE))
    selection = selection_of(detector.notes)
    facts: dict[str, Value] = {
        "weights": detector.weights_name,
        "weights SHA-256": detector.weights_sha256,
        "engine": detector.engine,
        "selection": selection.rule,
        "lowest score": LOWEST_SCORE,
        "non-maximum suppression from IoU": detector.options.nms_iou,
    }

    def look(_number: int, sample: Sample) -> tuple[Detections, Examination | None]:
        examined = detector.examine(sample.image, sample.camera)
        if examined is None:
            return Detections.empty(detector.skeleton.joint_count), None
        return examined.detections, examined

    return Subject(
        name=path.name,
        facts=facts,
        skeleton=detector.skeleton,
        mean_pose3d=detector.mean_pose3d,
        network=detector.network,
        selection=selection,
        observe=lambda samples: Observer(range(len(samples)), look),
    )


def _table(path: Path, weights_path: Path | None) -> Subject:
    table = read_table(path)
    weights = load_weights(weights_path) if weights_path else None
    _check_weights(path, table, weights, weights_path)
    facts: dict[str, Value] = {
        "detections": path.name,
        "source": table.header.source,
        "weights": table.header.weights,
        "weights SHA-256": table.header.weights_sha256,
        "lowest score": table.header.min_score,
        "non-maximum suppression from IoU": table.header.nms_iou,
    }

    def observe(samples: FiledSamples) -> Observer:
        frames = dict(pictures_of(table, samples))

        def look(number: int, sample: Sample) -> tuple[Detections, Examination | None]:
            return table.at(frames[number]), None

        return Observer(tuple(frames), look)

    return Subject(
        name=path.name,
        facts=facts,
        skeleton=skeleton_named(table.header.skeleton),
        mean_pose3d=weights.mean_pose3d.numpy() if weights else None,
        network=None,
        selection=SelectionSettings(),
        observe=observe,
    )


def _check_weights(
    path: Path, table: DetectionTable, weights: Weights | None, weights_path: Path | None
) -> None:
    if weights and weights.sha256 != table.header.weights_sha256:
        raise UserError(
            f"{path.name} was not made with {weights_path} but with {table.header.weights}; "
            "name those weights, or none."
        )
