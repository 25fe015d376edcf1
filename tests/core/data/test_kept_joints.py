"""What people keep of their joints when they get another data set's: counted, and said before a
training."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_core.data.convert import ConvertedEndless, ConvertedSamples, convert
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.kept_joints import KeptJoints, kept_joints
from pandanet_core.data.sample import Sample, relative_poses
from pandanet_core.skeleton import (
    COCO17,
    JTA22,
    MUCO21,
    MUPOTS17,
    PANOPTIC15,
    PANOPTIC19,
    Skeleton,
)
from tests.core.coco_folder import image_entry, person_entry, write_coco
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_sequence
from tests.core.random_scene import random_scene

SETS = (JTA22, COCO17, PANOPTIC19, PANOPTIC15, MUCO21, MUPOTS17)


def by_conversion(samples: list[Sample], target: Skeleton) -> tuple[int, int]:
    """People without 2D joints and without a 3D pose afterwards who had such, one by one."""
    without_2d = without_3d = 0
    for sample in samples:
        converted = convert(sample, target)
        before, after = relative_poses(sample), relative_poses(converted)
        for person in range(len(sample)):
            without_2d += bool(sample.has_2d[person].any()) and not converted.has_2d[person].any()
            without_3d += bool(before.known[person].any()) and not after.known[person].any()
    return without_2d, without_3d


@pytest.mark.parametrize("source", SETS, ids=lambda each: each.name)
@pytest.mark.parametrize("target", SETS, ids=lambda each: each.name)
def test_losses_are_those_that_a_conversion_makes(source: Skeleton, target: Skeleton) -> None:
    rng = np.random.default_rng(0)
    samples = []
    for _ in range(6):
        scene = random_scene(rng, 8, source)
        annotated = rng.random((2, 8, source.joint_count)) < rng.uniform(0, 1.4, (2, 8, 1))
        samples.append(replace(scene, has_2d=annotated[0], has_3d=annotated[1]))
    kept = KeptJoints(source, target)
    for sample in samples:
        kept.add(sample.has_2d, sample.has_3d)
    assert (kept.without_2d, kept.without_3d) == by_conversion(samples, target)
    assert len(kept.in_words()) == (kept.without_2d > 0) + (kept.without_3d > 0)
    if source == target:
        assert not kept.in_words()


def test_a_whole_source_without_3d_is_said_with_what_it_lacks(tmp_path: Path) -> None:
    write_sequence(tmp_path, 1, [stick_people(seed, 2) for seed in range(5)])
    pictures = JtaPictures(tmp_path)
    (said,) = kept_joints(ConvertedSamples(pictures, MUPOTS17)).in_words()
    assert said.startswith("10 of 10 people have no 3D pose as mupots17, as jta22 lacks its neck, ")
    assert kept_joints(ConvertedSamples(pictures, JTA22)).in_words() == []


def test_pictures_without_end_are_judged_by_their_joints_alone() -> None:
    class Undrawn:
        def at(self, number: int) -> Sample:
            raise AssertionError("a picture was drawn")

    assert kept_joints(ConvertedEndless(Undrawn(), JTA22, JTA22)).in_words() == []
    (said,) = kept_joints(ConvertedEndless(Undrawn(), JTA22, PANOPTIC15)).in_words()
    assert "no 3D pose as panoptic15, as jta22 lacks its neck, nose, body centre" in said


def test_a_training_says_before_it_begins_who_is_lost(tmp_path: Path, capsys: Any) -> None:
    """One of COCO's two people has a nose and eyes alone, which JTA knows nothing of."""
    whole = [float(v) for k in range(17) for v in (12 + k, 8 + k, 2)]
    face = whole[:9] + [0.0] * 42
    people = [person_entry(1, 1, whole), person_entry(2, 1, face)]
    write_coco(tmp_path, [image_entry(1)], people)
    options = ("--recipe", "laptop", "--size", "64x64", "--batch-size", "1", "--dry-run")
    assert main(["train", str(tmp_path / "run"), "--data", f"coco:{tmp_path}", *options]) == 0
    said = capsys.readouterr().err
    assert said.splitlines() == [
        f"coco:{tmp_path}: 1 of 2 people have none of the joints of jta22 in 2D; they are ignored."
    ]
