"""Pictures drawn by torch against those drawn by OpenGL, ray casts and closed forms."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from pandanet_core.camera import Camera
from pandanet_core.crowd.drawing.contact_shadows import contact_shadows
from pandanet_core.crowd.drawing.render_gl import Renderer
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.drawing.torch_renderer import rasterizer, renderer
from pandanet_core.crowd.drawing.torch_renderer.light import contact_shadows_of
from pandanet_core.crowd.drawing.torch_renderer.renderer import TorchRenderer
from pandanet_core.crowd.drawing.torch_renderer.scene_batch import batch_of
from pandanet_core.crowd.folders import Skies
from pandanet_core.crowd.labels import label
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.scenes.pictures import World, draw_scene
from pandanet_core.crowd.scenes.scene import Box, Scene, Surface, Turned, view_from
from pandanet_core.crowd.settings import CrowdSettings
from tests.crowd.ray_casts import flags_by_rays

GREY = Surface((0.3, 0.3, 0.3), (0.3, 0.3, 0.3), 0)


@pytest.fixture(scope="module")
def drawing(cast: Cast, skies: Skies, settings: CrowdSettings) -> TorchRenderer:
    return TorchRenderer(cast, skies, settings.width, settings.height, "cpu")


@pytest.fixture(scope="module")
def scenes(settings: CrowdSettings, world: World) -> list[Scene]:
    drawn = [draw_scene(np.random.default_rng([7, n]), settings, world) for n in range(4)]
    return [*drawn[:3], replace(drawn[3], light=replace(drawn[3].light, sun=0.3))]


@pytest.fixture(scope="module")
def drawn(drawing: TorchRenderer, scenes: list[Scene]) -> list[Rendering]:
    return drawing.render(scenes)


@pytest.fixture
def all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the CPU what CUDA does: whole batches, large parts."""
    monkeypatch.setitem(renderer.PIXELS_AT_ONCE, "cpu", 1 << 30)
    monkeypatch.setitem(rasterizer.MOST_CANDIDATES, "cpu", 1 << 20)


def empty_scene(settings: CrowdSettings, skies: Skies, pitch_rad: float = 0.1) -> Scene:
    camera = Camera.from_fov(settings.width, settings.height, 50)
    view = view_from(camera, np.array([0, -5.0, 1.4]), 0.0, pitch_rad, 0.0)
    return Scene(view, [], [], GREY, skies.names[0], 1.0)


def test_people_places_and_colours_are_those_of_opengl(
    drawn: list[Rendering], renderer: Renderer, scenes: list[Scene]
) -> None:
    for ours, scene in zip(drawn, scenes, strict=True):
        theirs = renderer.render(scene)
        somebody = (ours.identity > 0) | (theirs.identity > 0)
        same = ours.identity == theirs.identity
        assert same.mean() >= 0.999
        assert same[somebody].mean() >= 0.995
        off = ours.image.astype(float) - theirs.image
        assert np.abs(off).mean() < 1.5
        assert np.abs(off.mean((0, 1))).max() < 1
        depth = np.abs(ours.depth / theirs.depth - 1)[same & (theirs.depth < 100)]
        assert np.quantile(depth, 0.99) < 1e-3


def test_supersampled_pictures_are_those_of_opengl(
    scenes: list[Scene], cast: Cast, skies: Skies, settings: CrowdSettings, renderer: Renderer
) -> None:
    size = (settings.width, settings.height)
    theirs = Renderer(cast, skies, *size, supersampling=2).render(scenes[0])
    ours = TorchRenderer(cast, skies, *size, "cpu", supersampling=2).render(scenes[:1])[0]
    assert ours.image.shape == theirs.image.shape
    assert (ours.identity == theirs.identity).mean() >= 0.999
    assert np.abs(ours.image.astype(float) - theirs.image).mean() < 1


def test_joint_flags_are_those_of_opengl(
    drawn: list[Rendering], renderer: Renderer, scenes: list[Scene], cast: Cast
) -> None:
    for ours, scene in zip(drawn, scenes, strict=True):
        theirs = renderer.render(scene)
        mine = label(scene, cast.characters, ours.identity, ours.depth)
        other = label(scene, cast.characters, theirs.identity, theirs.depth)
        np.testing.assert_array_equal(mine.pose2d, other.pose2d)
        assert np.mean(mine.occluded == other.occluded) >= 0.99
        assert np.mean(mine.self_occluded == other.self_occluded) >= 0.99


def test_flags_agree_with_ray_casts(
    drawn: list[Rendering], scenes: list[Scene], cast: Cast, settings: CrowdSettings
) -> None:
    scene, ours = min(zip(scenes, drawn, strict=True), key=lambda pair: len(pair[0].people))
    labels = label(scene, cast.characters, ours.identity, ours.depth)
    kept = [person for person in scene.people if person.identity in labels.identities]
    occluded, self_occluded = flags_by_rays(scene, kept, cast.characters)
    inside = ((labels.pose2d >= 0) & (labels.pose2d < (settings.width, settings.height))).all(-1)
    assert np.mean(labels.occluded[inside] == occluded[inside]) >= 0.97
    assert np.mean(labels.self_occluded[inside] == self_occluded[inside]) >= 0.95


@pytest.mark.usefixtures("all_at_once")
def test_a_scene_is_drawn_the_same_alone_and_among_others(
    drawn: list[Rendering], drawing: TorchRenderer, scenes: list[Scene]
) -> None:
    for alone, among_others in zip(drawn, drawing.render(scenes[:2]), strict=False):
        np.testing.assert_array_equal(alone.identity, among_others.identity)
        np.testing.assert_array_equal(alone.depth, among_others.depth)
        off = alone.image.astype(int) - among_others.image
        # Vector instructions for x ** y are used or not according to a tensor's length.
        assert np.abs(off).max() <= 1
        assert (off != 0).mean() < 1e-3


def test_the_same_scene_is_drawn_the_same(
    drawn: list[Rendering], drawing: TorchRenderer, scenes: list[Scene]
) -> None:
    again = drawing.render(scenes[:1])[0]
    np.testing.assert_array_equal(again.image, drawn[0].image)
    np.testing.assert_array_equal(again.identity, drawn[0].identity)
    np.testing.assert_array_equal(again.depth, drawn[0].depth)


@pytest.mark.parametrize("yaw_rad", [0.0, 0.4, 0.9])
def test_a_cuboid_covers_its_silhouette(
    drawing: TorchRenderer, settings: CrowdSettings, skies: Skies, yaw_rad: float
) -> None:
    box = Box(0.3, 0.5, 0.7, 0.4, 0.02, 1.9, yaw_rad, GREY)
    scene = replace(empty_scene(settings, skies), solids=[box])
    signs = np.array([(i, j) for i in (-1, 1) for j in (-1, 1)]) * [box.half_width, box.half_depth]
    sine, cosine = np.sin(yaw_rad), np.cos(yaw_rad)
    level = signs @ np.array([[cosine, sine], [-sine, cosine]]) + [box.x, box.y]
    corners = [[*point, height] for point in level for height in (box.bottom, box.top)]
    hull = cv2.convexHull(scene.view.pixels(np.array(corners)).astype(np.float32))
    covered = drawing.render([scene])[0].identity == -1
    # How far each pixel's centre lies inside the outline of the eight projected corners.
    inside = np.array(
        [
            [cv2.pointPolygonTest(hull, (x + 0.5, y + 0.5), True) for x in range(settings.width)]
            for y in range(settings.height)
        ]
    )
    clear = np.abs(inside) > 1e-3
    np.testing.assert_array_equal(covered[clear], inside[clear] > 0)
    assert covered.sum() == pytest.approx(cv2.contourArea(hull), rel=0.03)


@pytest.mark.usefixtures("all_at_once")
def test_places_without_people_and_nothing_but_sky(
    drawing: TorchRenderer, renderer: Renderer, settings: CrowdSettings, skies: Skies
) -> None:
    around = Turned((2.0, 0.0, 0.0), (2.0, 0.0, 2.0), (0.5, 0.2, 0.4), GREY)
    behind = Box(0, -5.5, 2.0, 1.0, 0.0, 1.0, 0.3, GREY)
    ground = empty_scene(settings, skies)
    plain = [ground, replace(ground, solids=[around, behind]), empty_scene(settings, skies, -0.9)]
    for ours, scene in zip(drawing.render(plain), plain, strict=True):
        theirs = renderer.render(scene)
        assert (ours.identity == theirs.identity).mean() >= 0.999
        assert np.abs(ours.image.astype(float) - theirs.image).mean() < 1.5
    assert (drawing.render(plain[2:])[0].depth == renderer.render(plain[2]).depth).all()


def test_spots_under_feet_are_those_of_the_other_renderer(
    scenes: list[Scene], cast: Cast, skies: Skies
) -> None:
    spots = contact_shadows_of(batch_of(scenes, cast, skies, torch.device("cpu")))
    for picture, scene in enumerate(scenes):
        corner, size, dark = contact_shadows(scene, cast.characters)
        np.testing.assert_allclose(spots.corner[picture], corner, atol=1e-4)
        np.testing.assert_allclose(spots.size[picture], size, atol=1e-4)
        off = np.abs(spots.maps[picture, ..., 0].numpy() * 255 - dark)
        # A spot ends at a whole pixel, where rounding decides; there it is nearly as light.
        assert off.max() <= 3
        assert off.mean() < 0.1


def test_nothing_is_made_on_another_device(
    drawn: list[Rendering], scenes: list[Scene], cast: Cast, skies: Skies, settings: CrowdSettings
) -> None:
    """Whatever does not name its device is made on "meta" here, which nothing can be mixed with."""
    with torch.device("meta"):
        drawing = TorchRenderer(cast, skies, settings.width, settings.height, "cpu")
        image = drawing.render(scenes[:1])[0].image
    np.testing.assert_array_equal(image, drawn[0].image)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_draws_what_the_cpu_draws(
    drawn: list[Rendering], scenes: list[Scene], cast: Cast, skies: Skies, settings: CrowdSettings
) -> None:
    fast = TorchRenderer(cast, skies, settings.width, settings.height, "cuda")
    for slow, ours in zip(drawn, fast.render(scenes), strict=True):
        assert (slow.identity == ours.identity).mean() >= 0.9999
        assert np.abs(slow.image.astype(float) - ours.image).mean() < 0.5
    for first, second in zip(fast.render(scenes), fast.render(scenes), strict=True):
        np.testing.assert_array_equal(first.image, second.image)
