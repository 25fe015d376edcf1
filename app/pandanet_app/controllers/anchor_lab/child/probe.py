"""What looks at frames for the anchor lab: networks, pictures and truths, kept as long as they are
wanted again.

For the lab's child process alone.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from pandanet_app.controllers.anchor_lab.child.ground_truth import (
    TruthAt,
    boxes_of_table,
    ground_truth_of,
)
from pandanet_app.controllers.anchor_lab.messages import (
    Clustered,
    ClusterRequest,
    Floats,
    Looked,
    LookRequest,
    ReadRequest,
    Scanned,
    ScanRequest,
    Subject,
    WasRead,
)
from pandanet_app.controllers.anchor_lab.words.lost import lost_in
from pandanet_app.models.anchor_lab import AnchorMap, TruthChoice
from pandanet_app.models.anchor_scene import Reading
from pandanet_app.models.overlay import CANDIDATE_SCORE
from pandanet_core.anchors import cluster_anchors
from pandanet_core.detector import Detector, DetectorOptions, Examination
from pandanet_core.errors import UserError
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.places import SUFFIX
from pandanet_core.lab.frame_maps import FrameMaps, maps_of
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings, Truth
from pandanet_core.lab.maps import pono_map, pose_overlap_map
from pandanet_core.lab.positives import LabAnchors, lab_anchors
from pandanet_core.lab.tracing import trace_frame
from pandanet_core.lab.truths import truth_of_people
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.video import Frame, FrameSource, open_source

_FRAMES_KEPT = 4
"""About 20 MB each at 928x576."""
_NETWORKS_KEPT = 2

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(OrderedDict[Key, Value]):
    """The few values that were wanted last."""

    def __init__(self, most: int) -> None:
        """At most this many."""
        super().__init__()
        self._most = most

    def get_or_make(self, key: Key, make: Callable[[], Value]) -> Value:
        """The value of a key, made when it is not there; the one not wanted longest goes."""
        if key not in self:
            value = make()
            while len(self) >= self._most:
                self.popitem(last=False)
            self[key] = value
        self.move_to_end(key)
        return self[key]


@dataclass(frozen=True, eq=False)
class Seen:
    """A frame that a network looked at, or its trace."""

    maps: FrameMaps
    frame: Frame
    basis: tuple[PandaNet, Examination] | Truth
    """What looked, and what it saw; or who is to be found, as the trace says, in px of the frame."""


class Probe:
    """Answers requests, one after the other."""

    def __init__(self) -> None:
        """Nothing is open yet."""
        self._detectors: Kept[Path | None, Detector] = Kept(_NETWORKS_KEPT)
        self._seen: Kept[tuple[Path, int, Path | None], Seen] = Kept(_FRAMES_KEPT)
        self._truths: Kept[Subject, Truth] = Kept(_FRAMES_KEPT)
        self._source: tuple[Path, FrameSource] | None = None
        self._ground_truth: tuple[Path, tuple[str, TruthAt] | None] | None = None

    def look(self, request: LookRequest) -> Looked:
        """Trace a frame, and the other way that it is compared with."""
        subject = request.subject
        truth, note = self._truth(subject)
        seen = self._look(subject, subject.weights)
        trace = self._trace(seen, truth, request.settings)
        other = None
        if request.other is not None:
            other_seen = self._look(subject, request.other.weights)
            if other_seen.maps.skeleton != truth.skeleton:
                raise UserError(
                    f"The other weights know the joints {other_seen.maps.skeleton.name}, these "
                    f"{truth.skeleton.name}: compare with weights that know the same."
                )
            other = self._trace(other_seen, truth, request.other.settings)
        anchors = lab_anchors(seen.maps.grid, request.settings.anchors_px)
        scores = seen.maps.scores[anchors.own_kind].cpu().numpy()
        values = _map(request.map, seen, anchors, truth, trace)
        return Looked(
            request, trace, self.ground_truth(subject.source), note, scores, values, other
        )

    def ground_truth(self, source: Path) -> str:
        """Where a source's ground truth comes from; empty where there is none that can be read."""
        try:
            named = self._named_truth(source)
        except UserError:
            return ""
        return named[0] if named else ""

    @torch.inference_mode()
    def read(self, request: ReadRequest) -> WasRead:
        """What the network gives at some anchors."""
        maps = self._look(request.subject, request.subject.weights).maps
        spots = request.spots
        anchor, row, column = torch.tensor(
            [(spot.anchor, spot.row, spot.column) for spot in spots], dtype=torch.long
        ).T
        own = lab_anchors(maps.grid, request.settings.anchors_px).own_kind[anchor]
        outputs = maps.read(own, row, column)
        parts = (maps.scores[own, row, column], outputs.boxes, outputs.pose2d_px, outputs.pose3d)
        return WasRead(request, Reading(spots, *(part.cpu().numpy() for part in parts)))

    def scan(self, request: ScanRequest, frame: int) -> Scanned:
        """What became of everybody in one frame of a scan."""
        subject = replace(request.subject, frame=frame)
        truth, _ = self._truth(subject)
        trace = self._trace(self._look(subject, subject.weights), truth, request.settings)
        return Scanned(request, frame, len(truth), lost_in(frame, trace))

    def cluster(self, request: ClusterRequest) -> Clustered:
        """Anchors for the people of the film's ground truth, or of the frame's truth."""
        subject = request.subject
        truth, _ = self._truth(subject)
        stretch = self._look(subject, subject.weights).maps.stretch
        boxes = truth.boxes
        if subject.truth is TruthChoice.GROUND_TRUTH:
            boxes = boxes_of_table(subject.source, boxes)
        sizes = np.maximum((boxes[:, 2:] - boxes[:, :2]) / stretch, 1)
        if len(sizes) < request.count:
            raise UserError(
                f"{request.count} anchors need at least {request.count} people, but only "
                f"{len(sizes)} are known: choose fewer anchors, or a frame with more people."
            )
        anchors = cluster_anchors(sizes, request.count)
        return Clustered(request, tuple((round(w, 1), round(h, 1)) for w, h in anchors.tolist()))

    def close(self) -> None:
        """Close the source."""
        if self._source is not None:
            self._source[1].close()

    def _look(self, subject: Subject, weights: Path | None) -> Seen:
        key = (subject.source, subject.frame, weights)
        return self._seen.get_or_make(key, lambda: self._examine(subject, weights))

    def _examine(self, subject: Subject, weights: Path | None) -> Seen:
        options = DetectorOptions(min_score=CANDIDATE_SCORE)
        source = self._open(subject.source)
        frame = source.read(subject.frame)
        files = source.files[subject.frame : subject.frame + 1]
        if weights is None and files and files[0].suffix == SUFFIX:
            return _opened(files[0], frame)
        detector = self._detectors.get_or_make(weights, lambda: Detector(weights, options))
        examined = detector.examine(frame.image)
        if examined is None:
            raise UserError("This picture is too small for the network: choose a larger one.")
        height, width = frame.image.shape[:2]
        name = f"{subject.source.name}, frame {subject.frame}"
        maps = maps_of(detector.network, detector.skeleton, examined, (width, height), name)
        return Seen(maps, frame, (detector.network, examined))

    def _open(self, path: Path) -> FrameSource:
        if self._source is None or self._source[0] != path:
            self.close()
            self._source = None
            self._source = (path, open_source(str(path)))
        return self._source[1]

    def _truth(self, subject: Subject) -> tuple[Truth, str]:
        """Who is to be found, in px of the frame, and a sentence where it is not who was asked
        for."""
        named, note = None, ""
        if subject.truth is TruthChoice.GROUND_TRUTH:
            try:
                named = self._named_truth(subject.source)
            except UserError as error:
                note = f"{error} The final people are taken as truth."
        return self._truths.get_or_make(subject, lambda: self._make_truth(subject, named)), note

    def _make_truth(self, subject: Subject, named: tuple[str, TruthAt] | None) -> Truth:
        seen = self._look(subject, subject.weights)
        if named is not None:
            return named[1](seen.frame, seen.maps.skeleton)
        if isinstance(seen.basis, Truth):
            return seen.basis
        people = seen.basis[1].detections.above(subject.people_above)
        height, width = seen.frame.image.shape[:2]
        return truth_of_people(people, seen.maps.skeleton, (width, height))

    def _named_truth(self, source: Path) -> tuple[str, TruthAt] | None:
        if self._ground_truth is None or self._ground_truth[0] != source:
            self._ground_truth = (source, ground_truth_of(source))
        return self._ground_truth[1]

    @staticmethod
    def _trace(seen: Seen, truth: Truth, settings: LabSettings) -> FrameTrace:
        return trace_frame(seen.maps, truth.stretched(1 / seen.maps.stretch), settings)


def _opened(trace: Path, frame: Frame) -> Seen:
    """What a trace holds of its frame, whose picture is as the network saw it."""
    stored = open_trace(trace)
    maps = replace(stored.maps, stretch=np.ones(2, np.float32))
    return Seen(maps, frame, stored.truth)


def _map(
    wanted: AnchorMap, seen: Seen, anchors: LabAnchors, truth: Truth, trace: FrameTrace
) -> Floats | None:
    """The map that is laid over the picture, over the grid; scores come anyway."""
    if wanted is AnchorMap.PONO:
        return pono_map(seen.maps, truth.stretched(1 / seen.maps.stretch), trace.settings)
    if wanted is AnchorMap.POSE_OVERLAP:
        return pose_overlap_map(trace)
    return _offsets(seen, anchors) if wanted is AnchorMap.OFFSETS else None


@torch.inference_mode()
def _offsets(seen: Seen, anchors: LabAnchors) -> Floats:
    """(N_A, rows, columns, 4) px from every anchor's box to the one that the network gives there."""
    axes = (torch.arange(count) for count in anchors.grid.shape)
    anchor, row, column = (part.flatten() for part in torch.meshgrid(*axes, indexing="ij"))
    own, grid = anchors.own_kind[anchor], seen.maps.grid
    picture = torch.zeros_like(anchor)
    if isinstance(seen.basis, Truth):
        raise UserError(
            "A trace holds the boxes of some anchors alone: choose weights for this map."
        )
    network, examined = seen.basis
    boxes = network.boxes_at(examined.features, grid, picture, own, row, column)
    offsets = boxes - anchors.grid.boxes_at(anchor, row, column)
    found: Floats = offsets.view(*anchors.grid.shape, 4).cpu().numpy()
    return found
