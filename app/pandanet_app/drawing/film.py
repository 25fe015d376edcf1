"""Pictures of a film with the people drawn on them, at the film's own size."""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.models.scene import Scene
from pandanet_app.models.viewport import Viewport


def drawn_frame(scene: Scene) -> NDArray[np.uint8]:
    """A copy (H, W, 3) uint8 RGB of the scene's picture with its people on it.

    Raises:
        ValueError: The scene has no picture.
    """
    if scene.frame is None:
        raise ValueError("the scene has no picture")
    canvas = np.ascontiguousarray(scene.frame.image).copy()
    if scene.people is not None and scene.skeleton is not None:
        draw_people(canvas, scene, Viewport(1.0, 0.0, 0.0))
    return canvas
