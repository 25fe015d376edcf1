"""What a real camera adds to a drawn picture: backdrop, colour cast, blur, noise, compression."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing import effects
from pandanet_core.crowd.scenes.light import Light
from pandanet_core.crowd.scenes.scene import View
from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, Sky

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

BACKDROP_SHARE = 0.5
"""Pictures whose ground and sky are replaced by a sharp piece of the panorama."""

LOWEST_BACKDROP, COARSEST_BACKDROP = 0.28, 0.35
"""Share of a panorama's height below its horizon that is not too warped; fewest of its pixels to one of
the picture, along a side."""

STEEPEST_BACKDROP_RAD, FURTHEST_BACKDROP_M = np.radians(22), 30.0

GREY_SHARE, DEFOCUSED_SHARE, VIGNETTED_SHARE, COARSE_SHARE = 0.05, 0.12, 0.3, 0.15
SHAKEN_SHARE, GLOWING_SHARE = 0.06, 0.06
"""In daylight; little light makes them more frequent."""

HAZE_GREY, FURTHEST_FOCUS_M = 190.0, 60.0


def with_backdrop(
    rng: np.random.Generator,
    image: Picture,
    identity: NDArray[np.int16],
    depth_m: Floats,
    sky: Sky,
    exposure: float,
    view: View,
) -> Picture:
    """The people and things of a picture in front of a piece of its panorama, horizons aligned.

    Pictures stay as they are where a panorama cannot pass for the ground: views far up or down, where
    it is warped, and of people far away, where it is not level.
    """
    height, width = image.shape[:2]
    pitch = np.arcsin(-view.rotation[2, 2])
    horizon_row = view.camera.cy - view.camera.fy * np.tan(pitch)
    below = LOWEST_BACKDROP * HEIGHT_PX / max(1.0, height - horizon_row)
    scale = min(rng.uniform(0.55, 1.0), WIDTH_PX / width, HEIGHT_PX / height, below)
    furthest = depth_m[identity > 0].max(initial=0.0)
    if (
        abs(pitch) > STEEPEST_BACKDROP_RAD
        or furthest > FURTHEST_BACKDROP_M
        or scale < COARSEST_BACKDROP
    ):
        return image
    cut_width, cut_height = int(width * scale), int(height * scale)
    top = int(np.clip(HEIGHT_PX / 2 - horizon_row * scale, 0, HEIGHT_PX - cut_height))
    left = int(rng.integers(WIDTH_PX))
    columns = np.arange(left, left + cut_width) % WIDTH_PX
    radiance = sky.panorama[top : top + cut_height, columns] * exposure
    curve = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14)
    picture = (np.clip(curve, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
    backdrop = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    empty = cv2.resize(
        (identity == 0).astype(np.float32), (width, height), interpolation=cv2.INTER_AREA
    )
    share = cv2.GaussianBlur(empty, (3, 3), 0)[..., None]
    return (image * (1 - share) + backdrop * share).astype(np.uint8)


def developed(rng: np.random.Generator, image: Picture, depth_m: Floats, light: Light) -> Picture:
    """A drawn picture as a camera of drawn faults takes it in a light.

    Args:
        rng: Draws exposure, colour cast, focus, shake, sharpness and noise.
        image: (H, W, 3) as rendered in daylight.
        depth_m: (H, W) depth along the optical axis.
        light: Time of day and weather.
    """
    brightness = float(np.clip(light.brightness * rng.uniform(0.85, 1.15), 0.05, 0.7))
    values = in_light(image, depth_m, replace(light, brightness=brightness))
    values *= np.array([rng.uniform(0.95, 1.05), 1, rng.uniform(0.95, 1.05)], np.float32)
    if rng.random() < GREY_SHARE:
        values[:] = (values @ effects.LUMA)[..., None]
    middle = values.mean()
    values = (values - middle) * np.float32(rng.uniform(0.85, 1.35)) + middle
    values = _through_lens(rng, values, depth_m, light)
    read = rng.uniform(0.3, 1.5) * light.noise
    values = effects.grainy(rng, values, read, rng.uniform(0.5, 3.0) * light.noise)
    return np.clip(values, 0, 255).astype(np.uint8)


def in_light(image: Picture, depth_m: Floats, light: Light) -> effects.Values:
    """A picture that was drawn in daylight at another time or in another weather, (H, W, 3) float32."""
    values = image.astype(np.float32)
    values = effects.hazy(values, depth_m, light.haze_per_m, HAZE_GREY)
    values = effects.flashed(values, depth_m, light.flash_m)
    values = effects.exposed(values, light.brightness)
    return effects.tinted(values, light.tint, light.saturation)


def _through_lens(
    rng: np.random.Generator, values: effects.Values, depth_m: Floats, light: Light
) -> effects.Values:
    """Focus, shake, vignette and sharpness; long exposures in little light shake more."""
    width = values.shape[1]
    if rng.random() < DEFOCUSED_SHARE:
        seen = depth_m[depth_m < FURTHEST_FOCUS_M]
        focus_m = float(np.quantile(seen, rng.uniform(0.1, 0.9))) if len(seen) else 10.0
        values = effects.defocused(values, depth_m, focus_m, rng.uniform(0.002, 0.006) * width)
    if rng.random() < SHAKEN_SHARE * light.noise:
        length_px = rng.uniform(0.002, 0.01) * width
        values = effects.shaken(values, length_px, rng.uniform(0, np.pi))
    if rng.random() < VIGNETTED_SHARE:
        values = effects.vignetted(values, rng.uniform(0.1, 0.4))
    if rng.random() < GLOWING_SHARE * light.noise:
        values = effects.glowing(values, rng.uniform(0.01, 0.04) * width, rng.uniform(0.3, 1.5))
    if rng.random() < COARSE_SHARE:
        return effects.coarse(values, rng.uniform(0.5, 0.85))
    sigma = rng.uniform(0.25, 0.9) if rng.random() < 0.85 else rng.uniform(0.9, 1.8)
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), np.float32)


def jpeg(rng: np.random.Generator, image: Picture) -> bytes:
    """The picture as a JPEG file of random quality."""
    return encode_jpeg(image, int(rng.integers(50, 96)))


def encode_jpeg(image: Picture, quality: int) -> bytes:
    """An RGB picture as the bytes of a JPEG file."""
    encoded, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise ValueError(f"a picture of shape {image.shape} cannot be encoded")
    return data.tobytes()
