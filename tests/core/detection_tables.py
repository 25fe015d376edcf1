"""Tables of detections written as `pandanet detect` writes them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pandanet_core.detections import Detections, TableHeader, TableWriter
from pandanet_core.skeleton import JTA22, Skeleton
from tests.core.random_scene import CAMERA


def write_table(
    path: Path, found: list[Detections], skeleton: Skeleton = JTA22, **other: Any
) -> Path:
    """Frame after frame from 0; `other` is what the header says beyond the usual."""
    header = TableHeader(
        skeleton=skeleton.name,
        camera=CAMERA,
        scale_source="given",
        source="seq_3",
        source_sha256="",
        frame_count=len(found),
        fps=30.0,
        weights="some-weights",
        weights_sha256="0" * 64,
        min_score=0.05,
        nms_iou=0.5,
    )
    with TableWriter(path, replace(header, **other)) as writer:
        for frame, detections in enumerate(found):
            writer.append(frame, frame / 30, detections)
    return path
