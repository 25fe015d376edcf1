"""Measurements of whole pictures: perfect, shuffled and noisy detections."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.data.sample import PeopleRule
from pandanet_core.detections import Detections
from pandanet_core.evaluation.measure import measure_picture
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.evaluation.pose_metrics import auc_3d, mpjpe, pck_3d
from pandanet_core.evaluation.summary import headline
from pandanet_core.skeleton import JTA22
from tests.core.evaluation.measured import bone_sum, hips, with_people_apart
from tests.core.random_scene import noisy_detections, perfect_detections, random_scene

SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_perfect_detections_are_perfect(seed: int) -> None:
    sample = random_scene(np.random.default_rng(seed), people=12)

    measurement = measure_picture(sample, perfect_detections(sample))

    result = headline(measurement, pose_score=0.3)
    assert result.average_precision == 1
    assert result.mpjpe_mm == pytest.approx(0, abs=0.01)
    assert result.pck_3d == 1
    assert result.auc_3d == pytest.approx(30 / 31)
    assert mpjpe(measurement.people.aligned_errors_mm) == pytest.approx(0, abs=0.01)
    assert mpjpe(measurement.people.errors_2d) == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_shuffled_poses_have_the_error_that_loops_find(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = with_people_apart(random_scene(rng, people=14))
    perfect = perfect_detections(sample)
    other = rng.permutation(len(sample))
    shuffled = replace(perfect, pose3d=perfect.pose3d[other], pose2d=perfect.pose2d[other])

    measurement = measure_picture(sample, shuffled)

    errors = []
    for person in np.flatnonzero(annotated_people(sample, PeopleRule()).counts):
        truth, wrong = sample.pose3d_mm[person], sample.pose3d_mm[other[person]]
        size = bone_sum(truth) / bone_sum(wrong)
        errors.append(
            [
                np.linalg.norm((wrong[k] - hips(wrong)) * size - (truth[k] - hips(truth)))
                for k in range(22)
            ]
        )
    np.testing.assert_allclose(measurement.people.errors_mm, errors, rtol=1e-3, atol=0.01)
    result = headline(measurement, 0.3)
    assert result.average_precision == 1
    assert result.mpjpe_mm == pytest.approx(np.mean(errors), rel=1e-4)
    assert result.pck_3d == pytest.approx(np.mean(np.array(errors) < 150), abs=2 / np.size(errors))


def test_missed_people_cost_3dpck_but_not_mpjpe() -> None:
    sample = with_people_apart(random_scene(np.random.default_rng(5), people=14))
    sample = sample.people(annotated_people(sample, PeopleRule()).counts)
    half = len(sample) // 2

    measurement = measure_picture(sample, perfect_detections(sample).take(np.arange(half)))

    assert mpjpe(measurement.people.errors_mm) == pytest.approx(0, abs=0.01)
    assert pck_3d(measurement.people.errors_mm) == pytest.approx(half / len(sample))
    assert auc_3d(measurement.people.errors_mm) == pytest.approx(half / len(sample) * 30 / 31)
    assert measurement.curve().average_precision() == pytest.approx(half / len(sample))


def test_without_detections_everybody_is_missed() -> None:
    sample = random_scene(np.random.default_rng(0), people=5)

    measurement = measure_picture(sample, Detections.empty(22))

    assert not measurement.people.found.any()
    assert measurement.curve().average_precision() == 0
    assert pck_3d(measurement.people.errors_mm) == 0


def test_a_picture_without_people_counts_false_alarms_only() -> None:
    rng = np.random.default_rng(0)
    sample = random_scene(rng, people=5)
    empty = sample.people(np.zeros(5, bool))

    measurement = measure_picture(empty, noisy_detections(rng, sample, 4))

    assert len(measurement.people) == 0
    assert len(measurement.scores) > 0
    assert not measurement.right.any()


def test_boxes_are_compared_inside_the_picture() -> None:
    """Of 200 px of this person's box 50 are in the picture, and the detection knows no edge."""
    sample = random_scene(np.random.default_rng(0), people=1)
    pose2d = np.full((1, 22, 2), 20, np.float32)
    boxes = np.array([[-150, 0, 50, 100]], np.float32)
    sample = replace(sample, pose2d=pose2d, boxes=boxes, occluded=np.zeros((1, 22), bool))
    overhanging = replace(
        perfect_detections(sample), boxes=np.array([[-20, 0, 50, 100]], np.float32)
    )

    assert measure_picture(sample, overhanging).people.found.all()


def test_3d_joints_that_are_not_annotated_do_not_count_in_3d() -> None:
    """Person 0 has no head top, person 1 no right hip and so no root, person 2 nothing at all."""
    sample = random_scene(np.random.default_rng(2), people=8)
    sample = sample.people(annotated_people(sample, PeopleRule()).counts)
    unknown = np.zeros_like(sample.has_3d)
    unknown[0, JTA22.index("head top")] = True
    unknown[1, JTA22.index("right hip")] = unknown[2] = True
    sample.has_3d[unknown] = False
    poses = sample.pose3d_mm.copy()
    perfect = perfect_detections(sample)
    sample.pose3d_mm[unknown] = 0

    people = measure_picture(sample, perfect, mean_pose3d=perfect.pose3d[5]).people
    missed = measure_picture(sample, Detections.empty(22)).people

    unknown[1] = True
    for errors in (people.errors_mm, people.aligned_errors_mm, people.constant_errors_mm):
        np.testing.assert_array_equal(np.isnan(errors), unknown)
    np.testing.assert_array_equal(np.isnan(people.at(2.0).errors_mm), unknown)
    np.testing.assert_array_equal(np.isnan(missed.errors_mm), unknown)
    assert np.isinf(missed.errors_mm[~unknown]).all()
    np.testing.assert_allclose(people.errors_mm[~unknown], 0, atol=0.05)
    np.testing.assert_allclose(people.aligned_errors_mm[~unknown], 0, atol=0.05)
    assert np.isnan(people.distance_mm).tolist() == [False, True, True] + [False] * (len(poses) - 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_higher_score_threshold_equals_fewer_detections(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sample = random_scene(rng, people=12)
    detections = noisy_detections(rng, sample, false_alarms=3)

    later = measure_picture(sample, detections).people.at(0.5)
    before = measure_picture(sample, detections.above(0.5)).people

    for name in ("score", "errors_mm", "aligned_errors_mm", "errors_2d"):
        np.testing.assert_array_equal(getattr(later, name), getattr(before, name))
