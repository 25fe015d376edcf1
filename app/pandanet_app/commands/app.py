"""`pandanet app`: the desktop window."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from pandanet_app.display import has_display
from pandanet_core.camera import Camera
from pandanet_core.errors import UserError


@dataclass(frozen=True)
class App:
    """Open the window on a video, a picture, a folder of pictures, detections, or a training."""

    path: Annotated[Path | None, tyro.conf.Positional] = None
    """What to open: a video or picture, a folder of pictures, detections (.parquet), the run folder
    of a training, also while it runs, or weights (.safetensors)."""

    weights: Path | None = None
    """Weights file that finds the people; the one that comes with PandaNet by default."""

    fov: float | None = None
    """Horizontal field of view of the camera in degrees; can be set in the window, too."""

    detect: bool = False
    """Look for people at once."""

    def run(self) -> int:
        if not has_display():
            raise UserError(
                "There is no screen to open the window on (DISPLAY and WAYLAND_DISPLAY are not "
                "set): run this on a desktop, or use `pandanet detect` without a screen."
            )
        for file in (self.path, self.weights):
            if file is not None and not file.exists():
                raise UserError(f"There is no file or folder {file}: check the name.")
        if self.fov is not None:
            Camera.from_fov(16, 9, self.fov)  # says what is wrong with it before a window opens
        from pandanet_app.qt.application import run_window

        return run_window(self.path, self.weights, self.fov, self.detect)
