"""What a weights file notes about itself, read without its network, and so without torch."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pandanet_core.errors import UserError

FORMAT = "pandanet-weights"
FORMAT_VERSION = 1
LAMBDA_PREFIX = "lambda."
"""Of the names under which log λ and their history are stored."""

DEFAULT_MIN_SCORE = 0.3
"""The least score of a detection where neither the person nor the weights say one."""

DEFAULT_NMS_IOU = 0.6
"""Chosen on generated pictures for validation: 0.5 loses people who stand close together, 0.7 finds
no more of them."""

RECOMMENDED_SCORE = "recommended_score"
"""The note that says from which score on these weights' detections are mostly people, 0 to 1."""

_LONGEST_HEADER_BYTES = 100_000_000


def recommended_score(notes: Mapping[str, Any] | None) -> float | None:
    """The least score that a weights file's notes recommend; None where they say nothing usable."""
    score = (notes or {}).get(RECOMMENDED_SCORE)
    if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
        return None
    return float(score)


def read_recommended_score(path: Path) -> float | None:
    """As `recommended_score`, of a weights file; None, too, where it is missing or damaged: whoever
    loads it is told so."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, _LONGEST_HEADER_BYTES)))
        notes = json.loads(header["__metadata__"]["notes"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        return None
    return recommended_score(notes) if isinstance(notes, dict) else None


def checked_notes(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """The notes in the metadata of the safetensors file `path`; UserError where it holds no
    PandaNet weights or those of a newer version."""
    try:
        version = int(metadata.get("format_version", ""))
    except ValueError:
        version = 0
    if metadata.get("format") != FORMAT or version < 1:
        raise UserError(
            f"{path} holds no PandaNet weights; use a file written by 'pandanet train'."
        )
    if version > FORMAT_VERSION:
        raise UserError(
            f"{path} was made for a newer version of PandaNet (format {version}); update the "
            "program."
        )
    try:
        notes = json.loads(metadata.get("notes", "{}"))
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is damaged: its notes cannot be read; fetch it again.") from error
    return notes if isinstance(notes, dict) else {}
