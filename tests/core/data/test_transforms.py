"""Random crops, scales, rotations, mirror images and colours."""

import math

import numpy as np
import pytest

from pandanet_core.data.geometry import turn_points
from pandanet_core.data.sample import Sample
from pandanet_core.data.transforms import Augmentation, augment
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import dotted_joints, stick_people
from tests.core.label_checks import check_geometry, check_labels


@pytest.mark.parametrize("rotation_deg", [0.0, 30.0])
@pytest.mark.parametrize("flips", [0.0, 1.0])
def test_augmented_pictures_keep_dots_joints_and_cameras_together(
    flips: float, rotation_deg: float
) -> None:
    settings = Augmentation(
        flip_share=flips,
        most_rotation_deg=rotation_deg,
        grey_share=0,
        least_height_px=300,
        most_height_px=900,
        least_scale=0.4,
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


def test_pictures_are_turned_by_up_to_the_given_angle_either_way() -> None:
    """Upright people of a straight camera say by how much their picture was turned."""
    sample = stick_people(12, 1, 300, 200)
    spine = JTA22.index("neck"), JTA22.index("spine 4")

    def lean_deg(varied: Sample) -> float:
        x, y, _ = varied.pose3d_mm[0, spine[0]] - varied.pose3d_mm[0, spine[1]]
        return math.degrees(math.atan2(x, -y))

    settings = Augmentation(96, 64, flip_share=0, most_rotation_deg=20)
    upright = lean_deg(sample)
    angles = [
        lean_deg(augment(sample, settings, np.random.default_rng(seed))) - upright
        for seed in range(60)
    ]
    assert max(map(abs, angles)) <= 20.01
    assert min(angles) < -15
    assert max(angles) > 15
    assert abs(np.mean(angles)) < 5


def test_crops_reach_every_corner_of_a_turned_picture() -> None:
    """Dots in the corners, which a turn moves out of the picture's old frame, are seen again and
    again, where they should be."""
    sample = stick_people(14, 0, 300, 200)
    dots = [(10, 10), (289, 10), (10, 189), (289, 189), (150, 100)]
    sample.image[:] = 0
    for x, y in dots:
        sample.image[y - 3 : y + 4, x - 3 : x + 4] = 255
    settings = Augmentation(
        96, 64, most_rotation_deg=45, flip_share=0, least_scale=1, most_scale=1, blur_share=0,
        noise_share=0, grey_share=0,
    )  # fmt: skip
    seen = np.zeros(len(dots), int)
    for seed in range(400):
        varied = augment(sample, settings, np.random.default_rng(seed))
        angle, left, top = _turn_and_crop(sample, varied, seed)
        for number, dot in enumerate(dots):
            x, y = turn_points(np.array(dot) + 0.5, sample.camera, angle) - (left, top)
            if 4 < x < 92 and 4 < y < 60:
                seen[number] += 1
                assert varied.image[int(y), int(x)].mean() > 100
    assert (seen > 8).all(), seen


def _turn_and_crop(sample: Sample, varied: Sample, seed: int) -> tuple[float, float, float]:
    """By how much the picture was turned, and where it was cut."""
    angle = np.random.default_rng(seed).uniform(-45, 45)
    camera, before = varied.camera, sample.camera
    return angle, before.cx - camera.cx, before.cy - camera.cy


def test_without_rotation_no_random_number_is_spent_on_it() -> None:
    """So that runs of earlier versions go on with the same crops."""
    sample = stick_people(13, 0)
    settings = Augmentation(64, 64, flip_share=0)
    varied = augment(sample, settings, np.random.default_rng(1))
    random = np.random.default_rng(1)
    scale = math.exp(random.uniform(math.log(0.5), math.log(1.8)))
    assert varied.camera.fx == pytest.approx(sample.camera.fx * scale)
