"""Motion blur against closed forms: lines of a length, places seen from two views, plates that turn."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.camera import Camera
from pandanet_core.crowd.drawing.backdrops import Plate, plate_of_photo
from pandanet_core.crowd.drawing.motion_blur import COARSE, motion_px, smeared
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.rotations import about_axis, unit
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import View, joints_of, view_from
from pandanet_core.crowd.settings import CrowdSettings

CAMERA = Camera.from_fov(320, 240, 70)
VIEW = view_from(CAMERA, np.array([0.0, 0.0, 1.6]), 0.2, 0.12, 0.0)


def turned(view: View, angle_rad: float, axis: tuple[float, float, float]) -> View:
    return replace(view, rotation=about_axis(unit(np.array(axis)), angle_rad) @ view.rotation)


@pytest.mark.parametrize("way", [(12.0, 0.0), (0.0, 7.0), (6.0, -6.0)])
def test_a_point_becomes_a_line_of_its_way(way: tuple[float, float]) -> None:
    image = np.zeros((121, 241, 3), np.uint8)
    image[60, 120] = 255
    line = smeared(image, np.full((31, 61, 2), way))[..., 0].astype(float)
    rows, columns = np.mgrid[-60:61, -120:121]
    total, length = line.sum(), np.hypot(*way)
    along = (columns * way[0] + rows * way[1]) / length
    across = (rows * way[0] - columns * way[1]) / length
    # The standard deviation of a uniform line of length L is L / sqrt(12).
    assert np.sqrt((line * along**2).sum() / total) == pytest.approx(length / np.sqrt(12), rel=0.2)
    assert np.sqrt((line * across**2).sum() / total) < 0.9


def test_what_does_not_move_stays_sharp() -> None:
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    np.testing.assert_array_equal(smeared(image, np.full((10, 15, 2), 0.2)), image)


def test_ground_and_people_move_as_their_projections_do(world: World) -> None:
    settings = CrowdSettings(width=320, height=240, people=(4, 4), height_px=(60, 200))
    before = draw_scene(np.random.default_rng(4), settings, world)
    person = before.people[0]
    skin = person.skin.copy()
    skin[:, :, 3] += (0.02, -0.03, 0.0)
    later = turned(replace(before.view, eye=before.view.eye + (0.02, 0.01, 0)), 0.004, (0.2, 1, 0))
    after = replace(before, view=later, people=[replace(person, skin=skin), *before.people[1:]])
    rng = np.random.default_rng(1)
    depth = rng.uniform(2, 40, (240, 320)).astype(np.float32)
    identity = np.zeros((240, 320), np.int16)
    joint = joints_of([person], world.cast.characters)[0, 8]
    column, row = before.view.pixels(joint).astype(int)
    identity[max(0, row - 8) : row + 8, max(0, column - 8) : column + 8] = person.identity
    drawn = Rendering(np.zeros((240, 320, 3), np.uint8), identity, depth)
    motion = motion_px(before, after, drawn, world.cast.characters)
    assert motion.shape == (60, 80, 2)
    for _ in range(50):
        y, x = int(rng.integers(60)), int(rng.integers(80))
        if identity[y * COARSE, x * COARSE]:
            continue
        pixel = np.array([(x + 0.5) * COARSE, (y + 0.5) * COARSE])
        camera = before.view.camera
        ray = np.append((pixel - (camera.cx, camera.cy)) / camera.fx, 1)
        point = before.view.eye + before.view.rotation.T @ (ray * depth[y * COARSE, x * COARSE])
        np.testing.assert_allclose(motion[y, x], later.pixels(point) - pixel, atol=1e-3)
    on_person = motion[row // COARSE, column // COARSE]
    wanted = later.pixels(joint + (0.02, -0.03, 0)) - before.view.pixels(joint)
    np.testing.assert_allclose(on_person, wanted, atol=0.25 * np.linalg.norm(wanted) + 0.3)


def test_a_plate_turns_with_the_camera_as_if_infinitely_far_away() -> None:
    """Brute force: the ray of every pixel of the turned view, looked up in the plate's own view."""
    rows, columns = np.mgrid[0:240, 0:320]
    picture = np.stack([columns % 256, rows, columns // 256 * 100], -1).astype(np.uint8)
    smooth = np.stack([columns * 0.7, rows, (rows + columns) * 0.4], -1).astype(np.uint8)
    plate = Plate(smooth, VIEW)
    np.testing.assert_array_equal(Plate(picture, VIEW).seen_by(VIEW), picture)
    view = turned(VIEW, 0.03, (0.3, 1.0, 0.4))
    seen = plate.seen_by(view)
    for row, column in ((50, 60), (120, 160), (200, 250), (30, 280)):
        ray = np.array([(column + 0.5 - 160) / CAMERA.fx, (row + 0.5 - 120) / CAMERA.fy, 1])
        at = VIEW.pixels(VIEW.eye + 1e6 * view.rotation.T @ ray) - 0.5
        wanted = (at[0] * 0.7, at[1], at.sum() * 0.4)
        np.testing.assert_allclose(seen[row, column], wanted, atol=2)


def test_a_photographs_middle_comes_onto_the_horizon() -> None:
    photo = np.zeros((600, 900, 3), np.uint8)
    photo[300:] = 200
    horizon = VIEW.pixels(VIEW.eye + 1e7 * np.array([np.sin(0.2), np.cos(0.2), 0.0]))[1]
    for seed in range(10):
        plate = plate_of_photo(np.random.default_rng(seed), photo, VIEW)
        assert plate is not None
        assert plate.picture.shape == (240, 320, 3)
        assert (plate.picture[: int(horizon) - 3] == 0).all()
        assert (plate.picture[int(horizon) + 4 :] == 200).all()
    steep = view_from(CAMERA, np.array([0.0, 0.0, 1.6]), 0.0, 0.9, 0.0)
    assert plate_of_photo(np.random.default_rng(0), photo, steep) is None
