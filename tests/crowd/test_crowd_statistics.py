"""Numbers and distances of people: measured by counting, and as wide as JTA's and Panoptic's."""

import numpy as np
import pytest

from pandanet_core.camera import Camera, project
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import joints_of
from pandanet_core.crowd.settings import PEOPLE, CrowdSettings, Preset, usual_heights_px
from pandanet_core.crowd.statistics import LabelledPicture, statistics_of
from pandanet_core.errors import UserError


def drawn(preset: Preset, world: World, count: int) -> list[LabelledPicture]:
    """Scenes by lot, with everybody who has a joint in the picture."""
    heights = usual_heights_px(preset, 320)
    settings = CrowdSettings(people=PEOPLE[preset], height_px=heights, preset=preset)
    pictures = []
    for seed in range(count):
        scene = draw_scene(np.random.default_rng([11, seed]), settings, world)
        joints = scene.view.to_camera(joints_of(scene.people, world.cast.characters))
        pixels = project(joints * 1000, scene.view.camera)
        flags = np.zeros(pixels.shape[:2], bool)
        pictures.append(LabelledPicture(pixels, joints, flags, flags, scene.view.camera.fx))
    return pictures


def test_the_preset_jta_is_as_wide_as_jta(world: World) -> None:
    found = statistics_of(drawn("jta", world, 150), (512, 320))
    assert found.people.min() <= 2
    assert 50 <= found.people.max() <= 60
    error = 3 * found.people.std() / np.sqrt(len(found.people))
    assert found.people.mean() == pytest.approx(21, abs=max(error, 4))
    height = found.heights_px * 1080 / 320
    assert np.percentile(height, 2) < 30
    assert np.percentile(height, 99.5) > 600
    assert found.distances_m.max() < 101
    assert np.percentile(found.distances_m, 90) > 50
    assert found.distances_m.min() < 2.5


def test_the_preset_panoptic_is_close_and_cut(world: World) -> None:
    pictures = drawn("panoptic", world, 80)
    found = statistics_of(pictures, (512, 320))
    assert 1 <= found.people.min() < found.people.max() <= 8
    assert np.percentile(found.distances_m, 95) < 13
    outside = [
        ((picture.pose2d < 0) | (picture.pose2d >= (512, 320))).any((1, 2)) for picture in pictures
    ]
    assert 0.1 < np.concatenate(outside).mean() < 0.7


def test_a_picture_is_measured_by_hand() -> None:
    camera = Camera.from_fov(400, 300, 90)
    pose3d = np.zeros((1, 22, 3))
    pose3d[0, :, 2], pose3d[0, :, 1] = 4.0, np.linspace(-1, 1, 22)
    pose2d = project(pose3d * 1000, camera)
    hidden = np.zeros((1, 22), bool)
    hidden[0, :11] = True
    nobody = LabelledPicture(
        np.zeros((0, 22, 2)), np.zeros((0, 22, 3)), hidden[:0], hidden[:0], camera.fx
    )
    found = statistics_of(
        [LabelledPicture(pose2d, pose3d, hidden, ~hidden, camera.fx), nobody], (400, 300)
    )
    np.testing.assert_array_equal(found.people, [1, 0])
    np.testing.assert_allclose(found.fov_deg, 90)
    np.testing.assert_allclose(found.heights_px, 200 * 2 / 4)
    np.testing.assert_allclose(found.distances_m, 4)
    assert found.occluded == found.self_occluded == 0.5


def test_where_nobody_fits_it_is_said(world: World) -> None:
    """Adults of 1200 px never stand whole in 320 rows, and a cut of 4 % shows no joints."""
    settings = CrowdSettings(people=(1, 1), height_px=(1279, 1280))

    def draw_many() -> None:
        for seed in range(20):
            draw_scene(np.random.default_rng(seed), settings, world)

    with pytest.raises(UserError, match="finds room in a picture of 512x320"):
        draw_many()
