"""Motion blur: every pixel is smeared along the way that it goes while the shutter is open."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scenes.scene import Scene, joints_of

Picture = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]

COARSE = 4
"""Motion is known for every fourth pixel along a side: it is smooth."""

LEAST_PX = 0.5
"""Less is not seen."""

MOST_SAMPLES = 9
LONGEST_SHARE = 0.05
"""Longest smear relative to the picture's width."""

FURTHEST_M = 1e4

EDGES = cv2.BORDER_REPLICATE


def motion_px(
    before: Scene, after: Scene, drawn: Rendering, characters: Sequence[Character]
) -> NDArray[np.float32]:
    """How far each pixel goes from one scene to another shortly after it (h, w, 2), px.

    Args:
        drawn: The first scene, drawn.

    Returns the motion at every COARSE-th pixel. The ground and things move as the camera's motion
    has it; a person's pixels with the joints nearest to them.
    """
    camera = before.view.camera
    height, width = -(-camera.height // COARSE), -(-camera.width // COARSE)
    step = drawn.identity.shape[1] / width, drawn.identity.shape[0] / height
    rows = (np.arange(height) * step[1]).astype(int)
    columns = (np.arange(width) * step[0]).astype(int)
    identity = drawn.identity[np.ix_(rows, columns)]
    depth = np.minimum(drawn.depth[np.ix_(rows, columns)], FURTHEST_M)
    pixels = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1) * COARSE
    motion = _of_the_place(before, after, pixels, depth)
    joints = before.view.pixels(joints_of(before.people, tuple(characters)))
    moved = after.view.pixels(joints_of(after.people, tuple(characters))) - joints
    for person, at, way in zip(before.people, joints, moved, strict=True):
        own = identity == person.identity
        if own.any():
            away = ((pixels[own][:, None] - at) ** 2).sum(-1)
            share = 1 / (away + COARSE**2) ** 2
            motion[own] = (share @ way) / share.sum(1, keepdims=True)
    return motion.astype(np.float32)


def smeared(image: Picture, motion: Floats) -> Picture:
    """The picture (H, W, 3) with every pixel smeared along its motion (h, w, 2), px, of a coarser grid.

    The motion is smoothed over its own length, so that edges are smeared to both sides.
    """
    height, width = image.shape[:2]
    longest = LONGEST_SHARE * width
    length = np.linalg.norm(motion, axis=-1, keepdims=True)
    motion = motion * np.minimum(1, longest / np.maximum(length, 1e-6))
    reach = float(np.minimum(length, longest).max(initial=0))
    if reach < LEAST_PX:
        return image
    smooth = cv2.GaussianBlur(motion, (0, 0), max(0.5, reach / 3 / COARSE))
    way = cv2.resize(smooth.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    here = np.empty((height, width, 2), np.float32)
    here[..., 0], here[..., 1] = np.arange(width), np.arange(height)[:, None]
    samples = int(np.clip(np.ceil(reach), 2, MOST_SAMPLES))
    total = np.zeros(image.shape, np.float32)
    for share in ((np.arange(samples) + 0.5) / samples - 0.5).tolist():
        there = cv2.scaleAdd(way, share, here)
        moved = cv2.remap(image, there, None, cv2.INTER_LINEAR, borderMode=EDGES)  # type: ignore[call-overload]
        cv2.accumulate(moved, total)
    return np.asarray(cv2.convertScaleAbs(total, alpha=1 / samples), np.uint8)


def _of_the_place(before: Scene, after: Scene, pixels: Floats, depth: Floats) -> Floats:
    """How far what does not move seems to move (h, w, 2), at pixels (h, w, 2) of a depth (h, w), m."""
    if before.view is after.view:
        return np.zeros(pixels.shape)
    camera = before.view.camera
    across = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy) * depth[..., None]
    local = np.concatenate([across, depth[..., None]], -1)
    world = local @ before.view.rotation + before.view.eye
    return np.asarray(after.view.pixels(world) - pixels)
