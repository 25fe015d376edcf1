"""A bench under people who sit side by side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.performance import skins_of
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.rotations import about_z
from pandanet_core.crowd.scenes.films.actors import Stayer, direction
from pandanet_core.crowd.scenes.places.furniture import PLAIN, PLANKS, SEAT_DEPTH_M, draw_surface
from pandanet_core.crowd.scenes.scene import Box, Person, Solid, joints_of
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]

THICK_M, DEEP_M, BEYOND_M = 0.05, 0.42, 0.35
BACKREST_M = 0.4


def bench_under(
    rng: np.random.Generator, cast: Cast, sitters: list[Stayer], characters: list[int]
) -> list[Solid]:
    """Seat, legs and perhaps a backrest where N people, all facing the same way, sit the deepest."""
    hips = np.stack(
        [_seat_of(cast, sitter, who) for sitter, who in zip(sitters, characters, strict=True)]
    )
    facing = sitters[0].heading_rad
    ahead, aside = direction(facing), direction(facing + np.pi / 2)
    along = hips[:, :2] @ aside
    centre = aside * (along.max() + along.min()) / 2 + ahead * (hips[:, :2] @ ahead).mean()
    half = float(np.ptp(along)) / 2 + BEYOND_M
    top = float(hips[:, 2].min()) - SEAT_DEPTH_M
    surface = draw_surface(rng, 0.04, 0.6, int(rng.choice([PLAIN, PLANKS])))

    def box(at: Floats, size: tuple[float, float], bottom: float, height: float) -> Box:
        x, y = (float(value) for value in at)
        half_size = size[0] / 2, size[1] / 2
        return Box(x, y, *half_size, bottom, bottom + height, facing, surface)

    solids: list[Solid] = [box(centre, (2 * half, DEEP_M), top - THICK_M, THICK_M)]
    for side in (-1, 1):
        solids.append(box(centre + side * 0.8 * half * aside, (0.07, 0.36), 0.0, top - THICK_M))
    if rng.random() < 0.6:
        behind = centre - (DEEP_M / 2 + 0.06) * ahead
        solids.append(box(behind, (2 * half, 0.04), top + 0.08, BACKREST_M))
    return solids


def _seat_of(cast: Cast, sitter: Stayer, who: int) -> Floats:
    """Between the hip joints (3,) when they are lowest, in the world."""
    frame = int(sitter.played.places[:, 2].argmin())
    turn = about_z(sitter.heading_rad)
    parts = (turn @ sitter.played.parts[frame])[None]
    place = np.append(sitter.point, 0) + turn @ sitter.played.places[frame]
    skin = skins_of(cast.rig, [cast.characters[who]], parts, place[None])[0]
    joints = joints_of([Person(who, skin, np.ones((6, 4)), 1)], cast.characters)[0]
    hips = [JTA22.index(f"{side} hip") for side in ("left", "right")]
    return np.asarray(joints[hips].mean(0))
