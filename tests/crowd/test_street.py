"""Streets over time: nobody walks through anybody, groups keep together, sitters have a bench."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from pandanet_core.crowd.motion.looping import cycle_of, gait_of
from pandanet_core.crowd.motion.performance import skins_of
from pandanet_core.crowd.people.rig import carry
from pandanet_core.crowd.scenes.films.actors import Path, Stayer, Walker, direction, track_of
from pandanet_core.crowd.scenes.films.parties import circle, queue, repertoire_of, sitters, walkers
from pandanet_core.crowd.scenes.films.street import draw_street
from pandanet_core.crowd.scenes.pictures import World
from pandanet_core.crowd.scenes.places.benches import bench_under
from pandanet_core.crowd.scenes.scene import Box, pelvises_of
from pandanet_core.crowd.settings import CrowdSettings


def test_paths_have_the_heading_of_their_own_steps() -> None:
    path = Path(np.array([1.0, 2.0]), 0.7, 0.05, ((4.0, 0.7), (9.0, -1.1)))
    ways = np.arange(-5, 15, 0.01)
    places, headings = zip(*(path.at(float(way)) for way in ways), strict=True)
    steps = np.gradient(np.array(places), ways, axis=0)
    for step, heading in zip(steps[1:-1], headings[1:-1], strict=True):
        ahead = direction(heading)
        assert step @ ahead / np.linalg.norm(step) > 0.999
    assert abs(np.linalg.norm(steps, axis=1) - 1).max() < 0.25
    np.testing.assert_allclose(replace(path, swerves=()).at(0.0)[0], path.point, atol=1e-12)


@pytest.mark.parametrize("curvature", [-0.04, 0.0, 0.04])
def test_a_path_beside_another_keeps_its_distance(curvature: float) -> None:
    path = Path(np.zeros(2), 1.0, curvature)
    beside = path.beside(0.7)
    for way in (-6.0, 0.0, 9.0):
        here, heading = path.at(way)
        there, other = beside.at(way * (1 - curvature * 0.7))
        np.testing.assert_allclose(there - here, 0.7 * direction(heading + np.pi / 2), atol=1e-9)
        assert other == pytest.approx(heading)


def test_on_a_bent_path_a_swerving_walker_keeps_the_feet_in_place(world: World) -> None:
    character = world.cast.characters[0]
    cycle = next(c for clip in world.clips if clip.walks and (c := cycle_of(clip)))
    gait = gait_of(cycle, world.cast.rig, character)
    walker = Walker(gait, Path(np.zeros(2), 0.3, 0.04, ((3.0, 0.7),)), 0.0)
    moments = [walker.at(float(time)) for time in np.arange(0, 5, 1 / 50)]
    skins = skins_of(
        world.cast.rig,
        [character] * len(moments),
        np.stack([parts for parts, _ in moments]),
        np.stack([place for _, place in moments]),
    )
    soles = np.flatnonzero(character.contact_radii == 0)
    points = carry(
        skins,
        np.tile(character.contact_bones[soles], (len(skins), 1)),
        np.tile(character.contact_points[soles], (len(skins), 1, 1)),
    )
    assert points[..., 2].min() > -0.01
    lowest = points[..., 2].argmin(1)
    edges = np.r_[0, np.flatnonzero(np.diff(lowest)) + 1, len(lowest)]
    slides = [
        np.linalg.norm(np.ptp(points[start:stop, lowest[start], :2], axis=0))
        for start, stop in pairwise(edges)
        if stop - start >= 4
    ]
    assert len(slides) > 10
    assert max(slides) < 0.02


def test_nobody_meets_anybody(world: World) -> None:
    settings = CrowdSettings(width=480, height=320, people=(14, 14), height_px=(40, 200))
    met = 0
    for seed in range(3):
        street = draw_street(np.random.default_rng(seed), settings, world, 3.0)
        tracks = np.stack(
            [
                pelvises_of(street.scene_at(float(time)).people, world.cast.characters)[:, :2]
                for time in np.arange(0, 3, 0.2)
            ]
        )
        gaps = np.linalg.norm(tracks[:, :, None] - tracks[:, None], axis=-1)
        gaps[:, np.arange(14), np.arange(14)] = np.inf
        # Paths keep 60 cm; what people do on them, swaying and gesturing, may bring them nearer.
        assert gaps.min() > 0.25
        met += int((gaps < 0.4).sum())
        first = street.scene_at(1.0)
        again = draw_street(np.random.default_rng(seed), settings, world, 3.0).scene_at(1.0)
        for here, there in zip(first.people, again.people, strict=True):
            np.testing.assert_array_equal(here.skin, there.skin)
    assert met < 10


def test_groups_keep_together_and_face_each_other(world: World) -> None:
    rng, repertoire = np.random.default_rng(4), repertoire_of(world.cast, world.clips)
    together = walkers(rng, repertoire, [0, 1, 2], np.zeros(2), np.zeros(2), 2.0)
    times = np.arange(0, 20, 0.5)
    tracks = [track_of(actor, times) for actor in together.actors]
    for one, other in pairwise(tracks):
        gaps = np.linalg.norm(one - other, axis=1)
        assert 0.5 < gaps.min() < gaps.max() < 2.5
    talk = circle(rng, repertoire, [0, 1, 2], np.array([3.0, 1.0]))
    for actor in talk.actors:
        assert isinstance(actor, Stayer)
        to_middle = np.array([3.0, 1.0]) - actor.point
        assert direction(actor.heading_rad) @ to_middle > 0.8 * np.linalg.norm(to_middle)
    line = queue(rng, repertoire, [0, 1, 2, 3], np.zeros(2))
    points = np.array([actor.point for actor in line.actors if isinstance(actor, Stayer)])
    assert np.linalg.norm(np.diff(points, axis=0), axis=1).max() < 1.2
    assert np.linalg.norm(points[3] - points[0]) > 1.8


def test_who_sits_has_a_seat_below(world: World) -> None:
    rng, repertoire = np.random.default_rng(6), repertoire_of(world.cast, world.clips)
    party = sitters(rng, repertoire, [0, 1], np.array([2.0, 5.0]))
    seated = [actor for actor in party.actors if isinstance(actor, Stayer)]
    solids = bench_under(rng, world.cast, seated, party.characters)
    boxes = [solid for solid in solids if isinstance(solid, Box)]
    seat = boxes[0]
    assert 0.2 < seat.top < 0.6
    for actor in seated:
        lowest = actor.played.places[:, 2].argmin()
        assert seat.top < actor.played.places[lowest, 2] + 0.1
        away = np.linalg.norm(actor.point - (seat.x, seat.y))
        assert away < seat.half_width + 0.35
    assert all(box.bottom >= 0 for box in boxes)
