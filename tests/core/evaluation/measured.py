"""Scenes to measure, and what tests compute of poses by themselves."""

import numpy as np

from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.measure import Measurement, measure_picture
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.skeleton import JTA22
from tests.core.random_scene import noisy_detections, random_scene


def with_people_apart(sample: Sample) -> Sample:
    """The same without people who hide much of another's box, so that who is who is certain."""
    iou, _ = overlaps(annotated_people(sample, PeopleRule()).boxes, sample.boxes)
    kept: list[int] = []
    for person in range(len(sample)):
        if all(iou[person, other] < 0.3 and iou[other, person] < 0.3 for other in kept):
            kept.append(person)
    return sample.people(np.array(kept))


def hips(pose: np.ndarray) -> np.ndarray:
    return (pose[JTA22.index("left hip")] + pose[JTA22.index("right hip")]) / 2


def bone_sum(pose: np.ndarray) -> float:
    return sum(float(np.linalg.norm(pose[child] - pose[parent])) for child, parent in JTA22.bones)


def noisy_measurements(count: int = 6) -> list[Measurement]:
    rng = np.random.default_rng(42)
    mean_pose = rng.normal(size=(22, 3)).astype(np.float32) * 0.1
    scenes = [random_scene(rng, people=15) for _ in range(count)]
    return [
        measure_picture(scene, noisy_detections(rng, scene, 3), mean_pose3d=mean_pose)
        for scene in scenes
    ]
