"""What a trace on disk says about itself."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pandanet_core.errors import UserError
from pandanet_core.lab.frame_trace import LabSettings

FORMAT = "pandanet-trace"
FORMAT_VERSION = 1


@dataclass(frozen=True)
class FrameOrigin:
    """Where a frame comes from, and what looked at it.

    Attributes:
        source: File name of the video, the picture or the data set; empty where unknown.
        frame: Its number there, from 0.
        time_s: Its time there.
        weights: Name of the weights.
        weights_sha256: Hash of their file; empty where they come from no file.
        steps: Training steps of the weights, of probes; -1 where unknown.
    """

    source: str = ""
    frame: int = 0
    time_s: float = 0.0
    weights: str = ""
    weights_sha256: str = ""
    steps: int = -1


@dataclass(frozen=True)
class TraceHeader:
    """Everything of a trace that is no array.

    Attributes:
        name: What the frame is called.
        origin: Where it comes from.
        program: Version of PandaNet that wrote it.
        skeleton: Name of the network's joints.
        truth: Where the people who are to be found come from.
        size_px: (width, height) of the picture within the network's input.
        stretch: From px of the network's input to the frame's own, x and y.
        stride, rows, columns: The network's grid.
        step_px: 2D poses and boxes are stored in multiples of this.
        kept_score: Anchors that score more were read and stored, as far as top_k allows.
        settings: What the frame was traced with.
    """

    name: str
    origin: FrameOrigin
    program: str
    skeleton: str
    truth: str
    size_px: tuple[int, int]
    stretch: tuple[float, float]
    stride: int
    rows: int
    columns: int
    step_px: float
    kept_score: float
    settings: LabSettings

    def __post_init__(self) -> None:
        """ValueError where a number makes no sense."""
        counts = (*self.size_px, self.stride, self.rows, self.columns)
        if min(counts) < 1 or max(counts) > 1 << 16:
            raise ValueError("a side of nothing, or endless")
        if not all(0 < number < 1e6 for number in (*self.stretch, self.step_px)):
            raise ValueError("a scale that is none")


def to_json(header: TraceHeader) -> bytes:
    """The header as it is stored."""
    fields = {"format": FORMAT, "format_version": FORMAT_VERSION, **asdict(header)}
    return json.dumps(fields).encode()


def from_json(text: bytes, path: Path) -> TraceHeader:
    """Inverse of to_json; UserError where `path` holds no trace, or one of a newer version.

    Raises ValueError where the header is damaged.
    """
    fields: Any = json.loads(text)
    if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
        raise ValueError("no trace")
    version = fields.pop("format_version", None)
    if not isinstance(version, int) or version < 1:
        raise ValueError("no version")
    if version > FORMAT_VERSION:
        raise UserError(
            f"{path} was made for a newer version of PandaNet (format {version}); update the "
            "program."
        )
    try:
        return TypeAdapter(TraceHeader).validate_python(fields)
    except ValidationError as error:
        raise ValueError("fields that do not fit") from error
