"""Pictures of a film with the people drawn on them, at the film's own size."""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.scene import Scene
from pandanet_app.models.viewport import Viewport

_STAGE = (0, 0, 0)
"""Around pictures that do not fill the film."""


def drawn_frame(scene: Scene, width: int, height: int) -> NDArray[np.uint8]:
    """The scene's picture with its people on it; one of another size is fitted.

    Args:
        scene: A picture and its people.
        width: Width of the film, px.
        height: Height of the film, px.

    Returns:
        (height, width, 3) uint8 RGB, newly made.

    Raises:
        ValueError: The scene has no picture.
    """
    if scene.frame is None:
        raise ValueError("the scene has no picture")
    picture = scene.frame.image
    viewport = Viewport.fitted(picture.shape[1], picture.shape[0], width, height)
    same_size = picture.shape[:2] == (height, width)
    canvas = picture.copy() if same_size else draw_picture(picture, viewport, width, height, _STAGE)
    if scene.people is not None and scene.skeleton is not None:
        draw_people(canvas, scene, viewport)
    return canvas
