"""Drawing lots for a video: people who walk, wait, talk and sit while time goes on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.performance import skins_of
from pandanet_core.crowd.scenes.films.actors import Actor
from pandanet_core.crowd.scenes.films.camera_moves import CameraMove, draw_camera_move
from pandanet_core.crowd.scenes.films.lineup import Lineup
from pandanet_core.crowd.scenes.films.parties import (
    Party,
    Repertoire,
    circle,
    queue,
    repertoire_of,
    sitters,
    stayers,
    walkers,
)
from pandanet_core.crowd.scenes.light import Light, draw_light
from pandanet_core.crowd.scenes.pictures import World, draw_tints
from pandanet_core.crowd.scenes.places.benches import bench_under
from pandanet_core.crowd.scenes.places.furnishing import furnish
from pandanet_core.crowd.scenes.places.furniture import draw_ground
from pandanet_core.crowd.scenes.places.kinds import OUTDOORS, draw_kind
from pandanet_core.crowd.scenes.places.rooms import room_before
from pandanet_core.crowd.scenes.scene import Person, Scene, Solid, Surface, View
from pandanet_core.crowd.scenes.sky import draw_sky
from pandanet_core.crowd.scenes.viewpoints import draw_view, log_uniform, stand_at, upright_boxes
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

PARTIES = {"walk": 0.5, "walk together": 0.16, "circle": 0.22, "queue": 0.05, "sit": 0.07}
"""How often people come in which way; groups count once."""

SIZES = {"walk together": (2, 3), "circle": (1, 4), "queue": (3, 5), "sit": (1, 3)}
MOST_TOGETHER = 5

CHECK_S = 0.2
ATTEMPTS = 400


@dataclass(frozen=True)
class Street:
    """A film's people and place: `scene_at` any time."""

    world: World
    camera: CameraMove
    actors: list[Actor]
    characters: list[int]
    tints: list[Floats]
    solids: list[Solid]
    ground: Surface
    sky: str
    exposure: float
    light: Light
    roofed: bool

    def scene_at(self, time_s: float) -> Scene:
        """The scene at a time; identities count from 1 and never change."""
        moments = [actor.at(time_s) for actor in self.actors]
        who = [self.world.cast.characters[index] for index in self.characters]
        parts = np.stack([parts for parts, _ in moments])
        places = np.stack([place for _, place in moments])
        skins = skins_of(self.world.cast.rig, who, parts, places)
        people = [
            Person(character, skin, tints, identity)
            for identity, (character, skin, tints) in enumerate(
                zip(self.characters, skins, self.tints, strict=True), start=1
            )
        ]
        return Scene(
            view=self.camera.at(time_s),
            people=people,
            solids=self.solids,
            ground=self.ground,
            sky=self.sky,
            exposure=self.exposure,
            light=self.light,
            roofed=self.roofed,
        )


def draw_street(
    rng: np.random.Generator, settings: CrowdSettings, world: World, seconds: float
) -> Street:
    """A random street of as many people as the settings plan; UserError where they find no room."""
    rng, of_place = rng.spawn(2)
    view = draw_view(of_place, settings)
    camera = draw_camera_move(of_place, view, settings.camera)
    times = np.arange(0, seconds + CHECK_S, CHECK_S)
    room = None if settings.room_m is None else room_before(view, settings.room_m)
    lineup = Lineup(times, camera.eyes(times), room)
    tints = _fill(lineup, rng, settings, world, camera, seconds)
    kind = draw_kind(of_place, settings)
    roofed = kind not in OUTDOORS
    benches = [
        solid
        for party in lineup.parties
        if party.sits
        for solid in bench_under(of_place, world.cast, stayers(party), party.characters)
    ]
    everywhere, eyes = np.concatenate(lineup.tracks), camera.eyes(times)
    furniture = furnish(of_place, camera.at(seconds / 2), everywhere, kind, room, eyes)
    return Street(
        world=world,
        camera=camera,
        actors=lineup.actors,
        characters=lineup.characters,
        tints=tints,
        solids=[*furniture, *benches],
        ground=draw_ground(of_place, roofed),
        sky=draw_sky(of_place, world.skies, roofed),
        exposure=float(of_place.uniform(0.7, 1.3)),
        light=draw_light(of_place, roofed, settings.light),
        roofed=roofed,
    )


def _fill(
    lineup: Lineup,
    rng: np.random.Generator,
    settings: CrowdSettings,
    world: World,
    camera: CameraMove,
    seconds: float,
) -> list[Floats]:
    """Draw parties until there are enough people; everybody's tints. UserError where room lacks."""
    wanted = max(1, int(rng.integers(settings.people[0], settings.people[1] + 1)))
    repertoire = repertoire_of(world.cast, world.clips)
    streams = rng.uniform(0, 2 * np.pi, 2)
    order = rng.permutation(len(world.cast.characters))
    for _ in range(ATTEMPTS):
        missing = wanted - len(lineup.actors)
        if missing <= 0:
            break
        nexts = np.resize(np.roll(order, -len(lineup.actors)), min(missing, MOST_TOGETHER))
        seen_at = rng.uniform(0, seconds)
        place = _draw_place(rng, settings, camera.at(seen_at))
        lineup.admit(_draw_party(rng, repertoire, nexts, place, streams, seen_at))
    if len(lineup.actors) < max(1, settings.people[0]):
        where = "on the street" if settings.room_m is None else "in the room"
        raise UserError(
            f"Only {len(lineup.actors)} of {max(1, settings.people[0])} people find room {where}; ask "
            "for fewer or for smaller ones, or for a shorter film."
        )
    return [draw_tints(rng) for _ in lineup.actors]


def _draw_party(
    rng: np.random.Generator,
    repertoire: Repertoire,
    nexts: NDArray[np.intp],
    place: Floats,
    streams_rad: Floats,
    seen_at_s: float,
) -> Party:
    """A party of the next characters in the row, or of the first alone."""
    way = str(rng.choice(list(PARTIES), p=list(PARTIES.values())))
    if way == "walk" or len(nexts) == 1:
        return walkers(rng, repertoire, [int(nexts[0])], place, streams_rad, seen_at_s)
    low, high = SIZES[way]
    count = min(len(nexts), int(rng.integers(low, high + 1)))
    characters = [int(character) for character in nexts[:count]]
    match way:
        case "walk together":
            return walkers(rng, repertoire, characters, place, streams_rad, seen_at_s)
        case "queue":
            return queue(rng, repertoire, characters, place)
        case "sit" if repertoire.sits:
            return sitters(rng, repertoire, characters, place)
        case _:
            return circle(rng, repertoire, characters, place)


def _draw_place(rng: np.random.Generator, settings: CrowdSettings, view: View) -> Floats:
    """A place on the ground where an adult is wholly in the picture, if one is soon found."""
    low, high = settings.height_px
    columns = rng.uniform(0.03, 0.97, 50) * settings.width
    places = stand_at(view, columns, log_uniform(rng, low, high, 50))
    boxes = upright_boxes(view, places)
    whole = (boxes[:, :2] >= 0).all(1) & (boxes[:, 2:] <= (settings.width, settings.height)).all(1)
    result: Floats = places[np.argmax(whole)]
    return result
