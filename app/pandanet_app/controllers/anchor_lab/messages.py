"""What the anchor lab asks of its child process, and what comes back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.models.anchor_lab import AnchorMap, AnchorSpot, TruthChoice
from pandanet_app.models.anchor_scene import Reading
from pandanet_app.models.lost_people import LostPerson
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Subject:
    """One frame seen through one network, and who is to be found in it.

    Attributes:
        source: Path of the video or the pictures.
        frame: Number of the frame.
        weights: Weights file; None for the packaged one.
        truth: Who is to be found.
        people_above: Score from which on a final person counts as truth.
    """

    source: Path
    frame: int
    weights: Path | None
    truth: TruthChoice
    people_above: float


@dataclass(frozen=True)
class Other:
    """What a frame is compared with: other weights, other settings, or both."""

    weights: Path | None
    settings: LabSettings


@dataclass(frozen=True)
class LookRequest:
    """Trace a frame.

    Attributes:
        subject: The frame.
        settings: What it is traced with.
        map: Which map over all anchors is wanted, too.
        other: What it is compared with; None for nothing.
    """

    subject: Subject
    settings: LabSettings
    map: AnchorMap
    other: Other | None = None


@dataclass(frozen=True)
class ReadRequest:
    """Say what the network gives at some anchors of a frame."""

    subject: Subject
    settings: LabSettings
    spots: tuple[AnchorSpot, ...]


@dataclass(frozen=True)
class ScanRequest:
    """Trace frames `start` to `stop` - 1, one after the other, for what became of everybody."""

    subject: Subject
    settings: LabSettings
    start: int
    stop: int


@dataclass(frozen=True)
class ClusterRequest:
    """Cluster so many anchors from the boxes of everybody in the film's ground truth, or of those
    in the frame where there is none."""

    subject: Subject
    count: int


Request = LookRequest | ReadRequest | ScanRequest | ClusterRequest


@dataclass(frozen=True, eq=False)
class Looked:
    """A frame was traced.

    Attributes:
        request: What was asked.
        trace: What happened in it.
        ground_truth: Where the frame's ground truth comes from; empty where there is none, and the
            final people were taken instead.
        note: A sentence worth telling; empty when all is well.
        scores: (N_A, rows, columns) after the sigmoid.
        map_values: The map that was wanted, as in AnchorScene.
        other: The trace it is compared with.
    """

    request: LookRequest
    trace: FrameTrace
    ground_truth: str
    note: str
    scores: Floats
    map_values: Floats | None
    other: FrameTrace | None


@dataclass(frozen=True, eq=False)
class WasRead:
    """What the network gives at some anchors."""

    request: ReadRequest
    reading: Reading


@dataclass(frozen=True)
class Scanned:
    """A frame of a scan is done: how many people were to be found, and who was not."""

    request: ScanRequest
    frame: int
    people: int
    lost: tuple[LostPerson, ...]


@dataclass(frozen=True)
class Clustered:
    """Anchors that were clustered anew: widths and heights in px of the network's input."""

    request: ClusterRequest
    anchors_px: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Failed:
    """A request could not be answered; `text` says why in one sentence."""

    request: Request | None
    text: str


Answer = Looked | WasRead | Scanned | Clustered | Failed
