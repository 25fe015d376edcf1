"""What stands about in a scene, drawn so that nobody stands inside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.clutter import draw_clutter, draw_stain
from pandanet_core.crowd.scenes.furniture import INDOORS, KINDS, draw_house, draw_room, draw_thing
from pandanet_core.crowd.scenes.scene import Box, Solid, Turned, View

Floats = NDArray[np.floating[Any]]

CLEAR_M = 0.45
"""Room that every person keeps from furniture."""

CLEAR_OF_CLUTTER_M = 0.15
"""Small things may stand closer: people lean on posts and step round bags."""

LARGE = ("car", "wall")
NEAREST_LARGE_M = 7.0
"""Large things stand at least this far from the camera, or they would hide everybody."""

EMPTY_REACH_M = 20.0
"""How far things stand about where nobody is."""

MOST_FURNITURE, MOST_CLUTTER, MOST_STAINS = 8, 14, 7
CLUTTERED_SHARE = 0.75
"""How many places are strewn with small things; the others hold none."""


def furnish(rng: np.random.Generator, view: View, places: Floats, indoors: bool) -> list[Solid]:
    """Furniture and small things among people at places (N, 2), houses or walls behind them."""
    eye, ahead = view.eye[:2], view.rotation[2, :2] / np.linalg.norm(view.rotation[2, :2])
    aside = np.array([ahead[1], -ahead[0]])
    half_view = np.arctan(view.camera.width / 2 / view.camera.fx)

    def somewhere(nearest: float, furthest: float) -> tuple[float, float]:
        distance, angle = rng.uniform(nearest, furthest), rng.uniform(-1.15, 1.15) * half_view
        place = eye + distance * (np.cos(angle) * ahead + np.sin(angle) * aside)
        return float(place[0]), float(place[1])

    reach = float(np.linalg.norm(places - eye, axis=1).max()) if len(places) else EMPTY_REACH_M
    nearest = min(2.5, 0.6 * reach)
    furthest = max(nearest + 1, 1.2 * reach)
    kept_clear = np.concatenate([places, eye[None]])
    solids: list[Solid] = []
    if indoors:
        solids += draw_room(rng, float(eye[0]), float(eye[1]), reach + rng.uniform(1.0, 5.0))
    else:
        for _ in range(int(rng.integers(0, 9))):
            house = draw_house(rng, *somewhere(max(22.0, reach + 14), reach + 70))
            if is_clear([house], places, CLEAR_M):
                solids.append(house)
        for _ in range(int(rng.integers(0, MOST_STAINS))):
            solids.append(draw_stain(rng, *somewhere(nearest, furthest)))
    for _ in range(int(rng.integers(0, MOST_FURNITURE))):
        kind = str(rng.choice(INDOORS if indoors else KINDS))
        least = NEAREST_LARGE_M if kind in LARGE else nearest
        thing = draw_thing(rng, kind, *somewhere(least, max(least + 1, furthest)))
        if is_clear(thing, kept_clear, CLEAR_M):
            solids += thing
    if rng.random() < CLUTTERED_SHARE:
        for _ in range(int(rng.integers(1, MOST_CLUTTER))):
            small = draw_clutter(rng, *somewhere(nearest, furthest))
            if is_clear(small, kept_clear, CLEAR_OF_CLUTTER_M):
                solids += small
    return solids


def is_clear(solids: Sequence[Solid], places: Floats, room_m: float) -> bool:
    """Whether no person at places (N, 2) stands within room_m of a solid, seen from above."""
    return not any(_distances(solid, places).min(initial=np.inf) < room_m for solid in solids)


def _distances(solid: Solid, places: Floats) -> Floats:
    """How far places (N, 2) lie from a solid's shadow at noon: a rectangle, or a thick segment."""
    if isinstance(solid, Turned):
        start, end = np.array(solid.start[:2]), np.array(solid.end[:2])
        length = max(float(np.sum((end - start) ** 2)), 1e-12)
        share = np.clip((places - start) @ (end - start) / length, 0, 1)[:, None]
        gap: Floats = np.linalg.norm(places - start - share * (end - start), axis=1)
        return gap - max(solid.radii)
    return _distances_to_box(solid, places)


def _distances_to_box(box: Box, places: Floats) -> Floats:
    sine, cosine = np.sin(box.yaw_rad), np.cos(box.yaw_rad)
    offset = places - (box.x, box.y)
    along = np.abs(offset @ (cosine, sine)) - box.half_width
    across = np.abs(offset @ (-sine, cosine)) - box.half_depth
    distance: Floats = np.maximum(along, across)
    return distance
