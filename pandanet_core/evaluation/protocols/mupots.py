"""MuPoTS-3D: 3DPCK by sequence, of all annotated people and of those matched (Table 6)."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections
from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.measure import Measurement
from pandanet_core.evaluation.pose_metrics import auc_3d, mpjpe, pck_3d
from pandanet_core.evaluation.protocols import published
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.protocols.mupots_errors import (
    COMPARED_JOINTS,
    MupotsErrors,
    MupotsTruth,
    mupots_errors,
)
from pandanet_core.evaluation.table import Table, Value
from pandanet_core.skeleton import MUPOTS17

_NOTE = (
    "The official evaluation: people are matched by their 2D joints (within 40 px), each predicted "
    "bone is given the length of {lengths}, and 14 joints are compared, aligned at "
    "the pelvis. Matched: only the people who were found. Published figures are means over the "
    "sequences. Not everybody in the pictures is annotated, so the average precision further down, "
    "which this evaluation does not know, is too low."
)
_MEAN = "mean of the sequences"


@dataclass(frozen=True)
class MupotsPoses:
    """The poses that people are compared with.

    Attributes:
        name: As MuPoTS-3D's files call them.
        lengths: Whose bones predicted poses get, in words.
        official: Whether published figures are of these.
        of_picture: The poses (N, 17, 3) mm of a picture's people.
    """

    name: str
    lengths: str
    official: bool
    of_picture: Callable[[int], NDArray[np.float32]]


def universal_poses(pictures: MupotsPictures) -> MupotsPoses:
    """`univ_annot3`, of bodies made equally large: what the official evaluation compares with."""
    return MupotsPoses(
        "univ_annot3", "the universal skeleton's", True, pictures.universal_pose3d_mm
    )


def own_poses(pictures: MupotsPictures) -> MupotsPoses:
    """`annot3`, people in their own sizes: errors are then in their true mm."""
    return MupotsPoses("annot3", "the person's own", False, pictures.own_pose3d_mm)


@dataclass
class MupotsMeter:
    """Table 6."""

    settings: MeterSettings
    truth: MupotsPoses
    _by_sequence: dict[int, list[MupotsErrors]] = field(default_factory=dict)

    def add(self, index: int, sample: Sample, found: Detections, measured: Measurement) -> None:
        """Measure the picture the official way: of people whose annotation is valid."""
        joints, accepted = list(self.settings.joints), found.above(self.settings.pose_score)
        valid = sample.has_3d[:, joints].all(1)
        truth = MupotsTruth(
            pose2d=sample.pose2d[valid][:, joints],
            pose3d_mm=self.truth.of_picture(index)[valid],
            occluded=sample.occluded[valid][:, joints],
        )
        errors = mupots_errors(truth, accepted.pose2d[:, joints], accepted.pose3d[:, joints])
        self._by_sequence.setdefault(sequence_of(sample.name), []).append(errors)

    def tables(self, whole: Measurement) -> tuple[Table, ...]:
        """By sequence, by joint, and beside the published figures."""
        sequences = {
            number: _together(parts) for number, parts in sorted(self._by_sequence.items())
        }
        rows = [_row(f"TS{number}", errors) for number, errors in sequences.items()]
        everybody = _together(sequences.values())
        mean = _mean_row(rows)
        return (
            _against_published(mean["3DPCK all %"], self.truth),
            Table(
                f"MuPoTS-3D by sequence ({self.truth.name})",
                _NOTE.format(lengths=self.truth.lengths),
                (*rows, mean, _row("everybody together", everybody)),
            ),
            _by_joint(everybody),
        )


def sequence_of(name: str) -> int:
    """Number of the sequence that a picture's name begins with, as TS3/img_000012 does; 0 where it
    tells none."""
    found = re.match(r"TS(\d+)\b", name)
    return int(found[1]) if found else 0


def _together(parts: Iterable[MupotsErrors]) -> MupotsErrors:
    errors = list(parts)
    return MupotsErrors(
        np.concatenate([part.errors_mm for part in errors]),
        np.concatenate([part.occluded for part in errors]),
    )


def _row(name: str, errors: MupotsErrors) -> dict[str, Value]:
    matched = errors.matched
    shown = np.where(errors.occluded, np.nan, errors.errors_mm)
    hidden = np.where(errors.occluded, errors.errors_mm, np.nan)
    return {
        "sequence": name,
        "people": len(errors),
        "matched %": 100 * len(matched) / len(errors) if len(errors) else None,
        "3DPCK all %": 100 * pck_3d(errors.errors_mm),
        "3DPCK matched %": 100 * pck_3d(matched.errors_mm),
        "AUC all %": 100 * auc_3d(errors.errors_mm),
        "AUC matched %": 100 * auc_3d(matched.errors_mm),
        "3DPCK visible joints %": 100 * pck_3d(shown),
        "3DPCK hidden joints %": 100 * pck_3d(hidden),
        "MPJPE matched mm": mpjpe(matched.errors_mm),
    }


def _mean_row(rows: list[dict[str, Value]]) -> dict[str, Value]:
    """Means over the rows of what is measured; people are summed."""

    def mean(column: str) -> Value:
        values = [row[column] for row in rows]
        numbers = [v for v in values if isinstance(v, int | float) and not np.isnan(v)]
        return float(np.mean(numbers)) if numbers else None

    people = sum(int(row["people"] or 0) for row in rows)
    measured = {name: mean(name) for name in list(rows[0])[2:]} if rows else {}
    return {"sequence": _MEAN, "people": people, **measured}


def _against_published(ours: Value, truth: MupotsPoses) -> Table:
    rows: list[dict[str, Value]] = [
        {"method": method, "3DPCK all %": value} for method, value in published.MUPOTS_3DPCK.items()
    ]
    rows.append({"method": "measured here", "3DPCK all %": ours})
    note = "All annotated people of the 20 sequences, mean over the sequences, as the paper prints."
    if not truth.official:
        note += f" Here compared with {truth.name}; published figures are with univ_annot3."
    return Table("Table 6: 3DPCK on MuPoTS-3D", note, tuple(rows))


def _by_joint(errors: MupotsErrors) -> Table:
    matched = errors.matched
    groups = [
        (name, [joint for joint in joints if joint in COMPARED_JOINTS])
        for name, joints in breakdown.joint_groups(MUPOTS17)
    ]
    rows: list[dict[str, Value]] = [
        {
            "joints": name,
            "3DPCK all %": 100 * pck_3d(errors.errors_mm[:, joints]),
            "3DPCK matched %": 100 * pck_3d(matched.errors_mm[:, joints]),
        }
        for name, joints in groups
        if joints
    ]
    return Table("MuPoTS-3D by joint", "Everybody together.", tuple(rows))
