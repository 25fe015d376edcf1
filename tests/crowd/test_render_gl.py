"""Drawn pictures against geometry worked out by hand, and labels against drawn pictures."""

import numpy as np
import pytest

from pandanet_core.camera import Camera, project
from pandanet_core.crowd.drawing.render_gl import Renderer, clip_matrix
from pandanet_core.crowd.folders import Skies
from pandanet_core.crowd.labels import label
from pandanet_core.crowd.motion.clip import Clip, stand
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.rotations import about_z
from pandanet_core.crowd.scenes.pictures import World, draw_scene, draw_tints
from pandanet_core.crowd.scenes.places.furniture import draw_ground
from pandanet_core.crowd.scenes.scene import Box, Person, Scene, Surface, View, joints_of, view_from
from pandanet_core.crowd.settings import CrowdSettings

GREY = Surface((0.3, 0.3, 0.3), (0.3, 0.3, 0.3), 0)


def someone(
    cast: Cast, clip: Clip, place: tuple[float, float], yaw: float, identity: int
) -> Person:
    parts = about_z(yaw) @ clip.parts[:1]
    character = identity % len(cast.characters)
    who = [cast.characters[character]]
    skin = stand(cast.rig, who, parts, np.zeros(1), np.array([place]))[0]
    return Person(character, skin, draw_tints(np.random.default_rng(identity)), identity)


def scene_of(
    settings: CrowdSettings, skies: Skies, people: list[Person], boxes: list[Box]
) -> Scene:
    camera = Camera.from_fov(settings.width, settings.height, 50)
    view = view_from(camera, np.array([0, -5.0, 1.4]), 0.0, 0.1, 0.0)
    return Scene(
        view, people, boxes, draw_ground(np.random.default_rng(0), False), skies.names[0], 1.0
    )


def ray_directions(view: View) -> np.ndarray:
    """World directions (H, W, 3) through the pixels' centres, of depth 1 along the optical axis."""
    camera = view.camera
    x = (np.arange(camera.width) + 0.5 - camera.cx) / camera.fx
    y = (np.arange(camera.height) + 0.5 - camera.cy) / camera.fy
    local = np.stack(np.broadcast_arrays(x[None], y[:, None], 1.0), -1)
    return local @ view.rotation


def test_opengl_puts_points_where_the_core_projects_them(settings: CrowdSettings) -> None:
    rng = np.random.default_rng(2)
    camera = Camera(410, 395, 150, 130, settings.width, settings.height)
    view = view_from(camera, np.array([3.0, -2, 1.7]), 0.7, 0.15, 0.08)
    points = view.eye + rng.uniform(-1, 1, (200, 3)) + 6 * view.rotation[2]
    clip = np.concatenate([points, np.ones((200, 1))], 1) @ clip_matrix(view).T
    ndc = clip[:, :3] / clip[:, 3:]
    ours = (ndc[:, :2] * [1, -1] + 1) / 2 * [camera.width, camera.height]
    np.testing.assert_allclose(ours, project(view.to_camera(points) * 1000, camera), atol=1e-8)
    np.testing.assert_allclose(clip[:, 3], view.to_camera(points)[:, 2], atol=1e-12)
    assert (np.abs(ndc[:, 2]) < 1).all()


def test_depth_of_ground_and_box_is_that_of_the_rays(
    renderer: Renderer, settings: CrowdSettings, skies: Skies
) -> None:
    box = Box(0.4, 1.0, 0.5, 0.3, 0.0, 1.2, 0.0, GREY)
    scene = scene_of(settings, skies, [], [box])
    drawn = renderer.render(scene)
    ray = ray_directions(scene.view)
    eye = scene.view.eye
    with np.errstate(divide="ignore"):
        ground = np.where(ray[..., 2] < 0, -eye[2] / ray[..., 2], np.inf)
        low = np.array([box.x - 0.5, box.y - 0.3, 0]) - eye
        high = np.array([box.x + 0.5, box.y + 0.3, 1.2]) - eye
        first, second = low / ray, high / ray
    enter, leave = np.minimum(first, second).max(-1), np.maximum(first, second).min(-1)
    hit = (enter < leave) & (enter > 0)
    expected = np.where(hit, np.minimum(enter, ground), ground)
    near = expected < 60
    assert np.mean(np.abs(drawn.depth[near] / expected[near] - 1) < 0.01) > 0.995
    assert np.mean((drawn.identity == -1) == hit) > 0.995
    assert (drawn.depth[ray[..., 2] > 0.2] > 1000).all()


def test_the_panorama_is_not_mirrored(cast: Cast, settings: CrowdSettings) -> None:
    """A red wall to the right of +y must be drawn on the right when the camera looks along +y."""
    from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, sky_of

    panorama = np.full((HEIGHT_PX, WIDTH_PX, 3), 0.1, np.float32)
    panorama[:, WIDTH_PX // 2 : WIDTH_PX // 2 + 100] = (5.0, 0.0, 0.0)
    sky = sky_of("half red", panorama)
    drawn = Renderer(cast, {sky.name: sky}, 320, 240)
    camera = Camera.from_fov(320, 240, 50)
    view = view_from(camera, np.array([0, 0, 1.5]), 0.0, -0.2, 0.0)
    image = drawn.render(Scene(view, [], [], GREY, sky.name, 1.0)).image.astype(int)
    redness = (image[:60, :, 0] - image[:60, :, 1]).mean(0)
    assert redness[200:300].min() > 60
    assert abs(redness[20:120]).max() < 20


def test_visible_joints_lie_on_the_drawn_person(
    renderer: Renderer, settings: CrowdSettings, skies: Skies, cast: Cast, builtin: list[Clip]
) -> None:
    people = [
        someone(cast, builtin[3 * index], (1.1 * index - 1.6, 0.4 * index), 0.9 * index, index + 1)
        for index in range(4)
    ]
    scene = scene_of(settings, skies, people, [])
    drawn = renderer.render(scene)
    labels = label(scene, cast.characters, drawn.identity, drawn.depth)
    np.testing.assert_array_equal(labels.identities, [1, 2, 3, 4])
    on_person = []
    for person, pose, hidden in zip(labels.identities, labels.pose2d, labels.occluded, strict=True):
        column, row = np.round(pose - 0.5).astype(int).T
        inside = (column >= 0) & (row >= 0) & (column < settings.width) & (row < settings.height)
        for joint in np.flatnonzero(inside & ~hidden):
            around = drawn.identity[
                row[joint] - 1 : row[joint] + 2, column[joint] - 1 : column[joint] + 2
            ]
            on_person.append((around == person).any())
    assert len(on_person) > 60
    assert np.mean(on_person) > 0.98


def test_a_box_in_front_of_a_person_hides_what_lies_behind_it(
    renderer: Renderer, settings: CrowdSettings, skies: Skies, cast: Cast, builtin: list[Clip]
) -> None:
    box = Box(0.05, -1.5, 0.22, 0.1, 0.0, 1.15, 0.0, GREY)
    standing = next(clip for clip in builtin if not clip.walks)
    scene = scene_of(settings, skies, [someone(cast, standing, (0.0, 0.0), 0.0, 1)], [box])
    drawn = renderer.render(scene)
    labels = label(scene, cast.characters, drawn.identity, drawn.depth)
    joints = joints_of(scene.people, cast.characters)[0]
    to_joint = joints - scene.view.eye
    low = np.array([box.x - 0.22, box.y - 0.1, 0.0]) - scene.view.eye
    high = np.array([box.x + 0.22, box.y + 0.1, 1.15]) - scene.view.eye
    first, second = low / to_joint, high / to_joint
    enter, leave = np.minimum(first, second).max(1), np.maximum(first, second).min(1)
    behind = (enter < leave) & (enter > 0) & (enter < 1)
    assert 5 <= behind.sum() <= 17
    np.testing.assert_array_equal(labels.occluded[0], behind)
    assert not (labels.self_occluded[0] & behind).any()


def test_an_arm_behind_the_back_is_hidden_by_oneself(
    renderer: Renderer, settings: CrowdSettings, skies: Skies, cast: Cast, builtin: list[Clip]
) -> None:
    """From the side, the far wrist, elbow and shoulder of a standing person are behind the body."""
    standing = [clip for clip in builtin if "stand" in clip.name]
    hidden = {"left": 0, "right": 0}
    for clip in standing:
        scene = scene_of(settings, skies, [someone(cast, clip, (0.0, 0.0), np.pi / 2, 1)], [])
        drawn = renderer.render(scene)
        flags = label(scene, cast.characters, drawn.identity, drawn.depth).self_occluded[0]
        hidden["left"] += int(flags[[8, 9, 19]].sum())
        hidden["right"] += int(flags[[4, 5, 16]].sum())
    # Turned by +90 degrees a person faces +x: the left side is away from a camera that looks along +y.
    assert hidden["left"] > 3 * max(1, hidden["right"])


@pytest.mark.parametrize("people", [30, pytest.param(200, marks=pytest.mark.nightly)])
def test_flags_agree_with_ray_casts(
    people: int, renderer: Renderer, settings: CrowdSettings, world: World
) -> None:
    """Brute force: each joint's line of sight against every triangle of every posed person."""
    from tests.crowd.ray_casts import flags_by_rays

    equal, self_equal = [], []
    seen = seed = 0
    while seen < people:
        scene = draw_scene(np.random.default_rng([9, seed]), settings, world)
        seed += 1
        drawn = renderer.render(scene)
        labels = label(scene, world.cast.characters, drawn.identity, drawn.depth)
        kept = [person for person in scene.people if person.identity in labels.identities]
        seen += len(kept)
        occluded, self_occluded = flags_by_rays(scene, kept, world.cast.characters)
        pixels = labels.pose2d
        inside = ((pixels >= 0) & (pixels < (settings.width, settings.height))).all(-1)
        equal.append(labels.occluded[inside] == occluded[inside])
        self_equal.append(labels.self_occluded[inside] == self_occluded[inside])
        assert not labels.occluded[~inside].any()
        assert not labels.self_occluded[~inside].any()
    assert np.concatenate(equal).mean() >= 0.97
    assert np.concatenate(self_equal).mean() >= 0.97


def test_the_same_scene_is_drawn_the_same(
    renderer: Renderer, settings: CrowdSettings, world: World
) -> None:
    scene = draw_scene(np.random.default_rng(4), settings, world)
    first = renderer.render(scene)
    renderer.render(draw_scene(np.random.default_rng(5), settings, world))
    second = renderer.render(scene)
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_array_equal(first.identity, second.identity)
