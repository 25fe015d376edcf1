"""The picture that a trace carries, without torch."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 1 << 28
"""Of all arrays of a trace together, unpacked; that of a 4K picture has a tenth of it."""


def refuse_too_large(path: Path) -> None:
    """ValueError where a trace would unpack to more than any has; OSError or BadZipFile where it is
    none."""
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise ValueError("too large")


def encoded_picture(path: Path) -> NDArray[np.uint8]:
    """The bytes of its JPEG file; none where it carries no picture or is damaged."""
    try:
        refuse_too_large(path)
        with np.load(path, allow_pickle=False) as file:
            return np.asarray(file["picture"], np.uint8).ravel()
    except Exception:  # numpy raises whatever a damaged file provokes
        return np.zeros(0, np.uint8)
