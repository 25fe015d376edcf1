"""Cycles and performances that go on: no jump at their seams, speeds of people."""

import numpy as np

from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.looping import (
    RUNNING,
    Cycle,
    back_and_forth,
    can_sit,
    can_stand,
    cycle_of,
    gait_of,
    stay_of,
)
from pandanet_core.crowd.people.cast import Cast


def cycles_of(clips: list[Clip]) -> list[Cycle]:
    found = [cycle_of(clip) for clip in clips if clip.walks]
    assert all(found)
    return [cycle for cycle in found if cycle is not None]


def test_built_in_gaits_cover_ground_as_people_do(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[0]
    cycles = cycles_of(builtin)
    walks = [c for c in cycles if c.speed < RUNNING]
    runs = [c for c in cycles if c.speed >= RUNNING]
    walking, running = (
        np.array([gait_of(c, cast.rig, character).speed for c in kind]) / character.leg_length
        for kind in (walks, runs)
    )
    assert len(walking) >= 10
    assert len(running) >= 3
    # Walking: 0.6 to 2.2 m/s for legs of 80 cm; running: from a slow jog to 5 m/s.
    assert 0.75 < walking.min() < walking.max() < 2.75
    assert 2.5 < running.min() < running.max() < 6.2


def test_a_gait_closes_without_a_jump(cast: Cast, builtin: list[Clip]) -> None:
    for cycle in cycles_of(builtin)[::5]:
        gait = gait_of(cycle, cast.rig, cast.characters[0])
        period = len(gait.parts) / gait.fps
        times = np.arange(0, 2.2 * period, 1 / gait.fps / 4)
        parts = np.stack([gait.at(float(time))[0] for time in times])
        steps = np.abs(np.diff(parts, axis=0)).max((1, 2, 3))
        assert steps.max() < 4 * np.median(steps) + 0.02
        np.testing.assert_allclose(
            parts @ np.swapaxes(parts, -1, -2), np.broadcast_to(np.eye(3), parts.shape), atol=1e-6
        )
        np.testing.assert_allclose(gait.at(0.3)[0], gait.at(0.3 + period)[0], atol=1e-6)
        places = np.stack([gait.at(float(time))[2] for time in times])
        assert np.abs(np.diff(places, axis=0)).max() < 0.02
        assert np.abs(places[:, :2]).max() < 0.25


def test_a_gait_goes_straight_ahead(cast: Cast, builtin: list[Clip]) -> None:
    for cycle in cycles_of(builtin)[::4]:
        gait = gait_of(cycle, cast.rig, cast.characters[1])
        front = -gait.parts[:, 0, :, 1].mean(0)  # the pelvis faces its own -y
        assert np.degrees(np.arctan2(abs(front[0]), -front[1])) < 8


def test_who_stays_keeps_to_the_place_and_never_jumps(cast: Cast, builtin: list[Clip]) -> None:
    standing = [clip for clip in builtin if can_stand(clip)]
    seated = [clip for clip in builtin if can_sit(clip)]
    assert len(standing) >= 15
    assert len(seated) >= 6
    assert not any(clip.walks for clip in standing + seated)
    assert not {clip.name for clip in standing} & {clip.name for clip in seated}
    times = np.arange(0, 25, 0.04)
    for clip in [*standing[:3], *seated[:2], seated[-1]]:
        played = stay_of(clip, cast.rig, cast.characters[2])
        moments = [back_and_forth(played, float(time)) for time in times]
        parts, places = (np.stack(list(values)) for values in zip(*moments, strict=True))
        assert np.abs(np.diff(parts, axis=0)).max() < 0.3  # a gesturing hand turns 7 rad a second
        assert np.abs(np.diff(places, axis=0)).max() < 0.04
        assert np.abs(places[:, :2]).max() < 0.3
