"""Who comes to a street together: walkers alone or side by side, circles, queues, benches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.looping import (
    RUNNING,
    Cycle,
    Gait,
    can_sit,
    can_stand,
    cycle_of,
    gait_of,
    stay_of,
)
from pandanet_core.crowd.motion.performance import Performance
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.scenes.films.actors import Actor, Path, Stayer, Walker, direction

Floats = NDArray[np.floating[Any]]

RUNNERS_SHARE = 0.08
LARGEST_CURVATURE = 0.04  # 1 / m
IN_STREAM, STREAM_SPREAD_RAD = 0.6, 0.15
"""Share of walkers who follow one of a street's two directions, either way, and how closely."""

SIDE_BY_SIDE_M = (0.6, 0.8)
RATES = (0.8, 1.25)
"""How much slower or faster than captured a gait is played so that people keep together."""

IN_QUEUE_M = (0.65, 1.0)
CIRCLE_M = {2: 0.4, 3: 0.55, 4: 0.7}
"""Radius of a circle of so many who talk; in pairs people stand 80 cm apart."""

ON_BENCH_M = 0.58


@dataclass(frozen=True)
class Party:
    """Actors who come together, each with an index into the cast; whether they sit on a bench."""

    actors: list[Actor]
    characters: list[int]
    sits: bool = False


def stayers(party: Party) -> list[Stayer]:
    """Those of a party who keep to their places."""
    return [actor for actor in party.actors if isinstance(actor, Stayer)]


@dataclass(frozen=True)
class Repertoire:
    """What the people of a cast can do, put on a body when it is first asked for."""

    cast: Cast
    walks: list[Cycle]
    runs: list[Cycle]
    stands: list[Clip]
    sits: list[Clip]
    _gaits: dict[tuple[str, int], Gait] = field(default_factory=dict)
    _stays: dict[tuple[str, int], Performance] = field(default_factory=dict)

    def gait(self, cycle: Cycle, character: int) -> Gait:
        """The cycle on a body."""
        key = cycle.clip.name, character
        if key not in self._gaits:
            self._gaits[key] = gait_of(cycle, self.cast.rig, self.cast.characters[character])
        return self._gaits[key]

    def stay(self, clip: Clip, character: int) -> Performance:
        """What is done on the spot, on a body."""
        key = clip.name, character
        if key not in self._stays:
            self._stays[key] = stay_of(clip, self.cast.rig, self.cast.characters[character])
        return self._stays[key]


def repertoire_of(cast: Cast, clips: Sequence[Clip]) -> Repertoire:
    """What can be done with these clips."""
    cycles = [cycle for clip in clips if (cycle := cycle_of(clip)) is not None]
    return Repertoire(
        cast=cast,
        walks=[cycle for cycle in cycles if cycle.speed < RUNNING],
        runs=[cycle for cycle in cycles if cycle.speed >= RUNNING],
        stands=[clip for clip in clips if can_stand(clip)],
        sits=[clip for clip in clips if can_sit(clip)],
    )


def walkers(
    rng: np.random.Generator,
    repertoire: Repertoire,
    characters: list[int],
    place: Floats,
    streams_rad: Floats,
    seen_at_s: float,
) -> Party:
    """People who walk side by side, or one alone who perhaps runs; at `place` at a time."""
    alone = len(characters) == 1
    runs = alone and bool(repertoire.runs) and rng.random() < RUNNERS_SHARE
    cycles = repertoire.runs if runs else repertoire.walks
    gait = repertoire.gait(cycles[int(rng.integers(len(cycles)))], characters[0])
    heading = rng.uniform(0, 2 * np.pi)
    if rng.random() < IN_STREAM:
        heading = float(rng.choice(streams_rad)) + np.pi * int(rng.integers(2))
        heading += rng.normal(0, STREAM_SPREAD_RAD)
    path = Path(place, heading, rng.uniform(-LARGEST_CURVATURE, LARGEST_CURVATURE))
    leader = Walker(gait, path, -gait.speed * seen_at_s, phase_s=rng.uniform(0, 2))
    party = [leader]
    left = 0.0
    for character in characters[1:]:
        left += rng.uniform(*SIDE_BY_SIDE_M)
        stretch = 1 - path.curvature * left
        wanted = leader.speed * stretch
        choices = rng.permutation(len(cycles))[:4]
        gaits = [repertoire.gait(cycles[int(choice)], character) for choice in choices]
        own = min(gaits, key=lambda gait: abs(np.log(wanted / gait.speed)))
        rate = float(np.clip(wanted / own.speed, *RATES))
        start = leader.start_m * stretch + rng.uniform(-0.15, 0.15)
        party.append(Walker(own, path.beside(left), start, rate, rng.uniform(0, 2)))
    return Party([*party], characters)


def circle(
    rng: np.random.Generator, repertoire: Repertoire, characters: list[int], place: Floats
) -> Party:
    """People who stand face to face; or one alone."""
    count = len(characters)
    first = rng.uniform(0, 2 * np.pi)
    radius = CIRCLE_M.get(count, 0.0) * rng.uniform(0.95, 1.3)
    actors: list[Actor] = []
    for number, character in enumerate(characters):
        side = first + 2 * np.pi * number / count + (rng.normal(0, 0.12) if count > 1 else 0)
        point = place + radius * direction(side)
        facing = side + np.pi + rng.normal(0, 0.15)
        actors.append(_standing(rng, repertoire, character, point, facing))
    return Party(actors, characters)


def queue(
    rng: np.random.Generator, repertoire: Repertoire, characters: list[int], place: Floats
) -> Party:
    """People who wait one behind the other, more or less in line."""
    facing = rng.uniform(0, 2 * np.pi)
    actors: list[Actor] = []
    point = place
    for character in characters:
        turned = facing + rng.normal(0, 0.2)
        actors.append(_standing(rng, repertoire, character, point, turned))
        aside = rng.normal(0, 0.07) * direction(facing + np.pi / 2)
        point = point - rng.uniform(*IN_QUEUE_M) * direction(facing) + aside
    return Party(actors, characters)


def sitters(
    rng: np.random.Generator, repertoire: Repertoire, characters: list[int], place: Floats
) -> Party:
    """People who sit side by side, all facing the same way."""
    facing = rng.uniform(0, 2 * np.pi)
    actors: list[Actor] = []
    for number, character in enumerate(characters):
        clip = repertoire.sits[int(rng.integers(len(repertoire.sits)))]
        point = place + number * ON_BENCH_M * direction(facing + np.pi / 2)
        played = repertoire.stay(clip, character)
        actors.append(Stayer(played, rng.uniform(0, 20), point, facing))
    return Party(actors, characters, sits=True)


def _standing(
    rng: np.random.Generator,
    repertoire: Repertoire,
    character: int,
    point: Floats,
    heading_rad: float,
) -> Stayer:
    clip = repertoire.stands[int(rng.integers(len(repertoire.stands)))]
    return Stayer(repertoire.stay(clip, character), rng.uniform(0, 20), point, heading_rad)
