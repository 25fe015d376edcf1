"""The Parquet columns of a table of detections: a row a person a frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pandanet_core.detections.frame import Detections
from pandanet_core.skeleton import Skeleton

NO_TRACK = -1
"""The track id, in arrays, of a person who belongs to no track (null in the file)."""


@dataclass(frozen=True)
class FrameRows:
    """One frame on its way into a file."""

    frame: int
    time_s: float
    detections: Detections
    track_ids: NDArray[np.int32]


def schema_of(skeleton: Skeleton) -> pa.Schema:
    """Names, types, units and coordinate spaces of all columns."""
    joints = skeleton.joint_count
    camera_space = "camera: x right, y down, z forward"
    pixels = "image: x right, y down, centre of the top-left pixel at 0.5, 0.5"
    order = {"joints": ", ".join(skeleton.joints)}

    def column(name: str, kind: pa.DataType, unit: str, **more: str) -> pa.Field:
        return pa.field(name, kind, nullable=name == "track_id", metadata={"unit": unit} | more)

    return pa.schema(
        [
            column("frame", pa.int32(), "frame number, the first is 0"),
            column("time_s", pa.float64(), "s", zero="start of the source"),
            column("track_id", pa.int32(), "identity, null: in no track"),
            column("score", pa.float32(), "1", range="0 to 1"),
            column("box", _list_of(4), "px", space=pixels, order="x0, y0, x1, y1"),
            column("pose2d", _list_of(joints * 2), "px", space=pixels, order="x, y", **order),
            column(
                "pose3d_mm",
                _list_of(joints * 3),
                "mm",
                space=camera_space,
                order="x, y, z",
                **order,
            ),
            column("root_mm", _list_of(3), "mm", space=camera_space, order="x, y, z"),
            column("scale_mm", pa.float32(), "mm", meaning="sum of the bone lengths"),
        ]
    )


def to_arrow(frames: Sequence[FrameRows], schema: pa.Schema) -> pa.Table:
    """All people of `frames` as one Arrow table."""
    people = [frame.detections for frame in frames]
    counts = [len(detections) for detections in people]
    track_ids = np.concatenate([frame.track_ids for frame in frames])
    arrays = {
        "frame": np.repeat(np.array([frame.frame for frame in frames], np.int32), counts),
        "time_s": np.repeat(np.array([frame.time_s for frame in frames], np.float64), counts),
        "track_id": pa.array(track_ids, pa.int32(), mask=track_ids == NO_TRACK),
        "score": np.concatenate([d.scores for d in people]),
        "box": np.concatenate([d.boxes for d in people]),
        "pose2d": np.concatenate([d.pose2d for d in people]),
        "pose3d_mm": np.concatenate([d.pose3d_mm for d in people]),
        "root_mm": np.concatenate([d.root_mm for d in people]),
        "scale_mm": np.concatenate([d.scale_mm for d in people]),
    }
    return pa.table([_to_column(arrays[f.name], f.type) for f in schema], schema=schema)


def to_numpy(column: pa.ChunkedArray, kind: pa.DataType) -> np.ndarray:
    """(R,) or, for a column of lists, (R, values of a list)."""
    values = column.combine_chunks()
    if not pa.types.is_fixed_size_list(kind):
        return values.fill_null(NO_TRACK).to_numpy(zero_copy_only=False)
    return values.flatten().to_numpy(zero_copy_only=False).reshape(len(column), kind.list_size)


def _list_of(length: int) -> pa.DataType:
    return pa.list_(pa.field("element", pa.float32(), nullable=False), length)


def _to_column(values: np.ndarray | pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), type=kind)
    return values if isinstance(values, pa.Array) else pa.array(values, kind)
