"""MakeHuman's clothes and hair: .obj meshes fitted to a body by their .mhclo files.

A .mhclo binds every vertex of a garment to three vertices of the body (weights and an offset, in
decimetres, y up) and lists the body's vertices that the garment hides.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Layer
from pandanet_core.crowd.people.clothes.layers import softened
from pandanet_core.crowd.people.meshes import Mesh, mesh_of_layer
from pandanet_core.errors import UserError

SOFTENING_ROUNDS = 1

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Garment:
    """A piece of clothing or hair of V vertices, ready to be fitted to any body."""

    name: str
    texture: Path
    layer: Layer
    uvs: Floats
    bound_to: Indices  # (V, 3)
    shares: Floats  # (V, 3)
    offsets: Floats  # (V, 3)
    scale_by: tuple[tuple[int, int, float], ...]  # for x, y, z: two body vertices, their distance
    hides: Indices
    weights: Floats  # (V, B)

    def fit(self, body_vertices: Floats) -> Mesh:
        """The garment on a body: vertices (19158, 3) in anny's axes, m."""
        decimetres = (
            np.stack([body_vertices[:, 0], body_vertices[:, 2], -body_vertices[:, 1]], 1) * 10
        )
        scale = [
            abs(decimetres[first, axis] - decimetres[second, axis]) / distance if distance else 1.0
            for axis, (first, second, distance) in enumerate(self.scale_by)
        ]
        placed = (decimetres[self.bound_to] * self.shares[..., None]).sum(1) + self.offsets * scale
        vertices = np.stack([placed[:, 0], -placed[:, 2], placed[:, 1]], 1) / 10
        return mesh_of_layer(self.layer, vertices, self.uvs, self.weights)[0]


def read_garment(folder: Path, body_weights: Floats) -> Garment:
    """Read the one .mhclo of a folder, its .obj and diffuse texture; UserError when damaged.

    It moves with the bones of the body (19158, B) that it is bound to, softened as cloth is.
    """
    clothes = sorted(folder.glob("*.mhclo"))
    texture = next(
        (f for ending in ("webp", "png", "jpg") for f in folder.glob(f"diffuse*.{ending}")), None
    )
    if not clothes or texture is None:
        raise UserError(f"{folder} holds no .mhclo file with a diffuse texture; remove the folder.")
    try:
        return _read_mhclo(clothes[0], texture, body_weights)
    except (ValueError, IndexError, KeyError, OSError) as error:
        raise UserError(
            f"{clothes[0]} is damaged ({error}); remove it or copy it again."
        ) from error


def _read_mhclo(path: Path, texture: Path, body_weights: Floats) -> Garment:
    keys: dict[str, list[str]] = {}
    bound: list[list[float]] = []
    hidden: list[int] = []
    section = ""
    for line in path.read_text(encoding="utf8", errors="ignore").splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0] in ("verts", "delete_verts"):
            section = words[0]
        elif section == "verts" and words[0].lstrip("-").isdigit():
            numbers = [float(word) for word in words]
            one_vertex = [numbers[0]] * 3 + [1.0, 0, 0, 0, 0, 0]
            bound.append(numbers[:9] if len(numbers) >= 9 else one_vertex)
        elif section == "delete_verts" and words[0].isdigit():
            hidden += _ranges(words)
        else:
            keys[words[0]] = words[1:]
    vertices, layer, uvs = _read_obj(path.with_name(keys["obj_file"][0]))
    table = np.array(bound)
    if len(table) != vertices:
        raise ValueError(f"it binds {len(table)} vertices, the mesh has {vertices}")
    bound_to, shares = table[:, :3].astype(int), table[:, 3:6]
    weights = np.clip((body_weights[bound_to] * shares[..., None]).sum(1), 0, None)
    weights /= np.maximum(weights.sum(1, keepdims=True), 1e-9)
    scales = [keys.get(f"{axis}_scale", ["0", "0", "0"]) for axis in "xyz"]
    return Garment(
        name=path.stem,
        texture=texture,
        layer=layer,
        uvs=uvs,
        bound_to=bound_to,
        shares=shares,
        offsets=table[:, 6:9],
        scale_by=tuple((int(first), int(second), float(d)) for first, second, d in scales),
        hides=np.array(hidden, int),
        weights=softened(layer, weights, SOFTENING_ROUNDS),
    )


def _ranges(words: list[str]) -> list[int]:
    """ "3 - 5 9" -> 3, 4, 5, 9."""
    text = " ".join(words).replace(" - ", "-")
    result: list[int] = []
    for word in text.split():
        first, _, last = word.partition("-")
        result += range(int(first), int(last or first) + 1)
    return result


def _read_obj(path: Path) -> tuple[int, Layer, Floats]:
    """Number of vertices, triangles and texture coordinates of an .obj file."""
    vertices = 0
    uvs: list[list[float]] = []
    faces: list[list[int]] = []
    uv_faces: list[list[int]] = []
    for line in path.read_text(encoding="utf8", errors="ignore").splitlines():
        words = line.split()
        match words[:1]:
            case ["v"]:
                vertices += 1
            case ["vt"]:
                uvs.append([float(words[1]), float(words[2])])
            case ["f"]:
                corners = [word.split("/") for word in words[1:]]
                for second in range(1, len(corners) - 1):
                    triangle = (corners[0], corners[second], corners[second + 1])
                    faces.append([int(corner[0]) - 1 for corner in triangle])
                    uv_faces.append([int(corner[1]) - 1 for corner in triangle])
    return vertices, Layer(np.array(faces), np.array(uv_faces)), np.array(uvs, np.float32)
