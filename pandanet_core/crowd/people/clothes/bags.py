"""Bags: their bodies as rigid solids, and where their straps run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Body, BodyModel
from pandanet_core.crowd.people.clothes.solids import joined, rigid, rounded_box, tube
from pandanet_core.crowd.people.meshes import Mesh

Floats = NDArray[np.floating[Any]]


def backpack(model: BodyModel, body: Body, clothed: Floats, rng: np.random.Generator) -> Mesh:
    """A backpack behind the clothed body (V, 3), that moves with the chest; straps are cut cloth."""
    size = body.shape.stature_m / 1.7
    neck = body.heads[model.rig.index("neck01")]
    half = np.array([0.145, 0.075, 0.21]) * size * rng.uniform(0.85, 1.12, 3)
    middle = neck[2] - 0.03 * size - half[2]
    near = (np.abs(clothed[:, 0]) < half[0]) & (np.abs(clothed[:, 2] - middle) < half[2])
    back = np.percentile(clothed[near, 1], 98)
    centre = np.array([0.0, back + 0.8 * half[1], middle])
    pocket = rounded_box(centre + half * [0, 0.85, -0.35], half * [0.75, 0.45, 0.5], 0.45)
    whole = joined([rounded_box(centre, half, 0.38), pocket])
    return rigid(whole, model.rig.index("spine02"), len(model.rig.bones))


def shoulder_bag(
    model: BodyModel, body: Body, clothed: Floats, side: float, rng: np.random.Generator
) -> Mesh:
    """A bag at the hip of a side (1 left, -1 right) of the clothed body (V, 3)."""
    size = body.shape.stature_m / 1.7
    hip = body.heads[model.rig.index("upperleg01.L")]
    half = np.array([0.055, 0.15, 0.11]) * size * rng.uniform(0.8, 1.15, 3)
    beside = (np.abs(clothed[:, 2] - hip[2]) < half[2]) & (np.abs(clothed[:, 0]) < 0.32 * size)
    reach = np.percentile(np.abs(clothed[beside, 0]), 96)
    centre = np.array([side * (reach + 0.75 * half[0]), hip[1] + 0.02, hip[2] - 0.3 * half[2]])
    flap = rounded_box(
        centre + [side * 0.5 * half[0], 0, 0.35 * half[2]], half * [0.7, 1.02, 0.65], 0.35
    )
    whole = joined([rounded_box(centre, half, 0.35), flap])
    return rigid(whole, model.rig.index("root"), len(model.rig.bones))


def handbag(model: BodyModel, body: Body, side: str, rng: np.random.Generator) -> Mesh:
    """A handbag that hangs from the hand of a side (".L", ".R") by its handle."""
    size = body.shape.stature_m / 1.7
    bone = model.rig.index(f"carried{side}")
    grip = body.heads[bone]
    half = np.array([0.055, 0.15, 0.115]) * size * rng.uniform(0.8, 1.2, 3)
    handle_m = rng.uniform(0.1, 0.16) * size
    turn = np.linspace(0, np.pi, 12)
    loop = np.stack([0 * turn, 0.6 * half[1] * np.cos(turn), handle_m * (np.sin(turn) - 1)], -1)
    below = grip - np.array([0, 0, handle_m + 0.9 * half[2]])
    whole = joined([rounded_box(below, half, 0.35), tube(grip + loop, 0.009 * size)])
    return rigid(whole, bone, len(model.rig.bones))
