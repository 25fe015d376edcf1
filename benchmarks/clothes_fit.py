"""Does skin show through clothes, and do clothes tear when people move?

Wanted: of the pixels that show clothes of people 300 px tall, under 0.1 % skin that lies less than 3 cm
in front of cloth that it is covered by, and under 0.1 % cloth stretched to more than 3 times its length.
Skin is drawn in a colour of its own, so to speak: by the number of its triangles. What counts is skin
that lies beside cloth when the body is at rest, drawn where cloth faces the camera just behind it; a
hand that passes before a shirt is no fault.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pandanet_core.crowd.drawing.torch_renderer.rasterizer import Canvas, Triangles, rasterize
from pandanet_core.crowd.folders import AssetNames, read_motions
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.people.cast import Cast, make_cast
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.rig import PARTS
from pandanet_core.crowd.rotations import about_z
from pandanet_core.crowd.settings import CrowdSettings

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

TALL_PX = 300
SKIN_OVER_CLOTH_M = 0.03
BESIDE_M, BESIDE_SKIRT_M = 0.035, 0.12
"""Skin belongs under cloth when it is so near to it at rest; legs hang further inside skirts."""

TORN_STRETCH, TORN_M = 3.0, 0.06
CLOTHES = (Material.TOP, Material.BOTTOM, Material.OUTER)
_BARE_PARTS = ("head", "left forearm", "right forearm", "left hand", "right hand")


@dataclass(frozen=True)
class Fit:
    """One person in one pose from one side: pixels of clothes, of skin through them, of torn cloth."""

    cloth_px: int
    skin_px: int
    torn_px: int


@dataclass(frozen=True)
class ClothesFit:
    """Faults of clothes by motion, as shares of the pixels that show clothes."""

    people: int = 16
    poses: int = 3
    """Of each person in each motion, each from another side."""

    makehuman: Path | None = None
    """Folder of MakeHuman's clothes; cut clothes only otherwise."""

    def run(self) -> None:
        """Print shares and the worst people."""
        cast = make_cast("train", self.people, self.makehuman)
        builtin = read_motions(CrowdSettings(), AssetNames((), ()))
        print("| motion | skin through cloth | torn cloth | worst person |")
        print("| --- | --- | --- | --- |")
        for kind in ("walk", "run", "stand", "sit", "talk", "wave"):
            clips = [clip for clip in builtin if f"-{kind}-" in clip.name]
            fits = [
                list(fits_of(cast, number, clips, self.poses))
                for number in range(len(cast.characters))
            ]
            whole = [fit for of_person in fits for fit in of_person]
            worst = max(range(len(fits)), key=lambda number: skin_share(fits[number]))
            print(
                f"| {kind} | {skin_share(whole):.3%} | {torn_share(whole):.3%} | {worst}: "
                f"{skin_share(fits[worst]):.2%} |"
            )


def skin_share(fits: Sequence[Fit]) -> float:
    """Skin through cloth as a share of clothes' pixels."""
    return sum(fit.skin_px for fit in fits) / max(1, sum(fit.cloth_px for fit in fits))


def torn_share(fits: Sequence[Fit]) -> float:
    """Torn cloth as a share of clothes' pixels."""
    return sum(fit.torn_px for fit in fits) / max(1, sum(fit.cloth_px for fit in fits))


def fits_of(cast: Cast, number: int, clips: Sequence[Clip], poses: int) -> Iterator[Fit]:
    """So many poses of one character out of clips, each from a random side."""
    rng = np.random.default_rng(number)
    character = cast.characters[number]
    covered = covered_skin(cast, character)
    for _ in range(poses):
        clip = clips[int(rng.integers(len(clips)))]
        parts = about_z(rng.uniform(0, 2 * np.pi)) @ clip.parts[int(rng.integers(len(clip)))]
        skin = cast.rig.pose(parts[None], character.to_neutral[None], character.heads[None])[0]
        yield fit_of(character, posed(character, skin), covered)


def fit_of(character: Character, vertices: Floats, covered: NDArray[np.bool_]) -> Fit:
    """Faults of posed vertices (V, 3), seen from the front; `covered` (V,) is skin under cloth."""
    faces = character.faces[0].astype(np.int64)
    is_cloth = np.isin(character.materials[faces[:, 2]], CLOTHES)
    corner = vertices[faces]
    towards = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])[:, 1] < 0
    seen, depth = draw(vertices, faces, character.stature)
    clothes = is_cloth & towards
    behind, cloth_depth = draw(vertices, faces[clothes], character.stature)
    skin = (seen >= 0) & covered[faces[seen]].all(1)
    cloth_behind = (behind >= 0) & (cloth_depth > depth)
    through = skin & cloth_behind & (cloth_depth < depth + SKIN_OVER_CLOTH_M)
    torn = _torn(character, vertices, faces)
    shows_cloth = (seen >= 0) & is_cloth[seen]
    return Fit(int((behind >= 0).sum()), int(through.sum()), int((shows_cloth & torn[seen]).sum()))


def posed(character: Character, skin: Floats) -> Floats:
    """Vertices (V, 3) for skinning matrices (B, 3, 4)."""
    moved = np.zeros(character.vertices.shape)
    for corner in range(4):
        matrix = skin[character.bones[:, corner]]
        turned = np.einsum("vij,vj->vi", matrix[..., :3], character.vertices) + matrix[..., 3]
        moved += character.shares[:, corner, None] * turned
    return moved


def covered_skin(cast: Cast, character: Character) -> NDArray[np.bool_]:
    """(V,) skin that is beside cloth at rest."""
    strongest = np.take_along_axis(character.bones, character.shares.argmax(1)[:, None], 1)[:, 0]
    part = np.array(PARTS)[cast.rig.part_of[strongest]]
    is_cloth = np.isin(character.materials, CLOTHES)
    distance = cKDTree(character.vertices[is_cloth]).query(character.vertices)[0]
    on_leg = np.char.endswith(part, "thigh") | np.char.endswith(part, "shin")
    near = distance < np.where(on_leg, BESIDE_SKIRT_M, BESIDE_M)
    return (character.materials == Material.SKIN) & near & ~np.isin(part, _BARE_PARTS)


def _torn(character: Character, vertices: Floats, faces: Indices) -> NDArray[np.bool_]:
    """(F,) triangles with an edge that is much longer than at rest."""

    def edges(points: Floats) -> Floats:
        corner = points[faces]
        return np.linalg.norm(corner - np.roll(corner, 1, 1), axis=2)

    before, now = edges(character.vertices), edges(vertices)
    return ((now > TORN_M) & (now > TORN_STRETCH * before)).any(1)


def draw(
    vertices: Floats, faces: Indices, stature: float, box: tuple[Floats, Floats] | None = None
) -> tuple[Indices, Floats]:
    """Which triangle (P,) each pixel of a parallel view along +y shows (-1: none), and how deep, m.

    The view holds all vertices, or a box from one corner (3,) to the other.
    """
    scale = TALL_PX / stature
    low, high = box or (vertices.min(0), vertices.max(0))
    size = np.ceil((high - low) * scale).astype(int) + 2
    flat = np.stack(
        [(vertices[:, 0] - low[0]) * scale + 1, (high[2] - vertices[:, 2]) * scale + 1], 1
    )
    points = torch.from_numpy(np.c_[flat, np.ones(len(flat))].astype(np.float32))
    depth = torch.from_numpy((vertices[:, 1] - low[1] + 1).astype(np.float32))
    whose = torch.zeros(len(faces), dtype=torch.int64)
    drawn = rasterize(
        Triangles(points, depth, torch.from_numpy(faces), whose),
        Canvas(1, int(size[0]), int(size[2]), 0.0, 100.0),
    )
    number = torch.where(drawn.slot >= 0, drawn.triangle[drawn.slot.clamp(min=0)], -1)
    return number.numpy(), drawn.depth.numpy()


if __name__ == "__main__":
    tyro.cli(ClothesFit).run()
