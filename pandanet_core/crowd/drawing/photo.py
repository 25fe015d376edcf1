"""What a real camera adds to a drawn picture: light, colour cast, blur, noise, compression."""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing import effects
from pandanet_core.crowd.scenes.light import Light

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

GREY_SHARE, DEFOCUSED_SHARE, VIGNETTED_SHARE, COARSE_SHARE = 0.05, 0.12, 0.3, 0.15
SHAKEN_SHARE, GLOWING_SHARE = 0.06, 0.06
"""In daylight; little light makes them more frequent."""

HAZE_GREY, FURTHEST_FOCUS_M = 190.0, 60.0


@dataclass(frozen=True)
class Focus:
    """What lies at focus_m is sharp; at infinity the circle of confusion is blur_px wide."""

    focus_m: float
    blur_px: float


@dataclass(frozen=True)
class Shot:
    """A camera's settings and faults, the same for all frames of a film.

    Attributes:
        light: In which it takes its pictures, with the brightness that it exposes for.
        cast: Factors of red, green and blue.
        contrast: 1 leaves it.
        focus: None where everything is sharp.
        shake_px, shake_rad: Length and direction of its motion while the shutter is open.
        vignette: How much darker the corners are, 0 to 1.
        glow_px, glow: Radius and strength of the glow of bright spots.
        resolution: Pixels a side that it really has, relative to the picture's.
        softness_px: Standard deviation of the blur of its lens.
        read, shot: Noise, see effects.grainy.
    """

    light: Light
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    focus: Focus | None = None
    shake_px: float = 0.0
    shake_rad: float = 0.0
    vignette: float = 0.0
    glow_px: float = 0.0
    glow: float = 0.0
    resolution: float = 1.0
    softness_px: float = 0.0
    read: float = 0.0
    shot: float = 0.0


def draw_shot(rng: np.random.Generator, light: Light, width: int, seen_m: Floats) -> Shot:
    """Random settings and faults; long exposures in little light shake more.

    Args:
        light: Time of day and weather.
        width: Of the picture, px.
        seen_m: Depths of what is seen, of which some are in focus, m.
    """
    shot = Shot(
        light=replace(
            light,
            brightness=float(np.clip(light.brightness * rng.uniform(0.85, 1.15), 0.05, 0.7)),
            saturation=0.0 if rng.random() < GREY_SHARE else light.saturation,
        ),
        cast=(float(rng.uniform(0.95, 1.05)), 1.0, float(rng.uniform(0.95, 1.05))),
        contrast=float(rng.uniform(0.85, 1.35)),
        read=float(rng.uniform(0.3, 1.5) * light.noise),
        shot=float(rng.uniform(0.5, 3.0) * light.noise),
    )
    if rng.random() < DEFOCUSED_SHARE:
        seen = seen_m[seen_m < FURTHEST_FOCUS_M]
        focus_m = float(np.quantile(seen, rng.uniform(0.1, 0.9))) if len(seen) else 10.0
        shot = replace(shot, focus=Focus(focus_m, float(rng.uniform(0.002, 0.006) * width)))
    if rng.random() < SHAKEN_SHARE * light.noise:
        length_px, angle = rng.uniform(0.002, 0.01) * width, rng.uniform(0, np.pi)
        shot = replace(shot, shake_px=float(length_px), shake_rad=float(angle))
    if rng.random() < VIGNETTED_SHARE:
        shot = replace(shot, vignette=float(rng.uniform(0.1, 0.4)))
    if rng.random() < GLOWING_SHARE * light.noise:
        radius_px, strength = rng.uniform(0.01, 0.04) * width, rng.uniform(0.3, 1.5)
        shot = replace(shot, glow_px=float(radius_px), glow=float(strength))
    if rng.random() < COARSE_SHARE:
        return replace(shot, resolution=float(rng.uniform(0.5, 0.85)))
    sharp = rng.random() < 0.85
    return replace(
        shot, softness_px=float(rng.uniform(0.25, 0.9) if sharp else rng.uniform(0.9, 1.8))
    )


def developed(rng: np.random.Generator, image: Picture, depth_m: Floats, shot: Shot) -> Picture:
    """A drawn picture as a camera takes it.

    Args:
        rng: Draws the noise.
        image: (H, W, 3) as rendered in daylight.
        depth_m: (H', W') depth along the optical axis, at any multiple of the size.
        shot: The camera's settings and faults.
    """
    height, width = image.shape[:2]
    if depth_m.shape != (height, width):
        depth_m = depth_m[:: depth_m.shape[0] // height, :: depth_m.shape[1] // width]
    values = in_light(image, depth_m, shot.light)
    if shot.light.saturation:
        values = effects.tinted(values, shot.cast, 1.0)
    middle = values.mean()
    values = (values - middle) * np.float32(shot.contrast) + middle
    values = _through_lens(values, depth_m, shot)
    values = effects.grainy(rng, values, shot.read, shot.shot)
    return np.clip(values, 0, 255).astype(np.uint8)


def in_light(image: Picture, depth_m: Floats, light: Light) -> effects.Values:
    """A picture that was drawn in daylight at another time or in another weather, (H, W, 3) float32."""
    values = image.astype(np.float32)
    values = effects.hazy(values, depth_m, light.haze_per_m, HAZE_GREY)
    values = effects.flashed(values, depth_m, light.flash_m)
    values = effects.exposed(values, light.brightness)
    tint = light.tint if light.saturation else (1.0, 1.0, 1.0)
    return effects.tinted(values, tint, light.saturation)


def _through_lens(values: effects.Values, depth_m: Floats, shot: Shot) -> effects.Values:
    """Focus, shake, vignette, glow and sharpness."""
    if shot.focus is not None:
        values = effects.defocused(values, depth_m, shot.focus.focus_m, shot.focus.blur_px)
    if shot.shake_px:
        values = effects.shaken(values, shot.shake_px, shot.shake_rad)
    if shot.vignette:
        values = effects.vignetted(values, shot.vignette)
    if shot.glow:
        values = effects.glowing(values, shot.glow_px, shot.glow)
    if shot.resolution < 1:
        values = effects.coarse(values, shot.resolution)
    if shot.softness_px:
        return np.asarray(cv2.GaussianBlur(values, (0, 0), shot.softness_px), np.float32)
    return values


def jpeg(rng: np.random.Generator, image: Picture) -> bytes:
    """The picture as a JPEG file of random quality."""
    return encode_jpeg(image, int(rng.integers(50, 96)))


def encode_jpeg(image: Picture, quality: int) -> bytes:
    """An RGB picture as the bytes of a JPEG file."""
    encoded, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not encoded:
        raise ValueError(f"a picture of shape {image.shape} cannot be encoded")
    return data.tobytes()
