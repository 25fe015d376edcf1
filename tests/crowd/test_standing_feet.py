"""Feet on the ground: legs reach what they shall, and what stands neither slides nor sinks."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.motion.bvh import read_bvh
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.contacts import standing_feet, stretches
from pandanet_core.crowd.motion.feet import level_feet
from pandanet_core.crowd.motion.legs import FEET, SHINS, THIGHS, legs_of
from pandanet_core.crowd.motion.performance import perform, skins_of
from pandanet_core.crowd.motion.retarget import clip_of, read_clips
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import PARTS, carry
from pandanet_core.crowd.rotations import about_axis, unit
from tests.crowd.posed import posed_vertices
from tests.shared_data import shared_data

FRONT, BACK = (0, 1), (6, 7)
"""A foot's contact points at the front of the sole and at the heel, of 8."""


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
    """How far heel and toe move on the ground while the motion says that they stand."""
    count = len(clip)
    played = perform(clip, cast.rig, character)
    skins = skins_of(cast.rig, [character] * count, played.parts, played.places)
    points = carry(
        skins,
        np.tile(character.contact_bones, (count, 1)),
        np.tile(character.contact_points, (count, 1, 1)),
    )[:, character.contact_radii == 0].reshape(count, 2, 8, 3)
    slides = []
    for foot in range(2):
        for end, corners in enumerate((BACK, FRONT)):
            place = points[:, foot, corners, :2].mean(1)
            for stretch in stretches(stands[:, foot, end]):
                if stretch.stop - stretch.start >= 5:
                    slides.append(1000 * float(np.linalg.norm(np.ptp(place[stretch], axis=0))))
    for frame in range(0, count, 9):
        assert posed_vertices(character, skins[frame])[:, 2].min() > -0.01, clip.name
    return slides


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


def test_captured_feet_neither_slide_nor_sink(cast: Cast) -> None:
    folder = shared_data("motion/cmu")
    files = [folder / f"{name}.bvh" for name in ("02_01", "07_05", "08_04", "13_11", "02_04")]
    slides = []
    for number, clip in enumerate(read_clips(files)):
        file = next(file for file in files if file.stem == clip.name)
        character = cast.characters[number % len(cast.characters)]
        slides += slides_mm(clip, captured_stands(file, clip), cast, character)
    assert len(slides) > 20
    assert np.median(slides) < 10
    assert np.percentile(slides, 95) < 20


def test_built_in_feet_neither_slide_nor_sink(cast: Cast, builtin: list[Clip]) -> None:
    slides = []
    for number, clip in enumerate(builtin[::4]):
        character = cast.characters[number % len(cast.characters)]
        slides += slides_mm(clip, clip.standing, cast, character)
    assert np.median(slides) < 10
    assert np.percentile(slides, 90) < 20


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
