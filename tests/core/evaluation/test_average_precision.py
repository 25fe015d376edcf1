"""Matching and average precision against hand-made cases, counting by hand, and pycocotools."""

import contextlib
import io
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_core.evaluation.average_precision import precision_recall
from pandanet_core.evaluation.matching import match, overlaps

NO_BOXES = np.zeros((0, 4))
A = np.array([0.0, 0, 10, 20])
FAR = A + 1000


def boxes(*rows: NDArray) -> NDArray:
    return np.array(rows, float).reshape(-1, 4)


def flags(*values: bool) -> NDArray:
    return np.array(values, bool)


def test_overlap_is_the_share_of_common_pixels() -> None:
    rng = np.random.default_rng(0)
    low = rng.integers(0, 20, (6, 2))
    corners = np.concatenate([low, low + rng.integers(1, 15, (6, 2))], 1)
    filled = np.zeros((6, 40, 40), bool)
    for mask, (x0, y0, x1, y1) in zip(filled, corners, strict=True):
        mask[y0:y1, x0:x1] = True
    common = (filled[:, None] & filled[None]).sum((2, 3))
    either = (filled[:, None] | filled[None]).sum((2, 3))

    iou, share = overlaps(corners, corners)

    np.testing.assert_allclose(iou, common / either)
    np.testing.assert_allclose(share, common / filled.sum((1, 2))[:, None])


def test_boxes_without_area_overlap_nothing() -> None:
    iou, share = overlaps(boxes([5, 5, 5, 5], [8, 8, 2, 2]), boxes(A))

    assert iou.tolist() == share.tolist() == [[0], [0]]


def test_the_higher_score_gets_the_person_and_the_second_is_wrong() -> None:
    found = match(boxes(A + 1, A), np.array([0.9, 0.8]), boxes(A), flags(True))

    assert found.person.tolist() == [0, -1]
    assert found.ignored.tolist() == [False, False]


def test_a_second_detection_takes_the_free_neighbour_if_it_overlaps_enough() -> None:
    neighbour = A + np.array([3, 0, 3, 0])
    found = match(boxes(A, A), np.array([0.9, 0.8]), boxes(A, neighbour), flags(True, True))

    assert found.person.tolist() == [0, 1]


def test_overlap_of_exactly_the_threshold_is_enough() -> None:
    half = [0, 0, 10, 10]  # IoU with A is 100 / 200

    assert match(boxes(half), np.ones(1), boxes(A), flags(True), iou=0.5).person[0] == 0
    assert match(boxes(half), np.ones(1), boxes(A), flags(True), iou=0.501).person[0] == -1


def test_someone_who_counts_is_preferred_to_a_better_overlapping_ignored_one() -> None:
    shifted = A + np.array([0, 3, 0, 3])
    found = match(boxes(A), np.ones(1), boxes(A, shifted), flags(False, True))

    assert found.person.tolist() == [1]
    assert not found.ignored[0]


def test_an_ignored_person_absorbs_one_detection_and_a_region_any_number() -> None:
    scores = np.array([0.9, 0.8, 0.7])
    person = match(boxes(A, A, A), scores, boxes(A), flags(False))
    region = match(boxes(A, A, A), scores, NO_BOXES, flags(), regions=boxes([0, 0, 500, 500]))

    assert person.ignored.tolist() == [True, False, False]
    assert region.ignored.tolist() == [True, True, True]
    assert (person.person == -1).all()
    assert (region.person == -1).all()


def test_equal_scores_are_taken_in_the_order_given() -> None:
    scores = np.tile([0.5, 0.6], 50)
    found = match(boxes(*[A] * 100), scores, boxes(*[A] * 3), np.ones(3, bool))

    assert np.flatnonzero(found.person >= 0).tolist() == [1, 3, 5]


def test_nobody_and_nothing() -> None:
    assert len(match(NO_BOXES, np.zeros(0), boxes(A), flags(True)).person) == 0
    assert match(boxes(A), np.ones(1), NO_BOXES, flags()).person.tolist() == [-1]


def test_average_precision_of_a_case_counted_by_hand() -> None:
    """Right, wrong, right, wrong; four people were to be found."""
    right = flags(True, False, True, False)
    curve = precision_recall(np.array([0.9, 0.8, 0.7, 0.6]), right, people=4)

    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 1 / 2])
    np.testing.assert_allclose(curve.recall, [1 / 4, 1 / 4, 1 / 2, 1 / 2])
    assert curve.average_precision() == pytest.approx(1 / 4 * 1 + 1 / 4 * 2 / 3)
    assert curve.eleven_point_average_precision() == pytest.approx((3 * 1 + 3 * 2 / 3) / 11)


def test_precision_and_recall_at_a_score_take_all_detections_of_that_score() -> None:
    curve = precision_recall(np.array([0.9, 0.5, 0.5, 0.1]), flags(True, False, True, False), 2)

    assert curve.at(0.5) == (pytest.approx(2 / 3), 1.0)
    assert curve.at(0.51) == (1.0, 0.5)
    assert curve.at(0.0) == (0.5, 1.0)
    precision, recall = curve.at(0.95)
    assert np.isnan(precision)
    assert recall == 0.0


def test_extremes() -> None:
    scores = np.array([0.9, 0.8])
    assert precision_recall(scores, flags(True, True), 2).average_precision() == 1
    assert precision_recall(scores, flags(True, True), 2).eleven_point_average_precision() == 1
    assert precision_recall(scores, flags(False, False), 2).average_precision() == 0
    assert precision_recall(np.zeros(0), flags(), 2).average_precision() == 0
    assert np.isnan(precision_recall(scores, flags(False, False), 0).average_precision())


def test_the_best_score_is_where_f1_is_highest() -> None:
    rng = np.random.default_rng(0)
    scores, right = rng.integers(1, 12, 60) / 12, rng.random(60) < 0.5
    curve = precision_recall(scores, right, people=40)

    def f1(threshold: float) -> float:
        found = sum(right[scores >= threshold])
        return 2 * found / (sum(scores >= threshold) + 40)

    assert f1(curve.best_score()) == max(f1(threshold) for threshold in scores)
    assert np.isnan(precision_recall(scores, np.zeros(60, bool), 0).best_score())
    assert np.isnan(precision_recall(np.zeros(0), np.zeros(0, bool), 3).best_score())


@pytest.mark.parametrize("seed", range(20))
def test_average_precision_is_the_mean_over_people_of_the_best_precision(seed: int) -> None:
    """Brute force: for the k-th person found, the best precision of any prefix that finds k."""
    rng = np.random.default_rng(seed)
    count, people = int(rng.integers(1, 30)), int(rng.integers(1, 20))
    scores = rng.permutation(count) / count
    right = rng.random(count) < 0.6
    right[np.flatnonzero(right)[people:]] = False
    ranked = [bool(right[d]) for d in sorted(range(count), key=lambda d: -scores[d])]
    prefixes = [(sum(ranked[:d]), sum(ranked[:d]) / d) for d in range(1, count + 1)]

    def best(needed: float) -> float:
        return max((precision for found, precision in prefixes if found >= needed), default=0.0)

    curve = precision_recall(scores, right, people)

    expected = sum(best(k) for k in range(1, people + 1)) / people
    eleven = sum(best(tenth * people / 10 - 1e-9) for tenth in range(11)) / 11
    assert curve.average_precision() == pytest.approx(expected)
    assert curve.eleven_point_average_precision() == pytest.approx(eleven)


@dataclass(frozen=True)
class Picture:
    detections: NDArray
    scores: NDArray
    people: NDArray
    counts: NDArray
    regions: NDArray


def random_picture(rng: np.random.Generator) -> Picture:
    """People in clusters, some of them ignored, regions, and detections near and far."""
    people = random_boxes(rng, int(rng.integers(0, 9)))
    detections = np.concatenate([people, people, random_boxes(rng, int(rng.integers(0, 6)))])
    detections = detections + rng.normal(size=detections.shape) * 4
    detections = detections[rng.random(len(detections)) < 0.8]
    return Picture(
        detections=detections,
        scores=rng.random(len(detections)),
        people=people,
        counts=rng.random(len(people)) < 0.7,
        regions=random_boxes(rng, int(rng.integers(0, 3))),
    )


def random_boxes(rng: np.random.Generator, count: int) -> NDArray:
    low = rng.uniform(0, 120, (count, 2))
    return np.concatenate([low, low + rng.uniform(20, 70, (count, 2))], 1)


@pytest.mark.parametrize("seed", range(40))
def test_matching_and_average_precision_agree_with_pycocotools(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = [random_picture(rng) for _ in range(6)]
    people = int(sum(picture.counts.sum() for picture in pictures))
    found = [
        match(p.detections, p.scores, p.people, p.counts, p.regions, iou=0.5) for p in pictures
    ]
    counted = [~matching.ignored for matching in found]
    curve = precision_recall(
        np.concatenate([p.scores[c] for p, c in zip(pictures, counted, strict=True)]),
        np.concatenate([m.person[c] >= 0 for m, c in zip(found, counted, strict=True)]),
        people,
    )

    per_picture, precision = evaluate_with_pycocotools(pictures, people)

    for picture, matching, theirs in zip(pictures, found, per_picture, strict=True):
        order = np.argsort(-picture.scores)
        np.testing.assert_array_equal(matching.ignored[order], theirs["dtIgnore"][0].astype(bool))
        taken = theirs["dtMatches"][0].astype(int) - 1
        taken[theirs["dtIgnore"][0].astype(bool)] = -1
        np.testing.assert_array_equal(matching.person[order], taken)
    assert curve.average_precision() == pytest.approx(precision.mean(), abs=1e-12)


def evaluate_with_pycocotools(pictures: list[Picture], people: int) -> tuple[list[dict], NDArray]:
    """Results a picture, and the interpolated precision at the recalls 1/P, 2/P, ..., 1.

    COCO ignores whoever is larger than an area range; ids count from 1 in every picture.
    """
    coco_module = pytest.importorskip("pycocotools.coco")
    cocoeval_module = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):
        truth, results = coco_module.COCO(), []
        truth.dataset = {"images": [], "annotations": [], "categories": [{"id": 1}]}
        for number, picture in enumerate(pictures, start=1):
            truth.dataset["images"].append({"id": number})
            truth.dataset["annotations"] += coco_annotations(number, picture)
            results += [
                {"image_id": number, "category_id": 1, "bbox": left_top_size(box), "score": score}
                for box, score in zip(picture.detections, picture.scores.tolist(), strict=True)
            ]
        truth.createIndex()
        evaluation = cocoeval_module.COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.params.iouThrs = np.array([0.5])
        evaluation.params.recThrs = np.arange(1, people + 1) / people
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e6]], ["all"]
        evaluation.params.maxDets = [1000]
        evaluation.evaluate()
        evaluation.accumulate()
    evaluations = [in_own_numbers(e, number) for number, e in enumerate(evaluation.evalImgs)]
    return evaluations, evaluation.eval["precision"][0, :, 0, 0, 0]


def coco_annotations(number: int, picture: Picture) -> list[dict]:
    people = zip(picture.people, picture.counts, strict=True)
    entries = [(box, 100.0 if counts else 1e9, 0) for box, counts in people]
    entries += [(box, 100.0, 1) for box in picture.regions]
    return [
        {
            "id": 1000 * number + index,
            "image_id": number,
            "category_id": 1,
            "bbox": left_top_size(box),
            "area": area,
            "iscrowd": crowd,
        }
        for index, (box, area, crowd) in enumerate(entries, start=1)
    ]


def left_top_size(box: NDArray) -> list[float]:
    return [float(v) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])]


def in_own_numbers(result: dict | None, number: int) -> dict:
    """pycocotools gives None for a picture with nothing in it."""
    if result is None:
        return {"dtIgnore": np.zeros((1, 0)), "dtMatches": np.zeros((1, 0))}
    matches = result["dtMatches"]
    return result | {"dtMatches": np.where(matches > 0, matches - 1000 * (number + 1), 0)}
