"""The orbit camera against OpenCV's projection and the filming camera's, and how it moves."""

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from pandanet_app.drawing.floor import Floor
from pandanet_app.models.orbit_camera import NEAREST_M, OrbitCamera
from pandanet_core.camera import Camera, project

SIZE = (960, 600)

cameras = st.builds(
    OrbitCamera,
    target=st.tuples(*[st.floats(-20, 20)] * 3),
    distance_m=st.floats(0.5, 60),
    azimuth_deg=st.floats(-180, 180),
    elevation_deg=st.floats(-90, 90),
    fov_deg=st.floats(10, 80),
)
seeds = st.integers(0, 2**31)


def points_before(orbit: OrbitCamera, seed: int, count: int = 30) -> np.ndarray:
    """Random points round the target, all in front of the eye."""
    offsets = np.random.default_rng(seed).uniform(-1, 1, (count, 3))
    return np.array(orbit.target) + offsets * orbit.distance_m / 2


@given(cameras, seeds)
@example(OrbitCamera(azimuth_deg=0, elevation_deg=1e-5, fov_deg=10), 0)
def test_projection_is_opencvs(orbit: OrbitCamera, seed: int) -> None:
    points = points_before(orbit, seed)
    extrinsic, focal = orbit.extrinsic(), orbit.focal_px(SIZE[1])
    intrinsics = np.array([[focal, 0, SIZE[0] / 2], [0, focal, SIZE[1] / 2], [0, 0, 1]])
    # cv2.Rodrigues finds the vector of a turn by nearly 180 degrees to 1e-6 only, and from display
    # to view space it always is nearly that: a picture point would be off by up to 2 px.
    rotation = Rotation.from_matrix(extrinsic[:3, :3]).as_rotvec()
    expected = cv2.projectPoints(points, rotation, extrinsic[:3, 3], intrinsics, None)[0][:, 0]
    np.testing.assert_allclose(orbit.project(points, *SIZE), expected, atol=1e-6)


@given(cameras)
def test_extrinsic_is_rigid_and_looks_at_the_target(orbit: OrbitCamera) -> None:
    rotation = orbit.extrinsic()[:3, :3]
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(rotation) == pytest.approx(1)
    assert rotation[0, 1] == 0, "level: the horizontal axis has no height"
    np.testing.assert_allclose(
        orbit.view(np.array(orbit.target)), (0, 0, orbit.distance_m), atol=1e-9
    )


@given(st.floats(0.5, 10), st.floats(-20, 60), st.floats(0.6, 2.0), seeds)
def test_the_filming_cameras_view_is_its_picture(
    height_m: float, pitch_deg: float, shape: float, seed: int
) -> None:
    camera = Camera.from_fov(1280, 720, 60)
    floor = Floor(1000 * height_m, pitch_deg)
    random = np.random.default_rng(seed)
    points_mm = random.uniform((-3000, -2000, 3000), (3000, 2000, 9000), (20, 3))
    width, height = round(600 * shape), 600
    orbit = OrbitCamera.from_filming_camera(camera, height_m, pitch_deg, width, height)
    scale = min(width / camera.width, height / camera.height)
    expected = (project(points_mm, camera) - (640, 360)) * scale + (width / 2, height / 2)
    np.testing.assert_allclose(
        orbit.project(floor.to_display(points_mm), width, height), expected, atol=1e-6
    )


@given(cameras, st.floats(-300, 300), st.floats(-300, 300))
def test_panning_takes_the_target_along_with_the_pointer(
    orbit: OrbitCamera, dx: float, dy: float
) -> None:
    moved = orbit.panned(dx, dy, SIZE[1]).project(np.array(orbit.target), *SIZE)
    np.testing.assert_allclose(moved, (SIZE[0] / 2 + dx, SIZE[1] / 2 + dy), atol=1e-6)


@given(cameras, st.floats(0.6, 1.6), st.floats(-400, 400), st.floats(-250, 250))
def test_zooming_keeps_what_is_under_the_pointer(
    orbit: OrbitCamera, factor: float, x: float, y: float
) -> None:
    under = orbit.panned(-x, -y, SIZE[1]).target
    nearer = orbit.zoomed(factor, x, y, SIZE[1])
    np.testing.assert_allclose(
        nearer.project(np.array(under), *SIZE), (480 + x, 300 + y), atol=1e-6
    )
    beside = np.array(under) + orbit.extrinsic()[0, :3]
    before = np.linalg.norm(orbit.project(beside, *SIZE) - orbit.project(np.array(under), *SIZE))
    after = np.linalg.norm(nearer.project(beside, *SIZE) - nearer.project(np.array(under), *SIZE))
    assert after == pytest.approx(before * factor)


def test_zoom_ends_before_the_target_and_far_away() -> None:
    orbit = OrbitCamera()
    assert orbit.zoomed(1e9).distance_m == 0.2
    assert orbit.zoomed(1e-9).distance_m == 500


@settings(deadline=None)
@given(cameras, seeds, st.sampled_from([(960, 600), (300, 900), (1600, 400)]))
@example(OrbitCamera(azimuth_deg=-107, elevation_deg=-1, fov_deg=68), 1930, SIZE)
def test_fitting_shows_everything_in_the_middle_and_no_farther_than_needed(
    orbit: OrbitCamera, seed: int, size: tuple[int, int]
) -> None:
    random = np.random.default_rng(seed)
    points = random.uniform(-1, 1, (15, 3)) * random.uniform(0.5, 8, 3) + random.uniform(-10, 10, 3)
    fitted = orbit.fitted(points, *size, margin=0.1)
    share = (fitted.project(points, *size) - np.array(size) / 2) / (np.array(size) / 2)
    assert np.isfinite(share).all()
    assert np.abs(share).max() < 0.9 + 1e-6
    nearest_m = fitted.view(points)[:, 2].min()
    if nearest_m > NEAREST_M + 1e-9:  # else a point that was even nearer would not be seen
        assert np.abs(share).max() == pytest.approx(0.9, abs=1e-6)
    assert nearest_m > NEAREST_M - 1e-9
    np.testing.assert_allclose(share.max(0) + share.min(0), 0, atol=0.05)
    assert (fitted.azimuth_deg, fitted.elevation_deg) == (orbit.azimuth_deg, orbit.elevation_deg)


def test_fitting_one_point_or_none() -> None:
    orbit = OrbitCamera()
    one = orbit.fitted(np.array([[3.0, 1.0, -9.0]]), *SIZE)
    np.testing.assert_allclose(
        one.project(np.array([3.0, 1.0, -9.0]), *SIZE), (480, 300), atol=1e-6
    )
    assert orbit.fitted(np.full((4, 3), np.nan), *SIZE) == orbit
    assert orbit.fitted(np.zeros((0, 3)), *SIZE) == orbit


def test_from_above_right_is_right_and_ahead_is_up() -> None:
    points = np.array([[-2.0, 0, -4], [2, 0, -4], [-2, 0, -12], [2, 0, -12]])
    seen = OrbitCamera().from_above(points, *SIZE).project(points, *SIZE)
    assert seen[1, 0] > seen[0, 0]
    assert seen[2, 1] < seen[0, 1]
    np.testing.assert_allclose(seen[0, 1], seen[1, 1])


def test_orbiting_keeps_the_target_and_stops_overhead() -> None:
    orbit = OrbitCamera(azimuth_deg=170, elevation_deg=80)
    turned = orbit.orbited(30, 30)
    assert turned.azimuth_deg == pytest.approx(-160)
    assert turned.elevation_deg == 90
    assert turned.target == orbit.target
    to_the_right = orbit.orbited(1, 0).eye - orbit.eye
    assert to_the_right @ orbit.extrinsic()[0, :3] > 0


def test_points_behind_the_eye_are_not_projected() -> None:
    orbit = OrbitCamera((0, 0, 0), 5, 0, 0)
    assert np.isnan(orbit.project(np.array([[0, 0, 6.0], [0, 0, 5.0]]), *SIZE)).all()


def test_it_is_a_value() -> None:
    assert OrbitCamera().orbited(5, 5).orbited(-5, -5) == OrbitCamera()
    assert len({OrbitCamera(), OrbitCamera()}) == 1
