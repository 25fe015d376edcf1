"""What has to be right before Qt starts."""

import os
from pathlib import Path

_FROM_OPENCV = ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def prepare_environment() -> None:
    """Import OpenCV, then drop what it sets: it points Qt 6 at plugins and fonts for its Qt 5."""
    before = {name: os.environ.get(name) for name in _FROM_OPENCV}
    import cv2  # noqa: F401

    for name, value in before.items():
        if value is None or "cv2" in Path(value).parts:
            os.environ.pop(name, None)
