"""What the controllers ask of a front end."""

from collections.abc import Callable
from typing import Protocol

from pandanet_app.models.scene import Scene

Post = Callable[[Callable[[], None]], None]
"""Runs a function soon, on the front end's own thread; may be called from any thread."""


class SceneView(Protocol):
    """A view of the scene: the picture, the 3D view, the list of people. It keeps no state."""

    def show_scene(self, scene: Scene) -> None:
        """Draw this instead of what was drawn before."""
        ...
