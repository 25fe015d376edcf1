"""What a table of detections says about itself: stored as JSON in the Parquet file's metadata."""

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any

from pandanet_core.camera import Camera
from pandanet_core.errors import UserError
from pandanet_core.skeleton import skeleton_named

METADATA_KEY = b"pandanet"
FORMAT = 1
"""Raised when older programs would misread what newer ones write."""


@dataclass(frozen=True)
class TableHeader:
    """Where the detections of a table come from and what they mean."""

    skeleton: str
    """Name of the joint set, e.g. "jta22"."""
    camera: Camera
    """The camera that 3D positions are given in."""
    scale_source: str
    """Where metric size comes from: "population mean 1.70 m stature" or "given"."""
    source: str
    """Name of the video, picture or folder."""
    source_sha256: str
    """SHA-256 of the source's bytes; empty for a live camera."""
    frame_count: int
    """Frames of the source, detected or not; for a live camera those seen."""
    fps: float
    """Mean frames per second; 0 where that means nothing (pictures)."""
    weights: str
    weights_sha256: str
    min_score: float
    nms_iou: float
    frames_done: tuple[tuple[int, int], ...] = ()
    """Frames that were looked at, as ranges (start, stop): first frame, first frame after."""
    note: str = ""
    """For people: warnings of the source, "interrupted", ..."""
    version: str = ""
    """The pandanet that wrote the table."""

    def is_done(self, frame: int) -> bool:
        """Whether the detector has looked at `frame` (it may have found nobody)."""
        return any(start <= frame < stop for start, stop in self.frames_done)


def header_to_json(header: TableHeader) -> bytes:
    values = asdict(header) | {"camera": header.camera.to_dict(), "format": FORMAT}
    return json.dumps(values, allow_nan=False).encode()


def header_from_json(text: bytes, name: str) -> TableHeader:
    """The header of the file called `name`.

    Raises UserError where it is damaged, of a newer pandanet, or of an unknown skeleton.
    """
    try:
        values = json.loads(text)
    except ValueError:
        raise _damaged(name, "its header is not JSON") from None
    if not isinstance(values, dict) or not isinstance(values.get("format"), int):
        raise _damaged(name, "its header names no format")
    if values["format"] > FORMAT:
        raise UserError(
            f"{name} was written by a newer PandaNet (table format {values['format']}, this one "
            f"reads up to {FORMAT}): update PandaNet, or detect again."
        )
    kinds = {"frame_count": int, "fps": float, "min_score": float, "nms_iou": float}
    plain = {
        field.name: _checked(values, field.name, kinds.get(field.name, str), name)
        for field in fields(TableHeader)
        if field.name not in ("camera", "frames_done")
    }
    if not isinstance(values.get("camera"), dict):
        raise _damaged(name, "its header has no camera")
    done = _checked_ranges(values.get("frames_done"), name)
    try:
        camera = Camera.from_dict(values["camera"])
        skeleton_named(plain["skeleton"])
    except UserError as error:
        raise UserError(f"Cannot open {name}: {error}") from None
    return TableHeader(camera=camera, frames_done=done, **plain)


def _checked(values: dict[str, Any], key: str, kind: type, name: str) -> Any:
    value: Any = values.get(key)
    if kind is float and type(value) is int:
        value = float(value)
    number = value if isinstance(value, int | float) else 0
    if type(value) is not kind or not 0 <= number < math.inf:
        raise _damaged(name, f"{key} is {value!r} in its header")
    return value


def _checked_ranges(value: Any, name: str) -> tuple[tuple[int, int], ...]:
    try:
        ranges = tuple((int(start), int(stop)) for start, stop in value)
    except (TypeError, ValueError):
        ranges = ((0, 0),)
    if any(not 0 <= start < stop for start, stop in ranges):
        raise _damaged(name, f"frames_done is {value!r} in its header")
    return ranges


def _damaged(name: str, what: str) -> UserError:
    return UserError(f"{name} is damaged ({what}): detect again or take another copy.")
