"""Procedural fabrics: weaves, prints and colours that everyday clothes are made of."""

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.textures import GRID, SIZE_PX, Picture, noise, opaque

Floats = NDArray[np.floating[Any]]


class Fabric(StrEnum):
    """Kinds of cloth."""

    PLAIN = "plain"
    PALE = "pale"
    DARK = "dark"
    BRIGHT = "bright"
    STRIPES = "stripes"
    HOOPS = "hoops"
    CHECKS = "checks"
    DOTS = "dots"
    BLOTCHES = "blotches"
    CAMOUFLAGE = "camouflage"
    DENIM = "denim"
    KNIT = "knit"
    WOOL = "wool"
    LEATHER = "leather"
    QUILTED = "quilted"
    SPORT = "sport"
    HI_VIS = "hi-vis"


VARIANTS = {Fabric.PLAIN: 7, Fabric.DENIM: 3, Fabric.KNIT: 3, Fabric.CHECKS: 3, Fabric.WOOL: 3}
"""How many textures of a kind the people of a cast share; 2 of the others."""


def paint(kind: Fabric, rng: np.random.Generator) -> Picture:
    """A tile (512, 512, 4) of cloth in random colours that suit its kind."""
    first, second = _colours(kind, rng)
    mix = _pattern(kind, rng)[..., None]
    colour = (first * (1 - mix) + second * mix) * _relief(kind)[..., None]
    if kind == Fabric.HI_VIS:
        bands = (GRID[0] % 128 < 18)[..., None]
        colour = np.where(bands, 215.0, colour)
    grain = 1 + 0.04 * noise(rng, 1.0)[..., None] + 0.04 * noise(rng, 20)[..., None]
    return opaque(colour * grain)


def _colours(kind: Fabric, rng: np.random.Generator) -> tuple[Floats, Floats]:
    match kind:
        case Fabric.DENIM:
            blue = np.array([62.0, 84, 122]) * rng.uniform(0.45, 1.35)
            return blue, blue * 1.3
        case Fabric.HI_VIS:
            yellow, orange = np.array([205.0, 225, 45]), np.array([238.0, 108, 32])
            return (yellow, orange) if rng.random() < 0.5 else (orange, yellow)
        case Fabric.CAMOUFLAGE:
            return np.array([98.0, 104, 70]) * rng.uniform(0.7, 1.2), np.array([58.0, 50, 38])
        case Fabric.PALE:
            pale = rng.uniform(185, 240) * rng.uniform(0.92, 1.0, 3)
            return pale, 0.9 * pale
        case Fabric.DARK:
            dark = rng.uniform(22, 60) * rng.uniform(0.8, 1.15, 3)
            return dark, 1.2 * dark
        case Fabric.LEATHER:
            brown = np.array([62.0, 46, 38]) * rng.uniform(0.5, 1.6)
            return brown, 0.8 * brown
        case Fabric.WOOL:
            grey = rng.uniform(35, 130) * rng.uniform(0.9, 1.08, 3)
            return grey, 0.8 * grey
        case Fabric.BRIGHT:
            hue = rng.permutation(
                [rng.uniform(160, 215), rng.uniform(60, 160), rng.uniform(45, 95)]
            )
            return hue, 0.85 * hue
    first, second = _everyday(rng), _everyday(rng)
    if kind not in (Fabric.SPORT, Fabric.STRIPES, Fabric.HOOPS) and rng.random() < 0.6:
        return first, np.clip(first * rng.uniform(0.4, 1.5), 5, 245)
    # Stripes that hardly differ from their ground are none.
    return first, second if abs(first.mean() - second.mean()) > 50 else 255 - first


def _everyday(rng: np.random.Generator) -> Floats:
    """Most clothes are grey, blue or brown; few are vivid."""
    grey = rng.uniform(30, 225)
    vivid = rng.beta(1.2, 3.5)
    return np.clip(grey * (1 - vivid) + vivid * rng.uniform(0, 255, 3) * 1.2, 8, 240)


def _pattern(kind: Fabric, rng: np.random.Generator) -> Floats:
    """How much of the second colour is where, (512, 512), 0 to 1."""
    y, x = GRID
    period = int(rng.choice([32, 64]))
    match kind:
        case Fabric.STRIPES:
            return (x % period < period * rng.uniform(0.25, 0.5)) * 1.0
        case Fabric.HOOPS:
            return (y % (2 * period) < period * rng.uniform(0.5, 1.0)) * 1.0
        case Fabric.CHECKS:
            return 0.5 * (x % period < period / 2) + 0.5 * (y % period < period / 2)
        case Fabric.DOTS:
            return (np.hypot(x % 32 - 16, y % 32 - 16) < 8) * 1.0
        case Fabric.BLOTCHES:
            return (noise(rng, period / 2) > 0.4) * 1.0
        case Fabric.CAMOUFLAGE:
            return 0.6 * (noise(rng, 26) > 0.2) + 0.4 * (noise(rng, 18) > 0.6)
        case Fabric.SPORT:
            return (y % 256 < 60) * 1.0
        case Fabric.DENIM:
            return np.clip(0.3 + 0.35 * noise(rng, 60), 0, 1)
    return np.zeros((SIZE_PX, SIZE_PX))


def _relief(kind: Fabric) -> Floats:
    """Light and shade of what is not flat, (512, 512)."""
    y, x = GRID
    match kind:
        case Fabric.KNIT:
            return 1 + 0.22 * np.sin(2 * np.pi * x / 16) + 0.06 * np.sin(2 * np.pi * (y + x) / 8)
        case Fabric.QUILTED:
            return 0.6 + 0.5 * np.abs(np.sin(np.pi * y / 64))
        case Fabric.DENIM:
            return 1 + 0.08 * np.sin(2 * np.pi * (x + y) / 4)
        case Fabric.WOOL:
            return 1 + 0.1 * np.sin(2 * np.pi * (x + y) / 16) * np.sin(2 * np.pi * (x - y) / 16)
    return np.ones((SIZE_PX, SIZE_PX))
