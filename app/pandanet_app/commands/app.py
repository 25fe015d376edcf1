"""`pandanet app`: the desktop window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from pandanet_app.display import has_display
from pandanet_core.errors import UserError


@dataclass(frozen=True)
class App:
    """Open the window on a video, a picture, a folder of pictures, or detections."""

    path: Annotated[Path | None, tyro.conf.Positional] = None
    """What to open: a video or picture, a folder of pictures, or detections (.parquet)."""

    weights: Path | None = None
    """Weights file that finds the people; the one that comes with PandaNet by default."""

    def run(self) -> int:
        if not has_display():
            raise UserError(
                "There is no screen to open the window on (DISPLAY and WAYLAND_DISPLAY are not "
                "set): run this on a desktop, or use `pandanet detect` without a screen."
            )
        for file in (self.path, self.weights):
            if file is not None and not file.exists():
                raise UserError(f"There is no file or folder {file}: check the name.")
        from pandanet_app.qt.application import run_window

        return run_window(self.path, self.weights)
