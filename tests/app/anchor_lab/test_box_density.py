"""The density of boxes' edges against loops over all of them, pixel by pixel."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.density import (
    draw_box_density,
    draw_lattice_density,
    lattice_of,
)
from pandanet_app.drawing.anchors.layer import draw_layer, make_layer, placement_of
from pandanet_app.drawing.anchors.placement import Placement
from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.models.scene import Layers
from pandanet_app.models.viewport import Viewport
from pandanet_core.lab.frame_trace import Grid, LabSettings
from pandanet_core.lab.tracing import trace_frame
from tests.core.lab.made_up_maps import Network, truth_of

STRETCH = (1.25, 1.5)
VIEWPORTS = [
    Viewport(1.6, 5.0, 3.0),
    Viewport(1.0, 4.0, 4.0),
    Viewport(1.25, -20.3, -10.7),
    Viewport(0.1, 0.0, 0.0),
    Viewport(9.37, 33.3, 22.2),
    Viewport(64.0, 40.0, 30.0),
    Viewport(2.0, -500.0, 0.0),
]


def lit_by_loops(canvas: NDArray[np.uint8], boxes: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Every edge of every box counted, and a whole picture of light blended over the canvas."""
    height, width = canvas.shape[:2]
    count = np.zeros((height, width), int)
    for x0, y0, x1, y1 in np.rint(boxes - 0.5).astype(int).tolist():
        for y in (y0, y1):
            if 0 <= y < height:
                count[y, max(x0, 0) : max(x1 + 1, 0)] += 1
        for x in (x0, x1):
            if 0 <= x < width:
                count[max(y0, 0) : max(y1 + 1, 0), x] += 1
    share = np.sqrt(count.clip(0, 255) / min(max(count.max(), 1), 255)).clip(0, 1)
    weight = np.rint(255 * 0.8 * share).astype(np.uint8)[..., None].repeat(3, 2)
    kept = cv2.multiply(canvas, 255 - weight, scale=1 / 255)
    lit = cv2.multiply(np.full_like(canvas, (205, 210, 218)), weight, scale=1 / 255)
    return np.minimum(kept.astype(int) + lit, 255).astype(np.uint8)


@pytest.mark.parametrize("viewport", VIEWPORTS, ids=lambda viewport: f"{viewport.scale:g}")
@pytest.mark.parametrize("kinds", [(0, 1, 2, 3), (2,)])
def test_a_lattice_of_boxes_lights_the_same_pixels_as_its_boxes_one_by_one(
    viewport: Viewport, kinds: tuple[int, ...]
) -> None:
    a = Grid(np.array([(10, 20), (13, 27), (16, 34), (90, 41.5)]), 8, 12, 17)
    place = [part.ravel() for part in np.meshgrid(kinds, range(12), range(17), indexing="ij")]
    placement = Placement(a, STRETCH, viewport)
    boxes = placement.boxes_to_canvas(a.boxes_at(*place))
    canvas = np.random.default_rng(0).integers(0, 256, (150, 260, 3)).astype(np.uint8)
    expected = lit_by_loops(canvas, boxes)
    assert (expected != canvas).any() == (viewport.x_px > -500)
    one_by_one = canvas.copy()
    draw_box_density(one_by_one, boxes, (205, 210, 218))
    draw_lattice_density(canvas, lattice_of(a, np.array(kinds)), placement, (205, 210, 218))
    np.testing.assert_array_equal(one_by_one, expected)
    np.testing.assert_array_equal(canvas, expected)


@pytest.mark.parametrize(("kind", "kinds"), [(None, (0, 1)), (1, (1,))])
def test_the_view_of_the_grid_lights_every_box_of_the_kinds_that_are_shown(
    kind: int | None, kinds: tuple[int, ...]
) -> None:
    network = Network()
    trace = trace_frame(network.maps(), truth_of([[20.0, 10.0, 50.0, 60.0]]), LabSettings())
    scene = AnchorScene(
        0, trace, network.scores, None, np.arange(1), AnchorView.GRID, boxes=True, kind=kind
    )
    scene = replace(scene, layers=Layers(boxes=False, skeletons=False, labels=False))
    viewport = Viewport(2.3, 1.5, -4.0)
    canvas = np.random.default_rng(0).integers(0, 256, (150, 260, 3)).astype(np.uint8)
    dimmed = cv2.convertScaleAbs(canvas, None, 0.55)
    boxes = network.grid.all_boxes().numpy()[list(kinds)].reshape(-1, 4).astype(float)
    draw_layer(canvas, scene, make_layer(scene), viewport)
    expected = lit_by_loops(dimmed, placement_of(scene, viewport).boxes_to_canvas(boxes))
    np.testing.assert_array_equal(canvas, expected)


def test_density_is_how_many_edges_run_through_each_pixel() -> None:
    rng = np.random.default_rng(1)
    low = rng.uniform(-20, 60, (40, 2))
    boxes = np.concatenate([low, low + rng.uniform(2, 50, (40, 2))], 1)
    canvas = np.zeros((48, 64, 3), np.uint8)
    draw_box_density(canvas, boxes, (255, 255, 255), strength=1.0)
    count = np.zeros((48, 64), int)
    for x0, y0, x1, y1 in np.rint(boxes - 0.5).astype(int).tolist():
        for x in range(x0, x1 + 1):
            for y in (y0, y1):
                if 0 <= x < 64 and 0 <= y < 48:
                    count[y, x] += 1
        for y in range(y0, y1 + 1):
            for x in (x0, x1):
                if 0 <= x < 64 and 0 <= y < 48:
                    count[y, x] += 1
    expected = 255 * np.sqrt(count / count.max())
    assert np.abs(canvas[..., 0] - expected).max() <= 1.5
