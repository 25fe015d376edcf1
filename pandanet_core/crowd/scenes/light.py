"""Times of day and weathers: the same place looks different at noon, at dusk, at night, in the rain."""

from dataclasses import dataclass, replace

import numpy as np

from pandanet_core.crowd.settings import LightName


@dataclass(frozen=True)
class Light:
    """What the light of a moment does to a picture.

    Attributes:
        sun: Share of the sun's light that reaches the ground.
        tint: Colour of the light, factors of red, green and blue.
        saturation: 1 keeps the colours, 0 leaves grey.
        brightness: Mean of the developed picture, 0 to 1.
        noise: How far the camera must amplify, relative to daylight.
        haze_per_m: Share of what is seen that rain or mist takes away on every metre.
        flash_m: Distance that a flash at the camera lights rightly; 0 without flash.
    """

    sun: float = 1.0
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    brightness: float = 0.45
    noise: float = 1.0
    haze_per_m: float = 0.0
    flash_m: float = 0.0


DAY = Light()
TIMES: tuple[LightName, ...] = ("day", "dusk", "night", "rain")
_OUTDOORS, _INDOORS = (0.62, 0.12, 0.12, 0.14), (0.8, 0.1, 0.1, 0.0)
_FLASH_SHARE = 0.25


def draw_light(rng: np.random.Generator, indoors: bool, wish: LightName | None = None) -> Light:
    """The light that is wished; else day mostly, and in rooms never rain.

    In rooms dusk and night are lamplight, and rain is grey light from windows.
    """
    makers = {"day": _day, "dusk": _dusk, "night": _night, "rain": _rain}
    time = wish or TIMES[int(rng.choice(len(TIMES), p=_INDOORS if indoors else _OUTDOORS))]
    light = makers[time](rng)
    return replace(light, haze_per_m=0.0) if indoors else light


def _day(rng: np.random.Generator) -> Light:
    return Light(
        sun=float(rng.uniform(0.7, 1.2)),
        tint=_towards((1.06, 1.0, 0.94), rng.uniform(-1, 1)),
        brightness=float(rng.uniform(0.32, 0.6)),
        noise=float(rng.uniform(0.3, 2.0)),
        haze_per_m=float(rng.choice([0.0, 0.0, 0.0, 0.004])),
    )


def _dusk(rng: np.random.Generator) -> Light:
    """Warm before the sun has gone, blue after it."""
    warm, blue = (1.25, 0.98, 0.75), (0.82, 0.93, 1.25)
    return Light(
        sun=float(rng.uniform(0.0, 0.5)),
        tint=_towards(warm if rng.random() < 0.5 else blue, rng.uniform(0.4, 1)),
        saturation=float(rng.uniform(0.75, 1.1)),
        brightness=float(rng.uniform(0.2, 0.38)),
        noise=float(rng.uniform(1.0, 3.0)),
        haze_per_m=float(rng.choice([0.0, 0.003])),
    )


def _night(rng: np.random.Generator) -> Light:
    """Moonlight, sodium lamps, white lamps, or a flash."""
    tints = ((0.78, 0.92, 1.2), (1.25, 0.97, 0.7), (1.05, 1.0, 0.9))
    flash = rng.random() < _FLASH_SHARE
    return Light(
        sun=float(rng.uniform(0.0, 0.3)),
        tint=_towards(tints[int(rng.integers(len(tints)))], rng.uniform(0.3, 1)),
        saturation=float(rng.uniform(0.5, 0.9)),
        brightness=float(rng.uniform(0.13, 0.26)),
        noise=float(rng.uniform(2.0, 6.0)),
        flash_m=float(rng.uniform(3.0, 8.0)) if flash else 0.0,
    )


def _rain(rng: np.random.Generator) -> Light:
    """An overcast day: no shadows, little colour, the distance grey."""
    return Light(
        sun=float(rng.uniform(0.0, 0.12)),
        tint=_towards((0.94, 1.0, 1.06), rng.uniform(0.2, 1)),
        saturation=float(rng.uniform(0.55, 0.85)),
        brightness=float(rng.uniform(0.28, 0.45)),
        noise=float(rng.uniform(0.8, 2.5)),
        haze_per_m=float(np.exp(rng.uniform(np.log(0.003), np.log(0.02)))),
    )


def _towards(colour: tuple[float, float, float], share: float) -> tuple[float, float, float]:
    """From white towards a colour; a negative share turns to its complement."""
    red, green, blue = (float(component**share) for component in colour)
    return red, green, blue
