"""A character: one dressed body, ready to be posed, drawn and labelled."""

from dataclasses import dataclass, fields
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]


SHOE_HEIGHT_M = 0.07
"""At rest nothing but shoes is lower."""

_PITCHES, _ROLLS = np.radians(np.arange(-135, 136, 15)), np.radians((-50, -25, 0, 25, 50))
_WAYS_DOWN = np.stack(
    [
        np.array([np.sin(roll) * np.cos(pitch), np.sin(pitch), -np.cos(roll) * np.cos(pitch)])
        for pitch in _PITCHES
        for roll in _ROLLS
    ]
)


class Material(IntEnum):
    """What a vertex belongs to; each material has its own tint and shine."""

    SKIN = 0
    EYES = 1
    TOP = 2
    BOTTOM = 3
    SHOES = 4
    HAIR = 5
    OUTER = 6
    HAT = 7
    BAG = 8


DYED = (Material.TOP, Material.BOTTOM, Material.SHOES, Material.OUTER, Material.HAT, Material.BAG)
"""Materials whose colour every picture varies in hue."""


@dataclass(frozen=True)
class Character:
    """Arrays of one dressed body at rest; metres, soles of the bare feet at z = 0.

    Attributes:
        vertices: (V, 3), with normals (V, 3) and uvs (V, 2).
        bones: (V, 4) the bones that move a vertex, with their shares (V, 4).
        textures: (V,) layer of the texture array.
        materials: (V,) Material.
        faces: Triangles at five levels of detail, finest first.
        heads: (B, 3) heads of the rig's bones, with to_neutral (B, 3, 3) of rig.Rig.
        joint_bones: (22,) the bone each JTA joint is fixed to, with joint_points (22, 3) at rest.
        joint_radii: (22,) how far the clothed surface lies from each joint, m.
        contact_bones: (C,) bones that may touch the ground, with contact_points (C, 3) at rest and
            contact_radii (C,) of the flesh round them.
        leg_length: hip joint to ankle, m.
        stature: m.
    """

    vertices: Floats
    normals: Floats
    uvs: Floats
    bones: Indices
    shares: Floats
    textures: Indices
    materials: Indices
    faces: tuple[Indices, ...]
    heads: Floats
    to_neutral: Floats
    joint_bones: Indices
    joint_points: Floats
    joint_radii: Floats
    contact_bones: Indices
    contact_points: Floats
    contact_radii: Floats
    leg_length: float
    stature: float

    @cached_property
    def soles(self) -> tuple[Indices, Floats]:
        """The bones (2,) of the left and the right foot, and points (2, K, 3) at rest below them: for
        many ways to turn a shoe its lowest point."""
        feet = self.contact_bones[self.contact_radii == 0]
        left, right = (int(bone) for bone in dict.fromkeys(feet.tolist()))
        low = self.vertices[self.vertices[:, 2] < SHOE_HEIGHT_M]
        below = [low[low[:, 0] * side > 0] for side in (1, -1)]
        points = np.stack([half[(half @ _WAYS_DOWN.T).argmax(0)] for half in below])
        return np.array([left, right]), points

    def to_arrays(self) -> dict[str, Any]:
        """Name -> array, for a file; see `from_arrays`."""
        levels = {f"faces{level}": faces for level, faces in enumerate(self.faces)}
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "faces"} | levels

    @staticmethod
    def from_arrays(arrays: dict[str, Any]) -> "Character":
        """Inverse of `to_arrays`."""
        names = sorted(name for name in arrays if name.startswith("faces"))
        plain = {name: value for name, value in arrays.items() if name not in names}
        for name in ("leg_length", "stature"):
            plain[name] = float(plain[name])
        return Character(faces=tuple(arrays[name] for name in names), **plain)
