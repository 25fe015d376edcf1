"""Skinning written down a second time, independently of the shader."""

import numpy as np

from pandanet_core.crowd.people.character import Character


def posed_vertices(character: Character, skin: np.ndarray) -> np.ndarray:
    """Vertices (V, 3) of a character in the world for skinning matrices (B, 3, 4)."""
    moved = np.zeros(character.vertices.shape)
    for corner in range(4):
        matrix = skin[character.bones[:, corner]]
        turned = np.einsum("vij,vj->vi", matrix[..., :3], character.vertices) + matrix[..., 3]
        moved += character.shares[:, corner, None] * turned
    return moved
