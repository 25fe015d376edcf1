"""The rig: neutral stance, rigid bones, and points that follow them."""

import numpy as np
import pytest

from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Material
from pandanet_core.crowd.people.rig import DOWN, PARTS, carry
from pandanet_core.crowd.rotations import about_axis, unit
from pandanet_core.crowd.scenes.scene import Person, joints_of
from pandanet_core.skeleton import JTA22, bone_length_sum


def random_parts(rng: np.random.Generator, count: int) -> np.ndarray:
    axes = unit(rng.normal(size=(count, len(PARTS), 3)))
    return about_axis(axes, rng.uniform(-1.5, 1.5, (count, len(PARTS))))


@pytest.mark.parametrize("side", [".L", ".R"])
def test_the_neutral_stance_has_straight_limbs_that_hang_down(cast: Cast, side: str) -> None:
    for character in cast.characters:
        identity = np.tile(np.eye(3), (1, len(PARTS), 1, 1))
        skin = cast.rig.pose(identity, character.to_neutral[None], character.heads[None])
        place = np.einsum("bij,bj->bi", skin[0, :, :, :3], character.heads) + skin[0, :, :, 3]
        at = {bone: place[cast.rig.index(bone + side)] for bone in CHAIN}
        assert unit(at["lowerleg01"] - at["upperleg01"]) @ DOWN > 0.999
        assert unit(at["foot"] - at["lowerleg01"]) @ DOWN > 0.999
        assert unit(at["lowerarm01"] - at["upperarm01"]) @ DOWN > 0.999
        assert unit(at["wrist"] - at["lowerarm01"]) @ DOWN > 0.999


CHAIN = ("upperleg01", "lowerleg01", "foot", "upperarm01", "lowerarm01", "wrist")


def test_neighbouring_bones_keep_their_distance_in_any_pose(cast: Cast) -> None:
    rng = np.random.default_rng(1)
    character, rig = cast.characters[0], cast.rig
    count = 20
    skin = rig.pose(
        random_parts(rng, count),
        np.tile(character.to_neutral, (count, 1, 1, 1)),
        np.tile(character.heads, (count, 1, 1)),
    )
    bones = np.tile(np.arange(len(rig.bones)), (count, 1))
    place = carry(skin, bones, np.tile(character.heads, (count, 1, 1)))
    parents = np.array(rig.parents)
    child = np.flatnonzero(parents >= 0)
    rest = np.linalg.norm(character.heads[child] - character.heads[parents[child]], axis=1)
    posed = np.linalg.norm(place[:, child] - place[:, parents[child]], axis=2)
    np.testing.assert_allclose(posed, np.tile(rest, (count, 1)), atol=2e-5)
    turns = skin[..., :3]
    np.testing.assert_allclose(
        turns @ np.swapaxes(turns, -1, -2), np.tile(np.eye(3), turns.shape[:2] + (1, 1)), atol=1e-4
    )


def test_joints_are_those_of_a_human(cast: Cast) -> None:
    """Proportions of Drillis and Contini (1966), as shares of stature, with room for variety."""
    for index, character in enumerate(cast.characters):
        identity = np.tile(np.eye(3), (1, len(PARTS), 1, 1))
        skin = cast.rig.pose(identity, character.to_neutral[None], character.heads[None])[0]
        joint = joints_of([Person(index, skin, np.ones((len(Material), 4)), 1)], cast.characters)[0]
        at = dict(zip(JTA22.joints, joint, strict=True))
        for (first, second), share in SEGMENTS.items():
            length = np.linalg.norm(at[first] - at[second]) / character.stature
            assert length == pytest.approx(share, rel=0.22), (first, second)
        assert at["left shoulder"][0] > at["right shoulder"][0]  # x is the person's left
        assert 2.0 < bone_length_sum(joint[None], JTA22)[0] / character.stature < 3.2


SEGMENTS = {
    ("left hip", "left knee"): 0.245,
    ("left knee", "left ankle"): 0.246,
    ("right shoulder", "right elbow"): 0.186,
    ("right elbow", "right wrist"): 0.146,
    ("left shoulder", "right shoulder"): 0.2,
    ("head top", "neck"): 0.15,
}


def test_curled_fingers_are_nearer_to_the_palm(cast: Cast) -> None:
    character, rig = cast.characters[0], cast.rig
    tip = rig.index("finger3-3.L")
    reach = []
    for curl in (0.0, 1.0, 2.0):
        to_neutral = rig.to_neutral(character.heads, curl)
        identity = np.tile(np.eye(3), (1, len(PARTS), 1, 1))
        skin = rig.pose(identity, to_neutral[None], character.heads[None])
        ends = np.array([[tip, rig.index("wrist.L")]])
        points = carry(skin, ends, character.heads[ends])[0]
        reach.append(np.linalg.norm(points[0] - points[1]))
    assert reach[0] > reach[1] > reach[2]
