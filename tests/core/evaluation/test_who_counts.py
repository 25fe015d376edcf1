"""Who counts in a measurement, and what is known of a person."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.data.sample import PeopleRule, visible_people
from pandanet_core.evaluation.measure import measure_picture
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.skeleton import JTA22
from tests.core.evaluation.measured import with_people_apart
from tests.core.random_scene import perfect_detections, random_scene


def test_detections_of_people_who_do_not_count_are_neither_right_nor_wrong() -> None:
    sample = with_people_apart(random_scene(np.random.default_rng(1), people=14))
    sample = sample.people(annotated_people(sample, PeopleRule()).counts)
    hidden = replace(sample, occluded=sample.occluded.copy())
    hidden.occluded[0] = True

    measurement = measure_picture(hidden, perfect_detections(sample))

    assert len(measurement.people) == len(sample) - 1
    assert measurement.ignored_people == measurement.ignored_detections == 1
    assert len(measurement.scores) == len(sample) - 1
    assert measurement.curve().average_precision() == 1


def test_who_counts_follows_the_rule() -> None:
    sample = random_scene(np.random.default_rng(0), people=1)
    pose2d = np.full((1, 22, 2), -50, np.float32)
    pose2d[0, :3] = [[100, 100], [100, 108], [105, 104]]
    occluded = np.ones((1, 22), bool)
    occluded[0, :2] = False
    sample = replace(
        sample, pose2d=pose2d, occluded=occluded, boxes=np.array([[99, 99, 106, 109.5]], np.float32)
    )

    def counts(**rule: float) -> bool:
        return bool(annotated_people(sample, PeopleRule(**rule)).counts[0])

    assert counts()
    assert not counts(min_visible_joints=3)
    assert not counts(min_height_px=11)
    sample = replace(sample, boxes=np.array([[99, 99, 102, 109.5]], np.float32))
    assert not counts(), "a sliver of 3 px"
    sample = replace(sample, boxes=np.array([[99, 99, 106, 109.5]], np.float32))
    occluded[0, 1] = True
    assert not counts()
    assert counts(min_visible_joints=1)


def test_a_joint_that_is_not_annotated_in_the_picture_is_not_visible() -> None:
    sample = random_scene(np.random.default_rng(0), people=1)
    pose2d, unhidden = np.full((1, 22, 2), 100, np.float32), np.zeros((1, 22), bool)
    has_2d = unhidden.copy()
    has_2d[0, :1] = True
    boxes = np.array([[80, 80, 120, 120]], np.float32)
    sample = replace(sample, pose2d=pose2d, occluded=unhidden, has_2d=has_2d, boxes=boxes)

    assert not annotated_people(sample, PeopleRule()).counts[0]
    assert annotated_people(sample, PeopleRule()).share_visible[0] == pytest.approx(1 / 22)


def test_what_is_known_of_a_person() -> None:
    """Hips at (3, 0, 4) m: 5 m away. The picture, 640 wide, ends within the box."""
    sample = random_scene(np.random.default_rng(0), people=1)
    pose3d_mm = np.tile(np.float32([3000, 0, 4000]), (1, 22, 1))
    pose3d_mm[0, :, 1] = np.arange(22) * 50
    pose3d_mm[0, list(JTA22.root), 1] = 0
    pose2d = np.full((1, 22, 2), 600, np.float32)
    pose2d[0, :, 1] = 100
    pose2d[0, :11, 0] = 700
    occluded = np.zeros((1, 22), bool)
    occluded[0, -3:] = True
    boxes = np.array([[540, -20, 740, 180]], np.float32)
    sample = replace(sample, pose3d_mm=pose3d_mm, pose2d=pose2d, occluded=occluded, boxes=boxes)
    found = perfect_detections(sample)
    moved = replace(found, pose2d=pose2d + np.float32([3, 4]))

    people = measure_picture(sample, moved).people

    assert people.distance_mm.tolist() == [5000]
    assert people.height_px.tolist() == [200]
    assert people.share_visible.tolist() == [8 / 22]
    assert people.cut.tolist() == [True]
    np.testing.assert_allclose(people.errors_2d[0], [np.nan] * 11 + [5 / 200] * 11, rtol=1e-6)


def test_training_and_evaluation_agree_on_who_counts() -> None:
    sample = random_scene(np.random.default_rng(11), people=200)

    counts = annotated_people(sample, PeopleRule()).counts

    np.testing.assert_array_equal(counts, visible_people(sample))
    assert 5 <= (~counts).sum() <= 100
