"""What λ say in words: from the values, whatever they are."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.lab.lambda_history import LambdaHistory
from pandanet_core.lab.lambda_words import in_words
from pandanet_core.skeleton import JTA22, MUPOTS17, Skeleton


def history(skeleton: Skeleton = JTA22, anchors: int = 3, points: int = 2) -> LambdaHistory:
    """λ that are all 1, of anchors of 10 × 20, 20 × 40, ... px, at steps 100, 200, ..."""
    ones = np.ones((points, anchors), np.float32)
    joints = np.ones((points, anchors, skeleton.joint_count), np.float32)
    heights = 20.0 * (1 + np.arange(anchors))
    return LambdaHistory(
        steps=100 * (1 + np.arange(points)),
        task=np.ones((points, 4), np.float32),
        anchor_cls=ones.copy(),
        anchor_loc=ones.copy(),
        joint_2d=joints.copy(),
        joint_3d=joints.copy(),
        anchor_sizes_px=np.stack([heights / 2, heights], 1).astype(np.float32),
        joint_names=skeleton.joints,
        name="run",
    )


@pytest.mark.parametrize("skeleton", [JTA22, MUPOTS17])
@pytest.mark.parametrize(("surest", "least"), [("hip", "wrist"), ("ankle", "shoulder")])
def test_the_surest_and_the_least_sure_joints_are_named(
    skeleton: Skeleton, surest: str, least: str
) -> None:
    lambdas = history(skeleton)
    for side in ("left", "right"):
        lambdas.joint_2d[1, :, skeleton.index(f"{side} {surest}")] = 4.0
        lambdas.joint_2d[1, :, skeleton.index(f"{side} {least}")] = 0.25
        lambdas.joint_3d[1, :, skeleton.index(f"{side} {least}")] = 4.0
        lambdas.joint_3d[1, :, skeleton.index(f"{side} {surest}")] = 0.25
    said = {sentence.split(":")[0]: sentence for sentence in in_words(lambdas, 200)}
    assert said["Joints in 2D"].startswith(f"Joints in 2D: surest {surest}s (4.00), ")
    assert f"least sure {least}s (0.25), " in said["Joints in 2D"]
    assert said["Joints in 3D"].startswith(f"Joints in 3D: surest {least}s (4.00), ")
    before = in_words(lambdas, 100)
    assert before[0] == "Joints in 2D: all λ are alike, 1.00."


def test_sides_and_sizes_are_averaged_as_factors() -> None:
    lambdas = history()
    lambdas.joint_2d[1, 0, JTA22.index("left knee")] = 16.0
    # One of two sides at one of three sizes: 16 to the power of 1/6.
    assert f"surest knees ({16 ** (1 / 6):.2f})" in in_words(lambdas, 200)[0]


def test_sizes_and_tasks_are_ranked_each_by_their_own_lambdas() -> None:
    lambdas = history(anchors=5)
    lambdas.joint_2d[1] *= np.array([1, 2, 3, 4, 5])[:, None]
    lambdas.joint_3d[1] *= np.array([5, 4, 3, 2, 1])[:, None]
    lambdas.anchor_cls[1] = [3, 9, 1, 4, 2]
    lambdas.anchor_loc[1] = [0.3, 0.1, 0.2, 0.5, 0.4]
    lambdas.task[1] = [200, 20, 10, 80]
    said = in_words(lambdas, 250)
    for sentence in (
        "Sizes in 2D: surest 50 × 100 px (5.00), 40 × 80 px (4.00); "
        "least sure 10 × 20 px (1.00), 20 × 40 px (2.00).",
        "Sizes in 3D: surest 10 × 20 px (5.00), 20 × 40 px (4.00); "
        "least sure 50 × 100 px (1.00), 40 × 80 px (2.00).",
        "Sizes in score: surest 20 × 40 px (9.00), 40 × 80 px (4.00); "
        "least sure 30 × 60 px (1.00), 50 × 100 px (2.00).",
        "Sizes in box: surest 40 × 80 px (0.50), 50 × 100 px (0.40); "
        "least sure 20 × 40 px (0.10), 30 × 60 px (0.20).",
        "Tasks: surest score (200.00), 3D pose (80.00); least sure 2D pose (10.00), box (20.00).",
    ):
        assert sentence in said


def test_one_anchor_has_nothing_to_be_compared_with() -> None:
    said = in_words(history(anchors=1), 200)
    assert "Sizes in 2D: all λ are alike, 1.00." in said


def test_no_more_are_named_than_make_sense() -> None:
    lambdas = history(anchors=3)
    lambdas.anchor_cls[1] = [1, 2, 3]
    sizes = next(one for one in in_words(lambdas, 200) if one.startswith("Sizes in score"))
    assert sizes == "Sizes in score: surest 30 × 60 px (3.00); least sure 10 × 20 px (1.00)."
    two = replace(lambdas, steps=np.array([5, 9]))
    assert in_words(two, 7) == in_words(lambdas, 100)
