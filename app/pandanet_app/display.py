"""Is there a screen to show a window on?"""

import os
import sys


def has_display() -> bool:
    """Whether a window can be shown; always true where a system has no DISPLAY variable."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
