"""The estimated floor against floors we chose and against a real recording's calibration."""

import json

import numpy as np
import pytest

from pandanet_app.drawing.floor import Floor, estimate_floor
from pandanet_core.skeleton import COCO17, JTA22, MUPOTS17, PANOPTIC15
from tests.people3d import crowd_on_floor, seen_from
from tests.shared_data import shared_data


@pytest.mark.parametrize("pitch_deg", [-10.0, 0.0, 12.0, 35.0])
@pytest.mark.parametrize("height_m", [1.2, 6.0])
def test_a_crowd_tells_the_floor(pitch_deg: float, height_m: float) -> None:
    random = np.random.default_rng(3)
    people = crowd_on_floor(random.uniform((-6, -22), (6, -7), (40, 2)), random)
    people[:4] += (0, 0.6, 0)  # some jump
    floor = estimate_floor(seen_from(people, height_m, pitch_deg), JTA22)
    assert floor.pitch_deg == pytest.approx(pitch_deg, abs=1.0)
    assert floor.camera_height_mm == pytest.approx(1000 * height_m, abs=150)


def test_uncertain_depth_turns_the_floor_little() -> None:
    random = np.random.default_rng(4)
    errors = []
    for _ in range(20):
        people = crowd_on_floor(random.uniform((-4, -16), (4, -6), (12, 2)), random)
        seen = seen_from(people, 3.0, 15.0) * random.normal(1, 0.05, (12, 1, 1))
        errors.append(estimate_floor(seen, JTA22).pitch_deg - 15)
    assert np.sqrt(np.mean(np.square(errors))) < 3.5


def test_one_person_stands_upright_on_it() -> None:
    random = np.random.default_rng(5)
    person = crowd_on_floor(np.array([[1.0, -5.0]]), random, lean_deg=0.0)
    floor = estimate_floor(seen_from(person, 2.5, 20.0), JTA22)
    shown = floor.to_display(seen_from(person, 2.5, 20.0))
    assert shown[..., 1].min() == pytest.approx(0.08, abs=0.01)
    assert shown[0, 0, 1] == pytest.approx(1.72, abs=0.15)


def test_nobody_or_nothing_known_gives_a_level_camera() -> None:
    assert estimate_floor(np.zeros((0, 22, 3)), JTA22) == Floor()
    assert estimate_floor(np.full((3, 22, 3), np.nan), JTA22) == Floor()


@pytest.mark.parametrize("skeleton", [COCO17, PANOPTIC15, MUPOTS17])
def test_every_skeleton_has_what_it_needs(skeleton: object) -> None:
    assert estimate_floor(np.zeros((0, skeleton.joint_count, 3)), skeleton) == Floor()


def test_display_space_is_the_cameras_space_moved() -> None:
    random = np.random.default_rng(6)
    points = random.normal(0, 3000, (50, 3))
    shown = Floor(2500, 17).to_display(points)
    distance = np.linalg.norm(points[:, None] - points, axis=-1) / 1000
    np.testing.assert_allclose(np.linalg.norm(shown[:, None] - shown, axis=-1), distance, atol=1e-9)
    np.testing.assert_allclose(Floor(2500, 17).to_display(np.zeros(3)), (0, 2.5, 0))
    np.testing.assert_allclose(seen_from(shown, 2.5, 17), points, atol=1e-6)


SHELF_JOINTS = {
    0: "right ankle",
    1: "right knee",
    2: "right hip",
    3: "left hip",
    4: "left knee",
    5: "left ankle",
    8: "right shoulder",
    9: "left shoulder",
}


def test_real_people_tell_the_pitch_of_five_calibrated_cameras() -> None:
    folder = shared_data("real/shelf_campus/data/shelf")
    people = _shelf_people_m((folder / "gt.txt").read_text())
    assert len(people) > 500
    for camera in json.loads((folder / "calibration.json").read_text()).values():
        pose = np.array(camera["RT"]).reshape(3, 4)
        seen = np.full((len(people), 22, 3), np.nan)
        for column, name in SHELF_JOINTS.items():
            seen[:, JTA22.index(name)] = 1000 * (people[:, column] @ pose[:, :3].T + pose[:, 3])
        floor = estimate_floor(seen, JTA22)
        assert floor.pitch_deg == pytest.approx(np.degrees(np.arcsin(-pose[2, 2])), abs=2.5)
        # The recording's world has z up and its zero about 0.02 m above the people's ankles.
        height_m = -(pose[:, :3].T @ pose[:, 3])[2] + 0.02 + 0.08
        assert floor.camera_height_mm / 1000 == pytest.approx(height_m, abs=0.15)


def _shelf_people_m(text: str) -> np.ndarray:
    """(N, 15, 3) everybody of every frame, world space, metres; NaN where not annotated."""
    lines = iter(text.splitlines()[1:])
    people = []
    for count in lines:
        for _ in range(int(count)):
            next(lines)
            rows = np.array([next(lines).split() for _ in range(4)], np.float64)
            people.append(np.where(rows[3:] > 0, rows[:3], np.nan).T)
    return np.array(people)
