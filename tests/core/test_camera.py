"""The camera against trigonometry by hand, and placing people against scipy's minimiser."""

import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import least_squares

from pandanet_core.camera import Camera, place, project
from pandanet_core.errors import UserError
from tests.people3d import standing_person

CAMERA = Camera(fx=1158, fy=1158, cx=960, cy=540, width=1920, height=1080)


def random_people(rng: np.random.Generator, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Root-relative poses (N, 22, 3) and roots (N, 3) in mm, 2 to 40 m from the camera."""
    pose = standing_person() * (1, -1, -1)
    pose = pose - pose.mean(0) + rng.normal(size=(count, 22, 3)) * 120
    depth = rng.uniform(2000, 40_000, (count, 1))
    sideways = rng.uniform(-0.7, 0.7, (count, 1)) * depth
    return pose, np.concatenate([sideways, rng.uniform(-1500, 1500, (count, 1)), depth], 1)


def cost_px2(root: NDArray[Any], pose: NDArray[Any], seen: NDArray[Any]) -> float:
    return float(((project(pose + root, CAMERA) - seen) ** 2).sum())


def test_projection_of_points_known_by_hand() -> None:
    camera = Camera(fx=100, fy=200, cx=50, cy=40, width=100, height=80)
    points = np.array([[0, 0, 1000], [500, -250, 1000], [500, -250, 2000], [1, 1, -1], [1, 1, 0]])
    pixels = project(points.astype(float), camera)
    np.testing.assert_allclose(pixels[:3], [[50, 40], [100, -10], [75, 15]])
    assert np.isnan(pixels[3:]).all()


@pytest.mark.parametrize("fov_deg", [1, 35, 60, 90, 170])
def test_a_field_of_view_spans_the_pictures_width(fov_deg: float) -> None:
    camera = Camera.from_fov(1280, 720, fov_deg)
    edge = np.array([math.tan(math.radians(fov_deg / 2)), 0, 1.0]) * 1000
    np.testing.assert_allclose(project(edge, camera), [1280, 360])
    np.testing.assert_allclose(project(edge * (-1, 1, 1), camera), [0, 360], atol=1e-9)
    assert camera.fx == camera.fy
    assert camera.fov_deg == pytest.approx(fov_deg)


def test_a_resized_picture_sees_the_same_points_at_scaled_pixels() -> None:
    pose, roots = random_people(np.random.default_rng(0), 5)
    points = pose + roots[:, None]
    np.testing.assert_allclose(project(points, CAMERA.scaled(0.5)), project(points, CAMERA) / 2)
    assert CAMERA.scaled(0.5).width == 960


def test_place_finds_the_true_root_of_an_exact_projection() -> None:
    pose, roots = random_people(np.random.default_rng(1), 300)
    seen = project(pose + roots[:, None], CAMERA)
    found = place(seen, pose, CAMERA)
    assert found.dtype == np.float32
    assert np.linalg.norm(found - roots, axis=1).max() < 1


@pytest.mark.parametrize("noise", [0.02, 0.15, 0.4, 0.6, 1.0])
def test_place_minimises_the_reprojection_error_of_noisy_joints(noise: float) -> None:
    """Noise as a share of the person's height in the picture: beyond 0.4 hardly a pose is left."""
    rng = np.random.default_rng(2)
    pose, roots = random_people(rng, 20)
    seen = project(pose + roots[:, None], CAMERA)
    height = np.ptp(seen[..., 1], axis=1)[:, None, None]
    seen = seen + rng.normal(size=seen.shape) * noise * height
    found = place(seen, pose, CAMERA)
    for n in range(len(roots)):
        nearest = 100 - pose[n, :, 2].min()
        best_px2 = min(
            2
            * least_squares(
                lambda root, n=n: (project(pose[n] + root, CAMERA) - seen[n]).ravel(),
                roots[n] * (1, 1, factor),
                bounds=([-np.inf, -np.inf, nearest], [np.inf, np.inf, 1e6]),
                x_scale="jac",
                xtol=1e-14,
                ftol=1e-14,
            ).cost
            for factor in (0.5, 1, 4)
        )
        assert cost_px2(found[n], pose[n], seen[n]) < (1 + 1e-5) * best_px2 + 1e-6


def test_joints_without_weight_do_not_move_anybody() -> None:
    rng = np.random.default_rng(3)
    pose, roots = random_people(rng, 20)
    seen = project(pose + roots[:, None], CAMERA)
    weights = np.ones(seen.shape[:2])
    weights[:, [3, 9]] = 0
    seen[:, [3, 9]] += rng.normal(size=(20, 2, 2)) * 500
    found = place(seen, pose, CAMERA, weights)
    assert np.linalg.norm(found - roots, axis=1).max() < 1


def test_nobody_is_placed_behind_the_camera_whatever_the_poses_are() -> None:
    """Poses of noise, poses in one pixel, poses upside down: finite, and every joint in front."""
    rng = np.random.default_rng(4)
    pose, _ = random_people(rng, 300)
    seen = rng.uniform(0, 1000, (300, 22, 2))
    seen[:50] = seen[:50, :1]
    seen[50:100] = -pose[50:100, :, :2] * 0.2 + 500
    root = place(seen, pose, CAMERA)
    assert np.isfinite(root).all()
    assert (pose[..., 2] + root[:, None, 2]).min() > 99
    assert root[:, 2].max() < 1.001e6


def test_nobody_to_place() -> None:
    assert place(np.zeros((0, 22, 2)), np.zeros((0, 22, 3)), CAMERA).shape == (0, 3)


def test_a_camera_survives_being_written_as_json() -> None:
    assert Camera.from_dict(json.loads(json.dumps(CAMERA.to_dict()))) == CAMERA


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"fx": None}, "no number"),
        ({"fx": "wide"}, "no number"),
        ({"fx": 0}, "greater than 0"),
        ({"fy": -1158}, "greater than 0"),
        ({"width": 0}, "greater than 0"),
        ({"width": 1e-9}, "greater than 0"),
        ({"height": math.inf}, "finite"),
        ({"cx": math.nan}, "finite"),
    ],
)
def test_bad_numbers_are_refused_in_one_sentence(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Camera.from_dict(CAMERA.to_dict() | changed)


@pytest.mark.parametrize("values", [None, [], 7, {}, {"fx": 1}, "fx"])
def test_what_is_no_camera_is_refused(values: Any) -> None:
    with pytest.raises(UserError, match="fx, fy, cx, cy, width, height"):
        Camera.from_dict(values)


@pytest.mark.parametrize("fov_deg", [0, -10, 171, math.nan, math.inf])
def test_impossible_fields_of_view_are_refused(fov_deg: float) -> None:
    with pytest.raises(UserError, match="between 1 and 170"):
        Camera.from_fov(640, 480, fov_deg)
