"""Dressing a body: skin, eyes, clothes, shoes, hair, hat and bag become one character."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.assembly import Part, assemble
from pandanet_core.crowd.people.bodies import Body, BodyModel
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.closet import Closet
from pandanet_core.crowd.people.clothes import bags, hats
from pandanet_core.crowd.people.clothes.cloth import Cloth, cut, hidden_by
from pandanet_core.crowd.people.clothes.makehuman import Garment
from pandanet_core.crowd.people.clothes.outfits import (
    LENGTHS_VARY,
    Bag,
    Hat,
    Outfit,
    draw_bag,
    draw_hat,
    outfits_for,
)
from pandanet_core.crowd.people.clothes.tailor import Tailor
from pandanet_core.crowd.people.hair import draw_hair, hair_of
from pandanet_core.crowd.people.meshes import Mesh, clip, drop_unused, mesh_of_layer

Floats = NDArray[np.floating[Any]]

BOUGHT_SHARE = 0.4
"""How many wear MakeHuman's clothes where they are at hand; the others wear cut ones."""

BALD_SHARE = 0.06
STRAP_OFF_M = 0.012


@dataclass(frozen=True)
class Look:
    """What somebody wears: an outfit of the catalogue, or None for bought clothes; hat and bag."""

    outfit: Outfit | None
    hat: Hat | None
    bag: Bag | None


class Dresser:
    """Dresses bodies from a closet."""

    def __init__(self, model: BodyModel, closet: Closet) -> None:
        self._model, self._closet = model, closet

    def draw_look(self, gender: str, rng: np.random.Generator) -> Look:
        """What a person of a gender wears today."""
        outfits = outfits_for(gender)
        outfit = outfits[int(rng.integers(len(outfits)))]
        bought = bool(self._closet.suits[gender]) and rng.random() < BOUGHT_SHARE
        worn = None if bought else outfit
        return Look(worn, draw_hat(rng, worn), draw_bag(rng, gender))

    def dress(self, body: Body, look: Look, rng: np.random.Generator) -> Character:
        """One person in a look; fabrics, shoes, skin and hair are drawn."""
        hidden = np.zeros(len(body.vertices), bool)
        parts: list[Part] = []

        def wear(garment: tuple[Garment, int], material: Material) -> None:
            mesh = garment[0].fit(body.vertices)
            parts.append(Part(mesh, garment[1], material))
            hidden[garment[0].hides] = True

        tailor = Tailor(self._closet.layers, body)
        cloths: list[Cloth] = []
        if look.outfit is None:
            wear(_choose(self._closet.suits[body.shape.gender], rng), Material.TOP)
        else:
            cloths += tailor.outfit(look.outfit, rng.uniform(-LENGTHS_VARY, LENGTHS_VARY))
        if self._closet.shoes and (look.outfit is None or rng.random() < 0.5):
            wear(_choose(self._closet.shoes, rng), Material.SHOES)
        elif look.outfit is not None:
            cloths = [*tailor.shoes(look.outfit.shoes), *cloths]
        fabrics = self._fabrics(look, cloths, rng)
        parts += [Part(mesh, fabrics[cloth.fabric], cloth.material) for mesh, cloth in cut(cloths)]
        parts += self._bag(body, look, tailor, parts, rng)
        parts += self._skin(body, hidden, tailor, cloths, rng)
        parts += self._head(body, look, fabrics, rng)
        return assemble(self._model.rig, body, parts, float(rng.uniform(0.7, 1.5)))

    def _fabrics(self, look: Look, cloths: list[Cloth], rng: np.random.Generator) -> dict[str, int]:
        """A texture for every fabric of the look: all that is of one fabric looks the same."""
        return {
            fabric: self._closet.choose(fabric, rng)
            for fabric in sorted({cloth.fabric for cloth in cloths} | _ACCESSORY_FABRICS)
        }

    def _skin(
        self,
        body: Body,
        hidden: NDArray[np.bool_],
        tailor: Tailor,
        cloths: list[Cloth],
        rng: np.random.Generator,
    ) -> list[Part]:
        """What clothes leave to see of the skin, and the eyes."""
        model = self._model
        shown = ~hidden[model.skin.faces].all(1)
        layer = type(model.skin)(model.skin.faces[shown], model.skin.uv_faces[shown])
        skin, source = mesh_of_layer(layer, body.vertices, model.uvs, model.weights)
        skin = clip(skin, hidden_by(cloths, tailor.measures.places(skin.vertices, source)))
        eyes, _ = mesh_of_layer(model.eyes, body.vertices, model.uvs, model.weights)
        texture = int(rng.choice(self._closet.skins[body.shape.gender]))
        return [
            Part(skin, texture, Material.SKIN),
            Part(drop_unused(eyes), self._closet.eyes, Material.EYES),
        ]

    def _head(
        self, body: Body, look: Look, fabrics: dict[str, int], rng: np.random.Generator
    ) -> list[Part]:
        """Hair and hat."""
        parts = []
        hair = self._hair(body, rng)
        if hair and look.hat:
            head = hats.head_of(self._model, body)
            left = hats.hair_under(look.hat, head, hair.mesh)
            hair = Part(left, hair.texture, hair.material) if left else None
        if hair:
            parts.append(hair)
        if look.hat:
            texture = fabrics[_HAT_FABRIC[look.hat]]
            material = Material.HAT
            if look.hat == Hat.HOOD and look.outfit:
                outer = look.outfit.jacket or look.outfit.top
                texture = fabrics[outer.fabric]
                material = Material.OUTER if look.outfit.jacket else Material.TOP
            parts.append(Part(hats.hat_on(self._model, body, look.hat), texture, material))
        return parts

    def _hair(self, body: Body, rng: np.random.Generator) -> Part | None:
        gender = body.shape.gender
        if rng.random() < BALD_SHARE and gender == "male":
            return None
        if self._closet.hair[gender]:
            garment, texture = _choose(self._closet.hair[gender], rng)
            mesh = garment.fit(body.vertices)
            rigid = np.zeros_like(mesh.weights)
            rigid[:, self._model.rig.index("head")] = 1
            return Part(Mesh(mesh.vertices, mesh.uvs, rigid, mesh.faces), texture, Material.HAIR)
        mesh_or_none = hair_of(self._model, body, draw_hair(rng, gender), rng)
        return Part(mesh_or_none, self._closet.wig, Material.HAIR) if mesh_or_none else None

    def _bag(
        self, body: Body, look: Look, tailor: Tailor, parts: list[Part], rng: np.random.Generator
    ) -> list[Part]:
        """A bag and its straps over what is worn."""
        if look.bag is None:
            return []
        clothed = np.concatenate([part.mesh.vertices for part in parts])
        texture = self._closet.choose(str(rng.choice(sorted(_BAG_FABRICS))), rng)
        off = STRAP_OFF_M + tailor.thickness_m(look.outfit)
        straps: list[Cloth] = []
        match look.bag:
            case Bag.BACKPACK:
                solid = bags.backpack(self._model, body, clothed, rng)
                straps = [tailor.straps(off, tailor.armpit_m, Material.BAG, "")]
            case Bag.SHOULDER_BAG:
                side = float(rng.choice([-1.0, 1.0]))
                solid = bags.shoulder_bag(self._model, body, clothed, side, rng)
                straps = [tailor.diagonal_strap(off, side, Material.BAG, "")]
            case Bag.HANDBAG:
                solid = bags.handbag(self._model, body, str(rng.choice([".L", ".R"])), rng)
        meshes = [solid] + [mesh for mesh, _ in cut(straps)]
        return [Part(mesh, texture, Material.BAG) for mesh in meshes]


_HAT_FABRIC = {
    Hat.CAP: "plain",
    Hat.BRIM: "wool",
    Hat.BEANIE: "knit",
    Hat.HOOD: "plain",
    Hat.SCARF: "plain",
}
_BAG_FABRICS = {"plain", "dark", "leather", "bright"}
_ACCESSORY_FABRICS = set(_HAT_FABRIC.values())


def _choose(items: list[tuple[Garment, int]], rng: np.random.Generator) -> tuple[Garment, int]:
    return items[int(rng.integers(len(items)))]
