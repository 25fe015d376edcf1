"""How a film is taken: one camera's settings for all frames, its shutter, and what stands behind."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing.backdrops import Plate, put_before
from pandanet_core.crowd.drawing.motion_blur import motion_px, smeared
from pandanet_core.crowd.drawing.photo import Shot, developed, draw_shot
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scenes.light import Light
from pandanet_core.crowd.scenes.scene import Scene

SHUTTER_S = (0.001, 0.008)
"""Exposures in bright daylight; less light takes longer ones."""

LONGEST_SHUTTER_S = 0.035
"""Frames follow each other every 40 ms."""


@dataclass(frozen=True)
class Film:
    """What all frames of a film share.

    Attributes:
        shot: The camera's settings and faults.
        shutter_s: How long each frame is exposed.
        plate: What stands behind everything, or None for the drawn ground and sky.
    """

    shot: Shot
    shutter_s: float
    plate: Plate | None

    def developed(
        self,
        rng: np.random.Generator,
        scene: Scene,
        after: Scene,
        drawn: Rendering,
        characters: tuple[Character, ...],
    ) -> NDArray[np.uint8]:
        """A frame: `scene` as it was drawn, smeared on its way to `after` when the shutter closes."""
        image = drawn.image
        if self.plate is not None:
            image = put_before(image, drawn.identity, self.plate.seen_by(scene.view))
        image = smeared(image, motion_px(scene, after, drawn, characters))
        return developed(rng, image, drawn.depth, self.shot)


def draw_film(
    rng: np.random.Generator, light: Light, width: int, seen_m: np.ndarray, plate: Plate | None
) -> Film:
    """Random settings for pictures of a width, px; seen_m: how far away people are."""
    shot = replace(draw_shot(rng, light, width, seen_m), shake_px=0.0)
    daylight_s = np.exp(rng.uniform(*np.log(SHUTTER_S)))
    darker = 0.45 / max(shot.light.brightness, 0.05)
    return Film(shot, float(min(LONGEST_SHUTTER_S, daylight_s * darker**2)), plate)
