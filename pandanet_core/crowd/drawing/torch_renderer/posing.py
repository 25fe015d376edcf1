"""Everything of a batch of scenes as one set of triangles: people skinned, then places."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.crowd.drawing.torch_renderer.cast_meshes import CastMeshes
from pandanet_core.crowd.drawing.torch_renderer.expansion import expanded
from pandanet_core.crowd.drawing.torch_renderer.rasterizer import Fragments, Triangles
from pandanet_core.crowd.drawing.torch_renderer.scene_batch import PeopleBatch, SceneBatch
from pandanet_core.crowd.drawing.torch_renderer.textures import footprint_of


@dataclass(frozen=True)
class PosedPeople:
    """Meshes of people in the world.

    Attributes:
        position, normal: (V, 3) float32; normals are not of unit length.
        picture: (V,) int64.
        vertex: (V,) int64 row of CastMeshes' vertices.
        faces: (T, 3) int64 rows of `position`.
        face: (T,) int64 row of CastMeshes' faces.
        person: (T,) int64.
    """

    position: Tensor
    normal: Tensor
    picture: Tensor
    vertex: Tensor
    faces: Tensor
    face: Tensor
    person: Tensor


def pose(meshes: CastMeshes, people: PeopleBatch, level: Tensor) -> PosedPeople:
    """Linear blend skinning of people at levels of detail (P,)."""
    mesh = people.character * meshes.levels + level
    whose, place = expanded(meshes.vertex_count[mesh])
    vertex = meshes.first_vertex[mesh][whose] + place
    bones, shares = meshes.bones[vertex], meshes.shares[vertex]
    matrix = torch.zeros(len(vertex), 12, device=vertex.device)
    for corner in range(4):
        matrix += shares[:, corner, None] * people.skin[whose, bones[:, corner]]
    rows = matrix.view(-1, 3, 4)
    turn, shift = rows[..., :3], rows[..., 3]
    counts = meshes.vertex_count[mesh]
    person, place = expanded(meshes.face_count[mesh])
    face = meshes.first_face[mesh][person] + place
    return PosedPeople(
        position=(turn * meshes.position[vertex][:, None]).sum(2) + shift,
        normal=(turn * meshes.normal[vertex][:, None]).sum(2),
        picture=people.picture[whose],
        vertex=vertex,
        faces=meshes.faces[face] + (counts.cumsum(0) - counts)[person][:, None],
        face=face,
        person=person,
    )


@dataclass(frozen=True)
class Everything:
    """All triangles of a batch: first people's, as many as `people.faces`, then those of places."""

    people: PosedPeople
    position: Tensor
    vertex_picture: Tensor
    faces: Tensor
    pictures: Tensor

    def seen_by_cameras(self, batch: SceneBatch) -> Triangles:
        """As the cameras see it; depth is the distance along the optical axis, m."""
        local = self.position - batch.eye[self.vertex_picture]
        points = (batch.to_pixels[self.vertex_picture] * local[:, None]).sum(2)
        return Triangles(points, points[:, 2].contiguous(), self.faces, self.pictures)

    def seen_by_suns(self, batch: SceneBatch, size_px: int) -> Triangles:
        """As the suns see it: parallel, onto maps of size_px; depth from 0 to 1."""
        points = to_shadow(batch, self.vertex_picture, self.position)
        depth = points[:, 2].contiguous()
        flat = torch.cat([points[:, :2] * size_px, torch.ones_like(points[:, :1])], 1)
        return Triangles(flat, depth, self.faces, self.pictures)


def to_shadow(batch: SceneBatch, picture: Tensor, points: Tensor) -> Tensor:
    """World points (N, 3) in the shadow maps of their pictures: x, y and depth from 0 to 1."""
    matrix = batch.to_shadow[picture]
    return (matrix[..., :3] * points[:, None]).sum(2) + matrix[..., 3]


def gathered(people: PosedPeople, batch: SceneBatch, shadows: bool) -> Everything:
    """People and places together; for shadows without the grounds."""
    place = batch.place
    chosen = place.casts_shadow if shadows else torch.ones_like(place.casts_shadow)
    picture = place.picture[chosen]
    points = place.vertices[:, :3].reshape(-1, 3, 3)[chosen].reshape(-1, 3)
    count = len(people.position)
    faces = count + torch.arange(len(points), device=points.device).reshape(-1, 3)
    return Everything(
        people=people,
        position=torch.cat([people.position, points]),
        vertex_picture=torch.cat([people.picture, picture.repeat_interleave(3)]),
        faces=torch.cat([people.faces, faces]),
        pictures=torch.cat([batch.people.picture[people.person], picture]),
    )


@dataclass(frozen=True)
class Holes:
    """Where cloth and hair are transparent.

    Attributes:
        holed: (T,) bool, triangles of which parts may be missing.
    """

    meshes: CastMeshes
    people: PosedPeople
    holed: Tensor

    def keeps(self, fragments: Fragments) -> Tensor:
        """Which fragments (M,) are there."""
        kept = torch.ones(len(fragments.triangle), dtype=torch.bool, device=self.holed.device)
        asked = self.holed[fragments.triangle].nonzero()[:, 0]
        kept[asked] = texels(self.meshes, self.people, fragments[asked])[:, 3] >= 0.5
        return kept


def texels(meshes: CastMeshes, people: PosedPeople, fragments: Fragments) -> Tensor:
    """Texture colours (M, 4) from 0 to 1 of fragments of people."""
    corners = meshes.uv[people.vertex[people.faces[fragments.triangle]]]
    place = (fragments.shares.float()[..., None] * corners).sum(1)
    footprint = footprint_of(*fragments.slopes(corners, place))
    return meshes.textures.at(meshes.layer[people.face[fragments.triangle]], place, footprint)
