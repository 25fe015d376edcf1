"""The people found so far, frame by frame, with candidates down to a low score."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from pandanet_core.camera import Camera, place
from pandanet_core.detections import Detections, DetectionTable
from pandanet_core.skeleton import Skeleton


@dataclass(frozen=True, eq=False)
class VisiblePeople:
    """People of one frame that pass the score threshold.

    Attributes:
        detections: N people.
        index: (N,) their places among the frame's candidates: what `Selection.person` holds.
        track_ids: (N,) identities; -1 where a person belongs to no track.
        colour: (N,) numbers of colours: the same person has the same one in every view.
    """

    detections: Detections
    index: NDArray[np.intp]
    track_ids: NDArray[np.int32]
    colour: NDArray[np.intp]

    def name(self, row: int) -> str:
        """What a person is called: the number of the track, or else of the colour."""
        track = int(self.track_ids[row])
        return str(track if track >= 0 else int(self.colour[row]))

    def row_of(self, person: int | None) -> int | None:
        """Row of the candidate `person`; None where it is hidden or nobody is meant."""
        if person is None:
            return None
        rows = np.flatnonzero(self.index == person)
        return int(rows[0]) if len(rows) else None


class People:
    """Candidates of every detected frame.

    A frame comes from the table that was opened, or from the detector (which wins). Nothing here is
    ever thrown away by the score slider: it only chooses what `visible` returns.
    """

    changed = Signal()
    """Frames came or went."""

    def __init__(self, skeleton: Skeleton, frame_count: int, camera: Camera) -> None:
        """Nobody yet; `camera` is what added detections were placed with."""
        self.skeleton = skeleton
        self.done = np.zeros(frame_count, bool)
        self._placed_with = camera
        self._found: dict[int, tuple[float, Detections]] = {}
        self._table: DetectionTable | None = None

    @staticmethod
    def from_table(table: DetectionTable, skeleton: Skeleton, frame_count: int) -> "People":
        """The people of a detections file."""
        people = People(skeleton, frame_count, table.header.camera)
        people._table = table
        for start, stop in table.header.frames_done:
            people.done[start:stop] = True
        return people

    def copy(self) -> "People":
        """The people as they are now; what is added later stays out."""
        other = People(self.skeleton, len(self.done), self._placed_with)
        other.done, other._found, other._table = self.done.copy(), dict(self._found), self._table
        return other

    @property
    def table(self) -> DetectionTable | None:
        """The opened table, where the people come from one."""
        return self._table

    def add(self, found: list[tuple[int, float, Detections]], camera: Camera) -> None:
        """Take detected frames (number, time in s, candidates placed with `camera`)."""
        for frame, time_s, detections in found:
            if frame < len(self.done):
                self._found[frame] = (time_s, _placed(detections, camera, self._placed_with))
                self.done[frame] = True
        self.changed.emit()

    def candidates(self, frame: int, camera: Camera) -> Detections | None:
        """Everybody found in `frame`, placed with `camera`; None where nobody looked yet."""
        if not 0 <= frame < len(self.done) or not self.done[frame]:
            return None
        if frame in self._found:
            detections = self._found[frame][1]
        else:
            assert self._table is not None
            detections = self._table.at(frame)
        return _placed(detections, self._placed_with, camera)

    def time_s(self, frame: int, fps: float) -> float:
        """Time of a detected frame in the film, seconds."""
        return self._found[frame][0] if frame in self._found else frame / fps

    def visible(self, frame: int, camera: Camera, min_score: float) -> VisiblePeople | None:
        """The people of `frame` with at least `min_score`; None where nobody looked yet."""
        candidates = self.candidates(frame, camera)
        if candidates is None:
            return None
        index = np.flatnonzero(candidates.scores >= min_score)
        tracks = self._tracks(frame, len(candidates))[index]
        colour = np.where(tracks >= 0, tracks, index)
        return VisiblePeople(candidates.take(index), index, tracks, colour)

    def done_ranges(self) -> tuple[tuple[int, int], ...]:
        """Detected frames as (start, stop) ranges."""
        edges = np.flatnonzero(
            np.diff(np.concatenate([[False], self.done, [False]]).astype(np.int8))
        )
        return tuple((int(start), int(stop)) for start, stop in edges.reshape(-1, 2))

    def _tracks(self, frame: int, count: int) -> NDArray[np.int32]:
        if self._table is None or frame in self._found:
            return np.full(count, -1, np.int32)
        return self._table.track_ids_at(frame)


def _placed(detections: Detections, was: Camera, now: Camera) -> Detections:
    """The same people placed again in front of another camera."""
    if was == now or len(detections) == 0:
        return detections
    pose3d_mm = detections.pose3d * detections.scale_mm[:, None, None]
    root_mm = np.asarray(place(detections.pose2d, pose3d_mm, now), np.float32)
    return replace(detections, root_mm=root_mm)
