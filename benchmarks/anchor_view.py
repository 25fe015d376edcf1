"""How fast are the anchors of a frame drawn, and how fast is the effect of a slider seen?

Wanted at 928x576, stride 8 (83,520 anchors) and 60 people: 16 ms a frame while the picture is
dragged, 30 ms to colour everything anew, 40 ms from a slider to the picture.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import median
from time import perf_counter

import numpy as np
import tyro
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.layer import Layer, draw_in_hand, draw_layer, make_layer
from pandanet_app.drawing.picture2d import draw_picture
from pandanet_app.models.anchor_lab import AnchorSpot, AnchorView
from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_app.models.viewport import Viewport
from pandanet_core.detector import Detector
from pandanet_core.lab.frame_maps import FrameMaps, maps_of
from pandanet_core.lab.frame_trace import LabSettings, Truth
from pandanet_core.lab.tracing import trace_frame
from pandanet_core.skeleton import JTA22

WIDTH, HEIGHT = 928, 576
VIEW = (1280, 720)
LIMITS_MS = {"pan": 16.0, "recolour": 30.0, "what if": 40.0}


@dataclass(frozen=True)
class AnchorViewSpeed:
    """Wall-clock ms by view: median and best of all runs."""

    people: int = 60
    """How many people are to be found."""

    repeats: int = 20
    """Times that each is done."""

    def run(self) -> None:
        """Print the table."""
        picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
        detector = Detector()
        examined = detector.examine(picture)
        assert examined is not None
        maps = maps_of(detector.network, detector.skeleton, examined, (WIDTH, HEIGHT), "noise")
        truth = crowd(self.people)
        scene = scene_of(maps, truth, LabSettings(min_score=0.05))
        anchors = int(np.prod(scene.trace.grid.shape))
        print(f"{anchors:,} anchors, A+ {len(scene.trace.positives):,}, {self.people} people")
        print("| what | view | ms (median, best) | at most |")
        print("| --- | --- | --- | --- |")
        for view in list(AnchorView)[1:]:
            for boxes in (False, True):
                shown = replace(scene, view=view, boxes=boxes)
                name = f"{view.value}, {'boxes' if boxes else 'dots'}"
                layer = make_layer(shown)
                self._row("pan", name, partial(pan, picture, shown, layer))
                self._row("recolour", name, partial(recolour, picture, shown))
        self._row("what if", "A++, dots", partial(what_if, picture, maps, truth, scene))

    def _row(self, what: str, view: str, once: Callable[[int], None]) -> None:
        times_ms = []
        once(0)  # what is made at the first time only does not count
        for number in range(self.repeats):
            began = perf_counter()
            once(number)
            times_ms.append(1000 * (perf_counter() - began))
        times = f"{median(times_ms):.1f}, {min(times_ms):.1f}"
        print(f"| {what} | {view} | {times} | {LIMITS_MS[what]:.0f} |", flush=True)


def pan(picture: NDArray[np.uint8], scene: AnchorScene, layer: Layer, number: int) -> None:
    """Draw the picture and its anchors, dragged a little further each time."""
    viewport = Viewport(1.6, 5.0 + number, 3.0 + number)
    canvas = draw_picture(picture, viewport, *VIEW, (15, 17, 20))
    draw_layer(canvas, scene, layer, viewport)
    draw_in_hand(canvas, replace(scene, hovered=AnchorSpot(4, 30, 50)), layer, viewport)


def recolour(picture: NDArray[np.uint8], scene: AnchorScene, number: int) -> None:
    """Colour everything anew, and draw it."""
    viewport = Viewport(1.6, 5.0, 3.0)
    canvas = draw_picture(picture, viewport, *VIEW, (15, 17, 20))
    draw_layer(canvas, scene, make_layer(scene), viewport)


def what_if(
    picture: NDArray[np.uint8], maps: FrameMaps, truth: Truth, scene: AnchorScene, number: int
) -> None:
    """From a threshold to the picture, by way of the child process's pipe."""
    settings = replace(scene.trace.settings, selected_above=0.3 + 0.01 * number)
    trace = pickle.loads(pickle.dumps(trace_frame(maps, truth, settings)))
    recolour(picture, replace(scene, trace=trace, view=AnchorView.SELECTED), number)


def scene_of(maps: FrameMaps, truth: Truth, settings: LabSettings) -> AnchorScene:
    """The frame traced."""
    trace = trace_frame(maps, truth, settings)
    colours = np.arange(len(truth))
    return AnchorScene(0, trace, maps.scores.numpy(), None, colours, AnchorView.POSITIVE)


def crowd(people: int) -> Truth:
    """People of all sizes, joints somewhere in their boxes."""
    random = np.random.default_rng(1)
    height = random.uniform(30, 260, people)
    size = np.stack([height * 0.4, height], -1)
    low = random.uniform(0, 1, (people, 2)) * ((WIDTH, HEIGHT) - size)
    boxes = np.concatenate([low, low + size], -1).astype(np.float32)
    inside = random.uniform(0, 1, (people, JTA22.joint_count, 2))
    pose2d = (low[:, None] + inside * size[:, None]).astype(np.float32)
    known = np.ones(pose2d.shape[:2], bool)
    pose3d = np.zeros((*pose2d.shape[:2], 3), np.float32)
    return Truth(boxes, pose2d, known, JTA22, "made up", pose3d, ~known, height)


if __name__ == "__main__":
    tyro.cli(AnchorViewSpeed).run()
