"""What places are made of: houses, cars, lamps, trees, goals, steps, fences, painted lines."""

from itertools import pairwise

import numpy as np

from pandanet_core.crowd.scenes.places.clutter import DARK, WHITE, Spot
from pandanet_core.crowd.scenes.places.furniture import (
    PLAIN,
    PLANKS,
    TILES,
    WINDOWS,
    draw_paint,
    draw_surface,
)
from pandanet_core.crowd.scenes.scene import Box, Solid, Surface, Turned

Thing = list[Solid]
"""Solids that stand or fall together."""

GLOW = Surface((3.0, 2.9, 2.6), (3.0, 2.9, 2.6), PLAIN)
"""Lamps reflect more than falls on them: they shine."""


def house(rng: np.random.Generator, spot: Spot, wide: float, deep: float) -> Thing:
    """A house whose front is at the spot and faces it: walls, a ground floor of its own, a roof."""
    height, floor = rng.uniform(5, 22), rng.uniform(3, 4.2)
    wall = draw_surface(rng, 0.08, 0.65, int(rng.choice([WINDOWS, WINDOWS, WINDOWS, PLAIN])))
    shop = draw_surface(rng, 0.03, 0.5, int(rng.choice([PLAIN, TILES, PLANKS])))
    roof = draw_surface(rng, 0.05, 0.25, PLAIN)
    body = spot.box((0, deep / 2), (wide, deep, height), 0, wall)
    solids: Thing = [body, spot.box((0, deep / 2), (wide + 0.6, deep + 0.6, 0.35), height, roof)]
    if rng.random() < 0.6:
        solids.append(spot.box((0, deep / 2), (wide + 0.1, deep + 0.1, floor), 0, shop))
        door = spot.box((rng.uniform(-0.4, 0.4) * wide, -0.08), (1.1, 0.06, 2.1), 0, DARK)
        solids.append(door)
    return solids


def fence(rng: np.random.Generator, spot: Spot, right: float, long: float) -> list[Thing]:
    """Posts with rails between them along a line ahead, a thing for each 4 m."""
    height, gap = rng.uniform(0.9, 2.2), 4.0
    look = draw_surface(rng, 0.05, 0.6, PLAIN)
    rails = np.linspace(0.3, height, int(rng.integers(2, 5))).tolist()
    return [
        [
            spot.rod((right, start, 0), (right, start, height + 0.1), 0.04, look),
            *(spot.rod((right, start, up), (right, start + gap, up), 0.02, look) for up in rails),
        ]
        for start in np.arange(-min(long, 60) / 2, min(long, 60) / 2, gap).tolist()
    ]


def parked_car(rng: np.random.Generator, spot: Spot, right: float, ahead: float) -> Thing:
    """A car or a van along the road."""
    paint, van = draw_paint(rng), rng.random() < 0.25
    glass = Surface((0.03, 0.03, 0.04), (0.04, 0.045, 0.05), PLAIN)
    at = Spot(*spot.at(right, ahead, 0)[:2], spot.yaw_rad)
    roof_m, cabin_m = (2.0, 4.0) if van else (1.42, 2.5)
    solids: Thing = [
        at.box((0, 0), (1.76, 4.3, 0.5), 0.28, paint),
        at.box((0, -0.1), (1.68, 4.0, 0.12), 0.78, paint),
    ]
    layers = np.linspace(0, 1, 4)
    for low, high in pairwise(layers):
        bottom, top = (0.9 + (roof_m - 0.9) * share for share in (low, high))
        size = (1.6 - 0.3 * low, cabin_m - 0.9 * low, float(top - bottom))
        solids.append(at.box((0, -0.15), size, float(bottom), glass if high < 0.9 else paint))
    for across in (-0.8, 0.8):
        for along in (-1.35, 1.35):
            wheel = ((across - 0.1, along, 0.31), (across + 0.1, along, 0.31))
            solids.append(at.rod(*wheel, 0.31, DARK))
    return solids


def ground_strip(
    spot: Spot, right: float, span: tuple[float, float], wide: float, top: float, look: Surface
) -> Box:
    """A flat rectangle on the ground from span[0] to span[1] ahead."""
    size = (wide, span[1] - span[0], top + 0.01)
    return spot.box((right, (span[0] + span[1]) / 2), size, -0.01, look)


def painted_line(
    spot: Spot, start: tuple[float, float], end: tuple[float, float], thick: float, look: Surface
) -> Box:
    """A painted line between two points; its height depends on them, so that crossings do not flicker."""
    (x0, y0), (x1, y1) = start, end
    turn = float(np.arctan2(-(x1 - x0), y1 - y0))
    at = spot.at((x0 + x1) / 2, (y0 + y1) / 2, 0)
    top = 0.0045 + 0.002 * abs(float(np.sin(2.3 * x0 + 1.7 * y1)))
    length = float(np.hypot(x1 - x0, y1 - y0)) + thick
    return Box(at[0], at[1], thick / 2, length / 2, -0.01, top, spot.yaw_rad + turn, look)


def painted_circle(spot: Spot, radius: float, thick: float, look: Surface) -> Thing:
    """A circle of painted lines round the spot."""
    angles = np.linspace(0, 2 * np.pi, 21)
    points = [(float(radius * np.sin(a)), float(radius * np.cos(a))) for a in angles]
    return [painted_line(spot, a, b, thick, look) for a, b in pairwise(points)]


def goal(rng: np.random.Generator, spot: Spot, ahead: float, half: float) -> Thing:
    """Two posts and a bar; for basketball a mast with a board instead."""
    if rng.random() < 0.3:
        board = spot.box((0, ahead), (1.8, 0.05, 1.05), 2.9, WHITE)
        return [spot.rod((0, ahead, 0), (0, ahead, 3.4), 0.09, DARK), board]
    height = min(2.44, 0.7 * half)
    posts = [
        spot.rod((s * half, ahead, 0), (s * half, ahead, height), 0.06, WHITE) for s in (-1, 1)
    ]
    return [*posts, spot.rod((-half, ahead, height), (half, ahead, height), 0.06, WHITE)]


def spectators_stand(rng: np.random.Generator, spot: Spot, right: float, long: float) -> Thing:
    """Steps for spectators, rising away from the pitch."""
    look = draw_surface(rng, 0.15, 0.6, int(rng.choice([PLAIN, PLANKS])))
    count, rise, tread = int(rng.integers(3, 9)), rng.uniform(0.25, 0.45), rng.uniform(0.5, 0.8)
    return [
        spot.box((right + step * tread, 0), (tread, long, (step + 1) * rise), 0, look)
        for step in range(count)
    ]


def monument(rng: np.random.Generator, spot: Spot) -> Thing:
    """Three steps, a pedestal, and a column, a ball or a block on it."""
    look, foot = draw_surface(rng, 0.15, 0.6, PLAIN), rng.uniform(1.5, 3.5)
    solids: Thing = [
        spot.box((0, 0), (foot - 0.7 * step, foot - 0.7 * step, 0.16), 0.16 * step, look)
        for step in range(3)
    ]
    base, kind = 0.48 + rng.uniform(0.6, 1.6), rng.integers(3)
    solids.append(spot.box((0, 0), (foot * 0.35, foot * 0.35, base - 0.48), 0.48, look))
    if kind == 0:
        solids.append(Turned(spot.at(0, 0, base), spot.at(0, 0, base + 4), (0.35, 0.3, 0.25), look))
    elif kind == 1:
        solids.append(spot.ball((0, 0, base + 0.5), 0.55, 1.0, look))
    else:
        solids.append(spot.box((0, 0), (0.5, 0.5, rng.uniform(1.2, 3.0)), base, look))
    return solids


def lamp_post(spot: Spot, right: float, ahead: float, height: float, towards: float) -> Thing:
    """A mast with an arm to one side (towards: -1 left, 1 right) and a lamp that shines."""
    tip = right + towards * 0.12 * height
    return [
        spot.rod((right, ahead, 0), (right, ahead, height), 0.05 + 0.004 * height, DARK),
        spot.rod((right, ahead, height), (tip, ahead, height + 0.1), 0.04, DARK),
        spot.box((tip, ahead), (0.35, 0.2, 0.1), height, GLOW),
    ]


def avenue_tree(rng: np.random.Generator, spot: Spot, right: float, ahead: float) -> Thing:
    """A slim trunk with one round crown."""
    bark = Surface((0.08, 0.05, 0.03), (0.16, 0.12, 0.08), PLAIN, 3.0)
    at = Spot(*spot.at(right, ahead, 0)[:2], 0.0)
    trunk = rng.uniform(2.2, 3.5)
    return [
        at.rod((0, 0, 0), (0, 0, trunk + 0.6), rng.uniform(0.08, 0.2), bark),
        shrub(rng, at, trunk + 1.0, rng.uniform(1.0, 1.9)),
    ]


def shrub(rng: np.random.Generator, spot: Spot, up: float = 0.75, radius: float = 0.5) -> Turned:
    """A round bush; `up` is the height of its middle, m."""
    shade = rng.uniform(0.5, 1.5)
    dark, bright = (0.03 * shade, 0.06 * shade, 0.015), (0.1 * shade, 0.16 * shade, 0.04)
    return spot.ball((0, 0, up), radius, rng.uniform(0.8, 1.3), Surface(dark, bright, PLAIN, 3.0))


def ceiling_lamps(
    rng: np.random.Generator,
    spot: Spot,
    bounds: tuple[float, float, float, float],
    height: float,
    gap: float,
) -> Thing:
    """Rows of shining lamps under a ceiling, every `gap` m, at most eight by eight."""
    left, right, near, far = bounds
    long = rng.uniform(0.3, 1.6)
    return [
        spot.box((column, row), (0.25, long, 0.06), height - 0.07, GLOW)
        for column in np.arange(left + gap / 2, right, gap).tolist()[:8]
        for row in np.arange(near + gap / 2, far, gap).tolist()[:8]
    ]
