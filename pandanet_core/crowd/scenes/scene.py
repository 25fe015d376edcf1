"""A scene: who stands where, what stands beside them, the light and the camera. Metres, z up."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.rig import carry
from pandanet_core.crowd.scenes.light import DAY, Light
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class View:
    """A camera in the world: rows of `rotation` (3, 3) are its right, down and forward axes."""

    camera: Camera
    rotation: Floats
    eye: Floats

    def to_camera(self, points: Floats) -> Floats:
        """World points (..., 3) in camera space (x right, y down, z forward), m."""
        return (points - self.eye) @ self.rotation.T

    def pixels(self, points: Floats) -> Floats:
        """World points (..., 3) in pixels (..., 2); only meaningful in front of the camera."""
        local = self.to_camera(points)
        depth = np.maximum(local[..., 2:], 1e-6)
        focal = np.array([self.camera.fx, self.camera.fy])
        return local[..., :2] / depth * focal + (self.camera.cx, self.camera.cy)


def view_from(
    camera: Camera, eye: Floats, heading_rad: float, pitch_rad: float, roll_rad: float
) -> View:
    """A view: heading 0 looks along +y and turns to the right, positive pitch looks down."""
    sine, cosine = np.sin(heading_rad), np.cos(heading_rad)
    ahead, right = np.array([sine, cosine, 0]), np.array([cosine, -sine, 0])
    forward = np.cos(pitch_rad) * ahead - np.array([0, 0, np.sin(pitch_rad)])
    down = np.cross(forward, right)
    turned_right = np.cos(roll_rad) * right + np.sin(roll_rad) * down
    turned_down = np.cross(forward, turned_right)
    return View(camera, np.stack([turned_right, turned_down, forward]), eye)


@dataclass(frozen=True)
class Person:
    """Someone in the scene.

    Attributes:
        character: Index into the cast.
        skin: (B, 3, 4) float32 skinning matrices into the world.
        tints: (M, 4) float32: colour factors (r, g, b) and hue turn in rad of every Material.
        identity: Number that labels and person-id pictures use, from 1.
    """

    character: int
    skin: Floats
    tints: Floats
    identity: int


def joints_of(people: list[Person], characters: tuple[Character, ...]) -> Floats:
    """JTA's 22 joints of N people in the world, (N, 22, 3) m."""
    if not people:
        return np.zeros((0, 22, 3))
    who = [characters[person.character] for person in people]
    skin = np.stack([person.skin for person in people])
    bones = np.stack([character.joint_bones for character in who])
    points = np.stack([character.joint_points for character in who])
    return carry(skin, bones, points)


def pelvises_of(people: list[Person], characters: tuple[Character, ...]) -> Floats:
    """Where N people's pelvises (JTA's spine 4) are, (N, 3) m."""
    return joints_of(people, characters)[:, JTA22.index("spine 4")]


@dataclass(frozen=True)
class Surface:
    """How a box or the ground looks: two albedos mixed by noise, and a pattern drawn on top."""

    first: tuple[float, float, float]
    second: tuple[float, float, float]
    pattern: int  # 0 plain, 1 tiles, 2 windows, 3 planks
    scale: float = 1.0


@dataclass(frozen=True)
class Box:
    """A cuboid that stands upright: centre (x, y), half sizes, bottom and top, turned by yaw."""

    x: float
    y: float
    half_width: float
    half_depth: float
    bottom: float
    top: float
    yaw_rad: float
    surface: Surface


@dataclass(frozen=True)
class Turned:
    """A solid of revolution, as if turned on a lathe: cone, post, wheel, ball, crown of a tree.

    Attributes:
        start, end: Ends of the axis, m.
        radii: m, at equal distances from start to end; at least 2.
        surface: How it looks.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radii: tuple[float, ...]
    surface: Surface


Solid = Box | Turned


@dataclass(frozen=True)
class Scene:
    """Everything the renderer needs for one picture."""

    view: View
    people: list[Person]
    solids: list[Solid]
    ground: Surface
    sky: str
    exposure: float
    light: Light = DAY
    roofed: bool = False
