"""What the anchor lab knows of the shown frame: one frozen description that its views draw."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.anchor_lab import AnchorMap, AnchorSpot, AnchorView
from pandanet_app.models.scene import Layers
from pandanet_core.lab.frame_trace import FrameTrace, PositiveTable

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network says at M anchors, whether they matched or not.

    Attributes:
        spots: The anchors.
        scores: (M,) after the sigmoid.
        boxes: (M, 4) px of the network's input.
        pose2d: (M, K, 2) px of the network's input.
        pose3d: (M, K, 3) root-relative, bone lengths summing to about 1.
    """

    spots: tuple[AnchorSpot, ...]
    scores: Floats
    boxes: Floats
    pose2d: Floats
    pose3d: Floats

    def place_of(self, spot: AnchorSpot | None) -> int | None:
        """Where an anchor stands in this reading; None where it does not."""
        return self.spots.index(spot) if spot is not None and spot in self.spots else None


def place_of(positives: PositiveTable, spot: AnchorSpot) -> int | None:
    """Where an anchor stands in A+; None where it is not in A+."""
    same = (positives.row == spot.row) & (positives.column == spot.column)
    found = np.flatnonzero(same & (positives.anchor == spot.anchor))
    return int(found[0]) if len(found) else None


def spot_of(positives: PositiveTable, place: int) -> AnchorSpot:
    """The anchor at a place in A+."""
    kind, row, column = (
        int(part[place]) for part in (positives.anchor, positives.row, positives.column)
    )
    return AnchorSpot(kind, row, column)


@dataclass(frozen=True, eq=False)
class AnchorScene:
    """The anchors of one frame, and what of them is shown.

    Attributes:
        frame: Number of the frame.
        trace: What happened in it.
        scores: (N_A, rows, columns) of every anchor, after the sigmoid.
        map_values: (N_A, rows, columns) of the map, NaN where nothing is known; or for box offsets
            (N_A, rows, columns, 4) px, from every anchor's box to the one that the network gives
            there; None until it came.
        colour: (N,) colour number of each person of the truth: what the views of people use.
        view, boxes, kind, map: As in AnchorLab.
        layers: Whether the truth's boxes, the pose in hand and labels are drawn.
        person, spot, hovered: As in AnchorLab.
        reading: What the network says at the chosen and at the hovered anchor; None until it came.
        other: The same frame with the other settings or weights it is compared with.
        alone: (M,) anchors of A+ that only this one of two compared traces shows in this view; None
            where nothing is compared.
        differs: People of the truth who have another fate in the other trace.
    """

    frame: int
    trace: FrameTrace
    scores: Floats
    map_values: Floats | None
    colour: NDArray[np.intp]
    view: AnchorView = AnchorView.POSITIVE
    boxes: bool = False
    kind: int | None = None
    map: AnchorMap = AnchorMap.NONE
    layers: Layers = field(default_factory=Layers)
    person: int | None = None
    spot: AnchorSpot | None = None
    hovered: AnchorSpot | None = None
    reading: Reading | None = None
    other: FrameTrace | None = None
    alone: NDArray[np.bool_] | None = None
    differs: frozenset[int] = frozenset()

    @property
    def look(self) -> tuple[object, ...]:
        """What decides the colours: where it stays the same, they do."""
        colours = tuple(self.colour.tolist())
        values = None if self.map_values is None else id(self.map_values)
        layers = (self.layers.boxes, self.layers.skeletons, self.layers.labels)
        shown = (self.view, self.boxes, self.kind, self.map, *layers)
        return (id(self.trace), id(self.other), colours, values, *shown)
