"""Hats, hoods and scarves on a head, and what they leave of the hair."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, Body, BodyModel
from pandanet_core.crowd.people.clothes.outfits import Hat
from pandanet_core.crowd.people.clothes.solids import joined, revolved, rigid
from pandanet_core.crowd.people.meshes import Mesh, clip, inflate, mesh_of_layer, smooth

Floats = NDArray[np.floating[Any]]

_FIT_M = 0.011
_DOME = np.linspace(0, 1, 8)


@dataclass(frozen=True)
class Head:
    """Where hats sit: `centre` (3,) on the brow line, half axes (2,) m there, and the crown above it."""

    centre: Floats
    radii: Floats
    crown_m: float
    size: float


def head_of(model: BodyModel, body: Body) -> Head:
    """Measure a head at rest."""
    bone = model.rig.index("head")
    on_head = model.weights[:SKIN_VERTICES, bone] > 0.5
    points = body.vertices[:SKIN_VERTICES][on_head]
    eyes = body.vertices[np.unique(model.eyes.faces)]
    top, eye = points[:, 2].max(), eyes[:, 2].mean()
    brow = eye + 0.36 * (top - eye)
    belt = points[np.abs(points[:, 2] - brow) < 0.2 * (top - eye)]
    centre = np.array([0.0, (belt[:, 1].min() + belt[:, 1].max()) / 2, brow])
    radii = np.array([np.abs(belt[:, 0]).max(), np.ptp(belt[:, 1]) / 2])
    return Head(centre, radii + _FIT_M, float(top - brow), float(np.ptp(belt[:, 1])) / 0.19)


def hat_on(model: BodyModel, body: Body, hat: Hat) -> Mesh:
    """A hat as a mesh that moves with the head (hoods and scarves with the neck, too)."""
    head = head_of(model, body)
    bone, bones = model.rig.index("head"), len(model.rig.bones)
    match hat:
        case Hat.CAP:
            return rigid(joined([_dome(head, 0.0, 1.03), _visor(head)]), bone, bones)
        case Hat.BRIM:
            brim = revolved(
                head.centre,
                head.radii,
                np.array([0.004, 0.0, -0.012, -0.004]) * head.size,
                np.array([1.0, 1.3, 1.75, 1.0]),
            )
            return rigid(joined([_dome(head, 0.0, 1.12, 3.5), brim]), bone, bones)
        case Hat.BEANIE:
            return rigid(_dome(head, 0.02, 1.12, 2.3), bone, bones)
        case Hat.HOOD:
            return _wrap(model, body, head, 0.028, 0.05)
        case Hat.SCARF:
            return _wrap(model, body, head, 0.014, 0.12)


def hair_under(hat: Hat, head: Head, hair: Mesh) -> Mesh | None:
    """What a hat leaves to see of hair; None where it leaves nothing."""
    if hat in (Hat.HOOD, Hat.SCARF):
        return None
    left = clip(hair, hair.vertices[:, 2] - head.centre[2] - 0.005)
    return left if len(left.faces) else None


def _dome(head: Head, lower_m: float, height: float, power: float = 2.4) -> Mesh:
    """From the brow line (or lower) over the crown: `height` crowns high."""
    rise = np.sin(_DOME * np.pi / 2)
    shares = np.maximum(1 - rise**power, 0) ** (1 / power)
    heights = rise * (head.crown_m * height + _FIT_M)
    heights[0] -= lower_m * head.size
    return revolved(head.centre, head.radii, heights, shares)


def _visor(head: Head) -> Mesh:
    """The peak of a cap: the front of a flat ring, above and below."""
    ring = revolved(
        head.centre,
        head.radii,
        np.array([0.006, -0.006, -0.02, -0.014, 0.0]) * head.size,
        np.array([0.98, 1.3, 1.62, 1.3, 0.98]),
        cells=36,
    )
    front = ring.vertices[:, 1] - head.centre[1] + 0.6 * head.radii[1]
    return clip(ring, front)


def _wrap(model: BodyModel, body: Body, head: Head, off_m: float, down_m: float) -> Mesh:
    """Cloth over head and neck that leaves the face open, cut from the skin itself."""
    skin, source = mesh_of_layer(model.skin, body.vertices, model.uvs, model.weights)
    across, depth, height = body.vertices[source].T
    neck = body.heads[model.rig.index("neck01")][2]
    chin = body.heads[model.rig.index("head")][2] - 0.02 * head.size
    on_arm = np.abs(across) - 1.55 * head.radii[0]
    below = neck - down_m * 0.3 - height
    face = np.minimum.reduce(
        [
            0.8 * head.radii[0] - np.abs(across),
            head.centre[1] - 0.25 * head.radii[1] - depth,
            head.centre[2] - height + 0.02 * head.size,
            height - chin + 0.01,
        ]
    )
    cloth = clip(skin, np.maximum.reduce([below, on_arm, face]))
    cloth = inflate(smooth(cloth, 8), off_m * head.size)
    return replace(cloth, uvs=cloth.uvs * 3)
