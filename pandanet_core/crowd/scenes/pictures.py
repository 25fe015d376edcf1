"""Drawing lots for independent pictures: who stands where, seen how."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.performance import perform, skins_of
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import DYED, Material
from pandanet_core.crowd.rotations import about_z
from pandanet_core.crowd.scenes.light import draw_light
from pandanet_core.crowd.scenes.places.furnishing import furnish
from pandanet_core.crowd.scenes.places.furniture import draw_ground, seats_under
from pandanet_core.crowd.scenes.places.kinds import OUTDOORS, draw_kind
from pandanet_core.crowd.scenes.places.rooms import Room, room_before
from pandanet_core.crowd.scenes.scene import Person, Scene, View, joints_of
from pandanet_core.crowd.scenes.sky import draw_sky
from pandanet_core.crowd.scenes.viewpoints import (
    ADULT_M,
    FURTHEST_M,
    draw_view,
    log_uniform,
    power_law,
    stand_at,
    upright_boxes,
)
from pandanet_core.crowd.settings import LARGEST_COVER, CrowdSettings
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]

CUT_SHARE = {"jta": 0.13, "panoptic": 0.3}
"""How many people the frame may cut."""

CROWDING = {"jta": 1.8, "panoptic": 1.0}
"""From 1 on, larger numbers make small groups more frequent than crowds; 0-60 people are 21 on
average, as in JTA."""

KEPT_CUT, LEAST_JOINTS = 0.8, 5
"""Poses reach further than upright boxes: of people cut after all, so many stay, with so many joints."""

SPARE = 6
"""One more place for so many people: some poses reach too far out of the picture."""

VIEWS = 20
"""Views tried until one has room for the fewest people that are wished."""

GROUP_CHANCE = 0.3
APART_M, TOUCHING_M = 0.42, (0.42, 0.9)
NEAREST_M = 0.8
"""Nobody's place is nearer to the camera."""

ATTEMPTS = 4
"""Places tried for each person that is wanted."""

STEEPNESS = {"jta": (1.0, 2.0), "panoptic": (0.8, 1.2)}
"""How much small people outnumber tall ones, as the exponent of a power law, drawn for each picture:
1 is as many in every octave; people all over level ground would have 3."""

HAIR_COLOURS = (
    (0.25, 0.2, 0.18),
    (0.6, 0.45, 0.35),
    (1.1, 1.0, 0.8),
    (0.9, 0.5, 0.35),
    (0.12, 0.11, 0.11),
    (1.0, 1.0, 1.0),
)
_CANDIDATES = 600


@dataclass(frozen=True)
class World:
    """What scenes are made from."""

    cast: Cast
    clips: list[Clip]
    skies: list[str]


def draw_scene(rng: np.random.Generator, settings: CrowdSettings, world: World) -> Scene:
    """One random scene; as many people are in the picture as are wished, unless no view of VIEWS
    has room for them."""
    view, people = _draw_view_with_people(rng, settings, world)
    joints = joints_of(people, world.cast.characters)
    pelvis = joints[:, JTA22.index("spine 4"), :2]
    kind = draw_kind(rng, settings)
    roofed = kind not in OUTDOORS
    room = None if settings.room_m is None else room_before(view, settings.room_m)
    return Scene(
        view=view,
        people=people,
        solids=[*furnish(rng, view, pelvis, kind, room), *seats_under(rng, joints)],
        ground=draw_ground(rng, roofed),
        sky=draw_sky(rng, world.skies, roofed),
        exposure=float(rng.uniform(0.6, 1.6)),
        light=draw_light(rng, roofed, settings.light),
        roofed=roofed,
    )


def _draw_view_with_people(
    rng: np.random.Generator, settings: CrowdSettings, world: World
) -> tuple[View, list[Person]]:
    """A view with enough people in it, or the one with the most; UserError where nobody fits."""
    best: tuple[View, list[Person]] | None = None
    fewest, most = settings.people
    for _ in range(VIEWS):
        view = draw_view(rng, settings)
        count = round(fewest + (most - fewest) * rng.random() ** CROWDING[settings.preset])
        places = _choose_places(rng, settings, view, count + count // SPARE)
        people = _populate(rng, settings, world, view, places)[:count]
        if best is None or len(people) > len(best[1]):
            best = view, people
        if len(people) >= fewest:
            return best
    if best is None or not best[1]:
        low, high = settings.height_px
        raise UserError(
            f"Nobody of {low:g}:{high:g} px finds room in a picture of {settings.width}x"
            f"{settings.height}; ask for other heights."
        )
    return best


def draw_tints(rng: np.random.Generator) -> Floats:
    """Colours of skin, clothes and hair of one person, (M, 4): see Person."""
    tints = np.ones((len(Material), 4), np.float32)
    tints[:, 3] = 0
    tints[Material.SKIN, :3] = np.clip(rng.normal(1, 0.12), 0.7, 1.3) * np.array(
        [1, rng.uniform(0.93, 1.05), rng.uniform(0.88, 1.05)]
    )
    for material in DYED:
        tints[material, :3] = rng.uniform(0.5, 1.3) * rng.uniform(0.88, 1.12, 3)
        tints[material, 3] = rng.uniform(-3, 3) if rng.random() < 0.25 else 0.0
    tints[Material.HAIR, :3] = HAIR_COLOURS[int(rng.integers(len(HAIR_COLOURS)))]
    return tints


def _choose_places(
    rng: np.random.Generator, settings: CrowdSettings, view: View, count: int
) -> Floats:
    """Up to `count` places (N, 2) for people of all heights that the view allows, most of them whole,
    some in groups."""
    steepness = rng.uniform(*STEEPNESS[settings.preset])
    candidates, boxes = _candidates(rng, settings, view)
    whole, partly = _fit(boxes, settings)
    room = None if settings.room_m is None else room_before(view, settings.room_m)
    logs = np.log(boxes[:, 3] - boxes[:, 1])
    chosen: list[Floats] = []
    covered = 0.0
    for _ in range(count * ATTEMPTS):
        if len(chosen) >= count:
            break
        if chosen and rng.random() < GROUP_CHANCE:
            place = _beside(rng, chosen[int(rng.integers(len(chosen)))])
        else:
            cut = rng.random() < CUT_SHARE[settings.preset]
            pool = partly if cut and len(partly) else whole
            if not len(pool):
                continue
            least, largest = np.exp([logs[pool].min(), logs[pool].max()])
            wanted = power_law(rng, least, largest, steepness)
            place = candidates[pool[np.abs(logs[pool] - np.log(wanted)).argmin()]]
        if not _is_free(place, chosen, view, room):
            continue
        area = _shown(upright_boxes(view, place[None]), settings)[0]
        if chosen and covered + area > LARGEST_COVER * settings.width * settings.height:
            continue
        covered += float(area)
        chosen.append(place)
    return np.array(chosen).reshape(-1, 2)


def _candidates(
    rng: np.random.Generator, settings: CrowdSettings, view: View
) -> tuple[Floats, Floats]:
    """Places (C, 2) on all of the ground that is seen, and boxes (C, 4) px of people there."""
    low, high = settings.height_px
    furthest = FURTHEST_M if settings.room_m is None else 1.2 * settings.room_m
    low = max(low, view.camera.fy * ADULT_M / furthest)
    for _ in range(2):  # the second time in the range that the first found in the picture
        columns = rng.uniform(-0.1, 1.1, _CANDIDATES) * settings.width
        heights = log_uniform(rng, low, max(high, 1.01 * low), _CANDIDATES)
        places = stand_at(view, columns, heights)
        boxes = upright_boxes(view, places)
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1e-3)
        shown = _shown(boxes, settings) > 0
        if settings.room_m is not None:
            shown &= room_before(view, settings.room_m).holds(places)
        if shown.any():
            low, high = heights[shown].min(), heights[shown].max()
    if settings.room_m is not None:
        places, boxes = places[shown], boxes[shown]
    return places, boxes


def _shown(boxes: Floats, settings: CrowdSettings) -> Floats:
    """(N,) area of the part of boxes (N, 4) in the picture, px^2."""
    size = np.array([settings.width, settings.height])
    area: Floats = (np.clip(boxes[:, 2:], 0, size) - np.clip(boxes[:, :2], 0, size)).prod(1)
    return area


def _fit(boxes: Floats, settings: CrowdSettings) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Indices of boxes (N, 4) wholly inside the picture, and of those cut by its frame."""
    size = np.array([settings.width, settings.height])
    inside = (boxes[:, :2] >= 0).all(1) & (boxes[:, 2:] <= size).all(1)
    share = _shown(boxes, settings) / (boxes[:, 2:] - boxes[:, :2]).prod(1)
    return np.flatnonzero(inside), np.flatnonzero(~inside & (share > 0.25))


def _beside(rng: np.random.Generator, place: Floats) -> Floats:
    angle = rng.uniform(0, 2 * np.pi)
    return place + rng.uniform(*TOUCHING_M) * np.array([np.cos(angle), np.sin(angle)])


def _is_free(place: Floats, others: list[Floats], view: View, room: Room | None) -> bool:
    if np.linalg.norm(place - view.eye[:2]) < NEAREST_M:
        return False
    if room is not None and not room.holds(place[None])[0]:
        return False
    return all(np.linalg.norm(place - other) >= APART_M for other in others)


def _populate(
    rng: np.random.Generator, settings: CrowdSettings, world: World, view: View, places: Floats
) -> list[Person]:
    """People at places (N, 2), without those who would be cut too much or too often."""
    if not len(places):
        return []
    characters = world.cast.characters
    chosen = rng.integers(len(characters), size=len(places))
    clips = [world.clips[index] for index in rng.integers(len(world.clips), size=len(places))]
    frames = [int(rng.integers(len(clip))) for clip in clips]
    who = [characters[index] for index in chosen]
    moments = [
        perform(clip.cut(frame, frame + 1), world.cast.rig, character)
        for clip, frame, character in zip(clips, frames, who, strict=True)
    ]
    yaw = about_z(rng.uniform(0, 2 * np.pi, len(places)))
    parts = yaw[:, None] @ np.concatenate([moment.parts for moment in moments])
    heights = np.concatenate([moment.places[:, 2] for moment in moments])
    skins = skins_of(world.cast.rig, who, parts, np.column_stack([places, heights]))
    people = [
        Person(int(character), skin, draw_tints(rng), identity)
        for identity, (character, skin) in enumerate(zip(chosen, skins, strict=True), start=1)
    ]
    return _without_cut(rng, settings, view, people, joints_of(people, characters))


def _without_cut(
    rng: np.random.Generator,
    settings: CrowdSettings,
    view: View,
    people: list[Person],
    joints: Floats,
) -> list[Person]:
    depth = view.to_camera(joints)[..., 2]
    pixels = view.pixels(joints)
    inside = ((pixels >= 0) & (pixels < (settings.width, settings.height))).all(-1).sum(1)
    kept = []
    for person, count, nearest in zip(people, inside, depth.min(1), strict=True):
        whole = count == joints.shape[1]
        tolerated = count >= LEAST_JOINTS and rng.random() < KEPT_CUT
        if nearest > 0.4 and (whole or tolerated):
            kept.append(person)
    return kept
