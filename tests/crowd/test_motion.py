"""Motions on bodies: nothing sinks into the ground, nothing moves faster than people can."""

import numpy as np
import pytest

from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.motion.looping import back_and_forth, can_stand, cycle_of, planted
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.rig import PARTS, carry
from pandanet_core.crowd.scenes.scene import Person, joints_of
from pandanet_core.crowd.scenes.street import Walker
from pandanet_core.skeleton import JTA22
from tests.crowd.posed import posed_vertices

FASTEST_JOINT_M_S = 7.0
"""A foot in the swing of a brisk walk reaches 4 to 5 m/s."""


def on_the_spot(cast: Cast, character: Character, clip: Clip, frames: np.ndarray) -> np.ndarray:
    count = len(frames)
    return stand(
        cast.rig, [character] * count, clip.parts[frames], clip.lift[frames], np.zeros((count, 2))
    )


def test_soles_touch_the_ground_and_do_not_sink(cast: Cast, builtin: list[Clip]) -> None:
    rng = np.random.default_rng(0)
    for index, clip in enumerate(builtin[::4]):
        character = cast.characters[index % len(cast.characters)]
        frames = rng.integers(len(clip), size=3)
        for skin in on_the_spot(cast, character, clip, frames):
            lowest = posed_vertices(character, skin)[:, 2].min()
            assert -0.02 < lowest < 0.01, clip.name


def test_joints_move_no_faster_than_people(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[0]
    for clip in builtin:
        frames = np.arange(len(clip))
        skins = stand(
            cast.rig,
            [character] * len(clip),
            clip.parts[frames],
            clip.lift,
            clip.travel * character.leg_length,
        )
        joints = joints_of([Person(0, skin, np.ones((6, 4)), 1) for skin in skins], (character,))
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * clip.fps
        assert speed.max() < FASTEST_JOINT_M_S, clip.name


def test_built_in_knees_bend_forwards_only(builtin: list[Clip]) -> None:
    for clip in builtin:
        for side in ("left", "right"):
            thigh = clip.parts[:, PARTS.index(f"{side} thigh")]
            shin = clip.parts[:, PARTS.index(f"{side} shin")]
            relative = np.swapaxes(thigh, -1, -2) @ shin
            flexion = np.degrees(np.arctan2(relative[:, 2, 1], relative[:, 1, 1]))
            assert flexion.min() > -1, clip.name
            assert flexion.max() < 110, clip.name


def test_built_in_walks_cover_ground_at_walking_speed(cast: Cast, builtin: list[Clip]) -> None:
    walks = [clip for clip in builtin if clip.walks]
    speeds = []
    for clip in walks:
        cycle = cycle_of(clip)
        assert cycle is not None
        cycle = planted(cycle, cast.rig, cast.characters[0])
        speeds.append(cycle.step * cycle.fps * cast.characters[0].leg_length)
    assert 0.6 < min(speeds) < max(speeds) < 2.2
    assert max(speeds) / min(speeds) > 1.3


def test_planted_feet_do_not_slide(cast: Cast, builtin: list[Clip]) -> None:
    """While a foot carries (its lowest point is on the ground), that point moves under 2 cm."""
    slides = []
    for index, clip in enumerate([clip for clip in builtin if clip.walks][:6]):
        character = cast.characters[index % len(cast.characters)]
        cycle = cycle_of(clip)
        assert cycle is not None
        walker = Walker(
            planted(cycle, cast.rig, character), character.leg_length, 0.0, np.zeros(2), 0.4, 0.0
        )
        times = np.arange(0, 4, 1 / 50)
        moments = [walker.at(float(time)) for time in times]
        skins = stand(
            cast.rig,
            [character] * len(times),
            np.stack([parts for parts, _ in moments]),
            np.zeros(len(times)),
            np.stack([place for _, place in moments]),
        )
        soles = np.flatnonzero(character.contact_radii == 0)
        points = carry(
            skins,
            np.tile(character.contact_bones[soles], (len(times), 1)),
            np.tile(character.contact_points[soles], (len(times), 1, 1)),
        )
        slides += _slides_of_the_lowest(points)
    assert np.median(slides) < 0.01
    assert np.percentile(slides, 90) < 0.02


def _slides_of_the_lowest(points: np.ndarray) -> list[float]:
    """How far each point (T, C, 3) of the soles moves while it stays the lowest one."""
    lowest = points[..., 2].argmin(1)
    changes = np.flatnonzero(np.diff(lowest)) + 1
    stretches = zip(np.r_[0, changes], np.r_[changes, len(lowest)], strict=True)
    return [
        float(np.linalg.norm(np.ptp(points[start:stop, lowest[start], :2], axis=0)))
        for start, stop in stretches
        if stop - start >= 3
    ]


def test_a_cycle_closes_without_a_jump(cast: Cast, builtin: list[Clip]) -> None:
    clip = next(clip for clip in builtin if clip.walks)
    cycle = cycle_of(clip)
    assert cycle is not None
    period = len(cycle.parts) / cycle.fps
    times = np.arange(0, 2.2 * period, 1 / cycle.fps / 4)
    parts = np.stack([cycle.at(float(time))[0] for time in times])
    steps = np.abs(np.diff(parts, axis=0)).max((1, 2, 3))
    assert steps.max() < 4 * np.median(steps) + 0.02
    np.testing.assert_allclose(
        parts @ np.swapaxes(parts, -1, -2), np.broadcast_to(np.eye(3), parts.shape), atol=1e-6
    )
    np.testing.assert_allclose(cycle.at(0.3)[0], cycle.at(0.3 + period)[0], atol=1e-6)


def test_who_stands_keeps_to_the_place_and_never_jumps(builtin: list[Clip]) -> None:
    standing = [clip for clip in builtin if can_stand(clip)]
    assert len(standing) >= 15
    assert not any(clip.walks for clip in standing)
    times = np.arange(0, 25, 0.04)
    for clip in standing[:3]:
        parts = np.stack([back_and_forth(clip, float(time))[0] for time in times])
        assert np.abs(np.diff(parts, axis=0)).max() < 0.15


def test_bones_keep_their_length_over_a_clip(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[1]
    clip = builtin[0]
    skins = on_the_spot(cast, character, clip, np.arange(0, len(clip), 5))
    joints = joints_of([Person(0, skin, np.ones((6, 4)), 1) for skin in skins], (character,))
    rigid = [(child, parent) for child, parent in JTA22.bones if JTA22.joints[child] not in SOFT]
    child, parent = np.array(rigid).T
    length = np.linalg.norm(joints[:, child] - joints[:, parent], axis=-1)
    assert np.ptp(length, axis=0).max() < 0.002


SOFT = (
    {"neck", "head centre", "left clavicle", "right clavicle", "left shoulder", "right shoulder"}
    | {f"spine {number}" for number in range(5)}
    | {"left hip", "right hip"}
)
"""Joints that hang on several bones of the rig: their JTA "bones" span joints that bend in between."""


def test_a_leap_leaves_the_ground(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[0]
    skin = stand(cast.rig, [character], builtin[0].parts[:1], np.array([0.3]), np.zeros((1, 2)))[0]
    lowest = posed_vertices(character, skin)[:, 2].min()
    assert lowest == pytest.approx(0.3 * character.leg_length, abs=0.02)


def test_every_material_is_worn(cast: Cast) -> None:
    for character in cast.characters:
        worn = set(character.materials.tolist())
        assert {Material.SKIN, Material.EYES, Material.TOP, Material.SHOES} <= worn
