"""Reading a table of detections."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pandanet_core.detections.columns import schema_of, to_numpy
from pandanet_core.detections.frame import Detections, Floats
from pandanet_core.detections.header import METADATA_KEY, TableHeader, header_from_json
from pandanet_core.errors import UserError
from pandanet_core.skeleton import skeleton_named


@dataclass(frozen=True, eq=False)
class DetectionTable:
    """The people of a video: R rows, a row a person a frame, in the order of the frames."""

    header: TableHeader
    frame: NDArray[np.int32]
    """(R,) the first frame is 0."""
    time_s: NDArray[np.float64]
    """(R,)"""
    track_id: NDArray[np.int32]
    """(R,) -1: in no track."""
    scores: Floats
    """(R,)"""
    boxes: Floats
    """(R, 4) pixels."""
    pose2d: Floats
    """(R, K, 2) pixels."""
    pose3d: Floats
    """(R, K, 3) root-relative, in units of scale_mm (see Detections)."""
    root_mm: Floats
    """(R, 3) camera space."""
    scale_mm: Floats
    """(R,) what the sum of the bone lengths is taken to be."""

    def __len__(self) -> int:
        return len(self.frame)

    def at(self, frame: int) -> Detections:
        """The people of one frame; nobody where nobody was found or nobody looked."""
        rows = self._rows(frame)
        return Detections(
            boxes=self.boxes[rows],
            scores=self.scores[rows],
            pose2d=self.pose2d[rows],
            pose3d=self.pose3d[rows],
            root_mm=self.root_mm[rows],
            scale_mm=self.scale_mm[rows],
        )

    def track_ids_at(self, frame: int) -> NDArray[np.int32]:
        """(N,) the identities of the people of `at(frame)`, in the same order."""
        return self.track_id[self._rows(frame)]

    def _rows(self, frame: int) -> slice:
        first, last = np.searchsorted(self.frame, [frame, frame + 1])
        return slice(int(first), int(last))


def read_table(path: Path) -> DetectionTable:
    """Read what `TableWriter` wrote.

    Raises UserError where the file is missing, is no Parquet file, has no or a damaged header,
    comes from a newer PandaNet, or lacks a column.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"There is no file {path}: check the name.")
    try:
        with pq.ParquetFile(path) as file:
            text = (file.metadata.metadata or {}).get(METADATA_KEY)
            if text is None:
                raise UserError(
                    f"{path.name} is a Parquet file but holds no detections of PandaNet: "
                    "open a file that `pandanet detect` wrote."
                )
            header = header_from_json(text, path.name)
            table = file.read(columns=schema_of(skeleton_named(header.skeleton)).names)
    except (OSError, pa.ArrowInvalid, pa.ArrowException) as error:
        raise UserError(
            f"{path.name} is not a readable table of detections (not Parquet, or damaged): "
            "open a file that `pandanet detect` wrote."
        ) from error
    return _to_table(header, table, path.name)


def _to_table(header: TableHeader, table: pa.Table, name: str) -> DetectionTable:
    skeleton = skeleton_named(header.skeleton)
    columns = {}
    for field in schema_of(skeleton):
        found = table[field.name] if field.name in table.column_names else None
        if found is None or found.type != field.type or (found.null_count and not field.nullable):
            raise UserError(
                f"{name} lacks a sound column {field.name!r}: detect again or take another copy."
            )
        columns[field.name] = to_numpy(found, field.type)
    scale_mm, root_mm = columns["scale_mm"], columns["root_mm"]
    if np.any(scale_mm <= 0):
        raise UserError(f"{name} has people of no size: detect again or take another copy.")
    joints = skeleton.joint_count
    pose3d_mm = columns["pose3d_mm"].reshape(-1, joints, 3)
    order = np.argsort(columns["frame"], kind="stable")
    return DetectionTable(
        header=header,
        frame=columns["frame"][order],
        time_s=columns["time_s"][order],
        track_id=columns["track_id"][order],
        scores=columns["score"][order],
        boxes=columns["box"][order],
        pose2d=columns["pose2d"].reshape(-1, joints, 2)[order],
        pose3d=((pose3d_mm - root_mm[:, None]) / scale_mm[:, None, None])[order],
        root_mm=root_mm[order],
        scale_mm=scale_mm[order],
    )
