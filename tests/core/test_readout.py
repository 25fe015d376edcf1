"""From score maps to people: NMS against loops and OpenCV, the readout against the dense maps."""

import cv2
import numpy as np
import pytest
import torch

from pandanet_core.network.pandanet import HeadFeatures, PandaNet
from pandanet_core.network.pictures import as_batch
from pandanet_core.readout import find_candidates, read_people
from pandanet_core.readout_trace import ReadoutSettings, suppress
from tests.core import brute_force
from tests.core.random_network import ANCHORS, TINY, noise_picture, random_network


def crowded_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    low = rng.uniform(0, 60, (count, 2))
    return np.concatenate([low, low + rng.uniform(10, 50, (count, 2))], 1)


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.9, 1.0])
def test_nms_is_greedy_and_says_who_suppressed_whom(threshold: float) -> None:
    rng = np.random.default_rng(0)
    for count in (0, 1, 2, 30, 80):
        boxes = crowded_boxes(rng, count)
        found = suppress(boxes, threshold)
        assert found.tolist() == brute_force.suppress(boxes.tolist(), threshold)
        for loser in np.flatnonzero(found >= 0):
            winner = found[loser]
            assert winner < loser
            assert found[winner] == -1
            assert brute_force.iou(boxes[loser], boxes[winner]) > threshold


def test_nms_leaves_the_survivors_that_opencv_leaves() -> None:
    rng = np.random.default_rng(1)
    for threshold in (0.2, 0.5, 0.7):
        boxes = crowded_boxes(rng, 120)
        scores = np.sort(rng.random(120))[::-1]
        x_y_width_height = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)
        kept = cv2.dnn.NMSBoxes(x_y_width_height.tolist(), scores.tolist(), 0.0, threshold)
        survivors = np.flatnonzero(suppress(boxes, threshold) < 0)
        assert survivors.tolist() == sorted(np.ravel(kept).tolist())
        assert 5 < len(survivors) < 120


def test_a_chain_of_boxes_loses_only_those_next_to_survivors() -> None:
    """Each box overlaps its neighbours by 60 %: the second falls to the first, the third stays."""
    boxes = np.array([[x, 0, x + 10, 10] for x in (0.0, 2.5, 5.0, 7.5)])
    assert suppress(boxes, 0.5).tolist() == [-1, 0, -1, 2]


def run(network: PandaNet, seed: int = 0) -> HeadFeatures:
    features: HeadFeatures = network(as_batch(noise_picture(seed)))
    return features


@pytest.mark.parametrize("top_k", [25, 1000])
def test_candidates_and_people_are_what_the_dense_maps_say(top_k: int) -> None:
    """Sort the score map, decode boxes one by one, suppress in loops, read the dense pose maps."""
    network = random_network()
    features, grid = run(network), network.grid(64, 96)
    settings = ReadoutSettings(min_score=0.5, nms_iou=0.45, top_k=top_k)
    trace = find_candidates(network, features, grid, settings)
    people = read_people(network, features, grid, trace)

    scores = network.score_logits(features)[0].sigmoid().numpy()
    box, pose2d, pose3d = (dense[0].numpy() for dense in network.dense_outputs(features))
    above = [at for at in np.ndindex(scores.shape) if scores[at] > 0.5]
    above = sorted(above, key=lambda at: -scores[at])[:top_k]
    assert len(trace.scores) > 40 or len(trace.scores) == top_k
    assert list(zip(trace.anchor, trace.row, trace.column, strict=True)) == above
    boxes = [
        brute_force.decode(
            box[a, :, i, j], brute_force.anchor_box(ANCHORS[a].tolist(), TINY.stride, i, j)
        )
        for a, i, j in above
    ]
    np.testing.assert_allclose(trace.boxes, boxes, atol=1e-3)
    by = brute_force.suppress(boxes, 0.45)
    assert trace.suppressed_by.tolist() == by
    survivors = [n for n, winner in enumerate(by) if winner < 0]
    assert trace.survivors.tolist() == survivors
    assert 1 < len(people.scores) == len(survivors) < len(above)
    assert (np.diff(people.scores) <= 0).all()
    for n, candidate in enumerate(survivors):
        a, i, j = above[candidate]
        place = brute_force.anchor_box(ANCHORS[a].tolist(), TINY.stride, i, j)
        pixels = pose2d[a, :, :, i, j] * ANCHORS[a].numpy()
        pixels += (np.array(place[:2]) + place[2:]) / 2
        np.testing.assert_allclose(people.pose2d[n], pixels, atol=1e-3)
        np.testing.assert_allclose(people.pose3d[n], pose3d[a, :, :, i, j], atol=1e-5)
        np.testing.assert_allclose(people.boxes[n], boxes[candidate], atol=1e-3)


def test_nobody_is_read_where_nothing_scores() -> None:
    network = random_network()
    features, grid = run(network), network.grid(64, 96)
    trace = find_candidates(network, features, grid, ReadoutSettings(min_score=1.0))
    people = read_people(network, features, grid, trace)
    assert len(trace.scores) == len(trace.survivors) == 0
    assert people.boxes.shape == (0, 4)
    assert people.pose2d.shape == (0, 22, 2)
    assert people.pose3d.shape == (0, 22, 3)


def test_only_survivors_are_computed() -> None:
    """Poisoned features elsewhere do not reach anybody."""
    network = random_network()
    features, grid = run(network), network.grid(64, 96)
    trace = find_candidates(network, features, grid, ReadoutSettings(min_score=0.5))
    before = read_people(network, features, grid, trace)
    poisoned = torch.ones(grid.rows, grid.columns, dtype=torch.bool)
    kept = trace.survivors
    poisoned[trace.row[kept], trace.column[kept]] = False
    assert poisoned.any()
    features.pose2d[..., poisoned] = torch.nan
    features.pose3d[..., poisoned] = torch.nan
    after = read_people(network, features, grid, trace)
    np.testing.assert_array_equal(after.pose2d, before.pose2d)
    np.testing.assert_array_equal(after.pose3d, before.pose3d)
