"""What a cast's people share: textures by fabric, skins, bought clothes, shoes and hair."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people import textures
from pandanet_core.crowd.people.bodies import BodyModel
from pandanet_core.crowd.people.clothes.fabrics import VARIANTS, Fabric, paint
from pandanet_core.crowd.people.clothes.layers import Layers
from pandanet_core.crowd.people.clothes.makehuman import Garment, read_garment
from pandanet_core.crowd.people.clothes.tailor import DARK_RUBBER, LEATHER, PALE_RUBBER
from pandanet_core.errors import UserError

Wearable = tuple[Garment, int]
"""Something bought, and its texture."""

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


class Closet:
    """Textures (`textures`, each (512, 512, 4) RGBA) and everything that uses them by number:
    `by_fabric`, `skins`, and what was bought."""

    def __init__(self, model: BodyModel, makehuman: Path | None, rng: np.random.Generator) -> None:
        """Paints fabrics and skins, and reads a MakeHuman folder (clothes, hair, skins) if one is given.

        Raises UserError where the folder lacks what MakeHuman's assets have.
        """
        self.layers = Layers(model)
        self.textures: list[NDArray[np.uint8]] = []
        self.by_fabric = {
            str(kind): [self._add(paint(kind, rng)) for _ in range(VARIANTS.get(kind, 2))]
            for kind in Fabric
        }
        self.by_fabric |= {
            LEATHER: [self._add(textures.plain(tone, 0.08, rng)) for tone in textures.SHOE_TONES],
            PALE_RUBBER: [self._add(textures.plain((225, 222, 215), 0.04, rng))],
            DARK_RUBBER: [self._add(textures.plain((42, 38, 36), 0.06, rng))],
        }
        self.wig = self._add(textures.plain((190, 180, 170), 0.12, rng))
        self.eyes = self._add(textures.eyes(model, rng))
        self.suits: dict[str, list[Wearable]] = {"male": [], "female": []}
        self.hair: dict[str, list[Wearable]] = {"male": [], "female": []}
        self.shoes: list[Wearable] = []
        if makehuman is None:
            painted = [self._add(textures.skin(model, tone, rng)) for tone in textures.SKIN_TONES]
            self.skins = {"male": painted, "female": painted}
        else:
            self._read_makehuman(makehuman, model)

    def choose(self, fabric: str, rng: np.random.Generator) -> int:
        """One of the textures of a fabric."""
        return int(rng.choice(self.by_fabric[fabric]))

    def _add(self, texture: NDArray[np.uint8]) -> int:
        self.textures.append(texture)
        return len(self.textures) - 1

    def _read_makehuman(self, folder: Path, model: BodyModel) -> None:
        def garments(pattern: str) -> list[Wearable]:
            folders = [path for path in sorted(folder.glob(pattern)) if path.is_dir()]
            read = [read_garment(path, model.weights) for path in folders]
            return [
                (garment, self._add(textures.read_texture(garment.texture))) for garment in read
            ]

        def skins(gender: str) -> list[int]:
            files = sorted((folder / "skins" / gender).glob("*.*"))
            return [self._add(textures.read_texture(file)) for file in files]

        self.suits = {gender: garments(f"clothes/{gender}_*") for gender in ("male", "female")}
        self.shoes = garments("clothes/shoes*")
        hair = garments("hair/*")
        self.hair = {
            gender: [item for item in hair if gender in _WORN_BY.get(item[0].name, "male female")]
            for gender in ("male", "female")
        }
        self.skins = {gender: skins(gender) for gender in ("male", "female")}
        if not all(self.skins.values()):
            raise UserError(
                f"{folder} has no skins/male and skins/female; give a folder of MakeHuman assets."
            )
