"""Which joints are hidden, by brute force: lines of sight against all triangles of a scene."""

import numpy as np

from pandanet_core.crowd.drawing.geometry_gl import place_vertices
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scenes.scene import Person, Scene, joints_of
from tests.crowd.posed import posed_vertices


def flags_by_rays(
    scene: Scene, people: list[Person], characters: tuple[Character, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """(N, 22) occluded and (N, 22) self-occluded, as defined in pandanet_core.crowd.labels."""
    corners, owner = _triangles(scene, characters)
    joints = joints_of(people, characters)
    eye = scene.view.eye
    occluded = np.zeros(joints.shape[:2], bool)
    self_occluded = np.zeros_like(occluded)
    for index, person in enumerate(people):
        radii = characters[person.character].joint_radii
        for joint, place in enumerate(joints[index]):
            share, who = first_hit(eye, place - eye, corners, owner)
            depth = scene.view.to_camera(place[None])[0, 2]
            if share < 1 and who != person.identity:
                occluded[index, joint] = True
            elif who == person.identity:
                self_occluded[index, joint] = (1 - share) * depth > radii[joint]
    return occluded, self_occluded


def first_hit(
    start: np.ndarray, way: np.ndarray, corners: np.ndarray, owner: np.ndarray
) -> tuple[float, int]:
    """Where a ray meets triangles (T, 3, 3) first, as a share of `way`, and whose that one is.

    Moeller and Trumbore 1997.
    """
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    across = np.cross(way, second)
    determinant = (first * across).sum(1)
    safe = np.where(np.abs(determinant) < 1e-12, 1, determinant)
    offset = start - corners[:, 0]
    u = (offset * across).sum(1) / safe
    turned = np.cross(offset, first)
    v = (turned @ way) / safe
    share = (second * turned).sum(1) / safe
    hit = (np.abs(determinant) >= 1e-12) & (u >= 0) & (v >= 0) & (u + v <= 1) & (share > 1e-4)
    if not hit.any():
        return np.inf, 0
    nearest = np.where(hit, share, np.inf).argmin()
    return float(share[nearest]), int(owner[nearest])


def _triangles(scene: Scene, characters: tuple[Character, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Corners (T, 3, 3) of everything in a scene and whose they are (T,): an identity, or 0."""
    place = place_vertices(scene)[:, :3].astype(float).reshape(-1, 3, 3)
    corners, owners = [place], [np.zeros(len(place), int)]
    for person in scene.people:
        character = characters[person.character]
        faces = character.faces[1].astype(int)
        corners.append(posed_vertices(character, person.skin)[faces])
        owners.append(np.full(len(faces), person.identity))
    return np.concatenate(corners), np.concatenate(owners)
