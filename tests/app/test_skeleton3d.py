"""Meshes of people and surroundings against closed forms; picking against OpenCV's projection."""

from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from pandanet_app.drawing.floor import Floor
from pandanet_app.drawing.mesh3d import Mesh, balls, discs, light_direction, lines, merged, tubes
from pandanet_app.drawing.scene3d import SceneRequest
from pandanet_app.drawing.skeleton3d import joint_radii_m, people_mesh, person_at
from pandanet_app.drawing.surroundings3d import (
    grid_extent_m,
    picture_corners_m,
    surroundings_mesh,
)
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_core.camera import Camera, project
from pandanet_core.skeleton import JTA22, SKELETONS, Skeleton
from tests.people3d import crowd_on_floor, seen_from

FLOOR = Floor(3000, 15)
WIDTH, HEIGHT = 960, 600
LIGHT = light_direction(OrbitCamera())


def request_for(people_m: np.ndarray, **changes: object) -> SceneRequest:
    """A request for people in display space, seen obliquely, all of them in view."""
    people_mm = seen_from(people_m, 3.0, 15.0)
    orbit = OrbitCamera(azimuth_deg=35, elevation_deg=20).fitted(people_m, WIDTH, HEIGHT)
    colours = np.random.default_rng(1).uniform(0.3, 1, (len(people_m), 3))
    request = SceneRequest(WIDTH, HEIGHT, orbit, people_mm, JTA22, colours, floor=FLOOR)
    return replace(request, **changes)


def some_people(count: int, seed: int = 2, spacing_m: float = 1.5) -> np.ndarray:
    """(N, 22, 3) people in rows in front of the camera."""
    random = np.random.default_rng(seed)
    columns = int(np.ceil(np.sqrt(count)))
    places = [(spacing_m * (i % columns), -6 - spacing_m * (i // columns)) for i in range(count)]
    return crowd_on_floor(np.array(places), random)


def test_a_tube_is_a_prism_round_its_axis() -> None:
    random = np.random.default_rng(0)
    starts, ends = random.normal(size=(2, 20, 3))
    radii = random.uniform(0.01, 0.2, (20, 2))
    mesh = tubes(starts, ends, radii, np.ones((20, 3)), LIGHT)
    axis = (ends - starts) / np.linalg.norm(ends - starts, axis=1, keepdims=True)
    around = mesh.vertices.reshape(20, 2, -1, 3) - np.stack([starts, ends], 1)[:, :, None]
    np.testing.assert_allclose(np.einsum("beki,bi->bek", around, axis), 0, atol=1e-12)
    distance = np.linalg.norm(around, axis=-1)
    np.testing.assert_allclose(distance, np.broadcast_to(radii[..., None], distance.shape))


def test_a_bone_without_length_is_a_tube_without_volume() -> None:
    joint = np.array([[1.0, 2.0, -3.0]])
    mesh = tubes(joint, joint, np.full((1, 2), 0.05), np.ones((1, 3)), LIGHT)
    np.testing.assert_array_equal(mesh.vertices, np.tile(joint, (len(mesh.vertices), 1)))
    assert np.isfinite(mesh.colours).all()


@pytest.mark.parametrize(("fine", "faces", "volume_share"), [(False, 20, 0.6), (True, 80, 0.85)])
def test_a_ball_is_closed_and_nearly_round(fine: bool, faces: int, volume_share: float) -> None:
    mesh = balls(np.array([[1.0, 2, 3]]), np.array([0.5]), np.ones((1, 3)), LIGHT, fine)
    assert len(mesh.triangles) == faces
    np.testing.assert_allclose(np.linalg.norm(mesh.vertices - (1, 2, 3), axis=1), 0.5)
    corners = np.round(mesh.vertices, 9)
    edges = Counter(
        frozenset((tuple(corners[a]), tuple(corners[b])))
        for triangle in mesh.triangles
        for a, b in zip(triangle, np.roll(triangle, 1), strict=True)
    )
    assert set(edges.values()) == {2}, "every edge belongs to two faces"
    a, b, c = np.moveaxis((mesh.vertices - (1, 2, 3))[mesh.triangles], 1, 0)
    volume = np.abs(np.einsum("ti,ti->t", a, np.cross(b, c))).sum() / 6
    assert volume_share < volume / (4 / 3 * np.pi * 0.5**3) < 1


def test_lines_have_their_width_on_the_screen_near_and_far() -> None:
    orbit = OrbitCamera((0, 0, -10), 12, 20, 15)
    starts = np.array([[-3.0, 0, -3], [-1, 1, -20]])
    ends = np.array([[2.0, 0, -30], [4, 1, -22]])
    mesh = lines(starts, ends, 3.0, np.ones((2, 3)), orbit, HEIGHT)
    corners = orbit.project(mesh.vertices, WIDTH, HEIGHT).reshape(2, 4, 2)
    np.testing.assert_allclose(
        (corners[:, :2] + corners[:, 2:]) / 2,
        orbit.project(np.stack([starts, ends], 1), WIDTH, HEIGHT),
        atol=0.2,
    )
    along = corners[:, 1] - corners[:, 0]
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    offset = corners[:, 2:] - corners[:, :2]
    width = np.abs(along[:, None, 0] * offset[..., 1] - along[:, None, 1] * offset[..., 0])
    np.testing.assert_allclose(width, 3, atol=0.15)


def test_lines_behind_the_eye_are_cut_off() -> None:
    orbit = OrbitCamera((0, 0, 0), 5, 0, 0)  # the eye is at z = 5 and looks towards -z
    starts = np.array([[0.5, 0, 0], [0, 0, 8]])
    ends = np.array([[0.5, 0, 20], [0, 0, 9]])
    mesh = lines(starts, ends, 2.0, np.ones((2, 3)), orbit, HEIGHT)
    assert len(mesh.vertices) == 4, "the line wholly behind is gone"
    assert mesh.vertices[:, 2].max() < 5
    assert mesh.vertices[:, 2].min() == 0


def test_merging_keeps_every_triangle() -> None:
    parts = [
        balls(np.zeros((2, 3)), np.ones(2), np.full((2, 3), 0.2), LIGHT),
        discs(np.zeros((1, 3)), 0.1, 0.3, np.full((1, 3), 0.7)),
    ]
    both = merged(parts)
    expected = np.concatenate([part.vertices[part.triangles] for part in parts])
    np.testing.assert_array_equal(both.vertices[both.triangles], expected)
    assert len(both.colours) == len(both.vertices)


@pytest.mark.parametrize("skeleton", SKELETONS, ids=lambda skeleton: skeleton.name)
@pytest.mark.parametrize("count", [0, 1, 3])
def test_every_skeleton_makes_a_sound_mesh(skeleton: Skeleton, count: int) -> None:
    people = np.random.default_rng(0).normal((0, 0, 8000), 500, (count, skeleton.joint_count, 3))
    request = SceneRequest(
        WIDTH, HEIGHT, OrbitCamera(), people, skeleton, np.full((count, 3), 0.5), floor=FLOOR
    )
    assert_sound(people_mesh(request))
    assert_sound(surroundings_mesh(request))


def test_missing_joints_leave_gaps_and_nothing_else() -> None:
    people = some_people(2)
    whole = people_mesh(request_for(people))
    wrist = JTA22.index("left wrist")
    people[0, wrist] = np.nan
    people[1] = np.nan
    partly = people_mesh(request_for(people, orbit=request_for(some_people(2)).orbit))
    assert_sound(partly)
    assert 0 < len(partly.vertices) < len(whole.vertices) / 2
    assert person_at(request_for(people), 0, 0) is None


def assert_sound(mesh: Mesh) -> None:
    """Finite, in range, and every triangle has corners."""
    assert np.isfinite(mesh.vertices).all()
    assert mesh.triangles.dtype == np.int32
    assert len(mesh.triangles) == 0 or 0 <= mesh.triangles.min() <= mesh.triangles.max()
    assert len(mesh.triangles) == 0 or mesh.triangles.max() < len(mesh.vertices)
    assert mesh.colours.shape == mesh.vertices.shape
    assert ((mesh.colours >= 0) & (mesh.colours <= 1)).all()


def test_left_limbs_are_lighter_than_right_ones() -> None:
    request = request_for(some_people(1), colours=np.array([[0.2, 0.5, 0.9]]))
    mesh = people_mesh(request)
    brightness = {}
    for name in ("left knee", "right knee"):
        joint = request.people_m[0, JTA22.index(name)]
        near = np.linalg.norm(mesh.vertices - joint, axis=1) < 0.05
        brightness[name] = mesh.colours[near].sum(1).mean()
    assert brightness["left knee"] > 1.3 * brightness["right knee"]


def test_far_people_stay_visible_and_the_chosen_one_is_thicker() -> None:
    near = request_for(some_people(2))
    far = replace(near, orbit=replace(near.orbit, distance_m=300.0))
    pixels = joint_radii_m(far) * far.orbit.focal_px(HEIGHT) / far.orbit.view(far.people_m)[..., 2]
    np.testing.assert_allclose(pixels, 1.1)
    chosen = joint_radii_m(replace(near, highlighted=1))
    assert (chosen[1] > joint_radii_m(near)[1]).all()
    np.testing.assert_array_equal(chosen[0], joint_radii_m(near)[0])


def test_the_grid_lies_on_the_floor_round_everybody() -> None:
    request = request_for(some_people(9))
    x0, z0, x1, z1, step = grid_extent_m(request)
    feet = request.people_m.reshape(-1, 3)
    assert (feet[:, 0] > x0).all()
    assert (feet[:, 0] < x1).all()
    assert (feet[:, 2] > z0).all()
    assert (feet[:, 2] < z1).all()
    assert step == 1
    # Ribbons are turned to the eye: they rise from the floor by less than their own width.
    assert np.abs(surroundings_mesh(request).vertices[:, 1]).max() < 0.05


def test_the_grid_keeps_still_where_nobody_is_seen() -> None:
    """Round the places where people stand in other frames."""
    people = some_people(9)
    seen = request_for(people)
    places = seen.people_mm[:, list(JTA22.root)].mean(1)
    seen = replace(seen, places_mm=places)
    nobody = replace(request_for(people[:0]), places_mm=places)
    assert grid_extent_m(nobody) == grid_extent_m(seen)
    assert grid_extent_m(nobody) != grid_extent_m(request_for(people[:0]))


def test_one_person_at_a_wrong_distance_does_not_blow_up_the_grid() -> None:
    people = some_people(9)
    people[0] -= (0, 0, 5000)
    x0, z0, x1, z1, _ = grid_extent_m(request_for(people))
    assert max(x1 - x0, z1 - z0) < 40


def test_the_picture_in_the_frustum_is_where_the_camera_sees_it() -> None:
    camera = Camera(900, 880, 500, 300, 1100, 640)
    picture = np.zeros((64, 110, 3), np.uint8)
    request = request_for(some_people(2), camera=camera, picture=picture)
    corners = picture_corners_m(request)
    assert corners is not None
    seen = project(seen_from(corners, 3.0, 15.0), camera)
    np.testing.assert_allclose(seen, [[0, 0], [1100, 0], [1100, 640], [0, 640]], atol=1e-6)
    from_camera = OrbitCamera.from_filming_camera(camera, 3.0, 15.0, WIDTH, HEIGHT)
    backdrop = picture_corners_m(replace(request, orbit=from_camera))
    assert backdrop is not None
    seen_mm = seen_from(backdrop, 3.0, 15.0)
    np.testing.assert_allclose(project(seen_mm, camera), seen, atol=1e-6)
    assert seen_mm[:, 2].min() > request.people_mm[..., 2].max()
    assert picture_corners_m(request_for(some_people(2))) is None


def test_picking_agrees_with_opencvs_projection() -> None:
    request = request_for(some_people(4, spacing_m=3.0))
    extrinsic, focal = request.orbit.extrinsic(), request.orbit.focal_px(HEIGHT)
    intrinsics = np.array([[focal, 0, WIDTH / 2], [0, focal, HEIGHT / 2], [0, 0, 1]])
    rotation = cv2.Rodrigues(extrinsic[:3, :3])[0]
    share = np.linspace(0, 1, 200)[:, None, None]
    child, parent = np.array(JTA22.bones).T
    samples = (
        request.people_m[:, None, parent] * (1 - share) + request.people_m[:, None, child] * share
    )
    seen = cv2.projectPoints(samples.reshape(-1, 3), rotation, extrinsic[:3, 3], intrinsics, None)[
        0
    ]
    seen = seen.reshape(4, -1, 2)
    random = np.random.default_rng(0)
    picked = 0
    for x, y in random.uniform((0, 0), (WIDTH, HEIGHT), (400, 2)):
        distance = np.linalg.norm(seen - (x, y), axis=-1).min(1)
        person = person_at(request, x, y)
        if distance.min() < 6:
            assert person == distance.argmin()
            picked += 1
        elif distance.min() > 40:  # farther than any head is large
            assert person is None
    assert picked > 10


def test_of_two_people_in_line_the_front_one_is_picked() -> None:
    people = some_people(1)
    behind = people - (0, 0, 2)
    for order in ([people, behind], [behind, people]):
        both = np.concatenate(order)
        request = request_for(both)
        straight = OrbitCamera(tuple(people[0, 15]), 6, 0, 0)
        request = replace(request, orbit=straight)
        x, y = straight.project(request.people_m[:, 15], WIDTH, HEIGHT)[int(order[0] is behind)]
        assert person_at(request, x, y) == int(order[0] is behind)


def test_nobody_is_picked_in_an_empty_or_hidden_scene() -> None:
    assert person_at(request_for(np.zeros((0, 22, 3)), orbit=OrbitCamera()), 480, 300) is None
    people = some_people(2)
    away = OrbitCamera((0, 1, 20), 5, 180, 0)
    assert person_at(request_for(people, orbit=away), 480, 300) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"height": 2881},
        {"people_mm": np.zeros((2, 21, 3))},
        {"colours": np.zeros((3, 3))},
        {"highlighted": 2},
        {"highlighted": -1},
    ],
)
def test_impossible_requests_are_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        request_for(some_people(2), **wrong)
