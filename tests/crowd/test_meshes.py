"""Cutting, smoothing and simplifying meshes, on shapes whose answers are known."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import Layer
from pandanet_core.crowd.people.meshes import (
    Mesh,
    clip,
    coarser,
    draped,
    inflate,
    main_bones,
    mesh_of_layer,
    normals,
    smooth,
)


def square(cells: int) -> Mesh:
    """A flat unit square in x and y, facing +z."""
    line = np.linspace(0, 1, cells + 1)
    x, y = np.meshgrid(line, line)
    points = np.stack([x.ravel(), y.ravel(), 0 * x.ravel()], 1)
    corner = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    right, up, across = corner + 1, corner + cells + 1, corner + cells + 2
    faces = np.concatenate(
        [np.stack([corner, right, across], 1), np.stack([corner, across, up], 1)]
    )
    weights = np.stack([points[:, 0], 1 - points[:, 0]], 1)
    return Mesh(points, points[:, :2], weights, faces)


def sphere(rings: int) -> Mesh:
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.linspace(0, 2 * np.pi, 2 * rings + 1), indexing="ij"
    )
    points = np.stack(
        [np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)], -1
    ).reshape(-1, 3)
    wide = 2 * rings + 1
    corner = (np.arange(rings)[:, None] * wide + np.arange(wide - 1)).ravel()
    faces = np.concatenate(
        [
            np.stack([corner, corner + wide, corner + wide + 1], 1),
            np.stack([corner, corner + wide + 1, corner + 1], 1),
        ]
    )
    return Mesh(points, points[:, :2], np.ones((len(points), 1)), faces)


def area_and_normals(mesh: Mesh) -> tuple[float, NDArray[Any]]:
    corner = mesh.vertices[mesh.faces]
    cross = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    return float(np.linalg.norm(cross, axis=1).sum() / 2), cross


@pytest.mark.parametrize("cells", [1, 2, 7, 16])
@pytest.mark.parametrize("slope", [0.0, 0.3, -0.7])
def test_a_cut_square_has_exactly_the_area_on_its_side(cells: int, slope: float) -> None:
    whole = square(cells)
    cut = clip(whole, whole.vertices[:, 0] + slope * whole.vertices[:, 1] - 0.45)
    y = np.linspace(0, 1, 200_001)
    expected = np.trapezoid(np.clip(0.45 - slope * y, 0, 1), y)
    area, cross = area_and_normals(cut)
    assert area == pytest.approx(expected, abs=1e-6)
    assert (cross[:, 2] >= -1e-12).all()  # orientation is kept


def test_everything_is_carried_to_new_vertices() -> None:
    whole = square(4)
    cut = clip(whole, whole.vertices[:, 0] - 0.33)
    np.testing.assert_allclose(cut.uvs, cut.vertices[:, :2], atol=1e-12)
    np.testing.assert_allclose(cut.weights[:, 0], cut.vertices[:, 0], atol=1e-12)
    assert cut.vertices[:, 0].max() == pytest.approx(0.33)
    assert set(cut.faces.ravel()) == set(range(len(cut)))


def test_a_cut_leaves_all_or_nothing_where_it_misses() -> None:
    whole = square(3)
    assert len(clip(whole, whole.vertices[:, 0] - 2).faces) == len(whole.faces)
    assert len(clip(whole, whole.vertices[:, 0] + 2).faces) == 0


def test_normals_of_a_sphere_are_radial_even_at_its_seam() -> None:
    ball = sphere(24)
    inner = np.abs(ball.vertices[:, 2]) < 0.99
    cosine = (normals(ball) * ball.vertices).sum(1)[inner]
    assert cosine.min() > 0.999
    radius = np.linalg.norm(inflate(ball, 0.1).vertices, axis=1)
    np.testing.assert_allclose(radius[inner], 1.1, atol=1e-3)


def test_smoothing_flattens_a_bump_and_keeps_the_border() -> None:
    flat = square(8)
    vertices = flat.vertices.copy()
    middle = np.linalg.norm(vertices[:, :2] - 0.5, axis=1).argmin()
    vertices[middle, 2] = 1.0
    smoothed = smooth(Mesh(vertices, flat.uvs, flat.weights, flat.faces), rounds=3)
    assert 0 < smoothed.vertices[:, 2].max() < 0.5
    border = (flat.vertices[:, :2] == 0).any(1) | (flat.vertices[:, :2] == 1).any(1)
    np.testing.assert_allclose(smoothed.vertices[border], flat.vertices[border])


def test_cloth_bridges_a_hollow_and_stays_above_a_bump() -> None:
    flat = square(12)
    x, y = flat.vertices[:, 0] - 0.5, flat.vertices[:, 1] - 0.5
    bump = 0.2 * np.exp(-(x**2 + y**2) / 0.02)
    for sign in (1, -1):
        bent = Mesh(
            flat.vertices + [[0, 0, sign]] * bump[:, None], flat.uvs, flat.weights, flat.faces
        )
        cloth = draped(bent, rounds=6)
        middle = bump.argmax()
        if sign > 0:
            assert cloth.vertices[middle, 2] >= bent.vertices[middle, 2] - 1e-3
        else:
            assert cloth.vertices[middle, 2] > bent.vertices[middle, 2] + 0.05


def test_coarser_levels_merge_within_a_group_only() -> None:
    ball = sphere(32)
    groups = (ball.vertices[:, 2] > 0).astype(int)
    reduced = coarser(ball.faces, ball.vertices, groups, 0.2)
    assert len(reduced) < len(ball.faces) / 5
    moved = np.setdiff1d(reduced, np.arange(len(ball)))
    assert len(moved) == 0
    area, _ = area_and_normals(Mesh(ball.vertices, ball.uvs, ball.weights, reduced.astype(int)))
    assert area == pytest.approx(4 * np.pi, rel=0.1)


def test_a_layer_becomes_one_vertex_for_each_texture_corner() -> None:
    layer = Layer(np.array([[0, 1, 2], [0, 2, 3]]), np.array([[0, 1, 2], [4, 2, 3]]))
    mesh, source = mesh_of_layer(layer, np.eye(4, 3), np.arange(10.0).reshape(5, 2), np.eye(4))
    assert len(mesh) == 5  # vertex 0 has two texture coordinates
    np.testing.assert_array_equal(source[mesh.faces], layer.faces)
    np.testing.assert_array_equal(
        mesh.uvs[mesh.faces], np.arange(10.0).reshape(5, 2)[layer.uv_faces]
    )


def test_main_bones_keep_the_strongest_and_sum_to_one() -> None:
    weights = np.random.default_rng(0).dirichlet(np.ones(9), 50)
    bones, shares = main_bones(weights)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-6)
    kept = np.take_along_axis(weights, bones.astype(int), 1)
    dropped = np.sort(weights, 1)[:, :-4]
    assert (kept.min(1) >= dropped.max(1)).all()
