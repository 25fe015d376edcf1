"""Meshes of skin, clothes, hair and bags joined to one character, with levels of detail and labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Body
from pandanet_core.crowd.people.character import Character, Material
from pandanet_core.crowd.people.landmarks import contacts_of, joints_of
from pandanet_core.crowd.people.meshes import Mesh, coarser, main_bones, normals
from pandanet_core.crowd.people.rig import Rig

Floats = NDArray[np.floating[Any]]

LEVELS_M = (0.012, 0.024, 0.04, 0.06)
"""Coarser levels of detail: details smaller than this are merged."""

FINEST_SOLID_HAIR_M = 0.012
"""From this level of detail on, hair is drawn without gaps between its strands."""


@dataclass(frozen=True)
class Part:
    """One mesh of a character."""

    mesh: Mesh
    texture: int
    material: Material


def assemble(rig: Rig, body: Body, parts: list[Part], curl: float) -> Character:
    """One character; `curl` bends its fingers (see Rig.to_neutral)."""
    starts = np.cumsum([0] + [len(part.mesh) for part in parts])
    vertices = np.concatenate([part.mesh.vertices for part in parts])
    faces = np.concatenate(
        [part.mesh.faces + start for part, start in zip(parts, starts, strict=False)]
    )
    bones, shares = main_bones(np.concatenate([part.mesh.weights for part in parts]))
    sizes = [len(part.mesh) for part in parts]
    materials = np.repeat([int(part.material) for part in parts], sizes).astype(np.uint8)
    # Hats and bags are no flesh: what they hide, the person hides.
    flesh = ~np.isin(materials, (Material.HAT, Material.BAG))
    strongest = np.take_along_axis(bones, shares.argmax(1)[:, None], 1)[flesh, 0]
    joints = joints_of(rig, body, vertices[flesh], strongest)
    contacts = contacts_of(rig, body, vertices[flesh], strongest)
    hip, ankle = (body.heads[rig.index(bone)] for bone in ("upperleg01.L", "foot.L"))
    knee = body.heads[rig.index("lowerleg01.L")]
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
