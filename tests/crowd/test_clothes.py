"""Clothes as they are drawn: how many outfits can be told apart, what shows through, what hangs where."""

import numpy as np
import pytest

from benchmarks.clothes_fit import (
    CLOTHES,
    covered_skin,
    draw,
    fit_of,
    fits_of,
    skin_share,
    torn_share,
)
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.people.bodies import BodyModel
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.closet import Closet
from pandanet_core.crowd.people.clothes.outfits import OUTFITS, Bag, Hat, Outfit
from pandanet_core.crowd.people.dressing import Dresser, Look
from pandanet_core.crowd.people.population import Shape
from pandanet_core.crowd.people.rig import PARTS
from pandanet_core.crowd.rotations import about_x

OUTFITS_WANTED = 40
OTHER_COLOUR, OTHER_SHARE = 40, 0.1
"""Two outfits can be told apart where a tenth of the pixels of either differ by so many grey levels."""

MOTIONS = ("run", "sit", "wave")


@pytest.fixture(scope="module")
def model() -> BodyModel:
    pytest.importorskip("anny")
    return BodyModel()


@pytest.fixture(scope="module")
def closet(model: BodyModel) -> Closet:
    """Of every fabric one texture: whatever is of the same fabric has the same colours."""
    closet = Closet(model, None, np.random.default_rng(0))
    closet.by_fabric = {fabric: numbers[:1] for fabric, numbers in closet.by_fabric.items()}
    return closet


def dressed(
    model: BodyModel, closet: Closet, outfit: Outfit, hat: Hat | None = None, bag: Bag | None = None
) -> Character:
    """The same woman, with the same hair and skin, in an outfit."""
    body = model.body(Shape("female", 30, 0.5, 0.5, 0.5, 1.68))
    return Dresser(model, closet).dress(body, Look(outfit, hat, bag), np.random.default_rng(1))


def test_forty_outfits_can_be_told_apart(model: BodyModel, closet: Closet) -> None:
    """Pictures from the front of all outfits on one body; textures are read once per triangle."""
    assert len({outfit.name for outfit in OUTFITS}) == len(OUTFITS)
    different: list[np.ndarray] = []
    for outfit in OUTFITS:
        picture = picture_of(dressed(model, closet, outfit), closet)
        np.testing.assert_array_equal(picture.shape, (different or [picture])[0].shape)
        if all(difference(picture, other) >= OTHER_SHARE for other in different):
            different.append(picture)
    assert len(different) >= OUTFITS_WANTED, len(different)


def test_the_same_outfit_looks_the_same(model: BodyModel, closet: Closet) -> None:
    first, again = (picture_of(dressed(model, closet, OUTFITS[0]), closet) for _ in range(2))
    assert difference(first, again) == 0


def picture_of(character: Character, closet: Closet) -> np.ndarray:
    """Colours (P, 3) from the front at rest; -1 where nobody is."""
    faces = character.faces[2].astype(np.int64)
    box = (np.array([-0.6, -0.6, -0.05]), np.array([0.6, 0.6, 1.85]))
    seen, _ = draw(character.vertices.astype(float), faces, 3 * character.stature, box)
    u, v = (character.uvs[faces].mean(1) % 1 * 512).astype(int).T
    layer = character.textures[faces[:, 2]]
    colours = np.zeros((len(faces), 3), int)
    for number in np.unique(layer):
        of_layer = layer == number
        colours[of_layer] = closet.textures[number][v[of_layer], u[of_layer], :3]
    return np.where(seen[:, None] >= 0, colours[seen], -1)


def difference(picture: np.ndarray, other: np.ndarray) -> float:
    """Share of the pixels where somebody is that have another colour."""
    shown = (picture >= 0).any(1) | (other >= 0).any(1)
    return float((np.abs(picture - other)[shown].max(1) > OTHER_COLOUR).mean())


def test_no_skin_shows_through_and_nothing_tears(cast: Cast, builtin: list[Clip]) -> None:
    fits = [
        fit
        for number in range(len(cast.characters))
        for kind in MOTIONS
        for fit in fits_of(cast, number, [c for c in builtin if f"-{kind}-" in c.name], 1)
    ]
    assert sum(fit.cloth_px for fit in fits) > 50_000
    assert skin_share(fits) < 0.001
    assert torn_share(fits) < 0.001


def test_the_measure_sees_skin_and_tears(cast: Cast) -> None:
    character = cast.characters[0]
    is_cloth = np.isin(character.materials, CLOTHES)
    sunk = character.vertices - 0.03 * character.normals * is_cloth[:, None]
    covered = covered_skin(cast, character)
    assert skin_share([fit_of(character, sunk.astype(float), covered)]) > 0.005
    pulled = character.vertices.astype(float)
    pulled[np.flatnonzero(is_cloth)[::2]] += [0, 0, 0.2]
    assert torn_share([fit_of(character, pulled, covered)]) > 0.1


@pytest.mark.parametrize("bag", [Bag.BACKPACK, Bag.SHOULDER_BAG, Bag.HANDBAG])
@pytest.mark.parametrize("hat", [Hat.CAP, Hat.BRIM])
def test_hats_and_bags_add_to_the_person_but_not_to_its_flesh(
    model: BodyModel, closet: Closet, hat: Hat, bag: Bag
) -> None:
    """Joints under a hat or behind a backpack are hidden by the person: radii are those without."""
    plain, laden = dressed(model, closet, OUTFITS[0]), dressed(model, closet, OUTFITS[0], hat, bag)
    assert {Material.HAT, Material.BAG} <= set(laden.materials.tolist())
    np.testing.assert_allclose(laden.joint_radii, plain.joint_radii, atol=0.02)
    np.testing.assert_allclose(laden.joint_points, plain.joint_points)


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_a_hand_carries_hangs_down_from_it(
    model: BodyModel, closet: Closet, side: str
) -> None:
    character, rig = dressed(model, closet, OUTFITS[0]), model.rig
    parts = np.tile(np.eye(3), (len(PARTS), 1, 1))
    for part in ("upper arm", "forearm", "hand"):
        parts[PARTS.index(f"{side} {part}")] = about_x(-1.4)  # the arm stretched forwards
    skin = rig.pose(parts[None], character.to_neutral[None], character.heads[None])[0]
    bone, finger = (
        rig.index(f"carried.{side[0].upper()}"),
        rig.index(f"finger3-2.{side[0].upper()}"),
    )
    grip = skin[bone, :, :3] @ character.heads[bone] + skin[bone, :, 3]
    joint = skin[finger, :, :3] @ character.heads[finger] + skin[finger, :, 3]
    np.testing.assert_allclose(grip, joint, atol=0.002)
    below = skin[bone, :, :3] @ (character.heads[bone] - [0, 0, 0.3]) + skin[bone, :, 3]
    np.testing.assert_allclose(below, grip - [0, 0, 0.3], atol=1e-5)


def test_hems_are_level(model: BodyModel, closet: Closet) -> None:
    """The lower border of a skirt lies at one height, whatever the cloth's shape."""
    skirt = next(outfit for outfit in OUTFITS if outfit.name == "blouse and pencil skirt")
    character = dressed(model, closet, skirt)
    faces = character.faces[0][character.materials[character.faces[0][:, 2]] == Material.BOTTOM]
    places, members = np.unique(np.round(character.vertices, 5), axis=0, return_inverse=True)
    edges = np.sort(members.reshape(-1)[faces][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), 1)
    unique, used = np.unique(edges, axis=0, return_counts=True)
    height = places[np.unique(unique[used == 1]), 2]
    hem = height[height < 0.75]
    assert len(hem) > 30
    assert np.ptp(hem) < 1e-4
