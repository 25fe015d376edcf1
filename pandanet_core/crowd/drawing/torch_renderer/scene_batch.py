"""Scenes as tensors on the device: what OpenGL gets as uniforms and buffers, for B pictures at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from pandanet_core.crowd.drawing.geometry_gl import (
    ground_vertices,
    solid_vertices,
    vertex_count,
)
from pandanet_core.crowd.drawing.render_gl import (
    SHADOW_LEVEL,
    SOLID_HAIR_LEVEL,
    SkyByName,
    level_of_detail,
    shadow_matrix,
)
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Material
from pandanet_core.crowd.scenes.scene import Person, Scene, View, joints_of
from pandanet_core.skeleton import JTA22

ON_GROUND_M = 0.008
"""Lawns and painted lines lie lower than this and belong to the ground."""

_PELVIS = JTA22.index("spine 4")


@dataclass(frozen=True)
class PeopleBatch:
    """P people of all pictures: picture by picture, the nearest of each first.

    Attributes:
        picture: (P,) int64.
        character, level, shadow_level: (P,) int64, the mesh to draw and the one that casts a shadow.
        identity: (P,) int64.
        skin: (P, bones, 12) float32.
        tints: (P, M, 4) float32 of every Material.
        solid_hair: (P,) bool.
        joints: (P, 22, 3) float32, in the world.
    """

    picture: Tensor
    character: Tensor
    level: Tensor
    shadow_level: Tensor
    identity: Tensor
    skin: Tensor
    tints: Tensor
    solid_hair: Tensor
    joints: Tensor


@dataclass(frozen=True)
class PlaceBatch:
    """Ground and solids: vertices (V, 17) as of geometry_gl, three to a triangle.

    Attributes:
        picture: (V / 3,) int64.
        casts_shadow: (V / 3,) bool: all but the ground and lawns, which nothing lies under.
    """

    vertices: Tensor
    picture: Tensor
    casts_shadow: Tensor


@dataclass(frozen=True)
class SceneBatch:
    """B scenes.

    Attributes:
        skies: Names of the skies in use.
        sky: (B,) int64 index into them.
        harmonics: (B, 9, 3). sun_direction, sun_irradiance, eye, forward: (B, 3). exposure: (B,).
        to_pixels: (B, 3, 3) from the eye to homogeneous pixels; from_pixels is its inverse.
        to_shadow: (B, 3, 4) from the world to the shadow map: x, y and depth from 0 to 1.
    """

    people: PeopleBatch
    place: PlaceBatch
    skies: tuple[str, ...]
    sky: Tensor
    harmonics: Tensor
    sun_direction: Tensor
    sun_irradiance: Tensor
    eye: Tensor
    forward: Tensor
    exposure: Tensor
    to_pixels: Tensor
    from_pixels: Tensor
    to_shadow: Tensor


def batch_of(
    scenes: Sequence[Scene],
    cast: Cast,
    skies: SkyByName,
    device: torch.device,
    supersampling: int = 1,
) -> SceneBatch:
    """Put scenes onto a device; pixels are those of pictures `supersampling` times as large."""

    def floats(values: ArrayLike) -> Tensor:
        return torch.from_numpy(np.asarray(values, np.float32)).to(device)

    people = [person for scene in scenes for person in scene.people]
    joints = joints_of(people, cast.characters)
    ends = np.cumsum([len(scene.people) for scene in scenes])
    parts = np.split(joints, ends[:-1])
    names = tuple(sorted({scene.sky for scene in scenes}))
    in_use = [skies[scene.sky] for scene in scenes]
    to_pixels = np.stack([_to_pixels(scene.view, supersampling) for scene in scenes])
    to_shadow = [
        shadow_matrix(scene.view, part[:, _PELVIS], sky.sun_direction)[:3]
        for scene, part, sky in zip(scenes, parts, in_use, strict=True)
    ]
    return SceneBatch(
        people=_people(scenes, parts, cast, device),
        place=_places(scenes, device),
        skies=names,
        sky=torch.tensor([names.index(scene.sky) for scene in scenes], device=device),
        harmonics=floats([sky.harmonics for sky in in_use]),
        sun_direction=floats([sky.sun_direction for sky in in_use]),
        sun_irradiance=floats(
            [
                sky.sun_irradiance * scene.light.sun
                for scene, sky in zip(scenes, in_use, strict=True)
            ]
        ),
        eye=floats([scene.view.eye for scene in scenes]),
        forward=floats([scene.view.rotation[2] for scene in scenes]),
        exposure=floats([scene.exposure for scene in scenes]),
        to_pixels=floats(to_pixels),
        from_pixels=floats(np.linalg.inv(to_pixels)),
        to_shadow=floats(np.stack(to_shadow) * 0.5 + [0, 0, 0, 0.5]),
    )


def _to_pixels(view: View, supersampling: int) -> np.ndarray[Any, Any]:
    camera = view.camera
    pinhole = np.array([[camera.fx, 0, camera.cx], [0, camera.fy, camera.cy], [0, 0, 1]])
    return np.diag([supersampling, supersampling, 1.0]) @ pinhole @ view.rotation


def _people(
    scenes: Sequence[Scene],
    joints: list[np.ndarray[Any, Any]],
    cast: Cast,
    device: torch.device,
) -> PeopleBatch:
    people: list[Person] = []
    pictures, levels, places = [], [], []
    for picture, (scene, places_of_joints) in enumerate(zip(scenes, joints, strict=True)):
        distances = np.linalg.norm(places_of_joints[:, _PELVIS] - scene.view.eye, axis=1)
        for index in np.argsort(distances):
            person = scene.people[index]
            stature = cast.characters[person.character].stature
            people.append(person)
            pictures.append(picture)
            levels.append(level_of_detail(scene, stature, float(distances[index])))
            places.append(places_of_joints[index])

    def stacked(values: list[Any], shape: tuple[int, ...]) -> Tensor:
        array = np.array(values, np.float32).reshape(len(people), *shape)
        return torch.from_numpy(array).to(device)

    level = torch.tensor(levels, dtype=torch.int64, device=device)
    return PeopleBatch(
        picture=torch.tensor(pictures, dtype=torch.int64, device=device),
        character=torch.tensor([p.character for p in people], dtype=torch.int64, device=device),
        level=level,
        shadow_level=level.clamp(min=SHADOW_LEVEL),
        identity=torch.tensor([p.identity for p in people], dtype=torch.int64, device=device),
        skin=stacked([person.skin for person in people], (len(cast.rig.bones), 12)),
        tints=stacked([person.tints for person in people], (len(Material), 4)),
        solid_hair=level >= SOLID_HAIR_LEVEL,
        joints=stacked(places, (22, 3)),
    )


def _places(scenes: Sequence[Scene], device: torch.device) -> PlaceBatch:
    """Grounds of all scenes, then their solids."""
    grounds = [ground_vertices(scene.ground, scene.view.eye) for scene in scenes]
    solids = [solid for scene in scenes for solid in scene.solids]
    vertices = np.concatenate([*grounds, solid_vertices(solids)])
    whose = [picture for picture, scene in enumerate(scenes) for _ in scene.solids]
    counts = [len(ground) // 3 for ground in grounds] + [vertex_count(s) // 3 for s in solids]
    picture = np.repeat([*range(len(scenes)), *whose], counts)
    on_device = torch.from_numpy(vertices).to(device)
    highest = on_device[:, 2].view(-1, 3).amax(1)
    return PlaceBatch(on_device, torch.from_numpy(picture).to(device), highest > ON_GROUND_M)
