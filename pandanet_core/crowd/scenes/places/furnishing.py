"""What stands about in a scene, drawn so that nobody stands inside it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.scenes.places.clutter import Spot, draw_clutter, draw_stain
from pandanet_core.crowd.scenes.places.fixtures import Thing, parked_car
from pandanet_core.crowd.scenes.places.furniture import INDOORS, KINDS, draw_house, draw_thing
from pandanet_core.crowd.scenes.places.kinds import (
    OUTDOORS,
    PlaceKind,
    field,
    hall,
    room,
    square,
    street,
)
from pandanet_core.crowd.scenes.places.rooms import Room
from pandanet_core.crowd.scenes.scene import Box, Solid, Turned, View

Floats = NDArray[np.floating[Any]]

CLEAR_M = 0.45
"""Room that every person keeps from furniture."""

CLEAR_OF_CLUTTER_M = 0.15
"""Small things may stand closer: people lean on posts and step round bags."""

MOST_HIDDEN, TALL_M = 0.3, 1.0
"""Share of the people whom things taller than TALL_M may stand before."""

FLAT_M, OVERHEAD_M = 0.01, 2.3
MOST_VERTICES = 60_000
"""The renderer's buffer holds 72,000."""

LARGE = ("wall",)
NEAREST_LARGE_M = 7.0
"""Large things stand at least this far from the camera, or they would hide everybody."""

EMPTY_REACH_M = 20.0
"""How far things stand about where nobody is."""

MOST_FURNITURE, MOST_CARS, MOST_CLUTTER, MOST_STAINS = 8, 3, 14, 7
CLUTTERED_SHARE = 0.75
"""How many places are strewn with small things; the others hold none."""


def furnish(
    rng: np.random.Generator,
    view: View,
    places: Floats,
    kind: PlaceKind,
    built: Room | None = None,
    eyes: Floats | None = None,
) -> list[Solid]:
    """Furniture and small things among people, and what the place consists of.

    Nobody stands inside anything, and what stands about hides few people altogether.

    Args:
        view: What the things are put into.
        places: (N, 2) where people are at any time, m.
        kind: Of place.
        built: The room of a wished size that rooms and halls are; one round everybody if None.
        eyes: (T, 3) where the camera of a film goes.
    """
    eye, ahead = view.eye[:2], view.rotation[2, :2] / np.linalg.norm(view.rotation[2, :2])
    aside = np.array([ahead[1], -ahead[0]])
    half_view = np.arctan(view.camera.width / 2 / view.camera.fx)

    def somewhere(nearest: float, furthest: float) -> tuple[float, float]:
        distance, angle = rng.uniform(nearest, furthest), rng.uniform(-1.15, 1.15) * half_view
        place = eye + distance * (np.cos(angle) * ahead + np.sin(angle) * aside)
        return float(place[0]), float(place[1])

    reach = float(np.linalg.norm(places - eye, axis=1).max()) if len(places) else EMPTY_REACH_M
    nearest = min(2.5, 0.6 * reach)
    # Most of what people do things around is near, however far the last of them stand.
    furthest = max(nearest + 1, min(1.2 * reach, rng.uniform(12, 60)))
    roofed = kind not in OUTDOORS
    plot = _Plot(places, view, view.eye[None] if eyes is None else eyes)
    if built is not None and roofed:
        plot.add_all(_walls(rng, kind, built, float(view.eye[2])), 0.0)
    else:
        plot.add_all(_place(rng, kind, view, ahead, plot, reach), CLEAR_M)
    if kind == "open":
        for _ in range(int(rng.integers(0, 9))):
            plot.add([draw_house(rng, *somewhere(max(22.0, 0.5 * reach), reach + 70))], CLEAR_M)
    if kind in ("open", "square"):
        for _ in range(int(rng.integers(0, MOST_CARS + 1))):
            x, y = somewhere(NEAREST_LARGE_M, max(NEAREST_LARGE_M + 1, furthest))
            plot.add(parked_car(rng, Spot(x, y, rng.uniform(0, 2 * np.pi)), 0, 0), CLEAR_M)
        plot.solids += [
            draw_stain(rng, *somewhere(nearest, furthest))
            for _ in range(int(rng.integers(0, MOST_STAINS)))
        ]
    for _ in range(int(rng.integers(0, MOST_FURNITURE))):
        name = str(rng.choice(INDOORS if roofed else KINDS))
        least = NEAREST_LARGE_M if name in LARGE else nearest
        at = somewhere(least, max(least + 1, furthest))
        plot.add(draw_thing(rng, name, *at), CLEAR_M)
    if rng.random() < CLUTTERED_SHARE:
        for _ in range(int(rng.integers(1, MOST_CLUTTER))):
            small = draw_clutter(rng, *somewhere(nearest, furthest), roofed)
            plot.add(small, CLEAR_OF_CLUTTER_M)
    return plot.solids


def _place(
    rng: np.random.Generator,
    kind: PlaceKind,
    view: View,
    ahead: Floats,
    plot: "_Plot",
    reach: float,
) -> list[Thing]:
    """What a kind of place consists of, along an axis near the direction of view."""
    yaw = float(np.arctan2(-ahead[0], ahead[1])) + rng.uniform(-0.5, 0.5)
    spot = Spot(float(view.eye[0]), float(view.eye[1]), yaw)
    match kind:
        case "street":
            start = spot.at(rng.uniform(-6, 6), 0, 0)
            return street(rng, Spot(start[0], start[1], yaw), reach)
        case "square":
            return square(rng, spot, reach)
        case "field":
            return field(rng, spot, reach)
        case "hall":
            return hall(rng, spot, plot.bounds(spot, rng.uniform(1.5, 12, 4)), float(view.eye[2]))
        case "room":
            return room(rng, spot, plot.bounds(spot, rng.uniform(0.6, 2.5, 4)), float(view.eye[2]))
        case _:
            return []


def _walls(rng: np.random.Generator, kind: PlaceKind, built: Room, eye_m: float) -> list[Thing]:
    """A room or hall of a given size."""
    spot = Spot(float(built.corner[0]), float(built.corner[1]), built.heading_rad)
    return (hall if kind == "hall" else room)(rng, spot, built.bounds, eye_m)


class _Plot:
    """The solids of a place so far, and the people who must stay free and in sight."""

    def __init__(self, places: Floats, view: View, eyes: Floats) -> None:
        self.solids: list[Solid] = []
        self._places, self._eye = places, view.eye[:2]
        self._clear = np.concatenate([places, eyes[:, :2]])
        steps = np.linspace(0.1, 0.95, 12)[:, None, None]
        self._sights = (self._eye + steps * (places - self._eye)).reshape(-1, 2)
        self._eye_m, self._hidden = float(view.eye[2]), np.zeros(len(places), bool)
        self._vertices = 0

    def add_all(self, things: Sequence[Thing], room_m: float) -> None:
        """Add every thing that fits by itself."""
        for thing in things:
            self.add(thing, room_m)

    def add(self, thing: Sequence[Solid], room_m: float) -> None:
        """Add a thing unless somebody would stand in it, or it hides too many, or it is one too many."""
        standing = [solid for solid in thing if not _is_flat(solid) and not _is_overhead(solid)]
        vertices = self._vertices + sum(map(_vertices, thing))
        if vertices > MOST_VERTICES or not is_clear(standing, self._clear, room_m):
            return
        hidden = self._hidden.copy()
        for solid in standing:
            if _top(solid) > TALL_M and len(self._places):
                inside = _distances(solid, self._sights).reshape(-1, len(self._places)) < 0
                # From high up people are seen over what stands before them.
                hidden |= inside.any(0) & (_top(solid) > 0.5 * self._eye_m)
        if hidden.sum() > max(self._hidden.sum(), MOST_HIDDEN * len(self._places)):
            return
        self._hidden, self._vertices = hidden, vertices
        self.solids += thing

    def bounds(self, spot: Spot, margins: Floats) -> tuple[float, float, float, float]:
        """Left, right, near and far of a rectangle in a spot's frame round everybody and the camera."""
        sine, cosine = np.sin(spot.yaw_rad), np.cos(spot.yaw_rad)
        offset = self._clear - (spot.x, spot.y)
        right, ahead = offset @ (cosine, sine), offset @ (-sine, cosine)
        return (
            float(right.min() - margins[0]),
            float(right.max() + margins[1]),
            float(ahead.min() - margins[2]),
            float(ahead.max() + margins[3]),
        )


def _top(solid: Solid) -> float:
    return solid.top if isinstance(solid, Box) else max(solid.start[2], solid.end[2])


def _is_flat(solid: Solid) -> bool:
    """Painted on the ground."""
    return isinstance(solid, Box) and solid.top < FLAT_M


def _is_overhead(solid: Solid) -> bool:
    """A ceiling, or a lamp under it: people walk below."""
    return isinstance(solid, Box) and solid.bottom > OVERHEAD_M


def _vertices(solid: Solid) -> int:
    """Vertices that the renderer makes of a solid (drawing/geometry_gl.py), at most."""
    return 36 if isinstance(solid, Box) else 60 * (len(solid.radii) + 1)


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
