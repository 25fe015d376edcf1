"""How long does it take to draw people over a picture?

Wanted: 60 people on 1920x1080 in 15 ms on one core.
"""

from dataclasses import dataclass
from statistics import median
from time import thread_time

import numpy as np
import tyro

from pandanet_app.drawing.overlay2d import draw_people
from pandanet_app.models.people import VisiblePeople
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.viewport import Viewport
from pandanet_core.detections import Detections
from pandanet_core.skeleton import JTA22

SIZES = ((854, 480), (1920, 1080), (3840, 2160))
LAYERS = {
    "everything": Layers(),
    "skeletons": Layers(boxes=False, labels=False),
    "boxes": Layers(skeletons=False, labels=False),
    "labels": Layers(boxes=False, skeletons=False),
}


@dataclass(frozen=True)
class DrawPeople:
    """Processor ms of the overlay by picture size and layer: median and best of all runs."""

    people: int = 60
    """How many, 8 to 40 % of the picture's height tall, spread over it."""

    repeats: int = 30
    """Times that each is drawn."""

    def run(self) -> None:
        """Print the table."""
        print(f"| {self.people} people, processor ms (median, best) | {' | '.join(LAYERS)} |")
        print("|" + " --- |" * (1 + len(LAYERS)))
        for width, height in SIZES:
            found = people(self.people, width, height)
            cells = [self._time(found, width, height, layers) for layers in LAYERS.values()]
            print(f"| {width}x{height} | {' | '.join(cells)} |")

    def _time(self, found: Detections, width: int, height: int, layers: Layers) -> str:
        index = np.arange(len(found))
        visible = VisiblePeople(found, index, np.full(len(found), -1, np.int32), index)
        scene = Scene(people=visible, skeleton=JTA22, layers=layers, selected=3)
        picture, times_ms = np.full((height, width, 3), 90, np.uint8), []
        for _ in range(self.repeats):
            canvas = picture.copy()
            began = thread_time()
            draw_people(canvas, scene, Viewport(1.0, 0.0, 0.0))
            times_ms.append(1000 * (thread_time() - began))
        return f"{median(times_ms):.1f}, {min(times_ms):.1f}"


def people(count: int, width: int, height: int) -> Detections:
    """People whose joints wander from the head down the body's height."""
    random = np.random.default_rng(0)
    tall = np.exp(random.uniform(np.log(0.08), np.log(0.4), count))[:, None] * height
    x = random.uniform(0, width, (count, 1)) + random.normal(0, 0.15, (count, 22)) * tall
    top = random.uniform(0, 1, (count, 1)) * (height - tall)
    pose2d = np.stack([x, top + np.linspace(0, 1, 22) * tall], -1).astype(np.float32)
    return Detections(
        boxes=np.concatenate([pose2d.min(1), pose2d.max(1)], 1),
        scores=np.linspace(1, 0.3, count, dtype=np.float32),
        pose2d=pose2d,
        pose3d=np.zeros((count, 22, 3), np.float32),
        root_mm=np.zeros((count, 3), np.float32),
        scale_mm=np.ones(count, np.float32),
    )


if __name__ == "__main__":
    tyro.cli(DrawPeople).run()
