"""Measurements of many pictures: their sum, their groups, their tables."""

from collections import Counter

import numpy as np
import pytest

from pandanet_core.data.sample import PeopleRule
from pandanet_core.evaluation import breakdown
from pandanet_core.evaluation.evaluator import Evaluation
from pandanet_core.evaluation.measure import measure_picture, together
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.evaluation.pose_metrics import mpjpe
from pandanet_core.evaluation.summary import headline, report_tables
from pandanet_core.skeleton import JTA22
from tests.core.evaluation.measured import bone_sum, hips, noisy_measurements
from tests.core.random_scene import perfect_detections, random_scene


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
