"""Motions on bodies: nothing sinks into the ground, nothing moves faster than people can."""

import numpy as np
import pytest

from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.motion.performance import perform, skins_of
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.rig import PARTS
from pandanet_core.crowd.scenes.scene import Person, joints_of
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
        for frame, skin in zip(frames, on_the_spot(cast, character, clip, frames), strict=True):
            lowest = posed_vertices(character, skin)[:, 2].min()
            leap = clip.lift[frame] * character.leg_length
            assert -0.01 < lowest - leap < 0.01, clip.name


def test_joints_move_no_faster_than_people(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[0]
    for clip in builtin:
        played = perform(clip, cast.rig, character)
        skins = skins_of(cast.rig, [character] * len(clip), played.parts, played.places)
        joints = joints_of(
            [Person(0, skin, np.ones((len(Material), 4)), 1) for skin in skins], (character,)
        )
        speed = np.linalg.norm(np.diff(joints, axis=0), axis=-1) * clip.fps
        assert speed.max() < FASTEST_JOINT_M_S * (1.8 if "run" in clip.name else 1), clip.name


def test_built_in_knees_bend_forwards_only(builtin: list[Clip]) -> None:
    for clip in builtin:
        for side in ("left", "right"):
            thigh = clip.parts[:, PARTS.index(f"{side} thigh")]
            shin = clip.parts[:, PARTS.index(f"{side} shin")]
            relative = np.swapaxes(thigh, -1, -2) @ shin
            flexion = np.degrees(np.arctan2(relative[:, 2, 1], relative[:, 1, 1]))
            assert flexion.min() > -1, clip.name
            assert flexion.max() < 110, clip.name


def test_bones_keep_their_length_over_a_clip(cast: Cast, builtin: list[Clip]) -> None:
    character = cast.characters[1]
    clip = builtin[0]
    skins = on_the_spot(cast, character, clip, np.arange(0, len(clip), 5))
    joints = joints_of(
        [Person(0, skin, np.ones((len(Material), 4)), 1) for skin in skins], (character,)
    )
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
