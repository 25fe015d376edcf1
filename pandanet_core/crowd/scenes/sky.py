"""Skies: panoramas that light a scene and stand behind it, from HDR files or painted.

A panorama is equirectangular, seen from inside: its centre column looks along +y, columns further
right look further to the right (+x), the first row is straight up (+z).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.rotations import unit
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

HEIGHT_PX, WIDTH_PX = 512, 1024
SUN_PERCENTILE = 99.5
"""What is brighter than this share of the panorama counts as the sun and casts shadows."""

LOWEST_SUN = 0.15
"""Height of a unit vector to the sun below which it casts no shadow (a bright window, a lamp)."""

ASPECT_TOLERANCE = 0.05
SATURATION = 0.35
"""Diffuse light keeps this much of its colour: photographs are white-balanced."""


INDOOR_WORDS = ("interior", "indoor", "studio", "warehouse", "hall", "room", "garage", "church")
"""What panoramas of rooms are called: their ceilings do not stand above streets."""


@dataclass(frozen=True)
class Sky:
    """A panorama and the light it gives, scaled so that level ground receives irradiance pi.

    Attributes:
        panorama: (512, 1024, 3) linear radiance.
        harmonics: (9, 3) radiance without the sun as spherical harmonics.
        sun_direction: (3,) unit vector towards the sun.
        sun_irradiance: (3,) on a surface that faces it; 0 where there is no sun.
    """

    name: str
    panorama: Floats
    harmonics: Floats
    sun_direction: Floats
    sun_irradiance: Floats


def draw_sky(rng: np.random.Generator, names: Sequence[str], roofed: bool) -> str:
    """One of the names; outdoors none of a room, if there is any other."""
    open_air = [name for name in names if not any(word in name.lower() for word in INDOOR_WORDS)]
    return str(rng.choice(names if roofed or not open_air else open_air))


def read_sky(path: Path) -> Sky:
    """Read a Radiance .hdr or .exr panorama; UserError when it is damaged, or no panorama."""
    picture = _decoded(path)
    if picture is None or picture.ndim != 3 or not np.isfinite(picture).all() or picture.max() <= 0:
        raise UserError(f"{path} is no readable HDR panorama; remove it or copy it again.")
    height, width = picture.shape[:2]
    if abs(width / height - 2) > ASPECT_TOLERANCE:
        raise UserError(
            f"{path} has {width}x{height} pixels, but a panorama is twice as wide as high; remove it."
        )
    resized = cv2.resize(picture[..., ::-1], (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    return sky_of(path.stem, resized.astype(np.float32))


def _decoded(path: Path) -> NDArray[Any] | None:
    """The picture in a file, None if there is none; OpenCV's own complaints are not printed."""
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError:
        return None
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if len(encoded) else None
    except cv2.error:  # a header that promises an enormous picture, say
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def sky_of(name: str, panorama: Floats) -> Sky:
    """Measure the light of a panorama (512, 1024, 3)."""
    direction, solid_angle = _directions(HEIGHT_PX, WIDTH_PX)
    brightness = panorama.mean(-1)
    limit = np.percentile(brightness, SUN_PERCENTILE)
    diffuse = panorama * np.minimum(1, limit / np.maximum(brightness, 1e-6))[..., None]
    beyond = (panorama - diffuse) * solid_angle
    sun = beyond.sum((0, 1))
    weight = beyond.sum(-1)
    towards = unit((direction * weight[..., None]).sum((0, 1)))
    if towards[2] < LOWEST_SUN or weight.sum() <= 0:
        towards, sun = unit(np.array([0.3, 0.2, 0.93])), sun * 0
    harmonics = _harmonics(diffuse)
    grey = harmonics.mean(1, keepdims=True)
    harmonics = grey + SATURATION * (harmonics - grey)
    level = (irradiance(harmonics, np.array([0, 0, 1.0])) + sun * towards[2]).mean()
    scale = np.pi / max(float(level), 1e-9)
    return Sky(name, (panorama * scale).astype(np.float32), harmonics * scale, towards, sun * scale)


def _harmonics(radiance: Floats) -> Floats:
    """Spherical harmonics (9, 3) of a panorama, from a coarse copy: they hold no detail anyway."""
    height, width = HEIGHT_PX // 8, WIDTH_PX // 8
    coarse = cv2.resize(radiance, (width, height), interpolation=cv2.INTER_AREA)
    direction, solid_angle = _directions(height, width)
    weighted = coarse * solid_angle
    return np.stack([(weighted * basis[..., None]).sum((0, 1)) for basis in _basis(direction)])


def irradiance(harmonics: Floats, normal: Floats) -> Floats:
    """Irradiance (3,) on a surface with unit normal (3,) (Ramamoorthi and Hanrahan 2001)."""
    bands = np.pi * np.array([1] + [2 / 3] * 3 + [1 / 4] * 5)
    return (harmonics * (bands * np.array(_basis(normal)))[:, None]).sum(0)


def painted_sky(name: str, rng: np.random.Generator) -> Sky:
    """A procedural outdoors: gradient, sun, clouds, a skyline of houses or trees, and ground."""
    direction, _ = _directions(HEIGHT_PX, WIDTH_PX)
    height = direction[..., 2]
    warm = rng.uniform(0, 1)
    zenith = (
        np.array([0.20, 0.36, 0.75]) * (1 - 0.5 * warm) + np.array([0.3, 0.3, 0.4]) * 0.5 * warm
    )
    horizon = np.array([0.75, 0.85, 1.0]) * (1 - warm) + np.array([1.0, 0.72, 0.5]) * warm
    up = np.clip(height, 0, 1)[..., None] ** 0.5
    panorama = horizon * (1 - up) + zenith * up
    clouds = (
        np.clip(_clouds(rng) - rng.uniform(-0.5, 1.0), 0, 1)[..., None]
        * np.clip(height * 5, 0, 1)[..., None]
    )
    panorama = panorama * (1 - 0.7 * clouds) + 0.95 * 0.7 * clouds
    panorama = _skyline(panorama, height, rng)
    ground = rng.uniform(0.08, 0.35) * np.array([1, rng.uniform(0.9, 1.1), rng.uniform(0.75, 1.0)])
    grain = (
        1
        + 0.25 * cv2.GaussianBlur(rng.standard_normal((HEIGHT_PX, WIDTH_PX)), (0, 0), 2)[..., None]
    )
    panorama = np.where((height < 0)[..., None], ground * grain, panorama)
    sun_height, sun_heading = rng.uniform(0.25, 0.95), rng.uniform(0, 2 * np.pi)
    flat = np.sqrt(1 - sun_height**2)
    sun = np.array([flat * np.sin(sun_heading), flat * np.cos(sun_heading), sun_height])
    disc = np.clip((direction @ sun - 0.9985) / 0.001, 0, 1)[..., None]
    panorama = panorama + disc * rng.choice([0.0, 300.0, 1200.0]) * np.array([1, 0.92, 0.8])
    return sky_of(name, panorama.astype(np.float32))


def _skyline(panorama: Floats, height: Floats, rng: np.random.Generator) -> Floats:
    """Blocks of houses or rounded trees along the horizon."""
    top = np.zeros(WIDTH_PX)
    colour = np.zeros((WIDTH_PX, 3))
    is_house = np.zeros(WIDTH_PX, bool)
    column = 0
    while column < WIDTH_PX:
        width = int(rng.integers(12, 90))
        rows = slice(column, column + width)
        rounded = np.sqrt(np.sin(np.linspace(0.2, np.pi - 0.2, len(top[rows]))))
        tree = rng.random() < 0.4
        top[rows] = rng.uniform(0.02, 0.3) * (rounded if tree else 1.0)
        is_house[rows] = not tree
        shade = (
            np.array([0.06, 0.1, 0.04])
            if tree
            else rng.uniform(0.1, 0.6) * np.array([1, 0.93, 0.85])
        )
        colour[rows] = shade * rng.uniform(0.5, 1.3)
        column += width
    texture = 1 + 0.3 * cv2.GaussianBlur(rng.standard_normal((HEIGHT_PX, WIDTH_PX)), (0, 0), 1.5)
    windows = 1 - 0.4 * is_house * (
        (np.arange(WIDTH_PX)[None] % 8 < 4) & (np.arange(HEIGHT_PX)[:, None] % 10 < 5)
    )
    return np.where(
        (height < top)[..., None], colour[None] * (texture * windows)[..., None], panorama
    )


def _clouds(rng: np.random.Generator) -> Floats:
    """Fractal noise (512, 1024)."""
    total = np.zeros((HEIGHT_PX, WIDTH_PX))
    for octave in range(5):
        size = (4 * 2**octave, 6 * 2**octave)
        layer = cv2.resize(
            rng.standard_normal(size), (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC
        )
        total += np.asarray(layer, np.float64) / 1.7**octave
    return total


def _directions(height: int, width: int) -> tuple[Floats, Floats]:
    """Unit vectors (H, W, 3) of a panorama's pixels, and their solid angles (H, 1, 1)."""
    polar = (np.arange(height) + 0.5) / height * np.pi
    heading = ((np.arange(width) + 0.5) / width - 0.5) * 2 * np.pi
    flat, up = np.sin(polar)[:, None], np.cos(polar)[:, None]
    axes = [flat * np.sin(heading), flat * np.cos(heading), up + 0 * heading]
    pixel = (np.pi / height) * (2 * np.pi / width)
    return np.stack(axes, -1), (flat * pixel)[..., None]


def _basis(direction: Floats) -> list[Floats]:
    """The nine real spherical harmonics of bands 0 to 2 at unit vectors (..., 3)."""
    x, y, z = np.moveaxis(direction, -1, 0)
    return [
        0.282095 + 0 * x,
        0.488603 * y,
        0.488603 * z,
        0.488603 * x,
        1.092548 * x * y,
        1.092548 * y * z,
        0.315392 * (3 * z * z - 1),
        1.092548 * x * z,
        0.546274 * (x * x - y * y),
    ]
