"""Cameras of films: they stay, tremble, roll and pan as they should, and people keep out of their way."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.camera import Camera
from pandanet_core.crowd.scenes.films.camera_moves import CameraMove, draw_camera_move
from pandanet_core.crowd.scenes.films.lineup import NEAREST_M
from pandanet_core.crowd.scenes.films.street import draw_street
from pandanet_core.crowd.scenes.pictures import World
from pandanet_core.crowd.scenes.scene import view_from
from pandanet_core.crowd.settings import CameraKind, CrowdSettings

CAMERA = Camera.from_fov(640, 360, 60)
VIEW = view_from(CAMERA, np.array([1.0, 2.0, 1.7]), 0.4, 0.1, 0.02)
TIMES = np.arange(0, 20, 0.04)


def moves(kind: CameraKind) -> list[CameraMove]:
    rng = np.random.default_rng(5)
    return [draw_camera_move(rng, VIEW, kind) for _ in range(20)]


def test_a_fixed_camera_never_moves() -> None:
    for move in moves("fixed"):
        for time in (0.0, 3.3, 17.0):
            np.testing.assert_array_equal(move.at(time).rotation, VIEW.rotation)
            np.testing.assert_array_equal(move.at(time).eye, VIEW.eye)


def test_a_hand_trembles_a_little_about_one_place() -> None:
    for move in moves("hand-held"):
        assert move.keeps_its_place
        assert 0.003 < np.linalg.norm(move.eyes(TIMES) - VIEW.eye, axis=1).max() < 0.2
        ahead = np.stack([move.at(float(time)).rotation[2] for time in TIMES])
        turned = np.degrees(np.arccos(np.clip(ahead @ VIEW.rotation[2], -1, 1)))
        assert 0.2 < turned.max() < 5
        # Nothing in the picture leaps: at most a fiftieth of its width from frame to frame.
        far = VIEW.eye + 1e3 * VIEW.rotation[2]
        at = np.stack([move.at(float(time)).pixels(far) for time in TIMES])
        assert np.linalg.norm(np.diff(at, axis=0), axis=1).max() < 640 / 50


def test_moving_cameras_roll_over_the_ground_or_turn_and_come_back() -> None:
    for move in moves("moving"):
        assert not move.keeps_its_place
        eyes = move.eyes(TIMES)
        speed = np.linalg.norm(np.diff(eyes, axis=0), axis=1) / 0.04
        assert speed.max() < 2.0
        assert abs(eyes[:, 2] - VIEW.eye[2]).max() < 0.05
        first, later = move.at(2.0), move.at(2.0 + move.period_s)
        assert np.linalg.norm(first.eye - later.eye) < 0.05
        for time in (0.0, 4.4, 11.0):
            rotation = move.at(time).rotation
            np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-12)
            assert np.linalg.det(rotation) == pytest.approx(1)
    assert sum(np.ptp(move.eyes(TIMES), axis=0).max() > 0.5 for move in moves("moving")) > 5
    assert sum(move.pan_rad != 0 for move in moves("moving")) > 5


def test_panning_to_the_right_brings_what_is_on_the_right_to_the_middle() -> None:
    still = draw_camera_move(np.random.default_rng(0), VIEW, "fixed")
    panned = replace(still, pan_rad=0.3, phase=np.pi / 2).at(0.0)
    on_the_right = VIEW.eye + VIEW.rotation[2] + np.tan(0.3) * VIEW.rotation[0]
    assert VIEW.pixels(on_the_right)[0] > 480
    assert panned.pixels(on_the_right)[0] == pytest.approx(320, abs=8)


@pytest.mark.parametrize("kind", ["hand-held", "moving"])
def test_nobody_runs_into_the_camera(kind: CameraKind, world: World) -> None:
    settings = CrowdSettings(width=480, height=320, people=(8, 8), height_px=(60, 280), camera=kind)
    for seed in range(3):
        street = draw_street(np.random.default_rng(seed), settings, world, 4.0)
        for time in np.arange(0, 4, 0.2):
            scene = street.scene_at(float(time))
            places = np.stack([person.skin[0, :2, 3] for person in scene.people])
            gaps = np.linalg.norm(places - scene.view.eye[:2], axis=1)
            assert gaps.min() > NEAREST_M - 0.5  # bodies sway about their paths
