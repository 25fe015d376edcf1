"""Anchor sizes against random ones and known clusters; the grid against loops over its cells."""

import numpy as np
import pytest
import torch

from pandanet_core.anchors import (
    AnchorGrid,
    centred_iou,
    cluster_anchors,
    from_anchor_space,
    to_anchor_space,
)
from tests.core import brute_force


def people_sizes(seed: int, count: int = 1500) -> np.ndarray:
    """Widths and heights like a street's: many small people, few large ones, some cut short."""
    rng = np.random.default_rng(seed)
    height = np.exp(rng.normal(4.2, 0.8, count))
    return np.stack([height * rng.uniform(0.25, 0.9, count), height], 1)


def mean_best_iou(sizes: np.ndarray, anchors: np.ndarray) -> float:
    best = [
        max(brute_force.iou((-w / 2, -h / 2, w / 2, h / 2), (-a / 2, -b / 2, a / 2, b / 2))
            for a, b in anchors)
        for w, h in sizes
    ]  # fmt: skip
    return float(np.mean(best))


def test_centred_iou_is_the_iou_of_boxes_on_a_common_centre() -> None:
    sizes, anchors = people_sizes(0, 20), people_sizes(1, 7)
    expected = [
        [brute_force.iou((-w / 2, -h / 2, w / 2, h / 2), (-a / 2, -b / 2, a / 2, b / 2))
         for a, b in anchors]
        for w, h in sizes
    ]  # fmt: skip
    np.testing.assert_allclose(centred_iou(sizes, anchors), expected)


def test_clustered_anchors_fit_better_than_random_boxes_of_the_same_data() -> None:
    sizes = people_sizes(2)
    clustered = mean_best_iou(sizes[:500], cluster_anchors(sizes))
    rng = np.random.default_rng(3)
    random = [mean_best_iou(sizes[:500], rng.choice(sizes, 10, replace=False)) for _ in range(20)]
    assert clustered > max(random) + 0.02


def test_every_anchor_is_the_median_of_the_boxes_that_it_overlaps_most() -> None:
    """Where the clustering stops; boxes nearest in pixels would be others."""
    sizes = people_sizes(2, 400)
    anchors = cluster_anchors(sizes).astype(float)
    fits = [max(range(10), key=lambda a, w=w, h=h: brute_force.iou((0, 0, w, h), (0, 0, *anchors[a])))
            for w, h in sizes]  # fmt: skip
    for a in range(10):
        own = sizes[np.array(fits) == a]
        np.testing.assert_allclose(anchors[a], np.median(own, 0), rtol=1e-6)
    in_pixels = ((sizes[:, None] - anchors) ** 2).sum(-1).argmin(1)
    assert (in_pixels != fits).mean() > 0.03


def test_no_anchor_can_be_moved_alone_to_fit_its_own_boxes_much_better() -> None:
    """What k-means promises, to the difference between a cluster's median and its best centre."""
    sizes = people_sizes(4)
    anchors = cluster_anchors(sizes).astype(float)
    overlap = centred_iou(sizes, anchors)
    rng = np.random.default_rng(5)
    for cluster in range(len(anchors)):
        own = sizes[overlap.argmax(1) == cluster]
        moved = anchors[cluster] * np.exp(rng.normal(0, 0.15, (300, 2)))
        assert (
            centred_iou(own, moved).mean(0).max()
            < overlap.max(1)[overlap.argmax(1) == cluster].mean() + 0.01
        )


def test_separate_clusters_are_found() -> None:
    rng = np.random.default_rng(6)
    truth = np.array([[10.0, 30], [40, 60], [50, 200]])
    sizes = truth[rng.integers(0, 3, 600)] * rng.uniform(0.97, 1.03, (600, 2))
    np.testing.assert_allclose(cluster_anchors(sizes, 3), truth, rtol=0.02)


def test_anchors_are_sorted_by_area_and_the_same_every_time() -> None:
    sizes = people_sizes(7)
    anchors = cluster_anchors(sizes)
    assert anchors.shape == (10, 2)
    assert (np.diff(anchors.prod(1)) >= 0).all()
    np.testing.assert_array_equal(cluster_anchors(sizes), anchors)
    shuffled = np.random.default_rng(8).permutation(sizes)
    np.testing.assert_array_equal(cluster_anchors(shuffled), anchors)


@pytest.mark.parametrize("times", [2, 3])
def test_the_same_data_twice_gives_the_same_anchors(times: int) -> None:
    sizes = people_sizes(9, 400)
    once = cluster_anchors(sizes)
    np.testing.assert_allclose(cluster_anchors(np.tile(sizes, (times, 1))), once, rtol=1e-6)
    np.testing.assert_allclose(cluster_anchors(np.repeat(sizes, times, 0)), once, rtol=1e-6)


def test_as_many_boxes_as_anchors_and_boxes_all_alike() -> None:
    few = people_sizes(10, 10)
    np.testing.assert_allclose(cluster_anchors(few), few[np.argsort(few.prod(1))], rtol=1e-6)
    np.testing.assert_allclose(cluster_anchors(np.full((40, 2), 25.0)), 25)
    with pytest.raises(ValueError, match="10 anchors need at least 10 boxes"):
        cluster_anchors(few[:9])


def test_the_grid_is_centred_on_its_cells() -> None:
    """Cell (i, j) has its centre at ((j + 1/2) s, (i + 1/2) s): rows go down, columns right."""
    grid = AnchorGrid(
        torch.tensor([[8.0, 20], [30, 12]], dtype=torch.float64), 8, rows=3, columns=5
    )
    boxes = grid.all_boxes()
    assert boxes.shape == (2, 3, 5, 4)
    assert grid.shape == (2, 3, 5)
    for a, i, j in np.ndindex(grid.shape):
        expected = brute_force.anchor_box(grid.sizes[a].tolist(), 8, i, j)
        np.testing.assert_allclose(boxes[a, i, j], expected)
        at = grid.boxes_at(torch.tensor([a]), torch.tensor([i]), torch.tensor([j]))
        np.testing.assert_allclose(at[0], expected)
    np.testing.assert_allclose(boxes[0, 2, 4], [32, 10, 40, 30])


def test_anchor_space_has_the_anchors_centre_at_zero_and_its_sides_at_a_half() -> None:
    boxes = torch.tensor([[10.0, 20, 30, 100], [0, 0, 8, 8]], dtype=torch.float64)
    corners = torch.tensor([[[20.0, 60], [30, 100], [10, 20]], [[4, 4], [8, 8], [0, 0]]])
    inside = to_anchor_space(corners.double(), boxes)
    np.testing.assert_allclose(inside, [[[0, 0], [0.5, 0.5], [-0.5, -0.5]]] * 2)
    poses = torch.randn(2, 5, 2, dtype=torch.float64) * 50
    np.testing.assert_allclose(from_anchor_space(to_anchor_space(poses, boxes), boxes), poses)
