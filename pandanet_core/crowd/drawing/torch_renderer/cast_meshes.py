"""A cast on the device: all characters at all levels of detail in one set of tensors."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pandanet_core.crowd.drawing.torch_renderer.textures import MipTexture
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Material

SEE_THROUGH_ALPHA = 128


@dataclass(frozen=True)
class CastMeshes:
    """Meshes one after the other: mesh = character x levels + level of detail.

    Attributes:
        first_vertex, vertex_count, first_face, face_count: (meshes,) int64.
        position, normal: (V, 3) float32 at rest. uv: (V, 2).
        bones: (V, 4) int64, with shares (V, 4) float32.
        faces: (F, 3) int64, counted from the mesh's first vertex.
        layer, material: (F,) int64.
        has_holes: (F,) bool, where cloth or hair may be transparent.
        textures: Of all materials.
        levels: Levels of detail of each character.
    """

    first_vertex: Tensor
    vertex_count: Tensor
    first_face: Tensor
    face_count: Tensor
    position: Tensor
    normal: Tensor
    uv: Tensor
    bones: Tensor
    shares: Tensor
    faces: Tensor
    layer: Tensor
    material: Tensor
    has_holes: Tensor
    textures: MipTexture
    levels: int

    @staticmethod
    def of(cast: Cast, device: torch.device) -> "CastMeshes":
        """Copy a cast to a device; each mesh keeps only the vertices that it uses."""
        holed_layers = (cast.textures[..., 3] < SEE_THROUGH_ALPHA).any((1, 2))
        names = ("vertices", "normals", "uvs", "bones", "shares")
        vertices: dict[str, list[np.ndarray]] = {name: [] for name in names}
        faces, layers, materials = [], [], []
        for character in cast.characters:
            for mesh in character.faces:
                used, renumbered = np.unique(mesh.astype(np.int64), return_inverse=True)
                faces.append(renumbered.reshape(-1, 3))
                for name in names:
                    vertices[name].append(getattr(character, name)[used])
                # OpenGL takes flat attributes from a triangle's last corner.
                layers.append(character.textures[mesh[:, 2]])
                materials.append(character.materials[mesh[:, 2]])

        def on_device(parts: list[np.ndarray], kind: type) -> Tensor:
            return torch.from_numpy(np.concatenate(parts).astype(kind)).to(device)

        vertex_count = torch.tensor([len(part) for part in vertices["vertices"]], device=device)
        face_count = torch.tensor([len(part) for part in faces], device=device)
        material, layer = on_device(materials, np.int64), on_device(layers, np.int64)
        holed = torch.from_numpy(holed_layers).to(device)
        return CastMeshes(
            first_vertex=vertex_count.cumsum(0) - vertex_count,
            vertex_count=vertex_count,
            first_face=face_count.cumsum(0) - face_count,
            face_count=face_count,
            position=on_device(vertices["vertices"], np.float32),
            normal=on_device(vertices["normals"], np.float32),
            uv=on_device(vertices["uvs"], np.float32),
            bones=on_device(vertices["bones"], np.int64),
            shares=on_device(vertices["shares"], np.float32),
            faces=on_device(faces, np.int64),
            layer=layer,
            material=material,
            has_holes=holed[layer] & (material >= Material.TOP),
            textures=MipTexture.of(torch.from_numpy(cast.textures).to(device)),
            levels=len(cast.characters[0].faces),
        )
