"""Drawing lots for a video: people who walk along paths or stand in groups while time goes on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.motion.looping import (
    Cycle,
    back_and_forth,
    can_stand,
    cycle_of,
    planted,
)
from pandanet_core.crowd.rotations import about_z
from pandanet_core.crowd.scenes.furnishing import furnish
from pandanet_core.crowd.scenes.furniture import draw_ground
from pandanet_core.crowd.scenes.pictures import World, draw_tints
from pandanet_core.crowd.scenes.scene import Person, Scene, Solid, Surface, View
from pandanet_core.crowd.scenes.viewpoints import draw_view, log_uniform, stand_at, upright_boxes
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

WALKERS_SHARE = 0.65
APART_M = 0.6
"""Nearest that two people's paths come to each other at the same time."""

NEAREST_M = 1.5
"""Nearest that anybody comes to the camera."""

CHECK_S = 0.2
LARGEST_CURVATURE = 0.04  # 1 / m
ATTEMPTS = 400


@dataclass(frozen=True)
class Walker:
    """Walks along an arc: at `start_m` of it at time 0, through `point` at 0 m with `heading_rad`."""

    cycle: Cycle
    leg_m: float
    start_m: float
    point: Floats
    heading_rad: float
    curvature: float

    @property
    def speed(self) -> float:
        """m/s."""
        return self.cycle.step * self.cycle.fps * self.leg_m

    def at(self, time_s: float) -> tuple[Floats, Floats]:
        """Parts (P, 3, 3) and place (2,) m at a time. Heading 0 walks along -y, towards +x at 90 degrees."""
        parts, progress, offset = self.cycle.at(time_s)
        way = self.start_m + progress * self.leg_m
        heading = self.heading_rad + self.curvature * way
        middle = self.heading_rad + self.curvature * way / 2
        chord = way * np.sinc(self.curvature * way / 2 / np.pi)
        place = self.point + chord * np.array([np.sin(middle), -np.cos(middle)])
        turn = about_z(heading)
        return turn @ parts, place + turn[:2, :2] @ offset * self.leg_m


@dataclass(frozen=True)
class Stander:
    """Stays at `point`, facing `heading_rad`, and plays a clip back and forth from `start_s` on."""

    clip: Clip
    leg_m: float
    start_s: float
    point: Floats
    heading_rad: float

    def at(self, time_s: float) -> tuple[Floats, Floats]:
        """Parts (P, 3, 3) and place (2,) m at a time."""
        parts, offset = back_and_forth(self.clip, self.start_s + time_s)
        turn = about_z(self.heading_rad)
        return turn @ parts, self.point + turn[:2, :2] @ offset * self.leg_m


@dataclass(frozen=True)
class Street:
    """A video's people and place: `scene_at` any time."""

    world: World
    view: View
    actors: list[Walker | Stander]
    characters: list[int]
    tints: list[Floats]
    solids: list[Solid]
    ground: Surface
    sky: str
    exposure: float

    def scene_at(self, time_s: float) -> Scene:
        """The scene at a time; identities count from 1 and never change."""
        moments = [actor.at(time_s) for actor in self.actors]
        who = [self.world.cast.characters[index] for index in self.characters]
        parts = np.stack([parts for parts, _ in moments])
        places = np.stack([place for _, place in moments])
        skins = stand(self.world.cast.rig, who, parts, np.zeros(len(who)), places)
        people = [
            Person(character, skin, tints, identity)
            for identity, (character, skin, tints) in enumerate(
                zip(self.characters, skins, self.tints, strict=True), start=1
            )
        ]
        return Scene(self.view, people, self.solids, self.ground, self.sky, self.exposure)


def draw_street(
    rng: np.random.Generator, settings: CrowdSettings, world: World, seconds: float
) -> Street:
    """A random street of as many people as the settings plan; UserError where they find no room."""
    cycles = [cycle for clip in world.clips if (cycle := cycle_of(clip)) is not None]
    standing = [clip for clip in world.clips if can_stand(clip)]
    rng, of_place = rng.spawn(2)
    view = draw_view(of_place, settings)
    wanted = int(rng.integers(settings.people[0], settings.people[1] + 1))
    times = np.arange(0, seconds + CHECK_S, CHECK_S)
    actors: list[Walker | Stander] = []
    tracks: list[Floats] = []
    characters: list[int] = []
    order = rng.permutation(len(world.cast.characters))
    for _ in range(ATTEMPTS):
        if len(actors) >= wanted:
            break
        character = int(order[len(actors) % len(order)])
        leg = world.cast.characters[character].leg_length
        if rng.random() < WALKERS_SHARE:
            cycle = cycles[int(rng.integers(len(cycles)))]
            cycle = planted(cycle, world.cast.rig, world.cast.characters[character])
            actor: Walker | Stander = _draw_walker(rng, settings, view, cycle, leg, seconds)
        else:
            actor = _draw_stander(rng, settings, view, standing, leg, actors)
        track = np.array([actor.at(float(time))[1] for time in times])
        if _is_free(track, tracks, view):
            actors.append(actor)
            tracks.append(track)
            characters.append(character)
    if len(actors) < settings.people[0]:
        raise UserError(
            f"Only {len(actors)} of {settings.people[0]} people find room on the street; ask for fewer "
            "or for smaller ones."
        )
    return Street(
        world=world,
        view=view,
        actors=actors,
        characters=characters,
        tints=[draw_tints(rng) for _ in actors],
        ground=draw_ground(of_place, settings.preset == "panoptic"),
        sky=str(of_place.choice(world.skies)),
        exposure=float(of_place.uniform(0.8, 1.1)),
        solids=furnish(of_place, view, np.concatenate(tracks), settings.preset == "panoptic"),
    )


def _draw_walker(
    rng: np.random.Generator,
    settings: CrowdSettings,
    view: View,
    cycle: Cycle,
    leg_m: float,
    seconds: float,
) -> Walker:
    """Somebody who is in the picture at some time of the video."""
    seen_at = rng.uniform(0, seconds)
    speed = cycle.step * cycle.fps * leg_m
    return Walker(
        cycle=cycle,
        leg_m=leg_m,
        start_m=-speed * seen_at,
        point=_draw_place(rng, settings, view),
        heading_rad=rng.uniform(0, 2 * np.pi),
        curvature=rng.uniform(-LARGEST_CURVATURE, LARGEST_CURVATURE),
    )


def _draw_stander(
    rng: np.random.Generator,
    settings: CrowdSettings,
    view: View,
    clips: list[Clip],
    leg_m: float,
    others: list[Walker | Stander],
) -> Stander:
    """Somebody who stands alone, or half of the time faces somebody who stands already."""
    clip = clips[int(rng.integers(len(clips)))]
    place, heading = _draw_place(rng, settings, view), rng.uniform(0, 2 * np.pi)
    partners = [other for other in others if isinstance(other, Stander)]
    if partners and rng.random() < 0.6:
        partner = partners[int(rng.integers(len(partners)))]
        side = partner.heading_rad + rng.uniform(-0.7, 0.7)
        towards = np.array([np.sin(side), -np.cos(side)])
        place = partner.point + rng.uniform(0.75, 1.2) * towards
        heading = side + np.pi
    return Stander(clip, leg_m, rng.uniform(0, 20), place, heading)


def _draw_place(rng: np.random.Generator, settings: CrowdSettings, view: View) -> Floats:
    """A place on the ground where an adult is wholly in the picture, if one is soon found."""
    low, high = settings.height_px
    columns = rng.uniform(0.03, 0.97, 50) * settings.width
    places = stand_at(view, columns, log_uniform(rng, low, high, 50))
    boxes = upright_boxes(view, places)
    whole = (boxes[:, :2] >= 0).all(1) & (boxes[:, 2:] <= (settings.width, settings.height)).all(1)
    result: Floats = places[np.argmax(whole)]
    return result


def _is_free(track: Floats, others: list[Floats], view: View) -> bool:
    """Whether a track (T, 2) keeps clear of the camera and, at every time, of the others."""
    if np.linalg.norm(track - view.eye[:2], axis=1).min() < NEAREST_M:
        return False
    return all(np.linalg.norm(track - other, axis=1).min() >= APART_M for other in others)
