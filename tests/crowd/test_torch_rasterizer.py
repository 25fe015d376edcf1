"""The torch renderer's parts against brute force, closed forms and their numpy counterparts."""

import cv2
import numpy as np
import pytest
import torch

from pandanet_core.crowd.drawing.torch_renderer.rasterizer import (
    LARGEST_UNTILED_PX,
    Canvas,
    Drawn,
    Triangles,
    rasterize,
)
from pandanet_core.crowd.drawing.torch_renderer.textures import MipTexture, linear_at
from tests.crowd.ray_casts import first_hit

WIDTH, HEIGHT, FOCAL_PX = 40, 28, 30.0


def drawn_by_pinhole(corners: np.ndarray, pictures: list[int] | None = None) -> Drawn:
    """Triangles (T, 3, 3) in camera space, m, drawn to pictures of WIDTH x HEIGHT."""
    x, y, z = np.moveaxis(corners.reshape(-1, 3), -1, 0)
    points = np.stack([FOCAL_PX * x + WIDTH / 2 * z, FOCAL_PX * y + HEIGHT / 2 * z, z], 1)
    homogeneous = torch.from_numpy(points.astype(np.float32))
    which = torch.tensor(pictures or [0] * len(corners))
    faces = torch.arange(len(points)).reshape(-1, 3)
    canvas = Canvas(int(which.max()) + 1, WIDTH, HEIGHT, 0.1, 200.0)
    return rasterize(Triangles(homogeneous, homogeneous[:, 2].contiguous(), faces, which), canvas)


def triangle_at_pixels(drawn: Drawn) -> np.ndarray:
    """Number of the triangle seen at each pixel, or -1."""
    numbers = torch.where(drawn.slot >= 0, drawn.triangle[drawn.slot], -1)
    return numbers.reshape(-1, HEIGHT, WIDTH).numpy()


@pytest.mark.parametrize("seed", range(3))
def test_every_pixel_shows_what_its_ray_hits_first(seed: int) -> None:
    """Small, large and needle-like triangles; many reach behind the camera."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(-3, 3, (80, 1, 3)) + [0, 0, 3]
    sizes = np.exp(rng.uniform(np.log(0.05), np.log(8), (80, 1, 1)))
    corners = (centres + sizes * rng.normal(size=(80, 3, 3))).astype(np.float32).astype(float)
    assert ((corners[..., 2] < 0.1).any(1) & (corners[..., 2] > 0.1).any(1)).sum() > 10
    drawn = drawn_by_pinhole(corners)
    ours, depth = triangle_at_pixels(drawn)[0], drawn.depth.reshape(HEIGHT, WIDTH).numpy()
    number = np.arange(len(corners))
    near = np.array([0.1, 0.1, 0.1])
    for row in range(HEIGHT):
        for column in range(WIDTH):
            ray = np.array(
                [
                    (column + 0.5 - WIDTH / 2) / FOCAL_PX,
                    (row + 0.5 - HEIGHT / 2) / FOCAL_PX,
                    1.0,
                ]
            )
            share, hit = first_hit(ray * near, ray, corners, number)
            seen = share + 0.1 <= 200
            assert ours[row, column] == (hit if seen else -1)
            if seen:
                assert depth[row, column] == pytest.approx(share + 0.1, rel=1e-5)


def test_neighbours_leave_no_hole_and_share_no_pixel() -> None:
    """A net of triangles over the picture, half of its corners exactly at pixel centres."""
    rng = np.random.default_rng(5)
    grid = np.stack(np.meshgrid(np.arange(-2, 14), np.arange(-2, 11), indexing="xy"), -1) * 3.5
    shift = np.where(rng.random(grid.shape[:2])[..., None] < 0.5, 0, rng.uniform(-1, 1, grid.shape))
    net = np.concatenate([np.floor(grid) + 0.5 + shift, np.ones((*grid.shape[:2], 1))], -1)
    cells = [net[:-1, :-1], net[:-1, 1:], net[1:, 1:], net[1:, :-1]]
    halves = [np.stack([cells[i] for i in half], 2) for half in ((0, 1, 2), (0, 2, 3))]
    corners = np.concatenate(halves).reshape(-1, 3, 3)
    flips = rng.random(len(corners)) < 0.5
    corners[flips] = corners[flips][:, ::-1]
    points = torch.from_numpy(corners.reshape(-1, 3).astype(np.float32))
    count = len(corners)
    alone = rasterize(
        Triangles(
            points,
            torch.ones(len(points)),
            torch.arange(3 * count).reshape(-1, 3),
            torch.arange(count),
        ),
        Canvas(count, WIDTH, HEIGHT, 0.1, 2.0),
    )
    covered = (alone.slot >= 0).reshape(count, HEIGHT, WIDTH).sum(0)
    np.testing.assert_array_equal(covered.numpy(), 1)


def test_the_first_of_two_equals_is_seen() -> None:
    corners = np.array([[[-1, -1, 2], [1, -1, 2], [0, 1, 2]]], float)
    drawn = drawn_by_pinhole(np.concatenate([corners, corners[:, ::-1], corners]))
    assert set(np.unique(triangle_at_pixels(drawn))) == {-1, 0}


def test_a_large_triangle_covers_its_area() -> None:
    corners = np.array([[[-0.61, -0.42, 1.0], [0.6, -0.13, 1.0], [0.09, 0.44, 1.0]]])
    first, second = corners[0, 1] - corners[0, 0], corners[0, 2] - corners[0, 0]
    area = abs(np.cross(first, second)[2]) / 2 * FOCAL_PX**2
    assert area > LARGEST_UNTILED_PX
    covered = (triangle_at_pixels(drawn_by_pinhole(corners)) == 0).sum()
    assert covered == pytest.approx(area, abs=np.sqrt(area) / 2)


def test_each_picture_has_its_own_triangles() -> None:
    rng = np.random.default_rng(1)
    corners = rng.uniform(-1, 1, (30, 3, 3)) + [0, 0, 2]
    pictures = rng.integers(3, size=30)
    together = triangle_at_pixels(drawn_by_pinhole(corners, [*pictures.tolist()]))
    for picture in range(3):
        own = np.flatnonzero(pictures == picture)
        alone = triangle_at_pixels(drawn_by_pinhole(corners[own]))[0]
        np.testing.assert_array_equal(together[picture], np.where(alone < 0, -1, own[alone]))


def test_smaller_copies_are_means_of_what_they_cover() -> None:
    layers = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 4), dtype=np.uint8)
    texture = MipTexture.of(torch.from_numpy(layers))
    for size in (32, 8):
        centres = (np.mgrid[:size, :size].reshape(2, -1).T[:, ::-1] + 0.5) / size
        place = torch.from_numpy(centres.astype(np.float32))
        layer = torch.full((len(place),), 2)
        got = texture.at(layer, place, torch.full((len(place),), 1 / size)).reshape(size, size, 4)
        mean = cv2.resize(layers[2].astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
        np.testing.assert_allclose(got * 255, mean, atol=1e-4 if size == 32 else 1.01)


def test_textures_are_linear_between_texels_and_repeat() -> None:
    """Against OpenCV's resampling of the texture with its surroundings."""
    layers = np.random.default_rng(0).integers(0, 256, (1, 16, 16, 4), dtype=np.uint8)
    place = np.random.default_rng(1).uniform(-2, 3, (500, 2)).astype(np.float32)
    texture = MipTexture.of(torch.from_numpy(layers))
    footprint = torch.full((500,), 1e-3)
    got = texture.at(torch.zeros(500, dtype=torch.int64), torch.from_numpy(place), footprint)
    at = (place % 1) * 16 - 0.5 + 16
    tiled = np.tile(layers[0], (3, 3, 1)).astype(np.float32)
    expected = cv2.remap(tiled, at[:, None, 0], at[:, None, 1], cv2.INTER_LINEAR)[:, 0]
    # OpenCV rounds both coordinates to 1/32 texel.
    np.testing.assert_allclose(got * 255, expected, atol=2 * 255 / 64)


@pytest.mark.parametrize("around", [False, True])
def test_pictures_end_at_their_edges_or_go_around(around: bool) -> None:
    pictures = torch.arange(2 * 3 * 4, dtype=torch.float32).reshape(2, 3, 4, 1)
    place = torch.tensor([[0.125, 0.5], [0.0, 0.5], [1.0, 0.5], [0.5, 0.0]])
    got = linear_at(pictures, torch.tensor([1, 1, 1, 0]), place, around)[:, 0]
    left, right = (17.5, 17.5) if around else (16.0, 19.0)
    np.testing.assert_allclose(got, [16.0, left, right, 1.5])
