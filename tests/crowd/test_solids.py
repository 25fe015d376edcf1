"""Solids of revolution and what stands about, against closed forms and brute force."""

import numpy as np
import pytest

from pandanet_core.camera import Camera
from pandanet_core.crowd.drawing.geometry_gl import FACETS, place_vertices
from pandanet_core.crowd.drawing.render_gl import MOST_PLACE_VERTICES
from pandanet_core.crowd.scenes.places.clutter import KINDS, SHARES, Spot
from pandanet_core.crowd.scenes.places.furnishing import (
    CLEAR_OF_CLUTTER_M,
    MOST_HIDDEN,
    OVERHEAD_M,
    furnish,
    is_clear,
)
from pandanet_core.crowd.scenes.places.kinds import PlaceKind
from pandanet_core.crowd.scenes.scene import Box, Scene, Solid, Surface, Turned, view_from

GREY = Surface((0.3, 0.3, 0.3), (0.3, 0.3, 0.3), 0)
VIEW = view_from(Camera.from_fov(320, 240, 60), np.array([0, 0, 3.0]), 0.3, 0.3, 0.0)
GROUND_VERTICES = 6


def triangles(solids: list[Solid]) -> tuple[np.ndarray, np.ndarray]:
    """Corners (T, 3, 3) and vertex normals (T, 3, 3) of solids without the ground."""
    vertices = place_vertices(Scene(VIEW, [], solids, GREY, "", 1.0))[GROUND_VERTICES:]
    corners = vertices[:, :3].astype(float).reshape(-1, 3, 3)
    return corners, vertices[:, 3:6].astype(float).reshape(-1, 3, 3)


def random_turned(rng: np.random.Generator) -> Turned:
    start, end = rng.uniform(-2, 2, 3), rng.uniform(-2, 2, 3)
    radii = rng.uniform(0.05, 1.0, int(rng.integers(2, 7)))
    return Turned(tuple(start), tuple(end), tuple(radii.tolist()), GREY)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(20))
def test_a_turned_solid_encloses_its_volume(seed: int) -> None:
    solid = random_turned(np.random.default_rng(seed))
    corners, _ = triangles([solid])
    # Divergence theorem: six times the volume is the sum of determinants over a closed surface.
    enclosed = abs(np.linalg.det(corners).sum()) / 6
    height = np.linalg.norm(np.subtract(solid.end, solid.start)) / (len(solid.radii) - 1)
    area = FACETS / 2 * np.sin(2 * np.pi / FACETS) * np.square(solid.radii)
    frusta = height / 3 * (area[1:] + area[:-1] + np.sqrt(area[1:] * area[:-1]))
    np.testing.assert_allclose(enclosed, frusta.sum(), rtol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_normals_of_a_turned_solid_are_those_of_its_faces(seed: int) -> None:
    solid = random_turned(np.random.default_rng(seed))
    corners, normals = triangles([solid])
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(face, axis=1)
    face, normals = face[area > 1e-9] / area[area > 1e-9, None], normals[area > 1e-9]
    np.testing.assert_allclose(np.linalg.norm(normals, axis=2), 1, atol=1e-5)
    agreement = (face[:, None] * normals).sum(2)
    # A smooth normal differs from its flat face by at most half a facet's turn; which of the two
    # sides is outside is decided by the volume's sign.
    outside = np.sign(np.linalg.det(corners).sum())
    assert (agreement * outside > np.cos(np.pi / FACETS) - 0.03).all()


def test_every_kind_of_clutter_stands_on_the_ground() -> None:
    rng = np.random.default_rng(3)
    for make in KINDS:
        for _ in range(20):
            corners, _ = triangles(make(rng, Spot(1.0, -2.0, 0.7)))
            assert np.isfinite(corners).all()
            assert -0.6 < corners[..., 2].min() < 0.1  # heaps and bushes may sink in
            assert 0.05 < corners[..., 2].max() < 12
            assert np.abs(corners[..., :2] - (1.0, -2.0)).max() < 6
    assert sum(SHARES) == pytest.approx(1)


def test_nobody_stands_in_what_stands_about() -> None:
    rng = np.random.default_rng(5)
    seen = 0
    for number in range(30):
        places = rng.uniform((-4, 4), (4, 14), (8, 2))
        for solid in furnish(rng, VIEW, places, "room" if number % 5 == 0 else "open"):
            if isinstance(solid, Box) and solid.top < 0.01:
                continue  # painted on the ground
            if isinstance(solid, Box) and solid.bottom > OVERHEAD_M:
                continue  # a ceiling
            corners, _ = triangles([solid])
            # Points on the faces, seen from above, however fine: none comes near anybody.
            weights = rng.dirichlet((1, 1, 1), (len(corners), 40))
            points = (weights @ corners)[..., :2].reshape(-1, 2)
            gap = np.linalg.norm(points[:, None] - places, axis=2).min()
            assert gap > CLEAR_OF_CLUTTER_M * 0.99
            seen += 1
    assert seen > 200


def test_a_place_inside_a_solid_is_not_clear() -> None:
    box = Box(0, 0, 1, 0.5, 0, 1, np.pi / 2, GREY)
    post = Turned((3, 0, 0), (3, 0, 2), (0.2, 0.2), GREY)
    assert not is_clear([box], np.array([[0.2, 0.9]]), 0.0)
    assert is_clear([box], np.array([[0.9, 0.2]]), 0.3)
    assert not is_clear([post], np.array([[3.1, 0.1]]), 0.0)
    assert not is_clear([box, post], np.array([[3.6, 0.0]]), 0.5)
    assert is_clear([box, post], np.array([[3.6, 0.0]]), 0.3)


@pytest.mark.parametrize("kind", ["open", "street", "square", "field", "hall", "room"])
def test_places_fit_the_renderer_and_hide_few(kind: PlaceKind) -> None:
    """Lines of sight against footprints of boxes, point by point; vertices counted as they are made."""
    rng = np.random.default_rng(6)
    eye = VIEW.eye[:2]
    counts = []
    for _ in range(12):
        ahead, aside = VIEW.rotation[2, :2], VIEW.rotation[0, :2]
        deep = np.exp(rng.uniform(np.log(4), np.log(90), (40, 1)))
        places = eye + deep * (ahead + rng.uniform(-0.5, 0.5, (40, 1)) * aside)
        solids = furnish(rng, VIEW, places, kind)
        corners, _ = triangles(solids)
        counts.append(len(solids))
        assert 3 * len(corners) + GROUND_VERTICES <= MOST_PLACE_VERTICES
        hidden = np.zeros(len(places), bool)
        for box in solids:
            if not isinstance(box, Box) or box.top < VIEW.eye[2] or box.bottom > OVERHEAD_M:
                continue
            turn = np.array([np.cos(box.yaw_rad), np.sin(box.yaw_rad)])
            for share in np.linspace(0.1, 0.95, 12):
                offset = eye + share * (places - eye) - (box.x, box.y)
                along, across = offset @ turn, offset @ (-turn[1], turn[0])
                hidden |= (np.abs(along) < box.half_width) & (np.abs(across) < box.half_depth)
        assert hidden.mean() <= MOST_HIDDEN + 1e-9
    assert len(set(counts)) > 3
    if kind in ("street", "field", "hall"):
        assert np.median(counts) > 15
