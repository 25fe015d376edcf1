"""3D pose errors against values computed by hand, plain loops and scipy."""

import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.spatial.transform import Rotation

from pandanet_core.evaluation.breakdown import joint_groups
from pandanet_core.evaluation.pose_metrics import (
    aligned_errors_mm,
    auc_3d,
    joint_errors_mm,
    mpjpe,
    pck_3d,
    sized_errors_mm,
    true_sizes_mm,
)
from pandanet_core.skeleton import JTA22, SKELETONS, Skeleton, bone_length_sum
from tests.people3d import standing_person

MISSED, UNKNOWN = np.inf, np.nan


def test_errors_of_a_pose_computed_by_hand() -> None:
    """Roots at (1, 0, 0) and (0, 0, 0); relative to them the third joint is off by (3, 4, 0)."""
    truth = np.array([[[-1.0, 0, 0], [1, 0, 0], [0, 10, 0]]])
    predicted = np.array([[[0.0, 0, 0], [2, 0, 0], [4, 14, 0]]])

    errors = joint_errors_mm(predicted, truth, root=(0, 1))

    np.testing.assert_allclose(errors, [[0, 0, 5]])
    assert mpjpe(errors) == pytest.approx(5 / 3)


STICK = Skeleton(
    "stick",
    joints=("hip", "knee", "ankle", "head"),
    parents=(-1, 0, 1, 0),
    mirror=(0, 1, 2, 3),
    root=(0,),
)
"""Three bones: thigh, shin, trunk."""


def test_poses_are_given_the_true_size_computed_by_hand() -> None:
    """True bones of 400, 300 and 300 mm; the prediction's are 0.4, 0.3 and 0.2 of its unit, so the
    unit is 1000 mm and its head is 100 mm too low. The second shin points sideways."""
    truth = np.array([[[0.0, 0, 0], [0, 400, 0], [0, 700, 0], [0, -300, 0]]]) + (50, 60, 3000)
    straight = np.array([[[0.0, 0, 0], [0, 0.4, 0], [0, 0.7, 0], [0, -0.2, 0]]])
    sideways = np.array([[[0.0, 0, 0], [0, 0.4, 0], [0.3, 0.4, 0], [0, -0.2, 0]]])
    predicted, truth = np.concatenate([straight, sideways]), np.tile(truth, (2, 1, 1))

    errors = sized_errors_mm(predicted, truth, np.ones((2, 4), bool), STICK)

    expected = [[0, 0, 0, 100], [0, 0, 300 * 2**0.5, 100]]
    np.testing.assert_allclose(errors, expected, atol=1e-6)
    assert mpjpe(errors) == pytest.approx((100 + 300 * 2**0.5 + 100) / 8, abs=1e-6)
    assert pck_3d(errors) == pytest.approx(7 / 8, abs=1e-6)
    assert pck_3d(errors, 100.0) == pytest.approx(5 / 8, abs=1e-6)
    within = [5 / 8] * 20 + [7 / 8] * 10  # 5, 10, ..., 100 and 105, ..., 150 mm; nobody within 0
    assert auc_3d(errors) == pytest.approx(sum(within) / 31, abs=1e-6)


def test_an_unknown_bone_is_the_same_part_of_the_whole_as_in_the_prediction() -> None:
    """Thigh and trunk known: 700 mm, and 6/9 of the prediction; so the whole counts 1050 mm."""
    truth = np.array([[[0.0, 0, 0], [0, 400, 0], [0, 0, 0], [0, -300, 0]]])
    predicted = np.array([[[0.0, 0, 0], [0, 0.4, 0], [0, 0.7, 0], [0, -0.2, 0]]])
    known = np.array([[True, True, False, True]])

    assert true_sizes_mm(predicted, truth, known, STICK) == pytest.approx([1050], abs=1e-3)
    errors = sized_errors_mm(predicted, truth, known, STICK)
    np.testing.assert_allclose(errors, [[0, 20, np.nan, 90]], atol=1e-3)


def test_an_unknown_bone_is_as_long_as_that_of_the_other_side() -> None:
    """Somebody symmetric without a left elbow has the size of somebody whole."""
    person = standing_person()[None]
    known = np.ones((1, 22), bool)
    known[0, JTA22.index("left elbow")] = False
    nobody_like = np.random.default_rng(0).normal(size=(1, 22, 3))

    size = true_sizes_mm(nobody_like, np.where(known[..., None], person, 0), known, JTA22)

    np.testing.assert_allclose(size, bone_length_sum(person, JTA22), rtol=1e-6)


def test_people_without_an_annotated_bone_have_no_size() -> None:
    truth, predicted = np.random.default_rng(0).normal(size=(2, 3, 4, 3))
    ends_only = np.tile([False, False, True, True], (3, 1))

    assert np.isnan(true_sizes_mm(predicted, truth, ends_only, STICK)).all()
    assert np.isnan(sized_errors_mm(predicted, truth, ends_only, STICK)).all()
    collapsed = true_sizes_mm(np.zeros((3, 4, 3)), truth, np.ones((3, 4), bool), STICK)
    np.testing.assert_allclose(collapsed, bone_length_sum(truth, STICK), rtol=1e-6)


def test_where_a_person_stands_does_not_matter() -> None:
    rng = np.random.default_rng(0)
    truth, predicted = rng.normal(size=(2, 5, 22, 3)) * 400
    moved = predicted + rng.normal(size=(5, 1, 3)) * 10_000

    expected = joint_errors_mm(predicted, truth, JTA22.root)

    np.testing.assert_allclose(joint_errors_mm(moved, truth, JTA22.root), expected)


def test_missed_people_have_no_joint_right_and_unknown_joints_do_not_count() -> None:
    errors = np.array([[10.0, 149.9, 150.0, UNKNOWN], [MISSED, MISSED, MISSED, UNKNOWN]])

    assert pck_3d(errors) == pytest.approx(2 / 6)
    assert pck_3d(errors[:1]) == pytest.approx(2 / 3)
    assert mpjpe(errors) == pytest.approx((10 + 149.9 + 150) / 3)
    assert np.isnan(mpjpe(errors[1:]))
    assert np.isnan(pck_3d(errors[:, 3:]))


def test_auc_counts_thresholds_one_by_one() -> None:
    rng = np.random.default_rng(1)
    errors = rng.uniform(0, 300, (7, 22))
    errors[3] = MISSED
    right = [
        sum(error < threshold for error in errors.ravel()) / errors.size
        for threshold in range(0, 151, 5)
    ]

    assert auc_3d(errors) == pytest.approx(sum(right) / 31)
    assert auc_3d(np.zeros((2, 3))) == pytest.approx(30 / 31)


def similar(rng: np.random.Generator, poses: np.ndarray) -> np.ndarray:
    """Each pose turned, moved and resized at random."""
    turns = Rotation.random(len(poses), random_state=int(rng.integers(1000))).as_matrix()
    sizes = rng.uniform(0.001, 3, (len(poses), 1, 1))
    return sizes * (poses @ turns) + rng.normal(size=(len(poses), 1, 3)) * 500


def test_aligning_undoes_every_rotation_translation_and_size() -> None:
    rng = np.random.default_rng(2)
    truth = rng.normal(size=(20, 22, 3)) * 400

    np.testing.assert_allclose(aligned_errors_mm(similar(rng, truth), truth), 0, atol=1e-8)


def test_alignment_agrees_with_scipy_procrustes() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(size=(20, 22, 3)) * 400
    predicted = similar(rng, truth + rng.normal(size=truth.shape) * 60)

    errors = aligned_errors_mm(predicted, truth)

    for error, one, other in zip(errors, truth, predicted, strict=True):
        size = ((one - one.mean(0)) ** 2).sum()
        assert (error**2).sum() / size == pytest.approx(procrustes(one, other)[2])


def test_aligning_looks_at_known_joints_only() -> None:
    rng = np.random.default_rng(6)
    truth = rng.normal(size=(5, 22, 3)) * 400
    predicted = similar(rng, truth + rng.normal(size=truth.shape) * 60)
    known = np.ones((5, 22), bool)
    known[:, [3, 7, 20]] = False
    expected = aligned_errors_mm(predicted[:, known[0]], truth[:, known[0]])
    predicted[:, 3] = truth[:, 7] = 1e5

    errors = aligned_errors_mm(predicted, truth, known)

    np.testing.assert_allclose(errors[:, known[0]], expected)
    assert np.isnan(errors[:, [3, 7, 20]]).all()


def test_a_mirrored_pose_stays_mirrored() -> None:
    """Against scipy's best proper rotation, with the best size for it."""
    rng = np.random.default_rng(4)
    truth = rng.normal(size=(20, 22, 3)) * 400
    predicted = truth * (-1, 1, 1) + rng.normal(size=truth.shape) * 50

    errors = aligned_errors_mm(predicted, truth)

    for error, one, other in zip(errors, truth, predicted, strict=True):
        target, moved = one - one.mean(0), other - other.mean(0)
        turned = Rotation.align_vectors(target, moved)[0].apply(moved)
        size = (target * turned).sum() / (turned**2).sum()
        expected = np.linalg.norm(size * turned - target, axis=1)
        np.testing.assert_allclose(error, expected, rtol=1e-6)
        assert error.mean() > 50


def test_a_pose_collapsed_to_a_point_is_finite() -> None:
    truth = np.random.default_rng(5).normal(size=(1, 22, 3)) * 400
    spread = np.linalg.norm(truth - truth.mean(1, keepdims=True), axis=-1)

    np.testing.assert_allclose(aligned_errors_mm(np.ones((1, 22, 3)), truth), spread)


def test_joint_groups_are_those_of_table_4() -> None:
    groups = {
        name: [JTA22.joints[joint] for joint in joints] for name, joints in joint_groups(JTA22)
    }

    assert groups == {
        "head": ["head top", "head centre"],
        "neck": ["neck"],
        "clavicles": ["right clavicle", "left clavicle"],
        "shoulders": ["right shoulder", "left shoulder"],
        "elbows": ["right elbow", "left elbow"],
        "wrists": ["right wrist", "left wrist"],
        "spines": ["spine 0", "spine 1", "spine 2", "spine 3", "spine 4"],
        "hips": ["right hip", "left hip"],
        "knees": ["right knee", "left knee"],
        "ankles": ["right ankle", "left ankle"],
    }  # nobody's hands and feet: JTA has none


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
def test_every_joint_belongs_to_one_group(skeleton) -> None:
    joints = [joint for _, group in joint_groups(skeleton) for joint in group]

    assert sorted(joints) == list(range(skeleton.joint_count))
