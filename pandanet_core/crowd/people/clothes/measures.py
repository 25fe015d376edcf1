"""What a tailor measures of a body: heights of joints, the arms' length, where points are on it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Body, BodyModel
from pandanet_core.crowd.people.meshes import Mesh

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

_ARM_BONES = ("upperarm", "lowerarm", "wrist", "finger", "metacarpal")
_THIGH_SHARE, _WIDE_SHARE = 0.15, 0.75
"""From where to where along the leg wide trousers become as wide as at their end."""


@dataclass(frozen=True)
class Places:
    """N points on or over a body at rest, m.

    Attributes:
        across, depth, height: (N,) coordinates: to the left, to the back, up.
        arm_share: (N,) how much of them moves with the arms.
        along_arm: (N,) distance from the shoulder along the arm, negative on the torso.
    """

    across: Floats
    depth: Floats
    height: Floats
    arm_share: Floats
    along_arm: Floats


class Measures:
    """Measures of one body at rest, m.

    Attributes:
        hip, knee, ankle, waist, chest, neck: Heights.
        middle_depth: Depth of the spine.
        arm_length: Shoulder to wrist.
    """

    def __init__(self, model: BodyModel, body: Body) -> None:
        self._at = at = {bone: body.heads[model.rig.index(bone)] for bone in _LANDMARKS}
        self.hip, self.knee, self.ankle = (float(at[bone][2]) for bone in _LANDMARKS[:3])
        self.waist = float(at["spine04"][2] + 0.45 * (at["spine02"][2] - at["spine04"][2]))
        self.neck = float(at["neck01"][2])
        self.chest = float(at["spine02"][2] + 0.35 * (self.neck - at["spine02"][2]))
        self.middle_depth = float(at["spine02"][1]) - 0.03
        bones = model.rig.bones
        is_arm = [index for index, bone in enumerate(bones) if bone.startswith(_ARM_BONES)]
        self._arm_share = model.weights[:, is_arm].sum(1)
        shoulder, elbow, wrist = (at[f"{b}.L"] for b in ("upperarm01", "lowerarm01", "wrist"))
        self._upper, self._lower = elbow - shoulder, wrist - elbow
        self.arm_length = float(np.linalg.norm(self._upper) + np.linalg.norm(self._lower))

    def places(self, points: Floats, source: Indices) -> Places:
        """Points (N, 3) that follow the body's vertices (N,)."""
        share = self._arm_share[source]
        upper, lower = np.linalg.norm(self._upper), np.linalg.norm(self._lower)
        on_left = points * np.where(points[:, :1] < 0, np.array([-1, 1, 1]), 1)
        on_upper = (on_left - self._at["upperarm01.L"]) @ self._upper / upper
        on_lower = (on_left - self._at["lowerarm01.L"]) @ self._lower / lower
        along = np.where(on_lower > 0, upper + on_lower, np.minimum(on_upper, upper))
        across, depth, height = points.T
        return Places(across, depth, height, share, share * along - (1 - share) * 0.1)

    def with_wide_legs(self, mesh: Mesh, radius_m: float) -> Mesh:
        """Legs that are at least so wide from the knees down, and no narrower above."""
        vertices = mesh.vertices.copy()
        for side in (1.0, -1.0):
            mirror = np.array([side, 1, 1])
            top, end = self._at["upperleg01.L"] * mirror, self._at["foot.L"] * mirror
            axis = end - top
            share = (vertices - top) @ axis / (axis @ axis)
            out = vertices - top - share[:, None] * axis
            distance = np.linalg.norm(out, axis=1)
            wanted = radius_m * np.clip((share - _THIGH_SHARE) / (_WIDE_SHARE - _THIGH_SHARE), 0, 1)
            ours = (vertices[:, 0] * side > 0) & (share > _THIGH_SHARE) & (distance < 0.25)
            factor = np.where(ours, np.maximum(1, wanted / np.maximum(distance, 1e-3)), 1)
            vertices += out * (factor - 1)[:, None]
        return replace(mesh, vertices=vertices)

    def flared(self, mesh: Mesh, flare: float) -> Mesh:
        """Wider from the hips down: by the share `flare` at the ankles."""
        vertices = mesh.vertices.copy()
        down = np.clip((self.hip - vertices[:, 2]) / (self.hip - self.ankle), 0, 1.2)
        middle = np.array([0.0, self.middle_depth])
        vertices[:, :2] = middle + (vertices[:, :2] - middle) * (1 + flare * down)[:, None]
        return replace(mesh, vertices=vertices)


_LANDMARKS = (
    "upperleg01.L",
    "lowerleg01.L",
    "foot.L",
    "spine04",
    "spine02",
    "neck01",
    "upperarm01.L",
    "lowerarm01.L",
    "wrist.L",
)
