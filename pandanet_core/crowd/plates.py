"""What stands behind people outdoors: pieces of panoramas, or a user's own photographs."""

from pathlib import Path

import cv2
import numpy as np

from pandanet_core.crowd.drawing.backdrops import (
    BACKDROP_SHARE,
    PHOTO_SHARE,
    Picture,
    Plate,
    can_stand_before_plates,
    plate_of_photo,
    plate_of_sky,
)
from pandanet_core.crowd.folders import Skies
from pandanet_core.crowd.scenes.scene import Scene
from pandanet_core.errors import UserError

LARGEST_PX = 2560
"""Photographs are kept with at most so many pixels a side."""

KEPT_PHOTOS = 8


class Plates:
    """Backgrounds to choose from; of photographs the last KEPT_PHOTOS are kept in memory."""

    def __init__(self, skies: Skies, photos: tuple[Path, ...]) -> None:
        self._skies, self._photos = skies, photos
        self._read: dict[Path, Picture] = {}

    def draw(self, rng: np.random.Generator, scene: Scene, furthest_m: float) -> Plate | None:
        """A plate for a scene by lot; None where none is drawn or none can pass for its ground.

        Args:
            scene: Under a roof there is never one.
            furthest_m: How far away the last person stands.
        """
        share = PHOTO_SHARE if self._photos else BACKDROP_SHARE
        wanted = not scene.roofed and rng.random() < share
        if not wanted or not can_stand_before_plates(scene.view, furthest_m):
            return None
        if self._photos:
            photo = self._photo(self._photos[int(rng.integers(len(self._photos)))])
            return plate_of_photo(rng, photo, scene.view)
        return plate_of_sky(rng, self._skies[scene.sky], scene.exposure, scene.view)

    def _photo(self, path: Path) -> Picture:
        if path not in self._read:
            while len(self._read) >= KEPT_PHOTOS:
                del self._read[next(iter(self._read))]
            self._read[path] = read_photo(path)
        return self._read[path]


def read_photo(path: Path) -> Picture:
    """A photograph (H, W, 3) RGB of at most LARGEST_PX a side; UserError where it is damaged."""
    try:
        encoded = np.fromfile(path, np.uint8)
        picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
    except (OSError, cv2.error):
        picture = None
    if picture is None or min(picture.shape[:2]) < 2:
        raise UserError(f"{path} is no readable photograph; remove it or copy it again.")
    scale = LARGEST_PX / max(picture.shape[:2])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(picture[..., ::-1])
