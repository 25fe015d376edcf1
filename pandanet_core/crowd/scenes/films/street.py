"""Drawing lots for a video: people who walk, wait, talk and sit while time goes on."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.performance import skins_of
from pandanet_core.crowd.scenes.films.actors import Actor, Walker, track_of
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
from pandanet_core.crowd.scenes.pictures import World, draw_tints
from pandanet_core.crowd.scenes.places.benches import bench_under
from pandanet_core.crowd.scenes.places.furnishing import furnish
from pandanet_core.crowd.scenes.places.furniture import draw_ground
from pandanet_core.crowd.scenes.scene import Person, Scene, Solid, Surface, View
from pandanet_core.crowd.scenes.viewpoints import draw_view, log_uniform, stand_at, upright_boxes
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

PARTIES = {"walk": 0.5, "walk together": 0.16, "circle": 0.22, "queue": 0.05, "sit": 0.07}
"""How often people come in which way; groups count once."""

SIZES = {"walk together": (2, 3), "circle": (1, 4), "queue": (3, 5), "sit": (1, 3)}
MOST_TOGETHER = 5

APART_M = 0.6
"""Nearest that two people's paths come to each other at the same time."""

NEAREST_M = 1.5
"""Nearest that anybody comes to the camera."""

CHECK_S = 0.2
SWERVES_M = (0.7, -0.7, 1.0, -1.0)
"""How a walker who would meet somebody tries to step aside."""

ATTEMPTS = 400


@dataclass(frozen=True)
class Street:
    """A video's people and place: `scene_at` any time."""

    world: World
    view: View
    actors: list[Actor]
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
        skins = skins_of(self.world.cast.rig, who, parts, places)
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
    rng, of_place = rng.spawn(2)
    view = draw_view(of_place, settings)
    wanted = int(rng.integers(settings.people[0], settings.people[1] + 1))
    lineup = _Lineup(view, np.arange(0, seconds + CHECK_S, CHECK_S))
    repertoire = repertoire_of(world.cast, world.clips)
    streams = rng.uniform(0, 2 * np.pi, 2)
    order = rng.permutation(len(world.cast.characters))
    for _ in range(ATTEMPTS):
        missing = wanted - len(lineup.actors)
        if missing <= 0:
            break
        nexts = np.resize(np.roll(order, -len(lineup.actors)), min(missing, MOST_TOGETHER))
        place, seen_at = _draw_place(rng, settings, view), rng.uniform(0, seconds)
        lineup.admit(_draw_party(rng, repertoire, nexts, place, streams, seen_at))
    if len(lineup.actors) < settings.people[0]:
        raise UserError(
            f"Only {len(lineup.actors)} of {settings.people[0]} people find room on the street; ask "
            "for fewer or for smaller ones."
        )
    indoors = settings.preset == "panoptic"
    benches = [
        solid
        for party in lineup.parties
        if party.sits
        for solid in bench_under(of_place, world.cast, stayers(party), party.characters)
    ]
    return Street(
        world=world,
        view=view,
        actors=lineup.actors,
        characters=lineup.characters,
        tints=[draw_tints(rng) for _ in lineup.actors],
        ground=draw_ground(of_place, indoors),
        sky=str(of_place.choice(world.skies)),
        exposure=float(of_place.uniform(0.8, 1.1)),
        solids=[*furnish(of_place, view, np.concatenate(lineup.tracks), indoors), *benches],
    )


class _Lineup:
    """The parties that have found room so far."""

    def __init__(self, view: View, times_s: Floats) -> None:
        self._view, self._times_s = view, times_s
        self.parties: list[Party] = []
        self.tracks: list[Floats] = []

    @property
    def actors(self) -> list[Actor]:
        """All parties' actors."""
        return [actor for party in self.parties for actor in party.actors]

    @property
    def characters(self) -> list[int]:
        """The actors' indices into the cast."""
        return [character for party in self.parties for character in party.characters]

    def admit(self, party: Party) -> None:
        """Take a party in if it meets nobody; a walker alone may step aside for somebody."""
        tracks = [track_of(actor, self._times_s) for actor in party.actors]
        if all(self._is_free(track) for track in tracks):
            self.parties.append(party)
            self.tracks += tracks
        elif len(party.actors) == 1 and isinstance(walker := party.actors[0], Walker):
            self._admit_aside(walker, party.characters, tracks[0])

    def _admit_aside(self, walker: Walker, characters: list[int], track: Floats) -> None:
        if not self.tracks:
            return
        gaps = np.linalg.norm(np.stack(self.tracks) - track, axis=2).min(0)
        meets = walker.way_m(float(self._times_s[gaps.argmin()]))
        for aside in SWERVES_M:
            path = replace(walker.path, swerves=((meets, aside),))
            swerving = replace(walker, path=path)
            if self._is_free(tried := track_of(swerving, self._times_s)):
                self.parties.append(Party([swerving], characters))
                self.tracks.append(tried)
                return

    def _is_free(self, track: Floats) -> bool:
        """Whether a track (T, 2) keeps clear of the camera and, at every time, of the others."""
        if np.linalg.norm(track - self._view.eye[:2], axis=1).min() < NEAREST_M:
            return False
        others = np.array(self.tracks).reshape(-1, *track.shape)
        return bool(np.linalg.norm(others - track, axis=2).min(initial=np.inf) >= APART_M)


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
