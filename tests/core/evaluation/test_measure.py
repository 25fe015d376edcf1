"""Measurements of whole pictures: perfect, shuffled and noisy detections, and who counts."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.data.sample import PeopleRule, Sample, visible_people
from pandanet_core.detections import Detections
from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.evaluator import Evaluation
from pandanet_core.evaluation.matching import overlaps
from pandanet_core.evaluation.measure import Measurement, measure_picture, together
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.evaluation.pose_metrics import auc_3d, mpjpe, pck_3d
from pandanet_core.evaluation.summary import headline, report_tables
from pandanet_core.skeleton import JTA22
from tests.core.random_scene import noisy_detections, perfect_detections, random_scene

SEEDS = range(8)


def with_people_apart(sample: Sample) -> Sample:
    """The same without people who hide much of another's box, so that who is who is certain."""
    iou, _ = overlaps(annotated_people(sample, PeopleRule()).boxes, sample.boxes)
    kept: list[int] = []
    for person in range(len(sample)):
        if all(iou[person, other] < 0.3 and iou[other, person] < 0.3 for other in kept):
            kept.append(person)
    return sample.people(np.array(kept))


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


def hips(pose: np.ndarray) -> np.ndarray:
    return (pose[JTA22.index("left hip")] + pose[JTA22.index("right hip")]) / 2


def bone_sum(pose: np.ndarray) -> float:
    return sum(float(np.linalg.norm(pose[child] - pose[parent])) for child, parent in JTA22.bones)


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


def test_training_and_evaluation_agree_on_who_counts() -> None:
    sample = random_scene(np.random.default_rng(11), people=200)

    counts = annotated_people(sample, PeopleRule()).counts

    np.testing.assert_array_equal(counts, visible_people(sample))
    assert 5 <= (~counts).sum() <= 100


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


def noisy_measurements(count: int = 6) -> list[Measurement]:
    rng = np.random.default_rng(42)
    mean_pose = rng.normal(size=(22, 3)).astype(np.float32) * 0.1
    scenes = [random_scene(rng, people=15) for _ in range(count)]
    return [
        measure_picture(scene, noisy_detections(rng, scene, 3), mean_pose3d=mean_pose)
        for scene in scenes
    ]


def test_pictures_together_are_their_sum() -> None:
    parts = noisy_measurements()

    whole = together(parts)

    assert whole.pictures == len(parts)
    assert len(whole.people) == sum(len(part.people) for part in parts)
    assert whole.right.sum() == sum(part.people.found.sum() for part in parts)
    assert whole.ignored_people == sum(part.ignored_people for part in parts)
    assert mpjpe(whole.people.errors_mm) == pytest.approx(
        np.average(
            [mpjpe(part.people.errors_mm) for part in parts],
            weights=[part.people.found.sum() for part in parts],
        )
    )


def test_the_constant_pose_is_measured_for_the_people_found() -> None:
    sample = random_scene(np.random.default_rng(3), people=10)
    mean_pose = np.random.default_rng(4).normal(size=(22, 3)) * 0.1
    measurement = measure_picture(sample, perfect_detections(sample), mean_pose3d=mean_pose)
    counts = annotated_people(sample, PeopleRule()).counts

    expected = [
        np.linalg.norm((mean_pose[k] - hips(mean_pose)) * bone_sum(pose) - (pose[k] - hips(pose)))
        for pose, score in zip(sample.pose3d_mm[counts], measurement.people.score, strict=True)
        for k in range(22)
        if score >= 0.7
    ]

    assert headline(measurement, 0.7).constant_mpjpe_mm == pytest.approx(
        np.mean(expected), rel=1e-4
    )
    assert headline(measurement, 0.7).better_than_constant == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    "grouping",
    [breakdown.by_height, breakdown.by_distance, breakdown.by_cut, breakdown.by_visibility],
)
def test_every_person_belongs_to_one_group(grouping) -> None:
    people = together(noisy_measurements()).people

    masks = np.array([mask for _, mask in grouping(people)])

    assert (masks.sum(0) == 1).all()
    assert (masks.any(1)).sum() >= 2


def test_groups_hold_whom_their_names_say() -> None:
    people = together(noisy_measurements()).people
    people.distance_mm[0], people.height_px[:2] = 40_000, (30, 50)
    far = dict(breakdown.by_distance(people))["from 40 m"]
    small = dict(breakdown.by_height(people))["30 to 50 px"]

    np.testing.assert_array_equal(far, people.distance_mm >= 40_000)
    np.testing.assert_array_equal(small, (people.height_px >= 30) & (people.height_px < 50))


def test_the_tables_say_what_loops_find() -> None:
    measurement = together(noisy_measurements())
    people = measurement.people
    evaluation = Evaluation(measurement, Counter(), ())
    tables = {table.title: table.rows for table in report_tables(evaluation, JTA22, pose_score=0.4)}
    found = [person for person in range(len(people)) if people.score[person] >= 0.4]
    ours = [people.errors_mm[person, joint] for person in found for joint in range(22)]
    constant = [people.constant_errors_mm[person, joint] for person in found for joint in range(22)]
    elbows = [people.errors_mm[person, joint] for person in found for joint in (5, 9)]

    everybody = tables["Poses"][0]
    assert everybody["people"] == len(people) > len(found) > 10
    assert everybody["found %"] == pytest.approx(100 * len(found) / len(people))
    assert everybody["MPJPE mm"] == pytest.approx(np.mean(ours))
    assert everybody["constant pose mm"] == pytest.approx(np.mean(constant))
    better = 100 * (np.mean(constant) - np.mean(ours)) / np.mean(constant)
    assert everybody["better by %"] == pytest.approx(better)
    right = sum(error < 150 for error in ours)
    assert everybody["3DPCK all %"] == pytest.approx(100 * right / (22 * len(people)))
    assert everybody["3DPCK found %"] == pytest.approx(100 * right / len(ours))
    by_joint = {row["joints"]: row for row in tables["By joint"]}
    assert by_joint["elbows"]["MPJPE mm"] == pytest.approx(np.mean(elbows))
    at_half = next(row for row in tables["Precision and recall"] if row["score from"] == "0.5")
    accepted = measurement.right[measurement.scores >= 0.5]
    assert at_half["detections"] == len(accepted)
    assert at_half["precision %"] == pytest.approx(100 * np.mean(accepted))
    assert at_half["recall %"] == pytest.approx(100 * np.sum(accepted) / len(people))
    assert sum(row["people"] for row in tables["By distance"]) == len(people)
