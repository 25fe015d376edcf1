"""Dressing a body: skin, eyes, clothes, shoes and hair become one character."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people import textures
from pandanet_core.crowd.people.bodies import Body, BodyModel
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.landmarks import contacts_of, joints_of
from pandanet_core.crowd.people.makehuman import Garment, read_garment
from pandanet_core.crowd.people.meshes import (
    Mesh,
    clip,
    coarser,
    drop_unused,
    main_bones,
    mesh_of_layer,
    normals,
)
from pandanet_core.crowd.people.wardrobe import HIDE_MARGIN_M, Piece, Tailor, draw_outfit
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

LEVELS_M = (0.012, 0.024, 0.04, 0.06)
"""Coarser levels of detail: details smaller than this are merged."""

FINEST_SOLID_HAIR_M = 0.012
"""From this level of detail on, hair is drawn without gaps between its strands."""

FABRICS = 28
BOUGHT_SHARE = 0.6
"""How many wear MakeHuman's clothes where they are at hand; the others wear cut ones."""

BALD_SHARE = 0.06


@dataclass(frozen=True)
class Part:
    """One mesh of a character."""

    mesh: Mesh
    texture: int
    material: Material


class Dresser:
    """Holds the wardrobe and the textures that its characters use."""

    def __init__(self, model: BodyModel, makehuman: Path | None, rng: np.random.Generator) -> None:
        """Reads a MakeHuman folder (clothes, hair, skins, eyes) if one is given.

        Raises UserError where the folder lacks what MakeHuman's assets have.
        """
        self._model = model
        self.textures: list[NDArray[np.uint8]] = [textures.fabric(rng) for _ in range(FABRICS)]
        self._fabrics = range(FABRICS)
        self._leather = self._add(textures.plain((70, 60, 55), 0.08, rng))
        self._wig = self._add(textures.plain((190, 180, 170), 0.12, rng))
        self._eyes = self._add(textures.eyes(model, rng))
        self._suits: dict[str, list[tuple[Garment, int]]] = {"male": [], "female": []}
        self._shoes: list[tuple[Garment, int]] = []
        self._hair: list[tuple[Garment, int]] = []
        if makehuman is None:
            painted = [self._add(textures.skin(model, tone, rng)) for tone in textures.SKIN_TONES]
            self._skins = {"male": painted, "female": painted}
        else:
            self._read_makehuman(makehuman)

    def dress(self, body: Body, rng: np.random.Generator) -> Character:
        """One person: random clothes for a given body."""
        gender = body.shape.gender
        parts, hidden, field = self._clothes(body, gender, rng)
        shown = ~hidden[self._model.skin.faces].all(1)
        layer = type(self._model.skin)(
            self._model.skin.faces[shown], self._model.skin.uv_faces[shown]
        )
        skin, source = mesh_of_layer(layer, body.vertices, self._model.uvs, self._model.weights)
        skin = clip(skin, -(field[source] + HIDE_MARGIN_M))
        eyes, _ = mesh_of_layer(
            self._model.eyes, body.vertices, self._model.uvs, self._model.weights
        )
        parts.append(Part(skin, int(rng.choice(self._skins[gender])), Material.SKIN))
        parts.append(Part(drop_unused(eyes), self._eyes, Material.EYES))
        hair = self._hairstyle(body, gender, rng)
        return self._assemble(body, parts + hair, float(rng.uniform(0.4, 1.6)))

    def _clothes(
        self, body: Body, gender: str, rng: np.random.Generator
    ) -> tuple[list[Part], NDArray[np.bool_], Floats]:
        """Clothed parts, hidden skin vertices (19158,), and the field of cut garments (19158,)."""
        hidden = np.zeros(len(body.vertices), bool)
        field = np.ones(len(body.vertices))
        parts: list[Part] = []
        tailor = Tailor(self._model, body)

        def wear(garment: Garment, texture: int, material: Material) -> None:
            parts.append(Part(garment.fit(body.vertices, self._model.weights), texture, material))
            hidden[garment.hides] = True

        def put_on(piece: Piece, texture: int, material: Material) -> None:
            nonlocal field
            parts.append(Part(piece.mesh, texture, material))
            field = np.minimum(field, piece.covers)

        if self._suits[gender] and rng.random() < BOUGHT_SHARE:
            wear(*_choose(self._suits[gender], rng), Material.TOP)
        else:
            outfit = draw_outfit(rng, gender)
            top, bottom = (int(texture) for texture in rng.choice(self._fabrics, 2, replace=False))
            put_on(
                tailor.bottom(outfit),
                top if outfit.dress else bottom,
                Material.TOP if outfit.dress else Material.BOTTOM,
            )
            put_on(tailor.top(outfit), top, Material.TOP)
        if self._shoes:
            wear(*_choose(self._shoes, rng), Material.SHOES)
        else:
            put_on(tailor.shoes(rng.uniform(-0.02, 0.1)), self._leather, Material.SHOES)
        return parts, hidden, field

    def _hairstyle(self, body: Body, gender: str, rng: np.random.Generator) -> list[Part]:
        if rng.random() < BALD_SHARE:
            return []
        if self._hair:
            fitting = [
                hair for hair in self._hair if gender in _WORN_BY.get(hair[0].name, "male female")
            ]
            garment, texture = _choose(fitting, rng)
            mesh = garment.fit(body.vertices, self._model.weights)
            rigid = np.zeros_like(mesh.weights)
            rigid[:, self._model.rig.index("head")] = 1
            return [Part(Mesh(mesh.vertices, mesh.uvs, rigid, mesh.faces), texture, Material.HAIR)]
        if gender == "male":
            return []
        length = rng.uniform(0.0, 0.2)
        return [Part(Tailor(self._model, body).wig(length), self._wig, Material.HAIR)]

    def _assemble(self, body: Body, parts: list[Part], curl: float) -> Character:
        rig = self._model.rig
        starts = np.cumsum([0] + [len(part.mesh) for part in parts])
        vertices = np.concatenate([part.mesh.vertices for part in parts])
        faces = np.concatenate(
            [part.mesh.faces + start for part, start in zip(parts, starts, strict=False)]
        )
        bones, shares = main_bones(np.concatenate([part.mesh.weights for part in parts]))
        strongest = np.take_along_axis(bones, shares.argmax(1)[:, None], 1)[:, 0]
        joints = joints_of(rig, body, vertices, strongest)
        contacts = contacts_of(rig, body, vertices, strongest)
        hip, ankle = (body.heads[rig.index(bone)] for bone in ("upperleg01.L", "foot.L"))
        knee = body.heads[rig.index("lowerleg01.L")]
        sizes = [len(part.mesh) for part in parts]
        materials = np.repeat([int(part.material) for part in parts], sizes).astype(np.uint8)
        return Character(
            vertices=vertices.astype(np.float32),
            normals=np.concatenate([normals(part.mesh) for part in parts]).astype(np.float32),
            uvs=np.concatenate([part.mesh.uvs for part in parts]).astype(np.float32),
            bones=bones,
            shares=shares,
            textures=np.repeat([part.texture for part in parts], sizes).astype(np.uint8),
            materials=materials,
            faces=_levels_of_detail(faces, vertices, materials),
            heads=body.heads,
            to_neutral=rig.to_neutral(body.heads, curl),
            joint_bones=joints.bones,
            joint_points=joints.points,
            joint_radii=joints.radii,
            contact_bones=contacts.bones,
            contact_points=contacts.points,
            contact_radii=contacts.radii,
            leg_length=float(np.linalg.norm(hip - knee) + np.linalg.norm(knee - ankle)),
            stature=body.shape.stature_m,
        )

    def _add(self, texture: NDArray[np.uint8]) -> int:
        self.textures.append(texture)
        return len(self.textures) - 1

    def _read_makehuman(self, folder: Path) -> None:
        def garments(pattern: str) -> list[tuple[Garment, int]]:
            read = [read_garment(path) for path in sorted(folder.glob(pattern)) if path.is_dir()]
            return [
                (garment, self._add(textures.read_texture(garment.texture))) for garment in read
            ]

        def skins(gender: str) -> list[int]:
            files = sorted((folder / "skins" / gender).glob("*.*"))
            return [self._add(textures.read_texture(file)) for file in files]

        self._suits = {gender: garments(f"clothes/{gender}_*") for gender in ("male", "female")}
        self._shoes = garments("clothes/shoes*")
        self._hair = garments("hair/*")
        self._skins = {gender: skins(gender) for gender in ("male", "female")}
        if not all(self._skins.values()):
            raise UserError(
                f"{folder} has no skins/male and skins/female; give a folder of MakeHuman assets."
            )


_WORN_BY = {
    "short01": "male",
    "short02": "male",
    "short03": "male",
    "bob01": "female",
    "bob02": "female",
    "braid01": "female",
    "long01": "female",
    "ponytail01": "female",
}


def _levels_of_detail(
    faces: NDArray[np.integer[Any]], vertices: Floats, materials: NDArray[np.uint8]
) -> tuple[NDArray[np.uint32], ...]:
    """Triangles from finest to coarsest; strands of hair stay whole while their gaps can be seen."""
    hair = materials[faces[:, 0]] == Material.HAIR
    levels = [faces.astype(np.uint32)]
    for detail in LEVELS_M:
        if detail <= FINEST_SOLID_HAIR_M:
            body = coarser(faces[~hair], vertices, materials, detail)
            levels.append(np.concatenate([body, faces[hair].astype(np.uint32)]))
        else:
            levels.append(coarser(faces, vertices, materials, detail).astype(np.uint32))
    return tuple(levels)


def _choose(items: list[tuple[Garment, int]], rng: np.random.Generator) -> tuple[Garment, int]:
    return items[int(rng.integers(len(items)))]
