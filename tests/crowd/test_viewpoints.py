"""Where people must stand to be seen as wished, checked by projecting them."""

import numpy as np
import pytest

from pandanet_core.camera import Camera, project
from pandanet_core.crowd.scenes.scene import view_from
from pandanet_core.crowd.scenes.viewpoints import (
    ADULT_M,
    draw_view,
    power_law,
    stand_at,
    upright_boxes,
)
from pandanet_core.crowd.settings import PEOPLE, CrowdSettings, Preset, usual_heights_px


def test_a_view_looks_where_its_angles_say() -> None:
    camera = Camera.from_fov(640, 480, 60)
    eye = np.array([1.0, 2.0, 3.0])
    east = view_from(camera, eye, np.pi / 2, 0, 0)
    np.testing.assert_allclose(east.to_camera(eye + [5, 0, 0]), [0, 0, 5], atol=1e-12)
    np.testing.assert_allclose(
        east.to_camera(eye + [5, -1, 0]), [1, 0, 5], atol=1e-12
    )  # south: right
    down = view_from(camera, eye, 0, np.radians(30), 0)
    ahead = eye + [0, np.cos(np.radians(30)), -np.sin(np.radians(30))]
    np.testing.assert_allclose(down.to_camera(ahead), [0, 0, 1], atol=1e-12)
    assert down.to_camera(eye + [0, 5, 0])[1] < 0  # the horizon is above the middle
    for view in (east, down, view_from(camera, eye, 1, 0.2, 0.3)):
        np.testing.assert_allclose(view.rotation @ view.rotation.T, np.eye(3), atol=1e-12)
        assert np.linalg.det(view.rotation) == pytest.approx(1)


def test_pixels_are_the_cores_projection() -> None:
    rng = np.random.default_rng(0)
    view = view_from(Camera(500, 480, 310, 250, 640, 480), np.array([0, 0, 2.0]), 0.4, 0.2, 0.05)
    points = rng.uniform(-1, 1, (50, 3)) + view.eye + 8 * view.rotation[2]
    expected = project(view.to_camera(points) * 1000, view.camera)
    np.testing.assert_allclose(view.pixels(points), expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_people_get_the_column_and_height_that_were_wished(seed: int) -> None:
    rng = np.random.default_rng(seed)
    view = draw_view(rng, CrowdSettings())
    columns, heights = rng.uniform(0, 512, 40), rng.uniform(25, 200, 40)
    places = stand_at(view, columns, heights)
    feet = np.concatenate([places, np.zeros((40, 1))], 1)
    np.testing.assert_allclose(view.pixels(feet)[:, 0], columns, atol=1e-6)
    depth = view.to_camera(feet)[:, 2]
    np.testing.assert_allclose(view.camera.fy * ADULT_M / depth, heights, rtol=1e-9)
    boxes = upright_boxes(view, places)
    assert (boxes[:, 2:] > boxes[:, :2]).all()


def test_every_view_shows_one_whole_adult() -> None:
    settings = CrowdSettings(height_px=(25, 300))
    for seed in range(60):
        rng = np.random.default_rng(seed)
        view = draw_view(rng, settings)
        places = stand_at(
            view, rng.uniform(60, 450, 600), np.exp(rng.uniform(np.log(25), np.log(300), 600))
        )
        boxes = upright_boxes(view, places)
        inside = (boxes[:, :2] >= 0).all(1) & (boxes[:, 2:] <= (512, 320)).all(1)
        assert inside.any(), seed


@pytest.mark.parametrize("preset", ["jta", "panoptic"])
def test_cameras_span_what_is_promised(preset: Preset) -> None:
    settings = CrowdSettings(
        people=PEOPLE[preset], height_px=usual_heights_px(preset, 320), preset=preset
    )
    views = [draw_view(np.random.default_rng([7, seed]), settings) for seed in range(500)]
    fov = np.array([view.camera.fov_deg for view in views])
    eye = np.array([view.eye[2] for view in views])
    assert 30 <= fov.min() < fov.max() <= 100
    assert np.ptp(fov) > 50
    assert 0.5 <= eye.min() < 0.6
    assert (12 < eye.max() <= 15) if preset == "jta" else (3 < eye.max() <= 3.5)


@pytest.mark.parametrize("exponent", [0.8, 1.0, 2.0])
def test_a_power_law_has_its_distribution(exponent: float) -> None:
    """Shares below a few limits against the integral of x^-exponent, by the midpoint rule."""
    drawn = power_law(np.random.default_rng(3), 6.0, 300.0, exponent, 40_000)
    assert drawn.min() >= 6
    assert drawn.max() <= 300
    x = np.linspace(6, 300, 200_001)
    middle = (x[1:] + x[:-1]) / 2
    mass = np.cumsum(middle**-exponent)
    for limit in (10, 40, 150):
        expected = mass[np.searchsorted(middle, limit) - 1] / mass[-1]
        assert np.mean(drawn < limit) == pytest.approx(expected, abs=0.01)
