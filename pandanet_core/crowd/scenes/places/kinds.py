"""Kinds of place: streets, squares, sports fields, halls, rooms. Each is made of things on a plan.

A thing is a list of solids that stands or falls together: furnishing.py leaves out the things that
somebody would stand in, or that would hide too many people.
"""

from itertools import pairwise
from typing import Literal

import numpy as np

from pandanet_core.crowd.scenes.places.clutter import WHITE, Spot
from pandanet_core.crowd.scenes.places.fixtures import (
    Thing,
    avenue_tree,
    ceiling_lamps,
    fence,
    goal,
    ground_strip,
    house,
    lamp_post,
    monument,
    painted_circle,
    painted_line,
    parked_car,
    shrub,
    spectators_stand,
)
from pandanet_core.crowd.scenes.places.furniture import (
    PLAIN,
    PLANKS,
    TILES,
    draw_surface,
)
from pandanet_core.crowd.scenes.scene import Surface
from pandanet_core.crowd.settings import CrowdSettings

PlaceKind = Literal["open", "street", "square", "field", "hall", "room"]

OUTDOORS: tuple[PlaceKind, ...] = ("open", "street", "square", "field")
_SHARES = {"open": 0.34, "street": 0.24, "square": 0.16, "field": 0.14, "hall": 0.12}
_LONGEST_M = 110.0
"""Nothing is built along a street or a hall further away than this."""

_ASPHALT = 0.05, 0.16


def draw_kind(rng: np.random.Generator, settings: CrowdSettings) -> PlaceKind:
    """Rooms for few people close by; for crowds all other kinds, or halls where rooms are wished."""
    if settings.preset == "panoptic":
        return "room"
    if settings.room_m is not None:
        return "hall"
    kinds: list[PlaceKind] = ["open", "street", "square", "field", "hall"]
    if settings.light == "rain":
        kinds.remove("hall")
    shares = np.array([_SHARES[kind] for kind in kinds])
    return kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]


def street(rng: np.random.Generator, spot: Spot, reach: float) -> list[Thing]:
    """A road ahead with kerbs, rows of houses, lamps, trees and parked cars on both sides."""
    half, pavement = rng.uniform(3, 5), rng.uniform(2.5, 9)
    end = min(reach + 40, _LONGEST_M)
    road = draw_surface(rng, *_ASPHALT, PLAIN)
    things: list[Thing] = [[ground_strip(spot, 0.0, (-10, end), 2 * half, 0.003, road)]]
    things += [
        [ground_strip(spot, 0.0, (start, start + 3), 0.15, 0.006, WHITE)]
        for start in np.arange(-4, min(end, 70), 9).tolist()
    ]
    stone = draw_surface(rng, 0.2, 0.5, PLAIN)
    beat, lamp_m, plants = rng.uniform(14, 28), rng.uniform(4, 8), rng.random() < 0.5
    for side in (-1.0, 1.0):
        for start in np.arange(-8, min(end, 60), 12).tolist():
            kerb = spot.box((side * (half + 0.1), start + 6), (0.2, 12, 0.14), -0.01, stone)
            things.append([kerb])
        for ahead in np.arange(rng.uniform(0, beat), min(end, 80), beat).tolist():
            things.append(lamp_post(spot, side * (half + 0.6), ahead, lamp_m, -side))
            if plants:
                things.append(avenue_tree(rng, spot, side * (half + 1.2), ahead + beat / 2))
        things += _row_of_houses(rng, spot, side, half + pavement, end)
        for ahead in np.arange(4, min(end, 60), 6.5).tolist():
            if rng.random() < 0.25:
                things.append(parked_car(rng, spot, side * (half - 1.2), ahead))
    return things


def square(rng: np.random.Generator, spot: Spot, reach: float) -> list[Thing]:
    """A wide place between houses, with a monument on steps, benches, planters and lamps."""
    radius = rng.uniform(0.6, 1.1) * reach + rng.uniform(8, 20)
    centre = Spot(*spot.at(0, reach / 2, 0)[:2], spot.yaw_rad)
    things: list[Thing] = []
    count = int(rng.integers(5, 12))
    for angle in (np.arange(count) / count * 2 * np.pi + rng.uniform(0, 1)).tolist():
        away = rng.uniform(1, 1.4) * radius
        foot = centre.at(away * np.sin(angle), away * np.cos(angle), 0)
        facing = Spot(foot[0], foot[1], centre.yaw_rad - angle)
        things.append(house(rng, facing, rng.uniform(8, 24), rng.uniform(8, 14)))
    if rng.random() < 0.6:
        things.append(monument(rng, Spot(*_beside(rng, centre, 0.3 * reach), centre.yaw_rad)))
    planter = draw_surface(rng, 0.1, 0.6, int(rng.choice([PLAIN, PLANKS])))
    gap, lamp_m = rng.uniform(5, 12), rng.uniform(3, 6)
    for row in np.arange(-1.5, 2) * gap:
        for column in np.arange(-1.5, 2) * gap:
            at = Spot(*centre.at(float(column), float(row), 0)[:2], centre.yaw_rad)
            if rng.random() < 0.35:
                things.append([at.box((0, 0), (1.2, 1.2, 0.5), 0, planter), shrub(rng, at)])
            elif rng.random() < 0.3:
                things.append(lamp_post(at, 0, 0, lamp_m, 1.0))
    return things


def field(rng: np.random.Generator, spot: Spot, reach: float) -> list[Thing]:
    """A pitch: lines on the ground, two goals, masts, a stand with steps, a fence."""
    wide, long = (rng.uniform(14, 20), rng.uniform(26, 36))
    if reach > 35 or rng.random() < 0.4:
        wide, long = rng.uniform(35, 68), rng.uniform(60, 105)
    centre = Spot(
        *_beside(rng, Spot(*spot.at(0, 0.5 * reach, 0)[:2], spot.yaw_rad), 4), spot.yaw_rad
    )
    paint = WHITE if rng.random() < 0.7 else Surface((0.7, 0.55, 0.05), (0.6, 0.5, 0.05), PLAIN)
    thick, half, end = rng.uniform(0.05, 0.14), wide / 2, long / 2
    things: list[Thing] = [
        [painted_line(centre, (-half, s * end), (half, s * end), thick, paint) for s in (-1, 0, 1)],
        [painted_line(centre, (s * half, -end), (s * half, end), thick, paint) for s in (-1, 1)],
        painted_circle(centre, wide * 0.13, thick, paint),
    ]
    box_half, box_long = wide * 0.3, long * 0.16
    for s in (-1.0, 1.0):
        front = s * (end - box_long)
        corners = [(-box_half, s * end), (-box_half, front), (box_half, front), (box_half, s * end)]
        things.append([painted_line(centre, a, b, thick, paint) for a, b in pairwise(corners)])
        things.append(goal(rng, centre, s * end, 0.05 * wide + 0.7))
        things += [lamp_post(centre, t * (half + 3), s * (end + 2), 12.0, -t) for t in (-1.0, 1.0)]
    things.append(
        spectators_stand(rng, centre, half + rng.uniform(3, 7), long * rng.uniform(0.3, 0.9))
    )
    return things + fence(rng, centre, -half - rng.uniform(2, 5), long)


def hall(
    rng: np.random.Generator, spot: Spot, bounds: tuple[float, float, float, float], eye_m: float
) -> list[Thing]:
    """A large roofed place: walls, a grid of pillars, rows of lamps under the ceiling, a door."""
    height = max(rng.uniform(4, 11), eye_m + 0.7)
    things = [*walled(rng, spot, bounds, height)]
    left, right, near, far = bounds
    pillar, gap = draw_surface(rng, 0.2, 0.7, PLAIN), rng.uniform(6, 14)
    thick, round_ = rng.uniform(0.3, 0.8), rng.random() < 0.5
    if rng.random() < 0.6:
        for column in np.arange(left + gap / 2, right, gap).tolist():
            for row in np.arange(near + gap / 2, min(far, 60), gap).tolist():
                shape = spot.box((column, row), (thick, thick, height), 0, pillar)
                bar = spot.rod((column, row, 0), (column, row, height), thick / 2, pillar)
                things.append([bar if round_ else shape])
    return things + [ceiling_lamps(rng, spot, bounds, height, 5.0)]


def room(
    rng: np.random.Generator, spot: Spot, bounds: tuple[float, float, float, float], eye_m: float
) -> list[Thing]:
    """Walls with pictures, a door and windows, a skirting, a ceiling with lamps."""
    height = max(rng.uniform(2.4, 3.6), eye_m + 0.3)
    left, right, near, far = bounds
    wood = draw_surface(rng, 0.1, 0.6, PLANKS)
    decor: Thing = []
    for _ in range(int(rng.integers(1, 6))):
        across = rng.uniform(left + 0.8, max(left + 0.9, right - 0.8))
        along = rng.uniform(near + 0.8, max(near + 0.9, far - 0.8))
        size, low = rng.uniform(0.4, 1.6, 2), rng.uniform(0.9, 1.6)
        look, thin = draw_surface(rng, 0.05, 0.8, int(rng.choice([PLAIN, TILES]))), 0.04
        if rng.random() < 0.25:
            look, low, size = wood, 0.0, np.array([0.95, 2.05])
        elif rng.random() < 0.3:
            look = Surface((1.4, 1.5, 1.7), (1.1, 1.2, 1.3), PLAIN)  # a window, bright
        on = int(rng.integers(3))
        tall = float(min(size[1], height - low - 0.1))
        if on == 0:
            decor.append(spot.box((across, far - thin), (float(size[0]), thin, tall), low, look))
        else:
            side = left + thin if on == 1 else right - thin
            decor.append(spot.box((side, along), (thin, float(size[0]), tall), low, look))
    lamps = ceiling_lamps(rng, spot, bounds, height, 2.4)
    return [*walled(rng, spot, bounds, height), decor, lamps]


def walled(
    rng: np.random.Generator, spot: Spot, bounds: tuple[float, float, float, float], height: float
) -> list[Thing]:
    """Four walls of a rectangle (left, right, near, far), m in the spot's frame, and a ceiling."""
    left, right, near, far = bounds
    cast = rng.uniform(0.75, 1.15, 3) * rng.uniform(0.25, 0.8)
    first, second = (tuple(float(c) for c in cast * share) for share in (1.0, rng.uniform(0.85, 1)))
    wall = Surface(first, second, int(rng.choice([PLAIN, PLAIN, PLAIN, TILES, PLANKS])))  # type: ignore[arg-type]
    white = draw_surface(rng, 0.55, 0.85, int(rng.choice([PLAIN, PLAIN, TILES])))
    middle, length = ((left + right) / 2, (near + far) / 2), (right - left, far - near)
    other = draw_surface(rng, 0.2, 0.8, PLAIN) if rng.random() < 0.3 else wall
    return [
        [
            spot.box((left - 0.1, middle[1]), (0.2, length[1] + 0.4, height), 0, wall),
            spot.box((right + 0.1, middle[1]), (0.2, length[1] + 0.4, height), 0, wall),
            spot.box((middle[0], near - 0.1), (length[0] + 0.4, 0.2, height), 0, wall),
            spot.box((middle[0], far + 0.1), (length[0] + 0.4, 0.2, height), 0, other),
            spot.box(middle, (length[0] + 0.4, length[1] + 0.4, 0.1), height, white),
        ]
    ]


def _row_of_houses(
    rng: np.random.Generator, spot: Spot, side: float, right: float, end: float
) -> list[Thing]:
    things: list[Thing] = []
    ahead = rng.uniform(-15, 12)
    while ahead < end:
        wide = rng.uniform(7, 18)
        front = spot.at(side * (right + rng.uniform(0, 1.5)), ahead + wide / 2, 0)
        facing = Spot(front[0], front[1], spot.yaw_rad - side * np.pi / 2)
        if rng.random() < 0.85:
            things.append(house(rng, facing, wide, rng.uniform(7, 12)))
        ahead += wide + (0 if rng.random() < 0.6 else rng.uniform(1, 8))
    return things


def _beside(rng: np.random.Generator, spot: Spot, spread: float) -> tuple[float, float]:
    right, ahead = rng.normal(0, spread, 2).tolist()
    return spot.at(right, ahead, 0)[:2]
