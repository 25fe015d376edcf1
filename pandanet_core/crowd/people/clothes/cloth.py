"""Garments before and after they are cut.

A garment is a sheet of mesh, cut where a field (metres, at most 0 inside) crosses zero. Another field
says what it hides: skin and clothes beneath end under it, so that nothing shows through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.character import Material
from pandanet_core.crowd.people.clothes.measures import Places
from pandanet_core.crowd.people.meshes import Mesh, clip

Floats = NDArray[np.floating[Any]]

Field = Callable[[Places], Floats]
"""Signed distances (N,) at places, m: at most 0 inside."""

HIDE_MARGIN_M = 0.02
"""What is beneath ends this far inside a garment, so that no gap shows at a hem."""


@dataclass(frozen=True)
class Cloth:
    """A garment before it is cut.

    Attributes:
        mesh: The whole layer, V vertices, in the garment's shape.
        places: Where they are on the body.
        field: At most 0 where the garment is.
        covers: At most 0 where it hides what is beneath.
        material: What it counts as.
        fabric: What it is made of: a key of the closet's textures.
    """

    mesh: Mesh
    places: Places
    field: Field
    covers: Field
    material: Material
    fabric: str


def cut(cloths: list[Cloth]) -> list[tuple[Mesh, Cloth]]:
    """Cut garments, given from inner to outer, to their shapes and to what the outer ones leave to see."""
    pieces = []
    for number, cloth in enumerate(cloths):
        field = np.maximum(cloth.field(cloth.places), hidden_by(cloths[number + 1 :], cloth.places))
        mesh = clip(cloth.mesh, field)
        if len(mesh.faces):
            pieces.append((mesh, cloth))
    return pieces


def hidden_by(cloths: list[Cloth], places: Places) -> Floats:
    """How far (N,) places lie inside what clothes hide: above 0 they are not seen, m."""
    hidden = np.full(len(places.height), -np.inf)
    for cloth in cloths:
        hidden = np.maximum(hidden, -(cloth.covers(places) + HIDE_MARGIN_M))
    return np.maximum(hidden, -1.0)
