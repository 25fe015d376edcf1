"""What `pandanet evaluate` measures: weights, or a table of detections made earlier."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections, read_table
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.errors import UserError
from pandanet_core.evaluation.detected import detected_in
from pandanet_core.evaluation.report import Value
from pandanet_core.skeleton import Skeleton, skeleton_named
from pandanet_core.weights import load_weights

LOWEST_SCORE = 0.05
"""Average precision wants doubtful detections too; below this hardly any are right."""


@dataclass(frozen=True)
class Subject:
    """Something that has detections for annotated pictures.

    Attributes:
        facts: What the report says about it.
        skeleton: The joints of its poses.
        mean_pose3d: (K, 3) the constant pose to compare with; None where it is not known.
        detected: Gives each picture that it knows with its detections.
    """

    facts: dict[str, Value]
    skeleton: Skeleton
    mean_pose3d: NDArray[np.floating[Any]] | None
    detected: Callable[[Iterable[Sample]], Iterator[tuple[Sample, Detections]]]


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

    def detected(samples: Iterable[Sample]) -> Iterator[tuple[Sample, Detections]]:
        for sample in samples:
            yield sample, detector(sample.image, sample.camera)

    facts: dict[str, Value] = {
        "weights": detector.weights_name,
        "weights SHA-256": detector.weights_sha256,
        "engine": detector.engine,
        "lowest score": LOWEST_SCORE,
        "non-maximum suppression from IoU": detector.options.nms_iou,
    }
    return Subject(facts, detector.skeleton, detector.mean_pose3d, detected)


def _table(path: Path, weights_path: Path | None) -> Subject:
    table = read_table(path)
    weights = load_weights(weights_path) if weights_path else None
    if weights and weights.sha256 != table.header.weights_sha256:
        raise UserError(
            f"{path.name} was not made with {weights_path} but with {table.header.weights}; "
            "name those weights, or none."
        )
    facts: dict[str, Value] = {
        "detections": path.name,
        "source": table.header.source,
        "weights": table.header.weights,
        "weights SHA-256": table.header.weights_sha256,
        "lowest score": table.header.min_score,
        "non-maximum suppression from IoU": table.header.nms_iou,
    }
    return Subject(
        facts,
        skeleton_named(table.header.skeleton),
        weights.mean_pose3d.numpy() if weights else None,
        lambda samples: detected_in(table, samples),
    )
