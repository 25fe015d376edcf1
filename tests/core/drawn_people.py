"""Annotated pictures drawn for tests: stick people, and dots where the joints are."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera, project
from pandanet_core.data.sample import Sample
from pandanet_core.skeleton import JTA22
from tests.people3d import standing_person

COLOURS = {"left": (255, 40, 40), "right": (40, 40, 255), "middle": (40, 255, 40)}


def as_sample(image: NDArray[np.uint8], pose3d_mm: NDArray[Any], camera: Camera) -> Sample:
    """People (N, 22, 3) in camera space with everything annotated and nothing hidden."""
    pose2d = project(pose3d_mm, camera).astype(np.float32)
    shape = pose2d.shape[:2]
    return Sample(
        image=image,
        pose2d=pose2d,
        pose3d_mm=pose3d_mm.astype(np.float32),
        occluded=np.zeros(shape, bool),
        self_occluded=np.zeros(shape, bool),
        has_2d=np.ones(shape, bool),
        has_3d=np.ones(shape, bool),
        boxes=box_around_joints(pose2d) if len(pose2d) else np.zeros((0, 4), np.float32),
        camera=camera,
        skeleton=JTA22,
        name="drawn",
    )


def pose_somehow(rng: np.random.Generator) -> NDArray[Any]:
    """(22, 3) mm about the pelvis in camera axes: turned, arms up or down, one leg lifted."""
    person = standing_person() - (0, 900, 0)
    for side in ("left", "right"):
        shoulder = JTA22.index(f"{side} shoulder")
        angle = rng.uniform(0, 2.2) * (1 if side == "left" else -1)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for joint in (JTA22.index(f"{side} elbow"), JTA22.index(f"{side} wrist")):
            person[joint, :2] = (
                turn @ (person[joint, :2] - person[shoulder, :2]) + person[shoulder, :2]
            )
    lifted = rng.choice(["left", "right"])
    person[JTA22.index(f"{lifted} knee"), 2] += 250
    person[JTA22.index(f"{lifted} ankle")] += (0, 150, 150)
    yaw = rng.uniform(-1.2, 1.2)
    heading = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    turned: NDArray[Any] = (person @ heading.T) * (1, -1, -1)
    return turned


def stick_people(seed: int, people: int, width: int = 96, height: int = 96) -> Sample:
    """People of coloured sticks side by side, red on their left, blue on their right."""
    rng = np.random.default_rng(seed)
    camera = Camera.from_fov(width, height)
    depth = rng.uniform(2400, 4200, people)
    column = (np.arange(people) + rng.uniform(0.35, 0.65, people)) * width / max(people, 1)
    roots = np.stack([(column - camera.cx) / camera.fx * depth, rng.uniform(-150, 150, people),
                      depth], 1)  # fmt: skip
    poses = np.array([pose_somehow(rng) + root for root in roots]).reshape(-1, 22, 3)
    image = np.full((height, width, 3), rng.integers(60, 140), np.uint8)
    image += rng.integers(0, 20, image.shape, dtype=np.uint8)
    for pose in poses[np.argsort(-depth)]:
        pixels = project(pose, camera)
        thickness = max(1, round(110 * camera.fx / pose[:, 2].mean()))
        for child, parent in JTA22.bones:
            ends = [tuple(int(16 * (v - 0.5)) for v in pixels[joint]) for joint in (child, parent)]
            colour = COLOURS[JTA22.side(child)]
            cv2.line(image, *ends, colour, thickness, cv2.LINE_AA, shift=4)
    return as_sample(image, poses, camera)


def dotted_joints(
    rng: np.random.Generator, width: int = 1024, height: int = 768, fy: float = 800.0
) -> Sample:
    """One "person" whose joints lie far apart all over the picture, a soft dot on each.

    Dots have the colour of the joint's side and are drawn by a Gaussian around the exact place.
    """
    camera = Camera(800.0, fy, width / 2 - 31, height / 2 + 17, width, height)
    rows, columns = np.divmod(rng.permutation(24)[:22], 6)
    cell = np.array([width / 6, height / 4])
    pixels = (np.stack([columns, rows], 1) + rng.uniform(0.3, 0.7, (22, 2))) * cell
    depth = rng.uniform(3000, 9000, (22, 1))
    rays = (pixels - (camera.cx, camera.cy)) / (camera.fx, camera.fy)
    points = np.concatenate([rays, np.ones((22, 1))], 1)
    x, y = np.arange(width) + 0.5, np.arange(height) + 0.5
    image = np.zeros((height, width, 3))
    for joint, (u, v) in enumerate(pixels):
        near = np.s_[max(int(v) - 24, 0) : int(v) + 24, max(int(u) - 24, 0) : int(u) + 24]
        dot = np.exp(-((y[near[0], None] - v) ** 2 + (x[near[1]] - u) ** 2) / (2 * 4.0**2))
        image[near] += dot[..., None] * COLOURS[JTA22.side(joint)]
    return as_sample(image.clip(0, 255).astype(np.uint8), (points * depth)[None], camera)


def find_dots(image: NDArray[np.uint8]) -> tuple[NDArray[Any], list[str]]:
    """Centres (D, 2) px of the dots wholly inside, and the side that each one's colour names."""
    values = image.astype(np.float64)
    values = (values - np.median(values, (0, 1))).clip(0)
    brightness = values.max(2)
    labels = cv2.connectedComponents((brightness > 40).astype(np.uint8))[1]
    centres, sides = [], []
    for label in range(1, labels.max() + 1):
        y, x = np.nonzero(labels == label)
        cut = min(x.min(), y.min()) == 0 or x.max() + 1 == image.shape[1]
        if cut or y.max() + 1 == image.shape[0] or len(x) < 12:
            continue
        weight = brightness[y, x]
        centres.append([(x + 0.5) @ weight / weight.sum(), (y + 0.5) @ weight / weight.sum()])
        sides.append(("left", "middle", "right")[int(values[y, x].sum(0).argmax())])
    return np.array(centres).reshape(-1, 2), sides
