"""What a worker process keeps: cast, motions and renderer, to draw the pictures that are ordered."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from pandanet_core.crowd.drawing.backdrops import put_before
from pandanet_core.crowd.drawing.photo import developed, draw_shot, jpeg
from pandanet_core.crowd.drawing.renderers import open_renderer
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.folders import AssetNames, Skies, read_motions
from pandanet_core.crowd.labels import label
from pandanet_core.crowd.people.cast import read_cast
from pandanet_core.crowd.plates import Plates
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import Scene
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.crowd.writer import CameraRows, Row, camera_rows, rows_of

DRAWN_AT_ONCE = 16
"""Scenes that the renderer gets together: torch on a GPU draws them all at once."""

SEQUENCE_PICTURES = 100
"""Pictures that share one annotation file."""


@dataclass(frozen=True)
class Order:
    """Pictures start <= index < stop."""

    start: int
    stop: int


@dataclass(frozen=True)
class Made:
    """A finished picture with its annotation rows and camera rows (frames count from 1)."""

    index: int
    jpeg: bytes
    rows: list[Row]
    camera: CameraRows


@dataclass(frozen=True)
class PictureMaker:
    """How a worker process gets ready to make pictures (see workers.Workers)."""

    cast: Path
    settings: CrowdSettings
    names: AssetNames

    def __call__(self) -> Callable[[Order], list[Made]]:
        """Load everything and return what makes the ordered pictures."""
        studio = Studio(self.cast, self.settings, self.names)
        return lambda order: studio.pictures(range(order.start, order.stop))


class Studio:
    """Everything that drawing needs, loaded once."""

    def __init__(self, cast: Path, settings: CrowdSettings, names: AssetNames) -> None:
        cv2.setNumThreads(1)
        self.settings = settings
        self.skies = Skies(settings, names)
        self.plates = Plates(self.skies, names.backgrounds)
        self.world = World(read_cast(cast), read_motions(settings, names), self.skies.names)
        self._draw = open_renderer(settings, self.world.cast, self.skies)

    def pictures(self, indices: Sequence[int]) -> list[Made]:
        """Pictures by number: the same for the same settings, whoever draws them."""
        return [
            picture
            for start in range(0, len(indices), DRAWN_AT_ONCE)
            for picture in self._pictures(indices[start : start + DRAWN_AT_ONCE])
        ]

    def picture(self, index: int) -> Made:
        """Picture number `index`."""
        return self.pictures([index])[0]

    def _pictures(self, indices: Sequence[int]) -> list[Made]:
        rngs = [random_for(self.settings, f"picture {index}") for index in indices]
        scenes = [draw_scene(rng, self.settings, self.world) for rng in rngs]
        drawn = self._draw(scenes)
        return [self._photo(*picture) for picture in zip(indices, rngs, scenes, drawn, strict=True)]

    def _photo(self, index: int, rng: np.random.Generator, scene: Scene, drawn: Rendering) -> Made:
        """What a camera makes of a drawn scene, with its labels."""
        labels = label(scene, self.world.cast.characters, drawn.identity, drawn.depth)
        image = drawn.image
        furthest_m = float(drawn.depth[drawn.identity > 0].max(initial=0.0))
        plate = self.plates.draw(rng, scene, furthest_m)
        if plate is not None:
            image = put_before(image, drawn.identity, plate.picture)
        shot = draw_shot(rng, scene.light, self.settings.width, drawn.depth)
        frame = index % SEQUENCE_PICTURES + 1
        return Made(
            index=index,
            jpeg=jpeg(rng, developed(rng, image, drawn.depth, shot)),
            rows=rows_of(frame, labels),
            camera=camera_rows(frame, scene.view),
        )


def random_for(settings: CrowdSettings, purpose: str) -> np.random.Generator:
    """Random numbers that depend on the seed, the split and the purpose alone."""
    digest = hashlib.sha256(f"{settings.seed}/{settings.split}/{purpose}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
