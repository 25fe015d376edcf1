"""Triangle meshes with skinning weights: split at texture seams, cut, inflated, smoothed, simplified."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Layer
from pandanet_core.crowd.rotations import unit

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Mesh:
    """V vertices at rest and F triangles.

    Attributes:
        vertices: (V, 3) m.
        uvs: (V, 2) texture coordinates.
        weights: (V, B) share of every bone.
        faces: (F, 3) vertex indices.
    """

    vertices: Floats
    uvs: Floats
    weights: Floats
    faces: Indices

    def __len__(self) -> int:
        return len(self.vertices)


def mesh_of_layer(
    layer: Layer, vertices: Floats, uvs: Floats, weights: Floats
) -> tuple[Mesh, Indices]:
    """A layer as a mesh with one vertex for each pair of vertex and texture coordinate.

    Returns the mesh and, for each of its vertices, the index into `vertices`.
    """
    count = len(uvs)
    pairs, corners = np.unique(
        layer.faces.astype(np.int64) * count + layer.uv_faces, return_inverse=True
    )
    source = pairs // count
    mesh = Mesh(vertices[source], uvs[pairs % count], weights[source], corners.reshape(-1, 3))
    return mesh, source


def normals(mesh: Mesh) -> Floats:
    """Vertex normals (V, 3); vertices at the same place share one, so texture seams do not show."""
    place, members = np.unique(np.round(mesh.vertices, 6), axis=0, return_inverse=True)
    members = members.reshape(-1)
    corner = mesh.vertices[mesh.faces]
    face_normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    summed = np.zeros((len(place), 3))
    for column in range(3):
        np.add.at(summed, members[mesh.faces[:, column]], face_normal)
    return unit(summed)[members]


def smooth(mesh: Mesh, rounds: int) -> Mesh:
    """Laplacian smoothing: cloth bridges hollows that skin follows. Borders stay where they are."""
    edges = np.concatenate([mesh.faces[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))])
    place, members = np.unique(np.round(mesh.vertices, 6), axis=0, return_inverse=True)
    edges = np.sort(members.reshape(-1)[edges], 1)
    unique, used = np.unique(edges, axis=0, return_counts=True)
    fixed = np.zeros(len(place), bool)
    fixed[unique[used == 1].ravel()] = True
    degree = np.maximum(np.bincount(unique.ravel(), minlength=len(place)), 1)[:, None]
    for _ in range(rounds):
        total = np.zeros_like(place)
        np.add.at(total, unique[:, 0], place[unique[:, 1]])
        np.add.at(total, unique[:, 1], place[unique[:, 0]])
        place = np.where(fixed[:, None], place, 0.5 * place + 0.5 * total / degree)
    return replace(mesh, vertices=place[members.reshape(-1)])


def inflate(mesh: Mesh, distance_m: float) -> Mesh:
    """Move every vertex outwards."""
    return replace(mesh, vertices=mesh.vertices + normals(mesh) * distance_m)


def draped(mesh: Mesh, rounds: int) -> Mesh:
    """Cloth over a surface: it bridges hollows and sinks nowhere below the surface."""
    bridged = smooth(mesh, rounds)
    outwards = normals(bridged)
    sunk = ((mesh.vertices - bridged.vertices) * outwards).sum(1, keepdims=True)
    return replace(bridged, vertices=bridged.vertices + outwards * np.clip(sunk, 0, None))


def clip(mesh: Mesh, field: Floats) -> Mesh:
    """Keep the part where `field` (V,) is at most 0; triangles across the border are cut exactly."""
    inside = field <= 0
    count = inside[mesh.faces].sum(1)
    lone_inside = _odd_one_first(mesh.faces[count == 1], inside)
    lone_outside = _odd_one_first(mesh.faces[count == 2], ~inside)

    cut_edges = np.concatenate(
        [odd[:, [0, side]] for odd in (lone_inside, lone_outside) for side in (1, 2)]
    )
    edges, edge_of = np.unique(np.sort(cut_edges, 1), axis=0, return_inverse=True)
    start, end = edges.T
    share = (field[start] / np.where(field[start] == field[end], 1, field[start] - field[end]))[
        :, None
    ]

    def extend(values: Floats) -> Floats:
        return np.concatenate([values, values[start] * (1 - share) + values[end] * share])

    new = edge_of.reshape(-1) + len(mesh)
    first, second = len(lone_inside), len(lone_outside)
    in_b, in_c, out_b, out_c = np.split(new, np.cumsum([first, first, second]))
    faces = np.concatenate(
        [
            mesh.faces[count == 3],
            np.stack([lone_inside[:, 0], in_b, in_c], 1),
            np.stack([out_b, lone_outside[:, 1], lone_outside[:, 2]], 1),
            np.stack([out_b, lone_outside[:, 2], out_c], 1),
        ]
    )
    cut = Mesh(extend(mesh.vertices), extend(mesh.uvs), extend(mesh.weights), faces)
    return drop_unused(cut)


def drop_unused(mesh: Mesh) -> Mesh:
    """The same triangles without the vertices that none of them uses."""
    used, faces = np.unique(mesh.faces, return_inverse=True)
    return Mesh(mesh.vertices[used], mesh.uvs[used], mesh.weights[used], faces.reshape(-1, 3))


def coarser(faces: Indices, vertices: Floats, groups: Indices, detail_m: float) -> Indices:
    """Fewer triangles on the same vertices: those of one group within a cell of a grid become one.

    Vertex clustering (Rossignac and Borrel 1993): crude, but these levels are seen from afar only.
    """
    cell = np.floor(vertices / detail_m).astype(np.int64)
    cell -= cell.min(0)
    extent = cell.max(0) + 1
    key = ((groups * extent[0] + cell[:, 0]) * extent[1] + cell[:, 1]) * extent[2] + cell[:, 2]
    off_centre = np.linalg.norm((vertices / detail_m) % 1.0 - 0.5, axis=1)
    by_cell = np.lexsort((off_centre, key))
    _, first, members = np.unique(key[by_cell], return_index=True, return_inverse=True)
    representative = np.empty(len(vertices), np.int64)
    representative[by_cell] = by_cell[first][members.reshape(-1)]
    merged = representative[faces]
    a, b, c = merged.T
    kept = merged[(a != b) & (b != c) & (c != a)]
    _, unique = np.unique(np.sort(kept, 1), axis=0, return_index=True)
    return kept[np.sort(unique)].astype(np.uint32)


def main_bones(weights: Floats) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The four strongest bones (V, 4) of every vertex and their shares, which sum to 1."""
    bones = np.argpartition(-weights, 3, axis=1)[:, :4]
    shares = np.take_along_axis(weights, bones, 1)
    shares /= np.maximum(shares.sum(1, keepdims=True), 1e-9)
    return bones.astype(np.uint8), shares.astype(np.float32)


def _odd_one_first(faces: Indices, odd: NDArray[np.bool_]) -> Indices:
    """Rotate each triangle so that its one vertex with `odd` comes first; orientation is kept."""
    turn = odd[faces].argmax(1)[:, None]
    return np.take_along_axis(faces, (turn + np.arange(3)) % 3, 1)
