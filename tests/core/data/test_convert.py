"""People of one data set with the joints of another; what is missing is masked, never invented."""

from dataclasses import fields

import numpy as np

from pandanet_core.data.convert import ConvertedSamples, convert
from pandanet_core.data.geometry import mirror
from pandanet_core.data.loader import collate
from pandanet_core.skeleton import COCO17, JTA22, MUCO21, MUPOTS17, PANOPTIC15, PANOPTIC19, Skeleton
from tests.core.random_scene import random_scene


def test_joints_keep_their_place_by_name_and_the_others_are_masked() -> None:
    sample = random_scene(np.random.default_rng(0), 4, JTA22)
    converted = convert(sample, MUPOTS17)
    assert converted.skeleton == MUPOTS17
    for joint, name in enumerate(MUPOTS17.joints):
        if name in ("neck", "pelvis", "spine", "head"):
            assert not converted.has_2d[:, joint].any()
            assert not converted.has_3d[:, joint].any()
            assert not converted.occluded[:, joint].any()
            assert not converted.pose3d_mm[:, joint].any()
        else:
            own = JTA22.index(name)
            for array in ("pose2d", "pose3d_mm", "occluded", "has_2d", "has_3d"):
                before, after = getattr(sample, array), getattr(converted, array)
                np.testing.assert_array_equal(after[:, joint], before[:, own])
    np.testing.assert_array_equal(converted.boxes, sample.boxes)
    assert converted.image is sample.image


def test_the_same_joints_change_nothing() -> None:
    sample = random_scene(np.random.default_rng(1), 2, COCO17)
    assert convert(sample, COCO17) is sample


def test_mirroring_before_or_after_is_the_same() -> None:
    rng = np.random.default_rng(2)
    for source, target in ((JTA22, MUPOTS17), (COCO17, PANOPTIC19), (MUCO21, JTA22)):
        sample = random_scene(rng, 3, source)
        first, last = convert(mirror(sample), target), mirror(convert(sample, target))
        for name in ("has_2d", "has_3d", "occluded"):
            np.testing.assert_array_equal(getattr(first, name), getattr(last, name))
        np.testing.assert_array_equal(first.pose2d[first.has_2d], last.pose2d[last.has_2d])
        np.testing.assert_array_equal(first.pose3d_mm[first.has_3d], last.pose3d_mm[last.has_3d])


def known_3d(source: Skeleton, target: Skeleton) -> bool:
    """Whether anybody's 3D pose can be learned after the conversion."""
    sample = random_scene(np.random.default_rng(3), 5, source)
    batch = collate([convert(sample, target)])
    assert len(batch.pose3d)
    assert batch.pose3d.isfinite().all()
    assert batch.pose2d.isfinite().all()
    assert (batch.has_3d.any(1) == (batch.scale_mm > 0)).all()
    return bool(batch.has_3d.any())


def test_3d_is_learned_only_where_root_and_size_are_known() -> None:
    assert known_3d(MUCO21, MUPOTS17)
    assert known_3d(PANOPTIC19, PANOPTIC15)
    assert not known_3d(JTA22, MUPOTS17), "JTA has no pelvis"
    assert not known_3d(PANOPTIC19, JTA22), "Panoptic has no spine"


def test_every_number_of_every_conversion_is_finite() -> None:
    rng = np.random.default_rng(4)
    for source in (JTA22, COCO17, PANOPTIC19, MUCO21):
        for target in (JTA22, COCO17, PANOPTIC15, MUPOTS17):
            for people in (0, 1, 3):
                converted = convert(random_scene(rng, people, source), target)
                for field in fields(converted):
                    value = getattr(converted, field.name)
                    assert not isinstance(value, np.ndarray) or np.isfinite(value).all()
                assert converted.pose2d.shape == (people, target.joint_count, 2)


def test_a_data_set_is_converted_picture_by_picture() -> None:
    rng = np.random.default_rng(5)
    samples = [random_scene(rng, people, MUCO21) for people in (1, 2)]
    converted = ConvertedSamples(samples, MUPOTS17)
    assert [len(converted[n]) for n in range(len(converted))] == [1, 2]
    assert converted[1].skeleton == MUPOTS17
