"""A picture of a training with its anchors, the truth and the people that the network finds."""

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.layer import draw_layer, make_layer, placement_of
from pandanet_app.drawing.anchors.people import draw_pose
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.models.viewport import Viewport
from pandanet_core.lab.frame_trace import FrameTrace

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

_FOUND: Colour = (255, 80, 200)


def draw_probe(
    picture: Image | None,
    trace: FrameTrace,
    view: AnchorView,
    size: tuple[int, int],
    background: Colour,
    pixel_ratio: float = 1.0,
) -> Image:
    """The picture with A+ or A++ coloured by person, the truth's boxes and what became of everybody,
    and the poses of the people that were found.

    Args:
        picture: (H, W, 3) RGB; None is grey.
        trace: What happened in it.
        view: Which anchors are drawn.
        size: Width and height of the result, px.
        background: RGB around the picture.
        pixel_ratio: Pixels per logical pixel.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    width, height = trace.size_px
    if picture is None:
        picture = np.full((height, width, 3), 40, np.uint8)
    viewport = Viewport.fitted(width, height, *size)
    canvas = draw_picture(picture, viewport, *size, background)
    scene = AnchorScene(
        frame=0,
        trace=trace,
        scores=np.zeros(trace.grid.shape, np.float32),
        map_values=None,
        colour=np.arange(len(trace.truth)),
        view=view,
    )
    draw_layer(canvas, scene, make_layer(scene), viewport, pixel_ratio)
    placement = placement_of(scene, viewport)
    for pose2d in trace.people.pose2d:
        draw_pose(canvas, pose2d, trace.truth.skeleton, placement, _FOUND, pixel_ratio)
    return canvas
