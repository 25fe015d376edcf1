"""NumPy pictures for Qt."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage


def to_qimage(picture: NDArray[np.uint8]) -> QImage:
    """A QImage over the memory of a contiguous (H, W, 3) RGB picture, which must outlive it."""
    height, width = picture.shape[:2]
    kind = QImage.Format.Format_RGB888
    return QImage(picture.data, width, height, width * 3, kind)  # type: ignore[call-overload]
