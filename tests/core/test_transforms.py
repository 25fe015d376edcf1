"""Crops, scales and mirrors: dots in the picture stay where the labels say, in 2D and in 3D."""

from dataclasses import replace

import numpy as np
import pytest

from pandanet_core.camera import Camera, project
from pandanet_core.data.sample import Sample
from pandanet_core.data.transforms import Augmentation, augment, clipped_boxes, crop, mirror
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import dotted_joints, find_dots, stick_people

GREY = np.array([0, 0, 0])


def check_labels(sample: Sample, tolerance_px: float, mirrored: bool = False) -> int:
    """Every dot lies on a joint of its side; returns how many dots were seen."""
    dots, sides = find_dots(sample.image)
    swapped = {"left": "right", "right": "left", "middle": "middle"}
    for dot, side in zip(dots, sides, strict=True):
        distance = np.linalg.norm(sample.pose2d[0] - dot, axis=1)
        joint = int(distance.argmin())
        assert distance[joint] < tolerance_px
        assert side == (swapped if mirrored else {s: s for s in swapped})[JTA22.side(joint)]
    height, width = sample.image.shape[:2]
    well_inside = (sample.pose2d[0] > 20).all(1) & (
        sample.pose2d[0] < (width - 20, height - 20)
    ).all(1)
    assert len(dots) >= well_inside.sum()
    return len(dots)


def check_geometry(sample: Sample) -> None:
    """The camera returned with the picture sees the 3D joints where the 2D joints are."""
    np.testing.assert_allclose(project(sample.pose3d_mm, sample.camera), sample.pose2d, atol=0.01)
    assert (sample.camera.height, sample.camera.width) == sample.image.shape[:2]


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


@pytest.mark.parametrize("flips", [0.0, 1.0])
def test_augmented_pictures_keep_dots_joints_and_cameras_together(flips: float) -> None:
    settings = Augmentation(
        flip_share=flips, grey_share=0, least_height_px=300, most_height_px=900, least_scale=0.4
    )
    rng = np.random.default_rng(4)
    seen = 0
    for _ in range(12):
        varied = augment(dotted_joints(rng), settings, rng)
        assert varied.image.shape == (288, 384, 3)
        assert varied.image.dtype == np.uint8
        check_geometry(varied)
        seen += check_labels(varied, tolerance_px=1.0, mirrored=flips == 1)
    assert seen > 30


def test_the_seed_alone_decides() -> None:
    sample, settings = stick_people(5, 3, 300, 200), Augmentation(96, 64)
    first, again, other = (
        augment(sample, settings, np.random.default_rng(seed)) for seed in (6, 6, 7)
    )
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.pose2d, again.pose2d)
    assert first.camera == again.camera
    assert not np.array_equal(first.image, other.image)


def test_people_are_brought_to_the_wanted_height_as_far_as_scales_allow() -> None:
    sample = stick_people(8, 1, 400, 300)
    height = float(sample.boxes[0, 3] - sample.boxes[0, 1])
    rng = np.random.default_rng(9)
    for wanted, limits in (((60, 90), (0.1, 2.0)), ((5, 6), (0.5, 2.0)), ((900, 999), (0.5, 1.2))):
        settings = Augmentation(96, 64, *wanted, *limits, centred_share=1.0)
        for _ in range(10):
            box = augment(sample, settings, rng).boxes[0]
            low = np.clip(wanted[0] / height, *limits) * height
            high = np.clip(wanted[1] / height, *limits) * height
            assert low * 0.999 <= box[3] - box[1] <= high * 1.001


@pytest.mark.parametrize("size", [(1, 1), (40, 3), (96, 64), (2000, 40)])
def test_pictures_of_any_size_give_a_crop_even_without_people(size: tuple[int, int]) -> None:
    width, height = size
    empty = stick_people(10, 0, width, height)
    for seed in range(6):
        varied = augment(empty, Augmentation(96, 64), np.random.default_rng(seed))
        assert varied.image.shape == (64, 96, 3)
        assert len(varied) == 0


def test_boxes_are_cut_at_the_crops_edges() -> None:
    sample = stick_people(11, 1)
    cut = crop(sample, 2.0, 60, 50, 64, 64, GREY)
    box = clipped_boxes(cut)[0]
    np.testing.assert_allclose(
        box, np.clip(sample.boxes[0] * 2 - (60, 50, 60, 50), 0, 64), atol=1e-3
    )
    assert Camera.from_dict(cut.camera.to_dict()) == cut.camera
