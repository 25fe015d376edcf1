"""Sharp backgrounds: a flat picture behind people and things, from a panorama or a photograph."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.crowd.scenes.scene import View
from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, Sky

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

BACKDROP_SHARE = 0.5
"""Pictures whose ground and sky are replaced by a sharp piece of the panorama."""

PHOTO_SHARE = 0.8
"""Likewise by a photograph, where a folder of them is given."""

LOWEST_BACKDROP, COARSEST_BACKDROP = 0.28, 0.35
"""Share of a panorama's height below its horizon that is not too warped; fewest of its pixels to one of
the picture, along a side."""

SMALLEST_CUT = 0.3
"""Least share of a photograph's height that is cut out."""

STEEPEST_BACKDROP_RAD, FURTHEST_BACKDROP_M = np.radians(22), 30.0
"""Views further up or down, and people further away, do not stand on a flat picture's ground."""


@dataclass(frozen=True)
class Plate:
    """A picture as large as the frame, as it is seen by one view; it lies infinitely far away."""

    picture: Picture
    view: View

    def seen_by(self, view: View) -> Picture:
        """The plate in a view from the same place that looks elsewhere; mirrored beyond its edges."""
        if np.array_equal(view.rotation, self.view.rotation):
            return self.picture
        turn = self.view.rotation @ view.rotation.T
        to_plate = _matrix(self.view.camera) @ turn @ np.linalg.inv(_matrix(view.camera))
        # Pixels' centres are at halves here, at whole numbers in OpenCV.
        centre = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
        warped = cv2.warpPerspective(
            self.picture,
            np.linalg.inv(centre) @ to_plate @ centre,
            (view.camera.width, view.camera.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        return np.asarray(warped, np.uint8)


def can_stand_before_plates(view: View, furthest_m: float) -> bool:
    """Whether a flat picture can pass for the ground on which people up to furthest_m stand."""
    near_enough = furthest_m <= FURTHEST_BACKDROP_M
    return bool(near_enough and abs(_pitch(view)) <= STEEPEST_BACKDROP_RAD)


def plate_of_sky(rng: np.random.Generator, sky: Sky, exposure: float, view: View) -> Plate | None:
    """A piece of a panorama, horizons aligned; None where it would be too warped or too coarse."""
    width, height = view.camera.width, view.camera.height
    horizon_row = _horizon_row(view)
    below = LOWEST_BACKDROP * HEIGHT_PX / max(1.0, height - horizon_row)
    scale = min(rng.uniform(0.55, 1.0), WIDTH_PX / width, HEIGHT_PX / height, below)
    if scale < COARSEST_BACKDROP:
        return None
    cut_width, cut_height = int(width * scale), int(height * scale)
    top = int(np.clip(HEIGHT_PX / 2 - horizon_row * scale, 0, HEIGHT_PX - cut_height))
    left = int(rng.integers(WIDTH_PX))
    columns = np.arange(left, left + cut_width) % WIDTH_PX
    radiance = sky.panorama[top : top + cut_height, columns] * exposure
    curve = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14)
    picture = (np.clip(curve, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    return Plate(np.asarray(resized, np.uint8), view)


def plate_of_photo(rng: np.random.Generator, photo: Picture, view: View) -> Plate | None:
    """A piece of a photograph (H, W, 3), taken for level: its middle row comes onto the horizon.

    None where the horizon lies so far outside that hardly anything is left.
    """
    width, height = view.camera.width, view.camera.height
    above = _horizon_row(view) / height
    photo_height, photo_width = photo.shape[:2]
    half = photo_height / 2
    tallest = min(
        photo_height,
        photo_width * height / width,
        half / max(above, 1e-6),
        half / max(1 - above, 1e-6),
    )
    if tallest < SMALLEST_CUT * photo_height:
        return None
    cut_height = rng.uniform(max(SMALLEST_CUT * photo_height, 0.6 * tallest), tallest)
    cut_width = cut_height * width / height
    top = int(np.clip(half - above * cut_height, 0, photo_height - cut_height))
    left = int(rng.uniform(0, photo_width - cut_width))
    cut = photo[top : top + max(1, int(cut_height)), left : left + max(1, int(cut_width))]
    smaller = cut_width > width
    way = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    mirrored = cut[:, ::-1] if rng.random() < 0.5 else cut
    resized = cv2.resize(np.ascontiguousarray(mirrored), (width, height), interpolation=way)
    return Plate(np.asarray(resized, np.uint8), view)


def put_before(image: Picture, identity: NDArray[np.int16], plate: Picture) -> Picture:
    """The people and things of a picture (H, W, 3) before a plate (H, W, 3).

    Args:
        identity: (H', W') 0 where the ground or the sky is drawn, at any multiple of the size.
    """
    height, width = image.shape[:2]
    empty = cv2.resize(
        (identity == 0).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    share = cv2.GaussianBlur(empty, (3, 3), 0)[..., None]
    return (image * (1 - share) + plate * share).astype(np.uint8)


def _pitch(view: View) -> float:
    """How far down a view looks, rad."""
    return float(np.arcsin(-view.rotation[2, 2]))


def _horizon_row(view: View) -> float:
    return float(view.camera.cy - view.camera.fy * np.tan(_pitch(view)))


def _matrix(camera: Camera) -> Floats:
    return np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
