"""Feet on the ground: legs reach what they shall, and what stands neither slides nor sinks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.motion.bvh import read_bvh
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.contacts import HEEL, TOE, standing_feet, stretches
from pandanet_core.crowd.motion.feet import level_feet
from pandanet_core.crowd.motion.footing import footprints_of, turning_of
from pandanet_core.crowd.motion.legs import FEET, SHINS, THIGHS, legs_of
from pandanet_core.crowd.motion.performance import perform, skins_of
from pandanet_core.crowd.motion.retarget import clip_of, read_clips
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, carry
from pandanet_core.crowd.rotations import about_axis, unit
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.settings import CrowdSettings
from tests.crowd.posed import posed_vertices
from tests.shared_data import shared_data


def bent_legs(rng: np.random.Generator, count: int) -> np.ndarray:
    """Random walking poses: thighs swing, knees bend backwards, everything slightly turned."""
    parts = about_axis(
        unit(rng.normal(size=(count, len(PARTS), 3))), rng.uniform(-0.2, 0.2, (count, len(PARTS)))
    )
    for thigh, shin in zip(THIGHS, SHINS, strict=True):
        hinge = np.array([1.0, 0, 0])
        swing = rng.uniform(-0.6, 0.4, count)
        parts[:, thigh] = about_axis(hinge, swing) @ parts[:, thigh]
        parts[:, shin] = parts[:, thigh] @ about_axis(hinge, rng.uniform(0.02, 1.2, count))
    return parts


def test_legs_end_where_they_shall_and_keep_their_planes(cast: Cast) -> None:
    rng = np.random.default_rng(3)
    parts = bent_legs(rng, 60)
    for character in cast.characters[:3]:
        legs = legs_of(cast.rig, character)
        before = legs.ankles(parts)
        wanted = before + rng.uniform(-0.06, 0.06, before.shape) + (0, 0, 0.1)
        moved = legs.reaching(parts, wanted)
        np.testing.assert_allclose(legs.ankles(moved), wanted, atol=1e-3)
        np.testing.assert_allclose(legs.ankles(legs.reaching(parts, before)), before, atol=1e-3)
        untouched = [part for part in range(len(PARTS)) if part not in THIGHS + SHINS]
        np.testing.assert_array_equal(moved[:, untouched], parts[:, untouched])
        np.testing.assert_allclose(
            moved @ np.swapaxes(moved, -1, -2),
            np.tile(np.eye(3), (60, len(PARTS), 1, 1)),
            atol=1e-9,
        )
        # The knee bends about the same side of the leg as before.
        for legs_parts in (parts, moved):
            thigh, shin = legs_parts[:, THIGHS][..., 2], legs_parts[:, SHINS][..., 2]
            left = legs_parts[:, THIGHS][..., 0]
            assert ((np.cross(thigh, shin) * left).sum(-1) > -1e-6).all()


def test_a_leg_reaches_no_further_than_it_is_long(cast: Cast) -> None:
    legs = legs_of(cast.rig, cast.characters[0])
    parts = bent_legs(np.random.default_rng(5), 4)
    moved = legs.reaching(parts, legs.ankles(parts) + (0, 0, -1.0))
    hips = np.einsum("fij,sj->fsi", parts[:, 0], legs.hips)
    reach = np.linalg.norm(legs.ankles(moved) - hips, axis=-1)
    np.testing.assert_allclose(reach, np.tile(legs.longest_reach, (4, 1)), rtol=1e-3)


def test_ankles_are_where_the_rig_puts_them(cast: Cast) -> None:
    parts = bent_legs(np.random.default_rng(7), 10)
    character = cast.characters[1]
    skins = skins_of(cast.rig, [character] * 10, parts, np.zeros((10, 3)))
    bones = np.array([cast.rig.index("foot.L"), cast.rig.index("foot.R")])
    placed = carry(skins, np.tile(bones, (10, 1)), np.tile(character.heads[bones], (10, 1, 1)))
    np.testing.assert_allclose(legs_of(cast.rig, character).ankles(parts), placed, atol=1e-5)


def test_a_foot_stands_while_it_is_slow_and_low() -> None:
    """A foot that rests, steps 60 cm ahead in half a second, and rests again, beside one that rests."""
    count, fps = 90, 30.0
    share = np.clip((np.arange(count) - 30) / 15, 0, 1)
    step = share**2 * (3 - 2 * share)
    points = np.zeros((count, 2, 2, 3))
    points[:, 0, :, 1] = -0.7 * step[:, None]
    points[:, 0, :, 2] = 0.15 * np.sin(np.pi * share)[:, None]
    points[:, :, 0, 2] += 0.09  # ankles are higher than toes
    stands = standing_feet(points, fps)
    assert stands[:, 1].all()
    for end in range(2):
        first, second = stretches(stands[:, 0, end])
        assert 28 <= first.stop <= 35
        assert 41 <= second.start <= 47


def test_standing_feet_become_level() -> None:
    rng = np.random.default_rng(2)
    parts = np.tile(np.eye(3), (40, len(PARTS), 1, 1))
    tilt = about_axis(unit(rng.normal(size=(40, 2, 3))), rng.uniform(0, 0.2, (40, 2)))
    parts[:, FEET] = tilt
    standing = np.zeros((40, 2, 2), bool)
    standing[10:30] = True
    level = level_feet(parts, standing, 30.0)
    np.testing.assert_allclose(level[10:30, FEET, 2, 2], 1, atol=1e-9)
    assert level[35:, FEET, 2, 2].min() > 0.9
    np.testing.assert_array_equal(np.delete(level, FEET, 1), np.delete(parts, FEET, 1))


def slides_mm(clip: Clip, stands: np.ndarray, cast: Cast, character: Character) -> list[float]:
    """How far feet slide in each step of a second at most, where the motion says that they stand.

    A foot slides where what touches the ground moves over it: as far as the stillest of the shoe's
    vertices on the ground, so rolling over the toe and turning on the spot are no sliding.
    """
    played = perform(clip, cast.rig, character)
    skins = skins_of(cast.rig, [character] * len(clip), played.parts, played.places)
    shoes = shoe_vertices(character, skins)
    assert min(shoe[..., 2].min() for shoe in shoes) > -0.01, clip.name
    slides = []
    for foot, shoe in enumerate(shoes):
        height = shoe[..., 2] - shoe[..., 2].min(1, keepdims=True)
        on_ground = np.maximum(height[1:], height[:-1]) < 0.008
        way = np.linalg.norm(np.diff(shoe[..., :2], axis=0), axis=-1)
        stillest = np.where(on_ground, way, np.inf).min(1)
        for stretch in stretches(np.asarray(stands[:, foot].any(1))):
            for start in range(stretch.start, stretch.stop, round(clip.fps)):
                stop = min(start + round(clip.fps), stretch.stop)
                if stop - start >= 5:
                    slides.append(1000 * float(stillest[start : stop - 1].sum()))
    return slides


def shoe_vertices(character: Character, skins: np.ndarray) -> list[np.ndarray]:
    """Some low vertices (F, V, 3) of the left and the right shoe."""
    low = np.flatnonzero(character.vertices[:, 2] < 0.05)
    low = low[:: max(1, len(low) // 300)]
    posed = np.zeros((len(skins), len(low), 3))
    for corner in range(4):
        bones, shares = character.bones[low, corner], character.shares[low, corner]
        matrices = skins[:, bones]
        moved = np.einsum("fvij,vj->fvi", matrices[..., :3], character.vertices[low])
        posed += shares[:, None] * (moved + matrices[..., 3])
    left = character.vertices[low, 0] > 0
    return [posed[:, left], posed[:, ~left]]


def captured_stands(path: Path, clip: Clip) -> np.ndarray:
    """When ankle and toe of the capture are slow and low: told apart from the code under test."""
    capture = read_bvh(path)
    ends = []
    for side in "lr":
        ankle = capture.names.index(f"{side}Foot")
        tip = capture.rotations[:, ankle] @ capture.end_sites[ankle]
        ends.append([capture.positions[:, ankle], capture.positions[:, ankle] + tip])
    leg = 2 * np.linalg.norm(capture.offsets[capture.names.index("lFoot")])
    points = np.moveaxis(np.array(ends), 2, 0)[-len(clip) :] / leg
    speed = np.linalg.norm(np.gradient(points, axis=0), axis=-1) * clip.fps
    return np.asarray((speed < 0.5) & (points[..., 2] - points[..., 2].min(0) < 0.04))


def slides_of_captures(names: list[str], cast: Cast) -> list[float]:
    files = [shared_data("motion/cmu") / f"{name}.bvh" for name in names]
    slides = []
    for number, clip in enumerate(read_clips(files)):
        file = next(file for file in files if file.stem == clip.name)
        character = cast.characters[number % len(cast.characters)]
        slides += slides_mm(clip, captured_stands(file, clip), cast, character)
    return slides


def test_captured_feet_neither_slide_nor_sink(cast: Cast) -> None:
    slides = slides_of_captures(["02_01", "07_05", "08_04", "13_11", "02_04"], cast)
    assert len(slides) > 20
    assert np.median(slides) < 2
    assert np.percentile(slides, 99) < 20


def test_feet_that_turn_on_the_spot_keep_what_they_turn_about(cast: Cast) -> None:
    """Basketball players who pivot, and somebody who turns about while doing the laundry."""
    slides = slides_of_captures(["06_10", "06_12", "14_28"], cast)
    assert len(slides) > 40
    assert np.percentile(slides, 95) < 20
    assert max(slides) < 40


@pytest.mark.parametrize("end", [HEEL, TOE])
def test_a_pivot_keeps_one_end_and_takes_the_other_round(end: int) -> None:
    """A foot of 20 cm whose one end wanders by 2 cm while it turns by 60 degrees."""
    count, length = 60, 0.2
    share = np.clip((np.arange(count) - 20) / 20, 0, 1)
    heading = np.radians(60) * share**2 * (3 - 2 * share)
    along = length * np.stack([np.cos(heading), np.sin(heading)], 1)
    kept = np.stack([0.02 * share, np.zeros(count)], 1)
    ends = np.stack([kept, kept + along] if end == HEEL else [kept - along, kept], 1)
    standing = np.ones((count, 2), bool)
    turning = turning_of(standing, ends, length, 30.0)
    prints = footprints_of(standing, turning, ends, length)
    assert np.ptp(prints[:, end], axis=0).max() < 1e-3
    assert np.linalg.norm(prints[-1, 1 - end] - prints[0, 1 - end]) > 0.1
    lengths = np.linalg.norm(prints[:, TOE] - prints[:, HEEL], axis=1)
    np.testing.assert_allclose(lengths, length, atol=1e-9)
    assert np.abs(turning.heading - heading).max() < np.radians(10)
    assert np.linalg.norm(prints - ends, axis=-1).max() < 0.06


def test_feet_that_hardly_turn_stay_as_they_are() -> None:
    rng = np.random.default_rng(4)
    heading = np.radians(4) * np.sin(np.arange(80) / 6)
    along = 0.2 * np.stack([np.cos(heading), np.sin(heading)], 1)
    ends = np.stack([np.zeros((80, 2)), along], 1) + rng.normal(0, 0.004, (80, 2, 2))
    standing = np.ones((80, 2), bool)
    prints = footprints_of(standing, turning_of(standing, ends, 0.2, 30.0), ends, 0.2)
    assert np.ptp(prints, axis=0).max() < 1e-9


def test_feet_in_still_pictures_stand_on_the_ground(world: World) -> None:
    """Nobody sinks; of those who stand on both feet, both touch the ground; jumpers do not."""
    settings = CrowdSettings(width=480, height=320, people=(12, 12), height_px=(60, 200))
    flying = 0
    for seed in range(6):
        for person in draw_scene(np.random.default_rng(seed), settings, world).people:
            shoes = shoe_vertices(world.cast.characters[person.character], person.skin[None])
            lowest = np.array([shoe[..., 2].min() for shoe in shoes])
            assert lowest.min() > -0.01
            flying += int(lowest.min() > 0.02)
    assert flying < 20
    clips = [clip for clip in world.clips if "stand" in clip.name or "talk" in clip.name]
    for number, clip in enumerate(clips):
        character = world.cast.characters[number % len(world.cast.characters)]
        for frame in range(0, len(clip), 60):
            moment = perform(clip.cut(frame, frame + 1), world.cast.rig, character)
            skin = skins_of(world.cast.rig, [character], moment.parts, moment.places)
            for foot, shoe in enumerate(shoe_vertices(character, skin)):
                if clip.standing[frame, foot].any():
                    assert abs(shoe[..., 2].min()) < 0.01, clip.name


def test_built_in_feet_neither_slide_nor_sink(cast: Cast, builtin: list[Clip]) -> None:
    slides = []
    for number, clip in enumerate(builtin[::4]):
        character = cast.characters[number % len(cast.characters)]
        slides += slides_mm(clip, clip.standing, cast, character)
    assert np.median(slides) < 10
    assert max(slides) < 20


def test_runners_and_jumpers_leave_the_ground(cast: Cast, builtin: list[Clip]) -> None:
    jump = clip_of(read_bvh(shared_data("motion/cmu") / "02_04.bvh"))
    run = next(clip for clip in builtin if "run" in clip.name)
    for clip, least_m in ((jump, 0.2), (run, 0.02)):
        character = cast.characters[0]
        played = perform(clip, cast.rig, character)
        top = int(clip.lift.argmax())
        skin = skins_of(
            cast.rig, [character], played.parts[top : top + 1], played.places[top : top + 1]
        )[0]
        assert posed_vertices(character, skin)[:, 2].min() > least_m
        flat = replace(clip, lift=np.zeros(len(clip)))
        assert perform(flat, cast.rig, character).places[top, 2] < played.places[top, 2] - least_m


@pytest.mark.parametrize("name", ["02_01", "05_10", "13_11", "14_04"])
def test_bones_point_where_the_capture_says(name: str, cast: Cast) -> None:
    """Thigh, shin, upper arm and forearm of the posed body against the capture's own joints."""
    capture = read_bvh(shared_data("motion/cmu") / f"{name}.bvh")
    clip = clip_of(capture)
    character, frames = cast.characters[0], np.arange(0, len(clip), 5)
    heads = character.heads
    skins = cast.rig.pose(
        clip.parts[frames].astype(float),
        np.tile(character.to_neutral, (len(frames), 1, 1, 1)),
        np.tile(heads, (len(frames), 1, 1)),
    )
    for side in "lr":
        for (first, second), (start, end) in {
            ("upperleg01", "lowerleg01"): ("Thigh", "Shin"),
            ("lowerleg01", "foot"): ("Shin", "Foot"),
            ("upperarm01", "lowerarm01"): ("Shldr", "ForeArm"),
            ("lowerarm01", "wrist"): ("ForeArm", "Hand"),
        }.items():
            bones = np.array([cast.rig.index(f"{bone}.{side.upper()}") for bone in (first, second)])
            ends = carry(
                skins, np.tile(bones, (len(frames), 1)), np.tile(heads[bones], (len(frames), 1, 1))
            )
            joints = [capture.names.index(side + joint) for joint in (start, end)]
            captured = np.diff(capture.positions[-len(clip) :][frames][:, joints], axis=1)[:, 0]
            agreement = (unit(ends[:, 1] - ends[:, 0]) * unit(captured)).sum(1)
            assert np.degrees(np.arccos(np.clip(agreement, -1, 1))).max() < 0.5, (name, side, start)
