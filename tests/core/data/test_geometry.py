"""Crops, rotations and mirror images: dots in the picture stay where the labels say, in 2D and 3D."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pandanet_core.camera import Camera, project
from pandanet_core.data.geometry import crop, mirror, rotate_labels
from pandanet_core.data.sample import Sample
from pandanet_core.data.transforms import clipped_boxes
from pandanet_core.skeleton import COCO17, JTA22, MUPOTS17, PANOPTIC15, Skeleton
from tests.core.drawn_people import dotted_joints, stick_people
from tests.core.label_checks import check_geometry, check_labels

GREY = np.array([0, 0, 0])

Change = tuple[str, float, float, float, float]


def apply(sample: Sample, change: Change) -> Sample:
    """A mirror image, or a crop at a scale, a place and an angle."""
    kind, scale, left, top, angle_deg = change
    if kind == "mirror":
        return mirror(sample)
    return crop(sample, scale, left, top, 60, 40, GREY, angle_deg)


changes = st.tuples(
    st.sampled_from(["mirror", "crop", "crop"]),
    st.floats(0.2, 4),
    st.floats(-300, 500),
    st.floats(-300, 500),
    st.floats(-180, 180),
)


def half_annotated_people(rng: np.random.Generator, skeleton: Skeleton) -> Sample:
    """Three people 1 to 40 m from a camera with oblong pixels, joints and people partly unknown."""
    camera = Camera(*rng.uniform(60, 200, 2), *rng.uniform(0, 100, 2), width=90, height=70)
    shape = (3, skeleton.joint_count)
    root = rng.normal(size=(3, 1, 3)) * (900, 900, 0) + rng.uniform(1500, 40000, (3, 1, 1)) * (
        0,
        0,
        1,
    )
    pose3d_mm = root + rng.normal(size=(*shape, 3)) * 150
    has_2d, has_3d = rng.random(shape) < 0.8, rng.random(shape) < 0.8
    has_3d[2] = False
    pose2d = project(pose3d_mm, camera)
    low, high = pose2d.min(1), pose2d.max(1)
    return Sample(
        image=rng.integers(0, 256, (70, 90, 3), dtype=np.uint8),
        pose2d=np.where(has_2d[..., None], pose2d, 0).astype(np.float32),
        pose3d_mm=np.where(has_3d[..., None], pose3d_mm, 0).astype(np.float32),
        occluded=rng.random(shape) < 0.3,
        self_occluded=np.zeros(shape, bool),
        has_2d=has_2d,
        has_3d=has_3d,
        boxes=np.concatenate([low, high], 1).astype(np.float32),
        camera=camera,
        skeleton=skeleton,
        name="half",
        ignore_boxes=np.array([[5, 5, 30, 40]], np.float32),
    )


@settings(max_examples=200)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([JTA22, COCO17, MUPOTS17, PANOPTIC15]),
    st.lists(changes, min_size=1, max_size=4),
)
def test_after_any_changes_the_camera_projects_3d_joints_onto_2d_joints(
    seed: int, skeleton: Skeleton, done: list[Change]
) -> None:
    before = sample = half_annotated_people(np.random.default_rng(seed), skeleton)
    for change in done:
        sample = apply(sample, change)
    both = sample.has_2d & sample.has_3d
    error = project(sample.pose3d_mm, sample.camera)[both] - sample.pose2d[both]
    assert np.abs(error).max(initial=0) < 0.1
    assert sample.image.shape[:2] == (sample.camera.height, sample.camera.width)
    for field in fields(sample):
        value = getattr(sample, field.name)
        assert not isinstance(value, np.ndarray) or np.isfinite(value).all()
    order = list(skeleton.mirror) if sum(c[0] == "mirror" for c in done) % 2 else slice(None)
    np.testing.assert_array_equal(sample.has_2d, before.has_2d[:, order])
    np.testing.assert_array_equal(sample.has_3d, before.has_3d[:, order])
    # Distances between joints, and from the camera, are those of before.
    depths = np.sort(np.linalg.norm(before.pose3d_mm, axis=-1)[before.has_3d])
    np.testing.assert_allclose(
        np.sort(np.linalg.norm(sample.pose3d_mm, axis=-1)[sample.has_3d]), depths, rtol=1e-5
    )


def test_turning_is_clockwise_about_the_principal_point() -> None:
    sample = dotted_joints(np.random.default_rng(3))
    centre = np.array([sample.camera.cx, sample.camera.cy])
    turned = rotate_labels(sample, 90)
    x, y = (sample.pose2d[0] - centre).T
    np.testing.assert_allclose(turned.pose2d[0] - centre, np.stack([-y, x], 1), atol=1e-2)
    x, y, z = sample.pose3d_mm[0].T
    np.testing.assert_allclose(turned.pose3d_mm[0], np.stack([-y, x, z], 1), atol=1e-2)
    assert turned.image is sample.image
    assert rotate_labels(sample, 0) is sample


@pytest.mark.parametrize("angle_deg", [-170, -30, 7, 90])
@pytest.mark.parametrize("scale", [0.5, 1.0, 1.4])
@pytest.mark.parametrize("fy", [800.0, 560.0])
def test_dots_stay_on_their_joints_in_turned_crops(
    angle_deg: float, scale: float, fy: float
) -> None:
    """With square pixels and with oblong ones, which a turn about the camera's axis shears."""
    sample = dotted_joints(np.random.default_rng(0), fy=fy)
    view = crop(sample, scale, 300 * scale, 150 * scale, 700, 600, GREY, angle_deg)
    assert check_labels(view, tolerance_px=0.2) > 3
    check_geometry(view)


@pytest.mark.parametrize("angle_deg", [-40, 25])
def test_boxes_of_turned_people_hold_their_joints_and_hardly_more(angle_deg: float) -> None:
    for seed in range(5):
        sample = stick_people(seed, 3, 300, 200)
        turned = rotate_labels(sample, angle_deg)
        low, high = turned.pose2d.min(1), turned.pose2d.max(1)
        assert (turned.boxes[:, :2] <= low).all()
        assert (turned.boxes[:, 2:] >= high).all()
        area = (turned.boxes[:, 2:] - turned.boxes[:, :2]).prod(1)
        corners = sample.boxes[:, [[0, 1], [2, 1], [0, 3], [2, 3]]]
        angle = np.radians(angle_deg)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        extent = np.ptp(corners @ turn.T, axis=1).prod(1)
        assert (area < extent).all(), "the box of the turned corners would be larger"


def test_a_region_to_ignore_stays_over_what_it_covers() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[60:90, 100:180] = 255
    region = np.array([[100, 60, 180, 90]], np.float32)
    sample = replace(stick_people(0, 0, 300, 200), image=image, ignore_boxes=region)
    for view in (mirror(sample), crop(sample, 0.8, 20, -30, 300, 250, GREY, 35)):
        rows, columns = np.nonzero(view.image[..., 0] > 200)
        x0, y0, x1, y1 = view.ignore_boxes[0]
        assert len(rows) > 1000
        assert x0 - 1 <= columns.min() < x0 + 3
        assert y0 - 1 <= rows.min() < y0 + 3
        assert x1 - 3 < columns.max() + 1 <= x1 + 1
        assert y1 - 3 < rows.max() + 1 <= y1 + 1


def test_turning_there_and_back_changes_nothing() -> None:
    sample = stick_people(4, 2)
    again = rotate_labels(rotate_labels(sample, 33), -33)
    np.testing.assert_allclose(again.pose2d, sample.pose2d, atol=1e-3)
    np.testing.assert_allclose(again.pose3d_mm, sample.pose3d_mm, atol=1e-2)


@pytest.mark.parametrize("scale", [0.37, 0.5, 0.693, 0.8, 1.0, 1.31, 1.8])
def test_dots_stay_on_their_joints_in_crops_of_every_scale(scale: float) -> None:
    rng = np.random.default_rng(int(scale * 100))
    seen = 0
    for _ in range(4):
        sample = dotted_joints(rng, 1023, 766)
        left, top = rng.uniform(0, 300, 2) * scale
        cropped = crop(sample, scale, left, top, 384, 288, GREY)
        seen += check_labels(cropped, tolerance_px=0.2)
        check_geometry(cropped)
    assert seen > 4


def test_dots_stay_on_their_joints_in_the_far_corner_of_a_shrunk_picture() -> None:
    """Rounding the shrunk picture's size to whole pixels must not stretch it."""
    sample = dotted_joints(np.random.default_rng(0), 1023, 769)
    for scale in (0.4005, 0.6171):
        cropped = crop(sample, scale, 1023 * scale - 200, 769 * scale - 200, 200, 200, GREY)
        assert check_labels(cropped, tolerance_px=0.15) >= 1


def test_outside_the_picture_lies_the_border() -> None:
    sample = stick_people(0, 1)
    cropped = crop(sample, 1.0, -10, -20, 128, 160, np.array([200, 100, 50]))
    assert cropped.image.shape == (160, 128, 3)
    assert (cropped.image[:19] == (200, 100, 50)).all()
    np.testing.assert_array_equal(cropped.image[20:116, 10:106], sample.image)


def test_a_mirror_swaps_left_and_right_in_picture_2d_and_3d() -> None:
    sample = dotted_joints(np.random.default_rng(1))
    flipped = mirror(sample)
    assert check_labels(flipped, tolerance_px=0.1, mirrored=True) == 22
    check_geometry(flipped)
    left, right = JTA22.index("left wrist"), JTA22.index("right wrist")
    np.testing.assert_allclose(flipped.pose2d[0, left] + sample.pose2d[0, right],
                               [1024, 2 * sample.pose2d[0, right, 1]], rtol=1e-5)  # fmt: skip
    np.testing.assert_allclose(flipped.pose3d_mm[0, left], sample.pose3d_mm[0, right] * (-1, 1, 1))


def test_a_mirror_swaps_what_is_known_of_each_joint_and_turns_boxes() -> None:
    sample = stick_people(2, 2)
    rng = np.random.default_rng(2)
    flags = {name: rng.random((2, 22)) < 0.5
             for name in ("occluded", "self_occluded", "has_2d", "has_3d")}  # fmt: skip
    flipped = mirror(replace(sample, **flags))
    for name, before in flags.items():
        for joint in range(22):
            after = getattr(flipped, name)[:, joint]
            assert after.tolist() == before[:, JTA22.mirror[joint]].tolist()
    low, high = flipped.pose2d.min(1), flipped.pose2d.max(1)
    assert (flipped.boxes[:, :2] < low).all()
    assert (flipped.boxes[:, 2:] > high).all()


def test_mirroring_twice_changes_nothing() -> None:
    sample = stick_people(3, 3)
    again = mirror(mirror(sample))
    np.testing.assert_array_equal(again.image, sample.image)
    np.testing.assert_array_equal(again.pose3d_mm, sample.pose3d_mm)
    np.testing.assert_allclose(again.pose2d, sample.pose2d, atol=1e-4)
    np.testing.assert_allclose(again.boxes, sample.boxes, atol=1e-4)
    assert again.camera == sample.camera


def test_boxes_are_cut_at_the_crops_edges() -> None:
    sample = stick_people(11, 1)
    cut = crop(sample, 2.0, 60, 50, 64, 64, GREY)
    box = clipped_boxes(cut)[0]
    np.testing.assert_allclose(
        box, np.clip(sample.boxes[0] * 2 - (60, 50, 60, 50), 0, 64), atol=1e-3
    )
    assert Camera.from_dict(cut.camera.to_dict()) == cut.camera
