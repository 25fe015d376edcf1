"""What happened at the anchors of one frame, from the grid to the people: data alone, no torch."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.lab.fate import Fate
from pandanet_core.readout_trace import People, ReadoutSettings, ReadoutTrace
from pandanet_core.selection_settings import SelectionRule, SelectionSettings
from pandanet_core.skeleton import Skeleton
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE, DEFAULT_NMS_IOU

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class LabSettings:
    """Everything that decides which anchors are chosen and who is read off them.

    Attributes:
        rule: Table 1's variant of the selection.
        positive_above: A+ = anchors whose PONO exceeds this.
        selected_above: A++ = anchors whose quality exceeds this (Eq. 9).
        min_score: Anchors that score less are no candidates.
        nms_iou: A candidate whose box overlaps a better one's by more than this IoU is suppressed.
        top_k: At most this many candidates.
        found_iou: IoU of boxes from which on a survivor finds somebody.
        anchors_px: Widths and heights of other anchors than the network's own; None: its own.
    """

    rule: SelectionRule = "pose-aware"
    positive_above: float = 0.5
    selected_above: float = 0.5
    min_score: float = DEFAULT_MIN_SCORE
    nms_iou: float = DEFAULT_NMS_IOU
    top_k: int = 1000
    found_iou: float = 0.5
    anchors_px: tuple[tuple[float, float], ...] | None = None

    @property
    def selection(self) -> SelectionSettings:
        """Its part for matching and selection."""
        return SelectionSettings(self.rule, self.positive_above, self.selected_above)

    @property
    def readout(self) -> ReadoutSettings:
        """Its part for the readout."""
        return ReadoutSettings(self.min_score, self.nms_iou, self.top_k)


@dataclass(frozen=True, eq=False)
class Truth:
    """The N people who are to be found in a frame.

    In the pixels of the frame where it is made, and of the network's input where it is traced.

    Attributes:
        boxes: (N, 4) px, clipped to the picture.
        pose2d: (N, K, 2) px.
        has_2d: (N, K) joints that count in 2D: known, and inside the picture.
        skeleton: What the joints are.
        name: Where it comes from, in words: a data set, or the final people themselves.
        pose3d_mm: (N, K, 3) camera space, mm.
        has_3d: (N, K) joints that are known in 3D.
        height_px: (N,) height of the whole box, also of what lies outside the picture.
        ignored_boxes: (R, 4) px, people who are no objects to find.
    """

    boxes: Floats
    pose2d: Floats
    has_2d: Flags
    skeleton: Skeleton
    name: str
    pose3d_mm: Floats
    has_3d: Flags
    height_px: Floats
    ignored_boxes: Floats = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    def __len__(self) -> int:
        return len(self.boxes)

    def stretched(self, stretch: Floats) -> "Truth":
        """The same people where a px becomes `stretch` (2,) px, in x and y."""
        factors = np.asarray(stretch, np.float32)
        return replace(
            self,
            boxes=self.boxes * np.tile(factors, 2),
            pose2d=self.pose2d * factors,
            height_px=self.height_px * factors[1],
            ignored_boxes=self.ignored_boxes * np.tile(factors, 2),
        )


@dataclass(frozen=True, eq=False)
class Grid:
    """The anchors A: N_A boxes centred on every output cell.

    Attributes:
        sizes_px: (N_A, 2) widths and heights in px of the network's input.
        stride: Input pixels an output cell.
        rows, columns: Output cells.
    """

    sizes_px: Floats
    stride: int
    rows: int
    columns: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """(N_A, rows, columns)."""
        return len(self.sizes_px), self.rows, self.columns

    def boxes_at(self, anchor: Integers, row: Integers, column: Integers) -> Floats:
        """Boxes (M, 4) px of anchors given by kind and cell, (M,) each."""
        centre = (np.stack([column, row], -1) + 0.5) * self.stride
        half = self.sizes_px[anchor] / 2
        return np.concatenate([centre - half, centre + half], -1)


@dataclass(frozen=True, eq=False)
class PositiveTable:
    """A+ of one frame, M anchors, and what decided which of them are in A++.

    Attributes:
        anchor, row, column: (M,) kind and output cell.
        person: (M,) number of the matched person among the truth's.
        iou, pono: (M,) overlap of the anchor with that person.
        box_overlap: (M,) IoU of predicted and true box (Eq. 4).
        joint_overlap: (M, K) unit-square IoU of each joint (Eq. 6).
        counted: (M, K) joints that count towards the pose overlap.
        pose_overlap: (M,) mean of joint_overlap over the joints that count; 1 where none does.
        quality: (M,) what the rule compares with the threshold.
        selected: (M,) which anchors are in A++.
        scores: (M,) after the sigmoid.
        boxes: (M, 4) px, what the network would give there.
        pose2d: (M, K, 2) px, what the network would give there.
        candidate: (M,) which candidate of the readout stands at this anchor, -1 for none.
    """

    anchor: Integers
    row: Integers
    column: Integers
    person: Integers
    iou: Floats
    pono: Floats
    box_overlap: Floats
    joint_overlap: Floats
    counted: Flags
    pose_overlap: Floats
    quality: Floats
    selected: Flags
    scores: Floats
    boxes: Floats
    pose2d: Floats
    candidate: Integers

    def __len__(self) -> int:
        return len(self.anchor)

    def of(self, person: int) -> Integers:
        """Places of one person's anchors, the highest PONO first."""
        own = np.flatnonzero(self.person == person)
        return own[np.argsort(-self.pono[own], kind="stable")]


@dataclass(frozen=True, eq=False)
class FrameTrace:
    """One frame, from the grid A to the final people; px are those of the network's input.

    Attributes:
        name: What the frame is called.
        settings: What it was traced with.
        truth: N people who are to be found.
        grid: A, as the settings have it.
        own_grid: The network's own anchors: kinds of the readout are numbered through it.
        size_px: (width, height) of the picture within the network's input.
        stretch: (2,) from px of the network's input to the frame's own, x and y.
        positives: A+ and A++.
        best_iou: (N,) largest IoU among the anchors matched to each person; 0 for somebody who is
            nobody's best match.
        closest_iou: (N,) largest IoU that any anchor has with each person.
        readout: Every candidate and what NMS made of it.
        people: The survivors.
        candidate_pose2d: (C, K, 2) px, pose of each candidate.
        fates: N: what became of each person of the truth.
    """

    name: str
    settings: LabSettings
    truth: Truth
    grid: Grid
    own_grid: Grid
    size_px: tuple[int, int]
    stretch: Floats
    positives: PositiveTable
    best_iou: Floats
    closest_iou: Floats
    readout: ReadoutTrace
    people: People
    candidate_pose2d: Floats
    fates: tuple[Fate, ...]
