"""Small things that stand about and are no people, however much they look like some: tripods, signs,
cones, posts, heaps of clothes, bags, racks, bushes, trees, dummies."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.places.furniture import PLAIN, PLANKS, TILES, draw_surface
from pandanet_core.crowd.scenes.scene import Box, Solid, Surface, Turned

Floats = NDArray[np.floating[Any]]

WHITE = Surface((0.75, 0.75, 0.73), (0.6, 0.6, 0.58), PLAIN)
DARK = Surface((0.02, 0.02, 0.02), (0.06, 0.06, 0.06), PLAIN)
CLOTH_COLOURS = 0.03, 0.75


@dataclass(frozen=True)
class Spot:
    """A place on the ground with a heading; `at` gives world points from local ones, m."""

    x: float
    y: float
    yaw_rad: float

    def at(self, right: float, ahead: float, up: float) -> tuple[float, float, float]:
        """A point beside the spot in the world."""
        sine, cosine = np.sin(self.yaw_rad), np.cos(self.yaw_rad)
        x, y = right * cosine - ahead * sine, right * sine + ahead * cosine
        return float(self.x + x), float(self.y + y), up

    def box(
        self,
        centre: tuple[float, float],
        size: tuple[float, float, float],
        bottom: float,
        look: Surface,
    ) -> Box:
        """A cuboid of a size (right, ahead, up) whose lower face is centred beside the spot."""
        x, y, _ = self.at(*centre, 0.0)
        return Box(x, y, size[0] / 2, size[1] / 2, bottom, bottom + size[2], self.yaw_rad, look)

    def rod(
        self,
        start: tuple[float, float, float],
        end: tuple[float, float, float],
        radius: float,
        look: Surface,
    ) -> Turned:
        """A round bar between two local points."""
        return Turned(self.at(*start), self.at(*end), (radius, radius), look)

    def ball(
        self, centre: tuple[float, float, float], radius: float, flat: float, look: Surface
    ) -> Turned:
        """An ellipsoid, `flat` times as high as wide."""
        right, ahead, up = centre
        half = radius * flat
        radii = tuple(float(radius * np.sqrt(1 - t * t)) for t in np.linspace(-0.97, 0.97, 7))
        return Turned(
            self.at(right, ahead, up - half), self.at(right, ahead, up + half), radii, look
        )


def draw_clutter(
    rng: np.random.Generator, x: float, y: float, indoors: bool = False
) -> list[Solid]:
    """One small thing at a place on the ground, turned anyhow; indoors nothing that grows."""
    spot = Spot(x, y, float(rng.uniform(0, 2 * np.pi)))
    make = KINDS[int(rng.choice(len(KINDS), p=SHARES))]
    while indoors and make in OUTDOOR_KINDS:
        make = KINDS[int(rng.choice(len(KINDS), p=SHARES))]
    return make(rng, spot)


def draw_stain(rng: np.random.Generator, x: float, y: float) -> Box:
    """A lawn, a path, a painted line: flat on the ground."""
    look = draw_surface(rng, 0.03, 0.5, int(rng.choice([PLAIN, PLAIN, TILES, PLANKS])))
    long, wide = rng.uniform(2, 40), rng.uniform(1, 15)
    if rng.random() < 0.4:
        look, long, wide = WHITE, rng.uniform(1, 30), rng.uniform(0.08, 0.25)
    elif rng.random() < 0.5:
        green = rng.uniform(0.6, 1.6)
        look = Surface((0.05 * green, 0.1 * green, 0.02), (0.1 * green, 0.15 * green, 0.05), PLAIN)
    height = float(rng.uniform(0.002, 0.006))  # never two at one height: they would flicker
    return Box(x, y, long / 2, wide / 2, -0.01, height, float(rng.uniform(0, np.pi)), look)


def _paint(rng: np.random.Generator) -> Surface:
    """One plain colour, often grey, sometimes bright."""
    if rng.random() < 0.5:
        return draw_surface(rng, 0.02, 0.6, PLAIN)
    return _bright(rng)


def _bright(rng: np.random.Generator) -> Surface:
    colour = rng.uniform(0.03, 0.8, 3)
    first, second = (tuple(float(c) for c in colour * rng.uniform(0.8, 1.1)) for _ in range(2))
    return Surface(first, second, PLAIN)  # type: ignore[arg-type]


def _tripod(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    top, spread, radius = rng.uniform(1.0, 1.7), rng.uniform(0.3, 0.6), rng.uniform(0.012, 0.03)
    look = _paint(rng)
    angles = rng.uniform(0, 2 * np.pi) + np.arange(3) * 2 * np.pi / 3
    parts: list[Solid] = [
        spot.rod((spread * np.cos(a), spread * np.sin(a), 0), (0, 0, top), radius, look)
        for a in angles.tolist()
    ]
    head = rng.uniform(0.08, 0.3, 3)
    parts.append(spot.box((0, 0), (head[0], head[1], head[2]), top, _paint(rng)))
    if rng.random() < 0.4:
        parts.append(spot.rod((0, 0, top), (0, 0, top + rng.uniform(0.2, 0.7)), radius, look))
    if rng.random() < 0.3:
        parts.append(spot.ball((0, 0, 0.2), rng.uniform(0.15, 0.25), 0.8, _paint(rng)))
    return parts


def _post(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    height, radius = float(np.exp(rng.uniform(np.log(0.7), np.log(6.0)))), rng.uniform(0.03, 0.14)
    parts: list[Solid] = [spot.rod((0, 0, 0), (0, 0, height), radius, _paint(rng))]
    if rng.random() < 0.3:
        parts.append(spot.rod((0, 0, height * 0.5), (0, 0, height * 0.75), radius * 1.02, WHITE))
    if rng.random() < 0.4:
        parts.append(spot.ball((0, 0, height), radius * rng.uniform(1.3, 3.5), 1.0, _paint(rng)))
    if height > 2.5 and rng.random() < 0.6:
        parts.append(spot.rod((0, 0, height), (rng.uniform(0.5, 1.6), 0, height + 0.2), 0.05, DARK))
    return parts


def _sign(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    middle, width = rng.uniform(0.7, 2.1), rng.uniform(0.3, 0.9)
    height, look = rng.uniform(0.3, 1.0), _bright(rng) if rng.random() < 0.6 else WHITE
    bottom = max(0.05, middle - height / 2)
    parts: list[Solid] = [spot.rod((0, 0, 0), (0, 0, bottom + height), 0.025, _paint(rng))]
    if rng.random() < 0.4:
        rim = spot.rod((0, -0.03, middle), (0, 0.0, middle), width / 2, look)
        face = spot.rod((0, -0.04, middle), (0, 0.01, middle), width * 0.36, WHITE)
        parts += [rim, face]
    else:
        parts.append(spot.box((0, 0.03), (width, 0.02, height), bottom, look))
        parts.append(
            spot.box(
                (0, 0.04), (width * 0.8, 0.02, height * 0.3), bottom + height * 0.4, _paint(rng)
            )
        )
    if rng.random() < 0.6:
        lean = rng.uniform(0.2, 0.5)
        parts += [spot.rod((s * lean, lean, 0), (0, 0, bottom), 0.02, DARK) for s in (-1.0, 1.0)]
    return parts


def _cone(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    height, foot = rng.uniform(0.35, 1.0), rng.uniform(0.12, 0.22)
    orange = Surface((0.8, 0.15, 0.02), (0.6, 0.1, 0.02), PLAIN)
    if rng.random() < 0.2:
        orange = _bright(rng)
    cuts = (0.0, 0.4, 0.62, 1.0)
    parts: list[Solid] = [spot.box((0, 0), (foot * 2.3, foot * 2.3, 0.03), 0.0, orange)]
    for low, high, look in zip(cuts[:-1], cuts[1:], (orange, WHITE, orange), strict=True):
        radii = tuple(float(foot * (1 - 0.85 * share)) for share in (low, high))
        parts.append(Turned(spot.at(0, 0, low * height), spot.at(0, 0, high * height), radii, look))
    return parts


def _heap(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    """Clothes, bags or leaves dropped on the ground."""
    parts: list[Solid] = []
    for _ in range(int(rng.integers(1, 6))):
        right, ahead = rng.normal(0, 0.3, 2)
        radius = rng.uniform(0.12, 0.4)
        parts.append(spot.ball((right, ahead, 0.03), radius, rng.uniform(0.15, 0.7), _paint(rng)))
    return parts


def _bag(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    look, width, height = _paint(rng), rng.uniform(0.25, 0.5), rng.uniform(0.3, 0.75)
    if rng.random() < 0.5:
        radii = tuple(width / 2 * share for share in (0.75, 1.0, 1.0, 0.9, 0.6))
        return [Turned(spot.at(0, 0, 0), spot.at(0, 0, height), radii, look)]
    parts: list[Solid] = [spot.box((0, 0), (width, width * 0.5, height), 0.03, look)]
    if rng.random() < 0.5:
        parts += [
            spot.rod((s * width * 0.3, 0, height), (s * width * 0.3, 0, height + 0.4), 0.01, DARK)
            for s in (-1.0, 1.0)
        ]
    return parts


def _rack(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    """A rail with clothes on it, or one coat on a stand."""
    width, height = rng.uniform(0.1, 1.6), rng.uniform(1.2, 1.8)
    parts: list[Solid] = [
        spot.rod((s * width / 2, 0, 0), (s * width / 2, 0, height), 0.02, DARK) for s in (-1.0, 1.0)
    ]
    parts.append(spot.rod((-width / 2, 0, height), (width / 2, 0, height), 0.02, DARK))
    for right in np.arange(-width / 2 + 0.05, width / 2, rng.uniform(0.08, 0.25)).tolist():
        long = rng.uniform(0.5, 1.1)
        radii = (0.2, 0.2, 0.19, 0.21, 0.07)
        look = draw_surface(rng, *CLOTH_COLOURS, PLAIN) if rng.random() < 0.5 else _bright(rng)
        parts.append(
            Turned(spot.at(right, 0, height - long), spot.at(right, 0, height - 0.03), radii, look)
        )
    return parts


def _green(rng: np.random.Generator) -> Surface:
    shade = rng.uniform(0.4, 1.6)
    return Surface(
        (0.03 * shade, 0.06 * shade, 0.015 * shade),
        (0.1 * shade, 0.16 * shade, 0.04 * shade),
        PLAIN,
        3.0,
    )


def _bush(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    look, size = _green(rng), rng.uniform(0.3, 0.9)
    parts: list[Solid] = []
    for _ in range(int(rng.integers(2, 7))):
        right, ahead = rng.normal(0, 0.5, 2) * size
        radius, flat = size * rng.uniform(0.4, 0.8), rng.uniform(0.7, 1.5)
        up = radius * flat * rng.uniform(0.3, 0.95)  # its foot is in the ground
        parts.append(spot.ball((right, ahead, up), radius, flat, look))
    return parts


def _tree(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    trunk, radius = rng.uniform(1.2, 3.5), rng.uniform(0.06, 0.25)
    bark = Surface((0.08, 0.05, 0.03), (0.16, 0.12, 0.08), PLAIN, 3.0)
    parts: list[Solid] = [
        Turned(spot.at(0, 0, 0), spot.at(0, 0, trunk + 1), (radius, radius * 0.7), bark)
    ]
    crown, look = rng.uniform(0.6, 2.2), _green(rng)
    if rng.random() < 0.3:
        top = spot.at(0, 0, trunk + 3 * crown)
        return [*parts, Turned(spot.at(0, 0, trunk * 0.5), top, (crown, crown * 0.5, 0.03), look)]
    for _ in range(int(rng.integers(3, 8))):
        right, ahead, up = rng.normal(0, 0.5, 3) * crown
        parts.append(
            spot.ball(
                (right, ahead, trunk + crown * 0.8 + up), crown * rng.uniform(0.5, 0.9), 0.9, look
            )
        )
    return parts


def _dummy(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    """A tailor's dummy, a skittle or a statue without limbs on its foot: the outline of a person."""
    look, foot = draw_surface(rng, 0.03, 0.6, PLAIN), rng.uniform(0.1, 0.9)
    wide, high = rng.uniform(0.8, 1.2), rng.uniform(0.7, 1.3)
    radii = tuple(wide * r for r in (0.13, 0.17, 0.16, 0.12, 0.16, 0.18, 0.16, 0.06, 0.05))
    parts: list[Solid] = [
        spot.rod((0, 0, 0), (0, 0, foot), 0.03 if rng.random() < 0.5 else 0.25, _paint(rng)),
        Turned(spot.at(0, 0, foot), spot.at(0, 0, foot + 0.75 * high), radii, look),
    ]
    if rng.random() < 0.4:
        parts.append(spot.ball((0, 0, foot + 0.85 * high), 0.1, 1.2, look))
    return parts


def _parasol(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    height, look = rng.uniform(1.7, 2.6), _bright(rng)
    parts: list[Solid] = [spot.rod((0, 0, 0), (0, 0, height), 0.025, WHITE)]
    low, radii = (height - 0.5, (rng.uniform(0.7, 1.5), 0.03))
    if rng.random() < 0.6:  # closed
        low, radii = height - rng.uniform(1.0, 1.5), (rng.uniform(0.1, 0.2), 0.03)
    return [*parts, Turned(spot.at(0, 0, low), spot.at(0, 0, height), radii, look)]


def _bicycle(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    radius, look = rng.uniform(0.28, 0.36), _paint(rng)
    parts: list[Solid] = []
    for side in (-0.52, 0.52):
        parts.append(spot.rod((side, -0.015, radius), (side, 0.015, radius), radius, DARK))
        rim = _paint(rng)
        parts.append(spot.rod((side, -0.018, radius), (side, 0.018, radius), radius * 0.88, rim))
    corners = [(-0.52, radius), (-0.1, 0.3), (-0.2, 0.8), (0.38, 0.85), (0.52, radius)]
    for first, second in ((0, 1), (1, 2), (2, 3), (1, 3), (3, 4), (0, 2)):
        (a, low), (b, high) = corners[first], corners[second]
        parts.append(spot.rod((a, 0, low), (b, 0, high), 0.02, look))
    parts.append(spot.rod((0.36, -0.25, 0.98), (0.36, 0.25, 0.98), 0.015, DARK))
    parts.append(spot.box((-0.22, 0), (0.25, 0.12, 0.06), 0.85, DARK))
    return parts


def _barrier(rng: np.random.Generator, spot: Spot) -> list[Solid]:
    """Posts with belts that keep a queue in order, sometimes round a corner; or a crowd barrier."""
    look, belt = (DARK if rng.random() < 0.5 else _paint(rng)), _bright(rng)
    if rng.random() < 0.4:
        width, bars = rng.uniform(1.5, 2.3), int(rng.integers(5, 10))
        frame = [
            ((-1, 0.0), (-1, 1.05)),
            ((1, 0.0), (1, 1.05)),
            ((-1, 1.05), (1, 1.05)),
            ((-1, 0.2), (1, 0.2)),
        ]
        parts: list[Solid] = [
            spot.rod((a * width / 2, 0, low), (b * width / 2, 0, high), 0.025, look)
            for (a, low), (b, high) in frame
        ]
        for right in np.linspace(-0.45, 0.45, bars) * width:
            parts.append(spot.box((float(right), 0), (0.02, 0.02, 0.85), 0.2, look))
        return parts
    gap, count = rng.uniform(1.2, 1.9), int(rng.integers(2, 5))
    bend = int(rng.integers(1, 4))
    points = [(gap * min(i, bend), gap * max(0, i - bend)) for i in range(count)]
    parts = []
    for right, ahead in points:
        parts.append(spot.rod((right, ahead, 0), (right, ahead, 0.98), 0.03, look))
        parts.append(spot.rod((right, ahead, 0), (right, ahead, 0.03), 0.17, look))
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        size = (abs(x1 - x0) + 0.01, abs(y1 - y0) + 0.01, 0.06)
        parts.append(spot.box(((x0 + x1) / 2, (y0 + y1) / 2), size, 0.88, belt))
    return parts


Maker = Callable[[np.random.Generator, Spot], list[Solid]]
KINDS: tuple[Maker, ...] = (
    _tripod, _post, _sign, _cone, _heap, _bag, _rack, _bush, _tree, _dummy, _parasol, _bicycle, _barrier
)  # fmt: skip
SHARES = (0.12, 0.14, 0.13, 0.08, 0.1, 0.08, 0.06, 0.06, 0.06, 0.04, 0.03, 0.04, 0.06)
"""How often each kind is drawn."""

OUTDOOR_KINDS = (_cone, _bush, _tree, _parasol)
"""Kinds that rooms and halls do without."""
