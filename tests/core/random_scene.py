"""Annotated pictures of random people, and detections of them that are as good as one wishes."""

import numpy as np

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera, project
from pandanet_core.data.sample import Sample, root_relative
from pandanet_core.detections import Detections
from pandanet_core.skeleton import JTA22, Skeleton

CAMERA = Camera(fx=500, fy=500, cx=320, cy=240, width=640, height=480)


def random_scene(rng: np.random.Generator, people: int, skeleton: Skeleton = JTA22) -> Sample:
    """People of random shape, 3 to 45 m away, some hidden, some partly outside the picture."""
    depth_mm = rng.uniform(3000, 45000, (people, 1, 1))
    sideways = rng.uniform(-0.63, 0.63, (people, 1, 1)) * depth_mm
    root_mm = np.concatenate([sideways, rng.uniform(-500, 500, (people, 1, 1)), depth_mm], 2)
    pose3d_mm = root_mm + rng.normal(size=(people, skeleton.joint_count, 3)) * (150, 450, 150)
    pose2d = project(pose3d_mm, CAMERA).astype(np.float32)
    shape = pose2d.shape[:2]
    return Sample(
        image=np.zeros((CAMERA.height, CAMERA.width, 3), np.uint8),
        pose2d=pose2d,
        pose3d_mm=pose3d_mm.astype(np.float32),
        occluded=rng.random(shape) < rng.random((people, 1)) ** 3,
        self_occluded=np.zeros(shape, bool),
        has_2d=np.ones(shape, bool),
        has_3d=np.ones(shape, bool),
        boxes=box_around_joints(pose2d),
        camera=CAMERA,
        skeleton=skeleton,
        name="random",
    )


def perfect_detections(sample: Sample) -> Detections:
    """Everybody exactly where the annotation has them, each with another score."""
    pose3d, scale_mm = root_relative(sample.pose3d_mm, sample.skeleton)
    return Detections(
        boxes=sample.boxes,
        scores=np.linspace(0.9, 0.5, len(sample)).astype(np.float32),
        pose2d=sample.pose2d,
        pose3d=pose3d,
        root_mm=sample.pose3d_mm[:, list(sample.skeleton.root)].mean(1),
        scale_mm=scale_mm,
    )


def noisy_detections(rng: np.random.Generator, sample: Sample, false_alarms: int) -> Detections:
    """About two thirds of the people, displaced, some twice, and detections of nothing."""
    chosen = np.flatnonzero(rng.random(len(sample)) < 0.67)
    chosen = np.concatenate(
        [chosen, chosen[: len(chosen) // 3], rng.integers(0, len(sample), false_alarms)]
    )
    found = perfect_detections(sample).take(chosen)
    size = (found.boxes[:, 2:] - found.boxes[:, :2]).repeat(2, 0).reshape(-1, 4)
    boxes = found.boxes + rng.normal(size=(len(chosen), 4)) * 0.1 * size
    boxes[len(chosen) - false_alarms :] += 300
    return Detections(
        boxes=boxes.astype(np.float32),
        scores=rng.permutation(np.linspace(0.05, 0.95, len(chosen))).astype(np.float32),
        pose2d=(found.pose2d + rng.normal(size=found.pose2d.shape) * 5).astype(np.float32),
        pose3d=(found.pose3d + rng.normal(size=found.pose3d.shape) * 0.02).astype(np.float32),
        root_mm=found.root_mm,
        scale_mm=found.scale_mm,
    )
