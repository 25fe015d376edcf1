"""COCO's keypoint metric against a case computed by hand and pycocotools, on random and real people."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_core.detections import Detections
from pandanet_core.evaluation.keypoints import (
    AREAS_PX,
    SIGMAS,
    KeypointTruth,
    keypoint_curves,
    keypoint_similarity,
    match_keypoints,
)


def people(pose2d: NDArray, labelled: NDArray, areas: NDArray, crowd: NDArray) -> KeypointTruth:
    low, high = pose2d.min(1), pose2d.max(1)
    return KeypointTruth(pose2d, labelled, np.concatenate([low, high], 1), areas, crowd)


def detections(pose2d: NDArray, scores: NDArray) -> Detections:
    empty = Detections.empty(17)
    count = len(scores)
    return replace(
        empty,
        boxes=np.zeros((count, 4), np.float32),
        scores=scores.astype(np.float32),
        pose2d=pose2d.astype(np.float32),
        pose3d=np.zeros((count, 17, 3), np.float32),
        root_mm=np.zeros((count, 3), np.float32),
        scale_mm=np.ones(count, np.float32),
    )


def test_similarity_of_a_case_computed_by_hand() -> None:
    """Nose and one eye are labelled, area 10,000 px²: the nose is 5.2 px off, which is its spread of
    2 × 0.026 × 100 px; the eye is exact. The other joints do not count."""
    truth = np.zeros((1, 17, 2))
    labelled = np.zeros((1, 17), bool)
    labelled[0, :2] = True
    found = truth.copy()
    found[0, 0] = (3.12, 4.16)
    found[0, 5:] = 500

    likeness = keypoint_similarity(
        found, people(truth, labelled, np.array([1e4]), np.zeros(1, bool))
    )

    assert likeness.item() == pytest.approx((np.exp(-0.5) + 1) / 2, abs=1e-6)
    assert pytest.approx(0.026) == SIGMAS[0]


def random_picture(rng: np.random.Generator) -> tuple[KeypointTruth, Detections]:
    """People of all sizes, some without labels, crowds, and detections near and far."""
    count = int(rng.integers(0, 7))
    size = rng.choice([25, 60, 200], count)[:, None, None]
    pose2d = rng.uniform(0, 500, (count, 1, 2)) + rng.uniform(0, 1, (count, 17, 2)) * size
    labelled = rng.random((count, 17)) < rng.choice([0, 0.3, 1], (count, 1))
    areas = (size[:, 0, 0] ** 2 * rng.uniform(0.3, 1, count)).astype(float)
    crowd = rng.random(count) < 0.15
    truth = people(pose2d, labelled & ~crowd[:, None], areas, crowd)
    found = np.concatenate([pose2d, pose2d, rng.uniform(0, 500, (14, 17, 2))])
    found = found + rng.normal(size=found.shape) * rng.choice([1, 4, 15], (len(found), 1, 1))
    found = found[rng.permutation(len(found))]
    return truth, detections(found, rng.permutation(len(found)) / len(found))


def ten_numbers(pictures: list[tuple[KeypointTruth, Detections]]) -> list[float]:
    """AP, AP50, AP75, APm, APl, AR, AR50, AR75, ARm, ARl as pycocotools orders them."""
    precision, recall = {}, {}
    for name, area_px in AREAS_PX.items():
        curves = keypoint_curves(
            [match_keypoints(found, truth, area_px) for truth, found in pictures]
        )
        precision[name] = np.array([curve.coco_average_precision() for curve in curves])
        recall[name] = np.array([curve.highest_recall() for curve in curves])
    return [
        number
        for kind in (precision, recall)
        for number in (
            kind["all"].mean(),
            kind["all"][0],
            kind["all"][5],
            kind["medium"].mean(),
            kind["large"].mean(),
        )
    ]


def evaluate_with_pycocotools(annotations: dict, results: list[dict]) -> list[float]:
    coco_module = pytest.importorskip("pycocotools.coco")
    cocoeval_module = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):
        truth = coco_module.COCO()
        truth.dataset = annotations
        truth.createIndex()
        evaluation = cocoeval_module.COCOeval(truth, truth.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return list(evaluation.stats)


def as_coco(truth: KeypointTruth, image: int) -> list[dict]:
    """Annotations whose ids are unique."""
    entries = []
    for number in range(len(truth.areas)):
        x0, y0, x1, y1 = truth.boxes[number].tolist()
        visibility = 2 * truth.labelled[number].astype(int)
        joints = np.concatenate([truth.pose2d[number], visibility[:, None]], 1)
        entries.append(
            {
                "id": 1000 * image + number + 1,
                "image_id": image,
                "category_id": 1,
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "area": float(truth.areas[number]),
                "iscrowd": int(truth.crowd[number]),
                "keypoints": joints.ravel().tolist(),
                "num_keypoints": int((visibility > 0).sum()),
            }
        )
    return entries


def as_results(found: Detections, image: int) -> list[dict]:
    ones = np.ones((len(found), 17, 1))
    joints = np.concatenate([found.pose2d.astype(np.float64), ones], 2).reshape(len(found), -1)
    return [
        {"image_id": image, "category_id": 1, "keypoints": pose.tolist(), "score": float(score)}
        for pose, score in zip(joints, found.scores, strict=True)
    ]


@pytest.mark.parametrize("seed", range(8))
def test_the_ten_numbers_are_those_of_pycocotools(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = [random_picture(rng) for _ in range(12)]

    theirs = evaluate_with_pycocotools(
        {
            "images": [{"id": image} for image in range(1, 13)],
            "categories": [{"id": 1}],
            "annotations": [
                entry
                for image, (truth, _) in enumerate(pictures, 1)
                for entry in as_coco(truth, image)
            ],
        },
        [
            entry
            for image, (_, found) in enumerate(pictures, 1)
            for entry in as_results(found, image)
        ],
    )

    assert 0.02 < theirs[0] < 0.95
    np.testing.assert_allclose(ten_numbers(pictures), theirs, atol=1e-6)
