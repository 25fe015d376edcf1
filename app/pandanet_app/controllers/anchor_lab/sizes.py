"""Sizes of anchors as a person writes them, and as files hold them."""

import json
import re
from pathlib import Path

from pandanet_core.errors import UserError

MOST_ANCHORS = 100
_LARGEST_PX = 4096.0

Sizes = tuple[tuple[float, float], ...]
"""Widths and heights, px of the network's input."""


def sizes_text(sizes: Sizes) -> str:
    """Sizes as they are edited: 21×54, 34×69."""
    return ", ".join(f"{width:g}×{height:g}" for width, height in sizes)


def parse_sizes(text: str) -> Sizes:
    """Sizes that a person wrote; UserError says what is wrong with them."""
    sizes = []
    for part in filter(None, (each.strip() for each in re.split(r"[,;]", text))):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[x×]\s*(\d+(?:\.\d+)?)", part)
        if match is None:
            raise UserError(f"“{part}” is no size of an anchor: write width × height, as 21×54.")
        sizes.append((float(match[1]), float(match[2])))
    return _checked(tuple(sizes))


def read_sizes(file: Path) -> Sizes:
    """The anchors of a report that `pandanet anchors --json` wrote, or of a plain list of [width,
    height]; UserError where there are none."""
    try:
        values = json.loads(file.read_bytes())
        listed = values["anchors_px"] if isinstance(values, dict) else values
        sizes = tuple((float(width), float(height)) for width, height in listed)
    except OSError as error:
        raise UserError(f"Cannot read {file}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"{file.name} holds no anchors: open what `pandanet anchors --json` writes."
        ) from error
    return _checked(sizes)


def _checked(sizes: Sizes) -> Sizes:
    if not 1 <= len(sizes) <= MOST_ANCHORS:
        raise UserError(f"There are {len(sizes)} anchors: give 1 to {MOST_ANCHORS}.")
    if not all(1 <= side <= _LARGEST_PX for size in sizes for side in size):
        raise UserError(f"An anchor's sides must be 1 to {_LARGEST_PX:.0f} px long.")
    return sizes
