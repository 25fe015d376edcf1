"""How well clustered anchors fit a data set: mean IoU by their number, who is covered, who is not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.anchors import (
    ANCHOR_COUNT,
    AnchorGrid,
    best_centred_iou,
    cluster_up_to,
)
from pandanet_core.errors import UserError
from pandanet_core.selection import SelectionSettings, positive_anchors

MOST_ANCHORS = 20
"""Mean IoU is measured for 1 to this many anchors."""

COVERING_IOU = 0.5
"""An anchor that overlaps its person by more than this IoU covers the person."""

HEIGHT_BOUNDS_PX = (0.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, float("inf"))
"""Bounds of the height bands."""


@dataclass(frozen=True)
class HeightBand:
    """People of similar height in the picture.

    Attributes:
        low_px, high_px: Their boxes are at least low_px and less than high_px high.
        people: How many.
        covered: How many have an anchor that is matched to them and overlaps them by more than
            COVERING_IOU.
        without_anchor: How many no anchor is matched to: each anchor that touches them overlaps
            somebody else more (Eq. 1). They teach the network nothing.
    """

    low_px: float
    high_px: float
    people: int
    covered: int
    without_anchor: int

    @property
    def covered_share(self) -> float:
        """Share of these people who are covered."""
        return self.covered / self.people

    @property
    def name(self) -> str:
        """The bounds in px, as 32-64; the highest band as 512 up, everybody as all."""
        if not np.isinf(self.high_px):
            return f"{self.low_px:.0f}-{self.high_px:.0f}"
        return f"{self.low_px:.0f} up" if self.low_px else "all"


@dataclass(frozen=True)
class AnchorReport:
    """Anchors of a data set and how they fit it.

    Attributes:
        anchors: (N_A, 2) widths and heights in px, sorted by area.
        nearest_share: (N_A,) share of the people whom each anchor fits best.
        mean_iou: Mean IoU of boxes and their best anchor on a common centre, for 1, 2, ... anchors.
        bands: People by height, bands without people left out.
        everybody: All bands in one.
        sizes: (M, 2) widths and heights in px of the people's boxes.
        pictures: Number of pictures.
        width_px, height_px: Size of the network's input.
        stride: Input pixels an output cell.
    """

    anchors: NDArray[np.float32]
    nearest_share: NDArray[np.float64]
    mean_iou: tuple[float, ...]
    bands: tuple[HeightBand, ...]
    everybody: HeightBand
    sizes: NDArray[np.float32]
    pictures: int
    width_px: int
    height_px: int
    stride: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; unbounded heights are None."""
        return {
            "pictures": self.pictures,
            "people": len(self.sizes),
            "input_px": [self.width_px, self.height_px],
            "stride_px": self.stride,
            "anchors_px": self.anchors.round(2).tolist(),
            "nearest_share": self.nearest_share.tolist(),
            "mean_iou_by_number": dict(enumerate(self.mean_iou, start=1)),
            "covering_iou": COVERING_IOU,
            "by_height": [_band_values(band) for band in self.bands],
            "everybody": _band_values(self.everybody),
        }

    def to_text(self) -> str:
        """Three tables for the terminal: mean IoU by number, the anchors, people by height."""
        lines = [
            f"{len(self.sizes)} people in {self.pictures} pictures of {self.width_px} x "
            f"{self.height_px} px, stride {self.stride}",
            "",
            "anchors  mean IoU",
        ]
        for number, iou in enumerate(self.mean_iou, start=1):
            chosen = "  <" if number == len(self.anchors) else ""
            lines.append(f"{number:>7}{iou:>10.4f}{chosen}")
        lines += ["", " anchor  width px  height px  best for"]
        numbered = enumerate(zip(self.anchors, self.nearest_share, strict=True), start=1)
        for number, ((width, height), share) in numbered:
            lines.append(f"{number:>7}{width:>10.1f}{height:>11.1f}{share:>10.1%}")
        lines += ["", f"height px    people  IoU > {COVERING_IOU}  without anchor"]
        for band in (*self.bands, self.everybody):
            lines.append(
                f"{band.name:>9}{band.people:>10}{band.covered_share:>11.1%}"
                f"{band.without_anchor:>16}"
            )
        return "\n".join(lines)


def report_anchors(
    people_boxes: Sequence[NDArray[Any]],
    width_px: int,
    height_px: int,
    stride: int,
    count: int = ANCHOR_COUNT,
    seed: int = 0,
) -> AnchorReport:
    """Cluster anchors and match them to the people they were clustered on.

    Args:
        people_boxes: For each picture of width_px x height_px its people's boxes (N, 4) in px.
        width_px, height_px: Size of the network's input.
        stride: Input pixels an output cell.
        count: N_A, the number of anchors to match.
        seed: Of the clustering.

    Raises:
        UserError: There are fewer people than anchors.
    """
    boxes = np.concatenate([np.zeros((0, 4), np.float32), *people_boxes]).astype(np.float32)
    sizes = boxes[:, 2:] - boxes[:, :2]
    if len(sizes) < count:
        raise UserError(
            f"The pictures show {len(sizes)} people, too few for {count} anchors; name more data or "
            "more --pictures."
        )
    clustered = cluster_up_to(sizes, min(max(count, MOST_ANCHORS), len(sizes)), seed)
    anchors = clustered[count - 1]
    nearest = best_centred_iou(sizes, anchors)[1]
    matched_iou = _best_matched_iou(people_boxes, anchors, width_px, height_px, stride)
    return AnchorReport(
        anchors=anchors,
        nearest_share=np.bincount(nearest, minlength=count) / len(sizes),
        mean_iou=tuple(float(best_centred_iou(sizes, each)[0].mean()) for each in clustered),
        bands=tuple(_bands(sizes[:, 1], matched_iou)),
        everybody=_band(0.0, float("inf"), matched_iou),
        sizes=sizes,
        pictures=len(people_boxes),
        width_px=width_px,
        height_px=height_px,
        stride=stride,
    )


def _best_matched_iou(
    people_boxes: Sequence[NDArray[Any]],
    anchors: NDArray[np.float32],
    width_px: int,
    height_px: int,
    stride: int,
) -> NDArray[np.float32]:
    """For each person the largest IoU among the anchors matched to them; 0 for who has none."""
    grid = AnchorGrid(torch.from_numpy(anchors), stride, height_px // stride, width_px // stride)
    settings = SelectionSettings()
    best = [
        positive_anchors([torch.from_numpy(boxes).float()], grid, settings).best_iou.numpy()
        for boxes in people_boxes
    ]
    return np.concatenate(best)


def _bands(heights: NDArray[Any], matched_iou: NDArray[Any]) -> Iterable[HeightBand]:
    for low, high in pairwise(HEIGHT_BOUNDS_PX):
        inside = (heights >= low) & (heights < high)
        if inside.any():
            yield _band(low, high, matched_iou[inside])


def _band(low: float, high: float, matched_iou: NDArray[Any]) -> HeightBand:
    covered, without = matched_iou > COVERING_IOU, matched_iou == 0
    return HeightBand(low, high, len(matched_iou), int(covered.sum()), int(without.sum()))


def _band_values(band: HeightBand) -> dict[str, Any]:
    return {
        "low_px": band.low_px,
        "high_px": None if np.isinf(band.high_px) else band.high_px,
        "people": band.people,
        "covered": band.covered,
        "without_anchor": band.without_anchor,
    }
