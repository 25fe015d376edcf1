"""People as one low-polygon mesh, and which of them is under the pointer."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.mesh3d import Mesh, balls, discs, light_direction, merged, tubes
from pandanet_app.drawing.scene3d import SceneRequest
from pandanet_core.skeleton import Skeleton

Floats = NDArray[np.floating[Any]]

BONE_RADIUS_M = 0.026
HEAD_RADIUS_M = 0.115
INSIDE_HEAD = "head top"
"""A joint that the head's ball covers: it gets no bone of its own."""
THINNEST_PX = 1.1
"""Bones far away get no thinner than this radius on the screen."""
HIGHLIGHT_RADIUS = 1.6
"""The chosen person's bones are so many times thicker."""
DIMMED = 0.45
"""How far everybody else fades into the background while one person is chosen."""
RING_M = (0.36, 0.44)
"""Inner and outer radius of the ring on the floor round the chosen person."""
SPOT_M = 0.22
"""Radius of the spot on the floor below everybody else."""
SPOT_STRENGTH = 0.35
LEFT_TINT, RIGHT_SHADE = 0.35, 0.75
"""Left limbs are this far towards white; right limbs have this much of the colour's brightness."""
REACH_PX = 6.0
"""A pointer this near to a bone's edge still means that bone."""


def people_mesh(request: SceneRequest) -> Mesh:
    """Everybody's bones, joints and heads, and a spot on the floor below each.

    Left limbs are lighter than the person's colour, right limbs darker. The chosen person is
    thicker, stands in a ring, and the others are dimmed.
    """
    light = light_direction(request.orbit)
    joints, radii = request.people_m, joint_radii_m(request)
    colours = _joint_colours(request)
    child, parent = _drawn_bones(request.skeleton)
    bone_known = np.isfinite(joints[:, child] + joints[:, parent]).all(-1)
    bones = tubes(
        joints[:, parent][bone_known],
        joints[:, child][bone_known],
        np.stack([radii[:, parent], radii[:, child]], -1)[bone_known],
        colours[:, child][bone_known],
        light,
    )
    outside_head = np.array([name != INSIDE_HEAD for name in request.skeleton.joints])
    joint_known = np.isfinite(joints).all(-1) & outside_head
    knobs = balls(joints[joint_known], radii[joint_known], colours[joint_known], light)
    centres, head_radii = heads_m(request)
    head_known = np.isfinite(centres).all(-1)
    heads = balls(
        centres[head_known],
        head_radii[head_known],
        _person_colours(request)[head_known],
        light,
        fine=True,
    )
    return merged([bones, knobs, heads, _marks_on_floor(request)])


def person_at(request: SceneRequest, x: float, y: float) -> int | None:
    """Row of the person under the pointer (x, y) px in the picture of that request, or None.

    The person whose bones or head come nearest to the pointer within a few pixels; of several
    under the pointer the front-most.
    """
    starts, ends, radii = _pickable(request)
    size = request.width, request.height
    pixel_radius = (
        request.orbit.focal_px(request.height) * radii / request.orbit.view(starts)[..., 2]
    )
    distance, share = _distance_to_segments(
        np.array([x, y]), request.orbit.project(starts, *size), request.orbit.project(ends, *size)
    )
    beside = np.maximum(0.0, distance - pixel_radius)
    beside = np.where(np.isfinite(beside), beside, np.inf)
    if beside.size == 0 or beside.min() > REACH_PX:
        return None
    depths = 1 / (
        (1 - share) / request.orbit.view(starts)[..., 2] + share / request.orbit.view(ends)[..., 2]
    )
    candidates = beside < beside.min() + 0.5
    nearest = np.where(candidates, depths, np.inf)
    return int(np.unravel_index(np.argmin(nearest), nearest.shape)[0])


def joint_radii_m(request: SceneRequest) -> Floats:
    """(N, K) radius of bones at each joint, metres: thicker far away, where they would vanish."""
    depth = np.nan_to_num(request.orbit.view(request.people_m)[..., 2])
    visible = THINNEST_PX * np.maximum(depth, 0) / request.orbit.focal_px(request.height)
    radii = np.maximum(BONE_RADIUS_M, visible)
    if request.highlighted is not None:
        radii[request.highlighted] *= HIGHLIGHT_RADIUS
    return radii


def heads_m(request: SceneRequest) -> tuple[Floats, Floats]:
    """Centres (N, 3) and radii (N,) of the heads in metres; NaN where there is none to draw."""
    joint = _head_joint(request.skeleton)
    if joint is None:
        return np.full((len(request.people_m), 3), np.nan), np.zeros(len(request.people_m))
    radii = np.maximum(HEAD_RADIUS_M, 1.8 * joint_radii_m(request)[:, joint])
    return request.people_m[:, joint], radii


def _drawn_bones(skeleton: Skeleton) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Child and parent joints of the bones outside the head."""
    bones = [bone for bone in skeleton.bones if skeleton.joints[bone[0]] != INSIDE_HEAD]
    child, parent = np.array(bones, np.intp).reshape(-1, 2).T
    return child, parent


def _head_joint(skeleton: Skeleton) -> int | None:
    """The joint in the middle of the head, or the nearest that a skeleton has to it."""
    for name in ("head centre", "head", "nose"):
        if name in skeleton.joints:
            return skeleton.index(name)
    return None


def _person_colours(request: SceneRequest) -> Floats:
    """(N, 3) everybody's colour, faded while somebody else is chosen."""
    colours = request.theme.people_brightness * np.asarray(request.colours, np.float64)
    if request.highlighted is None:
        return colours
    faded = colours + DIMMED * (np.asarray(request.theme.background) - colours)
    faded[request.highlighted] = colours[request.highlighted]
    return faded


def _joint_colours(request: SceneRequest) -> Floats:
    """(N, K, 3) the colour of each joint and of the bone that leads from it towards the pelvis."""
    colours = _person_colours(request)
    sides = [request.skeleton.side(joint) for joint in range(request.skeleton.joint_count)]
    shades = {
        "left": colours + LEFT_TINT * (1 - colours),
        "right": RIGHT_SHADE * colours,
        "middle": colours,
    }
    return np.stack([shades[side] for side in sides], 1)


def _marks_on_floor(request: SceneRequest) -> Mesh:
    """A spot below everybody, a ring below the chosen person."""
    pelvis = request.people_m[:, request.skeleton.root].mean(1)
    below = pelvis * (1, 0, 1) + (0, 0.004, 0)  # just above the grid's lines
    known = np.isfinite(below).all(-1)
    background = np.asarray(request.theme.background)
    tints = background + SPOT_STRENGTH * (np.asarray(request.colours) - background)
    chosen = np.arange(len(below)) == (-1 if request.highlighted is None else request.highlighted)
    spots = discs(below[known & ~chosen], 0.0, SPOT_M, tints[known & ~chosen])
    rings = discs(below[known & chosen], *RING_M, np.asarray(request.colours)[known & chosen])
    return merged([spots, rings])


def _pickable(request: SceneRequest) -> tuple[Floats, Floats, Floats]:
    """Starts and ends (N, P, 3) and radii (N, P) of bones, and of heads as bones without length."""
    child, parent = _drawn_bones(request.skeleton)
    radii = joint_radii_m(request)
    centres, head_radii = heads_m(request)
    starts = np.concatenate([request.people_m[:, parent], centres[:, None]], 1)
    ends = np.concatenate([request.people_m[:, child], centres[:, None]], 1)
    return starts, ends, np.concatenate([radii[:, child], head_radii[:, None]], 1)


def _distance_to_segments(point: Floats, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """Distance of a point (2,) to segments (..., 2), and where it is nearest: 0 start, 1 end."""
    along = ends - starts
    length2 = np.maximum((along**2).sum(-1), 1e-12)
    share = np.clip(((point - starts) * along).sum(-1) / length2, 0, 1)
    return np.linalg.norm(starts + share[..., None] * along - point, axis=-1), share
