"""Things that stand about and hide people: houses, pillars, walls, benches, tables, bins."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.scene import Box, Surface
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]

PLAIN, TILES, WINDOWS, PLANKS = range(4)
SEAT_HEIGHT_M, SEAT_DEPTH_M = (0.25, 0.65), 0.11
"""Heights of seats, and how far a seat lies below the hip joints of who sits on it."""

KINDS = ("pillar", "bin", "wall", "bench", "table", "board", "planter")
INDOORS = ("pillar", "bin", "bench", "table", "table")


def draw_surface(rng: np.random.Generator, dark: float, bright: float, pattern: int) -> Surface:
    """Random albedos between two brightnesses."""
    cast = rng.uniform(0.85, 1.1, 3)
    first, second = (
        tuple(float(c) for c in rng.uniform(dark, bright) * cast * rng.uniform(0.95, 1.05, 3))
        for _ in range(2)
    )
    return Surface(first, second, pattern, float(rng.choice([0.5, 1.0, 1.6, 3.0])))  # type: ignore[arg-type]


def draw_paint(rng: np.random.Generator) -> Surface:
    """Car paint: mostly white, grey or black, sometimes a colour."""
    colour = rng.uniform(0.02, 0.7) * (
        rng.uniform(0.1, 1.0, 3) if rng.random() < 0.4 else np.ones(3)
    )
    paint = (float(colour[0]), float(colour[1]), float(colour[2]))
    return Surface(paint, paint, PLAIN)


def draw_ground(rng: np.random.Generator, indoors: bool) -> Surface:
    """Asphalt, paving, planks, grass or sand."""
    if not indoors and rng.random() < 0.15:
        shade = rng.uniform(0.5, 1.3)
        return Surface(
            (0.05 * shade, 0.10 * shade, 0.03 * shade),
            (0.12 * shade, 0.17 * shade, 0.05 * shade),
            PLAIN,
        )
    pattern = int(
        rng.choice([PLAIN, TILES, PLANKS], p=[0.2, 0.3, 0.5] if indoors else [0.5, 0.45, 0.05])
    )
    return draw_surface(rng, 0.04, 0.5 if indoors else 0.35, pattern)


def draw_thing(rng: np.random.Generator, kind: str, x: float, y: float) -> list[Box]:
    """One piece of furniture at a place on the ground, turned anyhow."""
    yaw = rng.uniform(0, np.pi)
    surface = draw_surface(rng, 0.03, 0.7, int(rng.choice([PLAIN, PLANKS, TILES])))

    def box(dx: float, dy: float, size: tuple[float, float, float], bottom: float = 0.0) -> Box:
        along, across = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        at = np.array([x, y]) + dx * along + dy * across
        return Box(
            float(at[0]),
            float(at[1]),
            size[0] / 2,
            size[1] / 2,
            bottom,
            bottom + size[2],
            yaw,
            surface,
        )

    match kind:
        case "pillar":
            thickness = rng.uniform(0.1, 0.6)
            return [box(0, 0, (thickness, thickness, rng.uniform(2.2, 5.0)))]
        case "bin":
            return [
                box(0, 0, (rng.uniform(0.3, 0.6), rng.uniform(0.3, 0.6), rng.uniform(0.6, 1.1)))
            ]
        case "wall":
            return [box(0, 0, (rng.uniform(1.0, 4.0), 0.2, rng.uniform(0.4, 1.3)))]
        case "bench":
            length = rng.uniform(1.2, 2.2)
            legs = [box(s * length * 0.4, 0, (0.08, 0.4, 0.42)) for s in (-1, 1)]
            return [
                *legs,
                box(0, 0, (length, 0.45, 0.06), 0.42),
                box(0, 0.22, (length, 0.05, 0.35), 0.5),
            ]
        case "table":
            length, width = rng.uniform(0.7, 2.0), rng.uniform(0.6, 0.9)
            corners = [(s * length * 0.45, t * width * 0.42) for s in (-1, 1) for t in (-1, 1)]
            return [
                *(box(*c, (0.06, 0.06, 0.72)) for c in corners),
                box(0, 0, (length, width, 0.05), 0.72),
            ]
        case "board":
            return [box(s * 0.6, 0, (0.07, 0.07, 2.1)) for s in (-1, 1)] + [
                box(0, 0, (1.3, 0.06, 1.1), 1.0)
            ]
        case _:
            return [
                box(0, 0, (rng.uniform(0.5, 1.6), rng.uniform(0.5, 0.9), rng.uniform(0.3, 0.7)))
            ]


def draw_house(rng: np.random.Generator, x: float, y: float) -> Box:
    """A house far behind the people."""
    surface = draw_surface(rng, 0.05, 0.6, int(rng.choice([WINDOWS, WINDOWS, PLAIN])))
    half = rng.uniform(4, 12), rng.uniform(4, 9)
    return Box(x, y, half[0], half[1], 0.0, rng.uniform(5, 25), rng.uniform(0, np.pi), surface)


def seats_under(rng: np.random.Generator, joints: Floats) -> list[Box]:
    """A stool for everybody of N people, joints (N, 22, 3) m, who sits in the air."""
    hips, knees, ankles = (
        joints[:, [JTA22.index(f"{side} {joint}") for side in ("left", "right")]].mean(1)
        for joint in ("hip", "knee", "ankle")
    )
    low, high = SEAT_HEIGHT_M
    sits = (hips[:, 2] - knees[:, 2] < 0.18) & (knees[:, 2] - ankles[:, 2] > 0.25)
    sits &= (hips[:, 2] > low + SEAT_DEPTH_M) & (hips[:, 2] < high + SEAT_DEPTH_M)
    return [
        Box(
            float(hip[0]),
            float(hip[1]),
            rng.uniform(0.15, 0.25),
            rng.uniform(0.15, 0.25),
            0.0,
            float(hip[2]) - SEAT_DEPTH_M,
            rng.uniform(0, np.pi),
            draw_surface(rng, 0.03, 0.6, PLAIN),
        )
        for hip in hips[sits]
    ]
