"""Points of a dressed body that labels and the ground need: JTA's joints, soles, knees, palms."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import SKIN_VERTICES, Body
from pandanet_core.crowd.people.rig import PARTS, Rig
from pandanet_core.crowd.rotations import unit
from pandanet_core.skeleton import JTA22

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.integer[Any]]

JOINT_BONES = {
    "head top": "head",
    "head centre": "head",
    "neck": "neck02",
    "spine 0": "spine01",
    "spine 1": "spine02",
    "spine 2": "spine03",
    "spine 3": "spine04",
    "spine 4": "spine05",
} | {
    f"{side} {joint}": f"{bone}.{side[0].upper()}"
    for side in ("left", "right")
    for joint, bone in {
        "clavicle": "clavicle",
        "shoulder": "upperarm01",
        "elbow": "lowerarm01",
        "wrist": "wrist",
        "hip": "upperleg01",
        "knee": "lowerleg01",
        "ankle": "foot",
    }.items()
}
"""The anny bone whose head is JTA's joint; the two joints of the head are points fixed to its bone."""

LEAST_RADIUS_M, LARGEST_RADIUS_M = 0.07, 0.3
_SLAB_M, _REACH_M = 0.04, 0.3
_SLACK, _SLACK_M = 1.15, 0.015  # flesh bulges and cloth folds when the body bends
_CONTACT_RADII_M = {"lowerleg01": 0.06, "lowerarm01": 0.05, "wrist": 0.03, "finger3-3": 0.02}
_PELVIS_RADIUS_M, _HEAD_RADIUS_M = 0.12, 0.11


@dataclass(frozen=True)
class FixedPoints:
    """Points (K, 3) at rest, each fixed to a bone (K,), with a radius (K,) of flesh round it."""

    bones: Indices
    points: Floats
    radii: Floats


def joints_of(rig: Rig, body: Body, vertices: Floats, main_bone: Indices) -> FixedPoints:
    """JTA's 22 joints; radii from the dressed mesh: vertices (V, 3), strongest bone (V,)."""
    bones = np.array([rig.index(JOINT_BONES[joint]) for joint in JTA22.joints])
    points = body.heads[bones].copy()
    head = body.heads[rig.index("head")]
    top = np.array([head[0], head[1], body.vertices[:SKIN_VERTICES, 2].max()])
    points[JTA22.index("head top")] = top
    points[JTA22.index("head centre")] = (head + top) / 2
    radii = np.array(
        [_radius(rig, joint, bones, points, vertices, main_bone) for joint in range(22)]
    )
    return FixedPoints(bones, points, radii)


def _radius(
    rig: Rig, joint: int, bones: Indices, points: Floats, vertices: Floats, main_bone: Indices
) -> float:
    """How far the surface lies from a joint, across its bone."""
    parent = JTA22.parents[joint]
    other = parent if parent >= 0 else JTA22.parents.index(joint)
    axis = unit(points[other] - points[joint])
    # At the end of a limb only its own part counts: a foot reaches far forward of its ankle.
    last = joint not in JTA22.parents
    around = (other,) if last else (joint, other)
    parts = {int(rig.part_of[bones[index]]) for index in around}
    offset = vertices[np.isin(rig.part_of[main_bone], list(parts))] - points[joint]
    along = offset @ axis
    across = np.linalg.norm(offset - along[:, None] * axis, axis=1)
    near = across[(np.abs(along) < _SLAB_M) & (across < _REACH_M)]
    radius = np.percentile(near, 90) * _SLACK + _SLACK_M if len(near) else LEAST_RADIUS_M
    return float(np.clip(radius, LEAST_RADIUS_M, LARGEST_RADIUS_M))


def contacts_of(rig: Rig, body: Body, vertices: Floats, main_bone: Indices) -> FixedPoints:
    """What may touch the ground: the corners of both soles, knees, elbows, hands, seat and head."""
    bones: list[int] = []
    points: list[Floats] = []
    radii: list[float] = []
    for side in (".L", ".R"):
        foot = PARTS.index(("left" if side == ".L" else "right") + " foot")
        for corner in _sole_corners(vertices[rig.part_of[main_bone] == foot]):
            bones.append(rig.index("foot" + side))
            points.append(corner)
            radii.append(0.0)
        for bone, radius in _CONTACT_RADII_M.items():
            bones.append(rig.index(bone + side))
            points.append(body.heads[bones[-1]])
            radii.append(radius)
    for bone, radius in (("root", _PELVIS_RADIUS_M), ("head", _HEAD_RADIUS_M)):
        bones.append(rig.index(bone))
        points.append(body.heads[bones[-1]])
        radii.append(radius)
    return FixedPoints(np.array(bones), np.array(points), np.array(radii))


def _sole_corners(foot: Floats) -> list[Floats]:
    """The lowest point of heel, arch, ball and toes, inside and outside: 8 points of a foot (V, 3)."""
    corners = []
    for zone in np.array_split(foot[np.argsort(foot[:, 1])], 4):
        for half in np.array_split(zone[np.argsort(zone[:, 0])], 2):
            corners.append(half[half[:, 2].argmin()])
    return corners
