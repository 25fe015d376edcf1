"""COCO: keypoint average precision (OKS) over 17 joints."""

from dataclasses import dataclass, field, replace

import numpy as np

from pandanet_core.data.coco import CocoPictures
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation.keypoints import (
    AREAS_PX,
    SIMILARITIES,
    KeypointMatches,
    KeypointTruth,
    keypoint_curves,
    match_keypoints,
)
from pandanet_core.evaluation.measure import Measurement
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.table import Table, Value

HALF_A_PIXEL = 0.5
"""COCO's keypoints are numbers of pixels, whose centres lie half a pixel further. Its metric measures
from the box of somebody without keypoints in the same numbers, so the box moves along."""

_NOTE = (
    "COCO's keypoint metric, as its own tools compute it: object keypoint similarity (OKS) from "
    "0.50 to 0.95, the 20 best detections of a picture, all scores. AR: mean recall. Medium: people "
    "of 32² to 96² px², large: above. The paper reports nothing on COCO."
)


def keypoint_truth(pictures: CocoPictures, index: int, width_px: int) -> KeypointTruth:
    """What COCO says of a picture that is `width_px` wide; joints where samples have them."""
    annotations = pictures.annotations(index)
    scale = width_px / pictures.width_px(index)
    return KeypointTruth(
        pose2d=(annotations.joints[..., :2] + HALF_A_PIXEL) * scale,
        labelled=annotations.joints[..., 2] > 0,
        boxes=(annotations.boxes + HALF_A_PIXEL) * scale,
        areas=annotations.areas * scale**2,
        crowd=annotations.crowd,
    )


@dataclass
class CocoMeter:
    """COCO's ten numbers."""

    settings: MeterSettings
    pictures: CocoPictures
    _matches: dict[str, list[KeypointMatches]] = field(
        default_factory=lambda: {name: [] for name in AREAS_PX}
    )

    def add(self, index: int, sample: Sample, found: Detections, measured: Measurement) -> None:
        """Match the picture's detections by keypoints, for each range of areas."""
        truth = keypoint_truth(self.pictures, index, sample.image.shape[1])
        found = replace(found, pose2d=found.pose2d[:, list(self.settings.joints)])
        for name, area_px in AREAS_PX.items():
            self._matches[name].append(match_keypoints(found, truth, area_px))

    def tables(self, whole: Measurement) -> tuple[Table, ...]:
        """AP and AR of all people, and by their size."""
        rows = [self._row(name) for name in AREAS_PX]
        return (Table("COCO keypoints", _NOTE, tuple(rows)),)

    def _row(self, area: str) -> dict[str, Value]:
        curves = keypoint_curves(self._matches[area])
        precision = [100 * curve.coco_average_precision() for curve in curves]
        recall = [100 * curve.highest_recall() for curve in curves]
        at = {round(100 * similarity): place for place, similarity in enumerate(SIMILARITIES)}
        return {
            "people of size": area,
            "people": curves[0].people,
            "AP %": float(np.mean(precision)),
            "AP at 0.50 %": precision[at[50]],
            "AP at 0.75 %": precision[at[75]],
            "AR %": float(np.mean(recall)),
            "AR at 0.50 %": recall[at[50]],
            "AR at 0.75 %": recall[at[75]],
        }
