"""Anchor sizes against random ones and known clusters; the grid against loops over its cells."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from pandanet_core.anchors import (
    MOST_CLUSTERED,
    AnchorGrid,
    best_centred_iou,
    centred_iou,
    cluster_anchors,
    cluster_up_to,
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


def partitions(items: list[int], groups: int) -> Iterator[list[list[int]]]:
    """Every way to put the items into so many groups, none of them empty."""
    if not items:
        if groups == 0:
            yield []
        return
    first, *rest = items
    for partition in partitions(rest, groups - 1):
        yield [[first], *partition]
    for partition in partitions(rest, groups):
        for number, group in enumerate(partition):
            yield [*partition[:number], [first, *group], *partition[number + 1 :]]


@pytest.mark.parametrize(("boxes", "count"), [(7, 2), (7, 3), (6, 3), (8, 2)])
def test_no_partition_of_a_few_boxes_is_much_better(boxes: int, count: int) -> None:
    """k-means may end beside the best partition, but rarely and not far from it."""
    lost = []
    for seed in range(20):
        sizes = people_sizes(seed, boxes)
        best = max(
            mean_best_iou(sizes, np.array([np.median(sizes[group], 0) for group in partition]))
            for partition in partitions(list(range(boxes)), count)
        )
        lost.append(best - mean_best_iou(sizes, cluster_anchors(sizes, count)))
    assert max(lost) < 0.04
    assert np.mean(lost) < 0.003


def plain_k_means(sizes: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """The textbook's: random boxes to begin with, one box at a time, means as centres."""
    centres = [tuple(size) for size in rng.choice(sizes, count, replace=False)]
    for _ in range(15):
        clusters: list[list[np.ndarray]] = [[] for _ in centres]
        for width, height in sizes:
            fits = [brute_force.iou((0, 0, width, height), (0, 0, *centre)) for centre in centres]
            clusters[int(np.argmax(fits))].append(np.array([width, height]))
        centres = [
            tuple(np.mean(cluster, 0)) if cluster else centre
            for cluster, centre in zip(clusters, centres, strict=True)
        ]
    return np.array(centres)


@pytest.mark.parametrize("count", [1, 4, 10])
def test_a_plain_k_means_started_several_times_is_no_better(count: int) -> None:
    sizes, rng = people_sizes(11, 250), np.random.default_rng(12)
    plain = [mean_best_iou(sizes, plain_k_means(sizes, count, rng)) for _ in range(4)]
    own = mean_best_iou(sizes, cluster_anchors(sizes, count))
    assert own > max(plain) - 0.002
    assert own < max(plain) + 0.06


@pytest.mark.parametrize("seed", range(6))
def test_the_mean_iou_never_falls_as_anchors_are_added(seed: int) -> None:
    sizes = people_sizes(seed, 40 + 200 * seed)
    clustered = cluster_up_to(sizes, 20, seed)
    assert [len(anchors) for anchors in clustered] == list(range(1, 21))
    fits = [mean_best_iou(sizes, anchors) for anchors in clustered[::4]]
    fits_of_all = [float(best_centred_iou(sizes, anchors)[0].mean()) for anchors in clustered]
    np.testing.assert_allclose(fits, fits_of_all[::4])
    assert (np.diff(fits_of_all) > -1e-7).all()


def test_the_seed_decides() -> None:
    sizes = people_sizes(13, 300)
    first, again, other = (cluster_up_to(sizes, 12, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_of_very_many_boxes_enough_are_clustered() -> None:
    sizes = people_sizes(14, 5 * MOST_CLUSTERED)
    some = np.random.default_rng(15).choice(sizes, MOST_CLUSTERED, replace=False)
    anchors = cluster_anchors(sizes, 5)
    fit, which = best_centred_iou(sizes, anchors)
    expected = centred_iou(sizes[::5000], anchors)
    np.testing.assert_allclose(fit[::5000], expected.max(1))
    np.testing.assert_array_equal(which[::5000], expected.argmax(1))
    assert fit.mean() == pytest.approx(
        best_centred_iou(sizes, cluster_anchors(some, 5))[0].mean(), abs=2e-3
    )


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
