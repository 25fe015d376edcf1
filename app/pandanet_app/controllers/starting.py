"""What the window does by itself when it is started with a file."""

from pathlib import Path

from pandanet_app.controllers.workspace import Workspace


def open_first(workspace: Workspace, path: Path, fov_deg: float | None, detect: bool) -> None:
    """Open a file; once it is open, set its camera and look for people.

    Args:
        workspace: The window's workspace.
        path: A video, a picture, a folder of pictures, detections, a run folder or weights.
        fov_deg: The camera's horizontal field of view in degrees; None: as the file says.
        detect: Whether to look for people at once.
    """

    def opened(what: Path) -> None:
        workspace.opened.disconnect(opened)
        if what != path:
            return
        if fov_deg is not None:
            workspace.set_fov(fov_deg)
        if detect:
            workspace.detect()

    workspace.opened.connect(opened)
    workspace.open(path)
