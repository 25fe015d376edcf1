"""Writing a table of detections while they are made, with flat memory."""

from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pandanet_core.detections.columns import NO_TRACK, FrameRows, schema_of, to_arrow
from pandanet_core.detections.frame import Detections
from pandanet_core.detections.header import METADATA_KEY, TableHeader, header_to_json
from pandanet_core.files import part_path, publish, write_error
from pandanet_core.skeleton import skeleton_named

_ROWS_PER_GROUP = 2048
"""About 1 MB for 22 joints: all that is ever held."""
_FRAMES_PER_GROUP = 4096
"""Also frames without people take memory until the group is written."""
_COLUMNS_THAT_REPEAT = ["frame", "track_id"]
"""Only these are written by way of a dictionary: one of poses, which never repeat, takes 30 MB."""


class TableWriter:
    """Writes `path` (Parquet) frame by frame.

    A context manager. The file appears under its name when the writer closes, complete; until then
    it grows under a temporary name. On an exception (Ctrl+C too) the finished frames are kept in a
    valid file whose header says which they are; if there are none, nothing is written. When the
    disk is full: UserError, no file, and an older file of that name stays as it was.

    `header` may be replaced until the writer closes, for what is known late (a hash, a note).
    Raises UserError where `path` cannot be written.
    """

    def __init__(self, path: Path, header: TableHeader) -> None:
        self.header = header
        self._path = Path(path)
        self._part = part_path(self._path)
        self._schema = schema_of(skeleton_named(header.skeleton))
        self._joint_count = skeleton_named(header.skeleton).joint_count
        self._pending: list[FrameRows] = []
        self._pending_rows = 0
        self._done: list[tuple[int, int]] = list(header.frames_done)
        self._open = True
        try:
            self._file = pq.ParquetWriter(
                self._part, self._schema, compression="zstd", use_dictionary=_COLUMNS_THAT_REPEAT
            )
        except OSError as error:
            raise write_error(error, self._path) from error

    def append(
        self,
        frame: int,
        time_s: float,
        detections: Detections,
        track_ids: NDArray[np.int32] | None = None,
    ) -> None:
        """Add one frame, also one without people; frames come in any order, each once.

        `track_ids`: (N,) int, -1 for people of no track. Raises UserError when the disk is full,
        ValueError for a frame that is already there or people of another skeleton.
        """
        if track_ids is None:
            track_ids = np.full(len(detections), NO_TRACK, np.int32)
        if detections.joint_count != self._joint_count or len(track_ids) != len(detections):
            raise ValueError(
                f"frame {frame}: not people with {self._joint_count} joints and one id"
            )
        _add_frame(self._done, frame)
        self._pending.append(FrameRows(frame, time_s, detections, np.asarray(track_ids, np.int32)))
        self._pending_rows += len(detections)
        if self._pending_rows >= _ROWS_PER_GROUP or len(self._pending) >= _FRAMES_PER_GROUP:
            self._guarded(self._flush)

    def close(self) -> None:
        """Complete the file and give it its name; raises UserError when the disk is full."""
        if self._open:
            self._guarded(self._finish)

    def discard(self) -> None:
        """Write nothing: remove the temporary file."""
        self._open = False
        with suppress(OSError):  # The disk is full; what could not be written is not wanted.
            self._file.close()
        self._part.unlink(missing_ok=True)

    def __enter__(self) -> "TableWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._open:
            return
        if kind is not None and not self._done:
            self.discard()
        else:
            self.close()

    def _flush(self) -> None:
        if self._pending_rows:
            self._file.write_table(to_arrow(self._pending, self._schema))
        self._pending, self._pending_rows = [], 0

    def _finish(self) -> None:
        self._flush()
        seen = max((stop for _, stop in self._done), default=0)
        header = replace(
            self.header,
            frames_done=tuple(self._done),
            frame_count=max(self.header.frame_count, seen),
        )
        self._file.add_key_value_metadata({METADATA_KEY.decode(): header_to_json(header).decode()})
        self._file.close()
        publish(self._part, self._path)
        self._open = False

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except OSError as error:
            self.discard()
            raise write_error(error, self._path) from error


def _add_frame(ranges: list[tuple[int, int]], frame: int) -> None:
    """Add `frame` to sorted, separate ranges (start, stop), joining neighbours."""
    at = bisect_right(ranges, (frame, frame + 1))
    before = ranges[at - 1] if at else None
    after = ranges[at] if at < len(ranges) else None
    if frame < 0 or (before and before[1] > frame) or (after and after[0] == frame):
        raise ValueError(f"frame {frame} is there already, or negative")
    start, stop = frame, frame + 1
    if before and before[1] == frame:
        start, at = before[0], at - 1
        del ranges[at]
    if after and after[0] == stop:
        stop = after[1]
        del ranges[at]
    ranges.insert(at, (start, stop))
