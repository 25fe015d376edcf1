"""Matching in windows finds what the dense maps and plain loops find, on any device.

Boxes on half pixels make every overlap exact, so ties and thresholds are hit often; boxes with
ordinary fractions in float32 must agree bit by bit, since all use the same arithmetic.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection import SelectionSettings, ignored_anchors, match, positive_anchors
from pandanet_core.selection.windows import MatchedAnchors, anchors_over, match_in_windows
from tests.core import brute_force

ROWS, COLUMNS, STRIDE = 4, 6, 8

Scene = Callable[[np.random.Generator, int], np.ndarray]
WIDTH, HEIGHT = 320, 192


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> torch.device:
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    return torch.device(request.param)


@st.composite
def boxes_px(draw: st.DrawFn) -> list[float]:
    """On half pixels: without area, inside, cut by, larger than or outside a picture of 48 x 32."""
    x, y = draw(st.integers(-100, 120)) / 2, draw(st.integers(-100, 90)) / 2
    return [x, y, x + draw(st.integers(0, 220)) / 2, y + draw(st.integers(0, 180)) / 2]


@st.composite
def crowds(draw: st.DrawFn) -> list[list[float]]:
    """Up to eight people; some stand exactly where another one does."""
    people = draw(st.lists(boxes_px(), max_size=6))
    for _ in range(draw(st.integers(0, 2)) if people else 0):
        people.insert(draw(st.integers(0, len(people))), draw(st.sampled_from(people)))
    return people


anchor_sizes = st.lists(st.tuples(st.integers(3, 60), st.integers(3, 60)), min_size=1, max_size=4)
INSIDE, AROUND = [8.0, 4, 20, 28], [-20.0, -20, 70, 60]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(crowds(), anchor_sizes, st.sampled_from([0.0, 0.25, 0.5, 0.7, 1.0]))
@example([INSIDE, INSIDE, INSIDE], [(12, 24)], 0.5)
@example([AROUND, INSIDE, AROUND], [(12, 24), (60, 60)], 0.5)
@example([[400.0, 400, 420, 440]], [(12, 24)], 0.5)
def test_windows_find_what_plain_loops_find(
    people: list[Any], sizes: list[Any], above: float
) -> None:
    expected = brute_force.match(people, sizes, STRIDE, ROWS, COLUMNS)
    boxes = torch.tensor(people, dtype=torch.float64).reshape(-1, 4)
    grid = AnchorGrid(torch.tensor(sizes, dtype=torch.float64), STRIDE, ROWS, COLUMNS)
    found = match_in_windows(boxes, grid, above)
    cells = np.flatnonzero(expected.pono.ravel() > above)
    np.testing.assert_array_equal(found.cell, cells)
    np.testing.assert_array_equal(found.person, expected.person.ravel()[cells])
    np.testing.assert_allclose(found.iou, expected.iou.ravel()[cells], rtol=1e-14)
    np.testing.assert_allclose(found.pono, expected.pono.ravel()[cells], rtol=1e-14)
    np.testing.assert_allclose(found.best_iou, expected.best, rtol=1e-14)


def scattered(rng: np.random.Generator, people: int) -> np.ndarray:
    """Anywhere, a few pixels high or higher than the picture."""
    height = 4 * np.exp(rng.uniform(0, 4.5, people))
    return boxes_at(rng.uniform((-30, -30), (WIDTH + 30, HEIGHT + 30), (people, 2)),
                    height * rng.uniform(0.2, 1.2, people), height)  # fmt: skip


def clipped(rng: np.random.Generator, people: int) -> np.ndarray:
    """The same, cut at the picture's edges: slivers and nothing at all among them."""
    return np.clip(scattered(rng, people), 0, (WIDTH, HEIGHT, WIDTH, HEIGHT))


def huddled(rng: np.random.Generator, people: int) -> np.ndarray:
    """All within a few pixels of one place and nearly of one size: many are hidden."""
    height = rng.uniform(30, 120) * rng.uniform(0.97, 1.03, people)
    centre = rng.uniform((50, 50), (WIDTH - 50, HEIGHT - 50)) + rng.normal(0, 1.5, (people, 2))
    return boxes_at(centre, height * 0.4, height)


def on_the_grid(rng: np.random.Generator, people: int) -> np.ndarray:
    """Corners at multiples of half the stride: equal overlaps everywhere."""
    return np.round(scattered(rng, people) / 4) * 4


def boxes_at(centre: np.ndarray, width: np.ndarray, height: np.ndarray) -> np.ndarray:
    half = np.stack([width, height], 1) / 2
    return np.concatenate([centre - half, centre + half], 1)


def random_scene(scene: Scene, seed: int) -> tuple[torch.Tensor, AnchorGrid]:
    """People of one picture of 320 x 192 px, 0 to 12, in float32; three to ten anchors."""
    rng = np.random.default_rng([seed, len(scene.__name__)])
    sizes = 8 * np.exp(rng.uniform(0, 3, (rng.integers(3, 11), 2)))
    if scene is on_the_grid:
        sizes = np.round(sizes / 8) * 8
    boxes = torch.from_numpy(scene(rng, int(rng.integers(0, 13)))).float()
    stride = int(rng.choice([4, 8]))
    sizes_px = torch.from_numpy(sizes).float()
    return boxes, AnchorGrid(sizes_px, stride, HEIGHT // stride, WIDTH // stride)


def assert_same_as_dense(boxes: torch.Tensor, grid: AnchorGrid, found: MatchedAnchors) -> int:
    """Bit by bit; returns how many people are hidden."""
    dense = match(boxes, grid)
    cells = (dense.pono > 0.5).flatten().nonzero().squeeze(1)
    assert torch.equal(found.cell, cells)
    assert torch.equal(found.person, dense.person.flatten()[cells])
    assert torch.equal(found.iou, dense.iou.flatten()[cells])
    assert torch.equal(found.pono, dense.pono.flatten()[cells])
    assert torch.equal(found.best_iou, dense.best_iou)
    return int((dense.best_iou == 0).sum())


@pytest.mark.parametrize("scene", [scattered, clipped, huddled, on_the_grid])
def test_windows_find_bit_by_bit_what_the_dense_maps_hold(
    scene: Scene, device: torch.device
) -> None:
    hidden = 0
    for seed in range(500):
        boxes, grid = random_scene(scene, seed)
        grid = AnchorGrid(grid.sizes.to(device), grid.stride, grid.rows, grid.columns)
        boxes = boxes.to(device)
        hidden += assert_same_as_dense(boxes, grid, match_in_windows(boxes, grid, 0.5))
    assert hidden > 10


def batches(device: torch.device) -> Iterator[tuple[list[torch.Tensor], AnchorGrid]]:
    """Batches of three pictures on one grid."""
    for seed in range(40):
        scenes = [random_scene(scene, seed) for scene in (clipped, huddled, on_the_grid)]
        grid = scenes[0][1]
        grid = AnchorGrid(grid.sizes.to(device), grid.stride, grid.rows, grid.columns)
        yield [boxes.to(device) for boxes, _ in scenes], grid


def test_a_batch_is_matched_as_its_pictures_are(device: torch.device) -> None:
    """The order too: pictures, kinds, rows, columns."""
    for people, grid in batches(device):
        found = positive_anchors(people, grid, SelectionSettings())
        dense = [match(boxes, grid) for boxes in people]
        pono = torch.stack([matching.pono for matching in dense])
        at = (pono > 0.5).nonzero(as_tuple=True)
        assert all(torch.equal(a, b) for a, b in zip(found.at, at, strict=True))
        before = np.cumsum([0] + [len(boxes) for boxes in people])
        person = torch.stack([m.person + int(n) for m, n in zip(dense, before, strict=False)])
        assert torch.equal(found.person, person[at])
        assert torch.equal(found.pono, pono[at])
        assert torch.equal(found.best_iou, torch.cat([m.best_iou for m in dense]))
        assert torch.equal(found.person_boxes, torch.cat(people))
        numbers = np.repeat(range(3), [len(boxes) for boxes in people])
        assert found.person_picture.tolist() == numbers.tolist()


def test_anchors_over_crowds_are_those_over_any_of_their_boxes(device: torch.device) -> None:
    for crowds_px, grid in batches(device):
        people = crowds_px[1:] + crowds_px[:1]
        settings = SelectionSettings()
        positives = positive_anchors(people, grid, settings)
        found = ignored_anchors(crowds_px, positives, grid, settings)
        assert found.device == grid.sizes.device
        wanted = torch.zeros_like(found).cpu()
        for picture, boxes in enumerate(crowds_px):
            every = brute_iou(boxes.cpu(), grid)
            wanted[picture] = torch.from_numpy((every > 0.35).any(0))
        wanted[tuple(part.cpu() for part in positives.at)] = False
        assert torch.equal(found.cpu(), wanted)
        cells = torch.cat([anchors_over(boxes, grid, 0.35) for boxes in crowds_px if len(boxes)])
        assert len(cells) >= int(found.sum())


def brute_iou(boxes: torch.Tensor, grid: AnchorGrid) -> np.ndarray:
    """(N, N_A, H, W) in float64, by numpy and from corners."""
    corners = AnchorGrid(grid.sizes.cpu().double(), *(grid.stride, grid.rows, grid.columns))
    anchors = corners.all_boxes().numpy()[None]
    people = boxes.double().numpy().reshape(-1, 1, 1, 1, 4)
    low, high = np.maximum(anchors, people)[..., :2], np.minimum(anchors, people)[..., 2:]
    shared = (high - low).clip(0).prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).prod(-1) for box in (anchors, people)]
    return shared / (areas[0] + areas[1] - shared)
