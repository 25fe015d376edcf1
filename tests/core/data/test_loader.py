"""From samples to batches: who is an object, what a batch holds, and what the seed decides."""

import threading
import warnings
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pandanet_core.boxes import box_around_joints
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.loader import AugmentedBatches, Batch, batches, collate
from pandanet_core.data.sample import (
    Sample,
    cut_by_frame,
    joints_inside,
    relative_poses,
    root_relative,
    visible_people,
)
from pandanet_core.data.transforms import Augmentation
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_sequence
from tests.core.random_scene import random_scene

CROP = Augmentation(64, 64)


def equal(first: Batch, second: Batch) -> bool:
    for name, value in vars(first).items():
        other = getattr(second, name)
        pairs = zip(value, other, strict=True) if isinstance(value, tuple) else [(value, other)]
        if not all(torch.equal(a, b) for a, b in pairs):
            return False
    return True


def test_who_is_an_object_to_find_and_whom_the_frame_cuts() -> None:
    """Loops over people and joints of random scenes with hidden, far and half-seen people."""
    rng = np.random.default_rng(0)
    seen = cut = 0
    for _ in range(20):
        sample = random_scene(rng, 8)
        sample = replace(sample, has_2d=rng.random((8, 22)) < 0.8)
        inside, visible, cuts = joints_inside(sample), visible_people(sample), cut_by_frame(sample)
        for n in range(8):
            joints = 0
            for k in range(22):
                x, y = sample.pose2d[n, k]
                is_inside = 0 <= x < 640 and 0 <= y < 480
                assert inside[n, k] == is_inside
                joints += is_inside and not sample.occluded[n, k] and bool(sample.has_2d[n, k])
            x0, y0, x1, y1 = sample.boxes[n]
            width = max(min(x1, 640) - max(x0, 0), 0)
            height = max(min(y1, 480) - max(y0, 0), 0)
            assert visible[n] == (joints >= 2 and height >= 10 and width > 3)
            assert cuts[n] == (width * height < 7 / 8 * (x1 - x0) * (y1 - y0))
        seen, cut = seen + visible.sum(), cut + cuts.sum()
    assert 20 < seen < 160
    assert 5 < cut < 160


def test_poses_are_relative_to_the_hips_with_bones_that_sum_to_one() -> None:
    sample = random_scene(np.random.default_rng(1), 6)
    poses, scales = root_relative(sample.pose3d_mm, JTA22)
    hips = [JTA22.index("right hip"), JTA22.index("left hip")]
    np.testing.assert_allclose(poses[:, hips].mean(1), 0, atol=1e-6)
    for pose, scale, original in zip(poses, scales, sample.pose3d_mm, strict=True):
        length = sum(np.linalg.norm(pose[child] - pose[parent]) for child, parent in JTA22.bones)
        assert length == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(
            pose * scale, original - original[hips].mean(0), rtol=1e-4, atol=0.05
        )
    poses, scales = root_relative(np.zeros((1, 22, 3)), JTA22)
    assert np.isfinite(poses).all()


def test_a_missing_bone_is_as_long_as_its_mirror_image() -> None:
    sample = random_scene(np.random.default_rng(3), 1)
    whole_pose, whole_scale = root_relative(sample.pose3d_mm, JTA22)
    pose3d_mm = sample.pose3d_mm.copy()
    lost = [JTA22.index(name) for name in ("left wrist", "right ankle")]
    pose3d_mm[:, lost] = 0
    has_3d = np.ones((1, 22), bool)
    has_3d[:, lost] = False
    relative = relative_poses(replace(sample, pose3d_mm=pose3d_mm, has_3d=has_3d))
    joints = dict(zip(JTA22.joints, sample.pose3d_mm[0], strict=True))

    def bone(first: str, second: str) -> float:
        return float(np.linalg.norm(joints[first] - joints[second]))

    expected = whole_scale[0]
    expected += bone("right wrist", "right elbow") - bone("left wrist", "left elbow")
    expected += bone("left ankle", "left knee") - bone("right ankle", "right knee")
    assert relative.scale_mm[0] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(relative.known, has_3d)
    assert not relative.poses[:, lost].any()
    others = has_3d[0]
    np.testing.assert_allclose(
        relative.poses[0, others] * relative.scale_mm, whole_pose[0, others] * whole_scale, atol=0.1
    )


@pytest.mark.parametrize("lost", [("right hip",), ("neck",), ("left wrist", "right wrist")])
def test_who_has_no_known_root_or_size_has_no_known_3d_joint(lost: tuple[str, ...]) -> None:
    sample = random_scene(np.random.default_rng(4), 2)
    has_3d = np.ones((2, 22), bool)
    has_3d[0, [JTA22.index(name) for name in lost]] = False
    relative = relative_poses(replace(sample, has_3d=has_3d))
    assert not relative.known[0].any()
    assert not relative.poses[0].any()
    assert relative.scale_mm[0] == 0
    assert relative.known[1].all()
    whole_pose, whole_scale = root_relative(sample.pose3d_mm, JTA22)
    np.testing.assert_array_equal(relative.poses[1], whole_pose[1])
    assert relative.scale_mm[1] == whole_scale[1]


@pytest.mark.parametrize("people", [0, 1, 3])
def test_a_batch_of_people_without_any_3d_is_finite(people: int) -> None:
    sample = random_scene(np.random.default_rng(5), people)
    nothing = np.zeros((people, 22), bool)
    bare = replace(sample, pose3d_mm=np.zeros_like(sample.pose3d_mm), has_3d=nothing)
    batch = collate([bare])
    assert len(batch.pose2d) == int(visible_people(sample).sum())
    assert not batch.has_3d.any()
    assert not batch.pose3d.any()
    assert not batch.scale_mm.any()
    unseen = collate([replace(bare, has_2d=nothing)])
    assert len(unseen.pose2d) == 0
    for value in (*vars(batch).values(), *vars(unseen).values()):
        for part in value if isinstance(value, tuple) else (value,):
            assert part.isfinite().all()


def test_regions_to_ignore_are_cut_at_the_picture_and_left_out_where_nothing_is_seen() -> None:
    regions = [[-50, 100, 90, 300], [10, 10, 40, 30], [700, 0, 900, 90], [639.5, 0, 800, 90]]
    sample = random_scene(np.random.default_rng(6), 0)
    batch = collate([replace(sample, ignore_boxes=np.array(regions, np.float32))])
    np.testing.assert_array_equal(batch.ignored_boxes[0], [[0, 100, 90, 300], [10, 10, 40, 30]])
    assert len(batch.boxes) == 0


def test_a_batch_holds_the_people_to_find_and_the_boxes_to_ignore() -> None:
    rng = np.random.default_rng(2)
    samples = [random_scene(rng, people) for people in (8, 0, 12)]
    samples[2].occluded[::2] = True
    batch = collate(samples)
    first = 0
    for picture, sample in enumerate(samples):
        visible = visible_people(sample)
        count = int(visible.sum())
        assert len(batch.people_boxes[picture]) == count
        own = slice(first, first + count)
        np.testing.assert_array_equal(batch.pose2d[own], sample.pose2d[visible])
        np.testing.assert_allclose(
            batch.pose3d[own], root_relative(sample.pose3d_mm[visible], JTA22)[0]
        )
        np.testing.assert_array_equal(batch.inside[own], joints_inside(sample)[visible])
        clipped = (
            box_around_joints(sample.pose2d).clip(0, [640, 480, 640, 480]) if len(sample) else None
        )
        np.testing.assert_allclose(
            batch.boxes[own], clipped[visible] if count else np.zeros((0, 4))
        )
        for box in batch.ignored_boxes[picture]:
            assert any(np.allclose(box, other) for other in clipped[~visible])
            assert (box[2:] - box[:2]).min() > 1
        first += count
    assert len(batch.pose2d) == len(batch.boxes) == len(batch.cut) == first > 5
    assert sum(map(len, batch.ignored_boxes)) > 0
    assert batch.images.shape == (3, 480, 640, 3)


def test_a_batch_without_people() -> None:
    batch = collate([stick_people(0, 0), stick_people(1, 0)])
    assert batch.pose2d.shape == (0, 22, 2)
    assert batch.pose3d.shape == (0, 22, 3)
    assert batch.boxes.shape == (0, 4)
    assert batch.has_2d.dtype == batch.cut.dtype == torch.bool
    assert equal(batch.to(torch.device("cpu")), batch)


def test_a_batch_is_decided_by_its_number_and_the_seed_alone() -> None:
    samples = [stick_people(n, 2) for n in range(5)]
    one, other = (AugmentedBatches(samples, 4, CROP, seed=3) for _ in range(2))
    forwards = [one[n] for n in range(6)]
    backwards = [other[n] for n in reversed(range(6))][::-1]
    assert all(equal(a, b) for a, b in zip(forwards, backwards, strict=True))
    assert not equal(forwards[0], forwards[1])
    alone = [AugmentedBatches(samples[:1], 1, CROP, seed)[0] for seed in (3, 4)]
    assert not equal(*alone), "another seed gives the same crop of the same picture"


class Remembering(list[Sample]):
    """Samples that know in which order they were asked for."""

    def __init__(self, samples: list[Sample]) -> None:
        super().__init__(samples)
        self.asked: list[int] = []

    def __getitem__(self, index: int) -> Sample:  # type: ignore[override]
        self.asked.append(index)
        return super().__getitem__(index)


def test_every_picture_comes_once_an_epoch_in_another_order_each_time() -> None:
    samples = Remembering([stick_people(n, 1) for n in range(7)])
    data = AugmentedBatches(samples, 3, CROP, seed=0)
    for number in range(7):
        data[number]
    epochs = np.array(samples.asked).reshape(3, 7)
    assert (np.sort(epochs, 1) == np.arange(7)).all()
    assert len({tuple(epoch) for epoch in epochs.tolist()}) == 3


def test_worker_processes_make_the_same_batches_from_any_number_on() -> None:
    data = AugmentedBatches([stick_people(n, 2) for n in range(5)], 2, CROP, seed=1)
    endless = batches(data, first=3, workers=1)
    made = [next(endless) for _ in range(4)]
    endless.close()
    here = batches(data, first=3, workers=0)
    for number, batch in enumerate(made, 3):
        assert equal(batch, data[number])
        assert equal(batch, next(here))


def test_worker_processes_start_beside_threads_without_a_warning() -> None:
    """Python 3.12 and later warn of it. OpenCV's own threads, which a fork does not have, would make
    the worker crash or wait for ever."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(4)
    for _ in range(20):
        cv2.GaussianBlur(np.zeros((1000, 1000, 3), np.uint8), (0, 0), 3)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    data = AugmentedBatches([stick_people(0, 2)], 2, CROP, seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        endless = batches(data, first=0, workers=1)
        batch = next(endless)
        endless.close()
    assert cv2.getNumThreads() == 4
    done.set()
    thread.join()
    cv2.setNumThreads(before)
    assert equal(batch, data[0])


@pytest.mark.parametrize("workers", [0, 1])
def test_a_picture_that_cannot_be_read_is_named_in_one_sentence(
    tmp_path: Path, workers: int
) -> None:
    """In a worker process too, where an error usually arrives inside a traceback."""
    write_sequence(tmp_path, 1, [stick_people(0, 2)])
    pictures = JtaPictures(tmp_path)
    file = tmp_path / "frames/train/seq_1/1.png"
    file.write_bytes(b"no picture")
    endless = batches(AugmentedBatches(pictures, 1, CROP, seed=0), first=0, workers=workers)
    with pytest.raises(UserError) as raised:
        next(endless)
    endless.close()
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)
