"""What a picture shows: joints in 2D and 3D, and which of them are hidden by what."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import project
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scenes.scene import Scene, joints_of

Floats = NDArray[np.floating[Any]]

LEAST_DEPTH_M = 0.05
"""Joints behind the camera have no place in the picture: such people are not labelled."""


@dataclass(frozen=True)
class Labels:
    """N people with K = 22 joints of JTA.

    Attributes:
        identities: (N,) numbers of the people.
        pose2d: (N, K, 2) px, also outside the picture.
        pose3d_m: (N, K, 3) camera space, m.
        occluded: (N, K) hidden by something else than the person.
        self_occluded: (N, K) hidden by another part of the person's own body.
    """

    identities: NDArray[np.int64]
    pose2d: Floats
    pose3d_m: Floats
    occluded: NDArray[np.bool_]
    self_occluded: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.identities)


def label(
    scene: Scene,
    characters: tuple[Character, ...],
    identity: NDArray[np.int16],
    depth: NDArray[np.float32],
) -> Labels:
    """Labels of all people with at least one joint in the picture.

    A joint inside the picture is *occluded* where somebody or something else is drawn in front of
    it. It is *self-occluded* where the person's own surface lies further in front of it than the
    flesh and cloth round that joint are thick. Outside the picture nothing is known: both are false.

    Args:
        identity: (H', W') who is drawn at each pixel, at any whole multiple of the picture's size.
        depth: (H', W') how far it is along the optical axis, m.
    """
    camera = scene.view.camera
    joints = scene.view.to_camera(joints_of(scene.people, characters))
    pixels = project(joints * 1000, camera)
    size = np.array([camera.width, camera.height])
    inside: NDArray[np.bool_] = np.all((pixels >= 0) & (pixels < size), axis=-1)
    shown = inside.any(1) & (joints[..., 2].min(1) > LEAST_DEPTH_M)
    people = [person for person, is_shown in zip(scene.people, shown, strict=True) if is_shown]
    joints, pixels, inside = joints[shown], pixels[shown], inside[shown]

    scale = identity.shape[1] / camera.width
    column = np.clip(pixels[..., 0] * scale, 0, identity.shape[1] - 1).astype(int)
    row = np.clip(pixels[..., 1] * scale, 0, identity.shape[0] - 1).astype(int)
    numbers = np.array([person.identity for person in people], np.int64)
    radii = np.array([characters[person.character].joint_radii for person in people]).reshape(
        -1, 22
    )
    own = identity[row, column] == numbers[:, None]
    gap = joints[..., 2] - depth[row, column]
    return Labels(
        identities=numbers,
        pose2d=pixels,
        pose3d_m=joints,
        occluded=inside & ~own & (gap > 0),
        self_occluded=inside & own & (gap > radii),
    )
