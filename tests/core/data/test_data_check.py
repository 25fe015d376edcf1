"""Checking data: all that is damaged is named, at once, and the numbers are those of the data."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.data.check import Findings, Looked, check_data
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from tests.core.coco_folder import image_entry, person_entry, write_coco
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import rows_of, write_json, write_picture, write_sequence
from tests.core.mupots_folder import poses
from tests.core.mupots_folder import write_sequence as write_mupots
from tests.core.panoptic_folder import (
    SIZE,
    bodies,
    camera_entry,
    write_calibration,
    write_scene,
    write_view,
)


def check(spec: str, pictures: int | None = None) -> Findings:
    return check_data(spec, pictures, lambda looked: None, lambda: False)


def people(seed: int, count: int) -> Sample:
    """Some of whose joints are hidden."""
    sample = stick_people(seed, count)
    random = np.random.default_rng(seed)
    occluded = random.random(sample.occluded.shape) < 0.3
    return replace(sample, occluded=occluded, self_occluded=~occluded & (random.random((1,)) < 0.5))


def test_the_numbers_are_those_of_the_data(tmp_path: Path) -> None:
    """Loops over people and joints; two sequences and one more split."""
    made = [people(seed, seed % 4) for seed in range(9)]
    write_sequence(tmp_path, 1, made[:4])
    write_sequence(tmp_path, 2, made[4:8])
    write_sequence(tmp_path, 5, made[8:], "val")
    findings = check(f"crowd:{tmp_path}")
    assert findings.damage == ()
    assert [(split.split, split.pictures, split.looked_at) for split in findings.splits] == [
        ("train", 8, 8),
        ("val", 1, 1),
    ]
    found = findings.splits[0].statistics
    assert (found.pictures, found.sequences, found.sizes) == (8, 2, {"96x96": 8})
    assert found.people == sum(seed % 4 for seed in range(8))

    heights, distances, counts = [], [], []
    joints = inside = occluded = own = 0
    for sample in made[:8]:
        counts.append(0)
        for person in range(len(sample)):
            x, y = sample.pose2d[person].T
            within = (x >= 0) & (x < 96) & (y >= 0) & (y < 96)
            left, top, right, bottom = np.clip(sample.boxes[person], 0, 96)
            seen = (within & ~sample.occluded[person]).sum()
            if seen < 2 or bottom - top < 10 or right - left <= 3:
                continue
            counts[-1] += 1
            heights.append(sample.boxes[person, 3] - sample.boxes[person, 1])
            hips = sample.pose3d_mm[person, [16, 19]].mean(0)
            distances.append(np.sqrt((hips**2).sum()) / 1000)
            joints += 22
            inside += within.sum()
            occluded += sample.occluded[person].sum()
            own += sample.self_occluded[person].sum()
    assert found.to_find == sum(counts) > 5
    for spread, values in (
        (found.height_px, heights),
        (found.distance_m, distances),
        (found.people_a_picture, counts),
    ):
        assert spread is not None
        assert spread.least == pytest.approx(min(values), rel=1e-4)
        assert spread.median == pytest.approx(float(np.median(values)), rel=1e-4)
        assert spread.largest == pytest.approx(max(values), rel=1e-4)
        assert spread.least <= spread.low <= spread.median <= spread.high <= spread.largest
    assert found.inside == pytest.approx(inside / joints)
    assert found.occluded == pytest.approx(occluded / joints)
    assert found.self_occluded == pytest.approx(own / joints)
    assert found.joints_2d == found.joints_3d == 1
    assert found.fov_deg is not None
    assert found.fov_deg.median == pytest.approx(60)
    assert findings.splits[0].skeleton == "jta22"


def test_all_damage_is_named_at_once(tmp_path: Path) -> None:
    """Five sequences of three pictures, each with other damage, and one that is sound. A picture of
    another size that shows nobody is none."""
    for sequence in range(5):
        made = [stick_people(10 * sequence + frame, 2) for frame in range(3)]
        write_sequence(tmp_path, sequence, made)
    frames, annotations = tmp_path / "frames/train", tmp_path / "annotations/train"
    (frames / "seq_0/1.png").write_bytes(b"")
    (frames / "seq_0/3.png").write_bytes((frames / "seq_0/3.png").read_bytes()[:-20])
    write_picture(frames / "seq_1/2.png", np.zeros((48, 96, 3), np.uint8))
    write_picture(frames / "seq_1/4.png", np.zeros((24, 96, 3), np.uint8))
    cameras = json.loads((tmp_path / "cameras/train/seq_1.json").read_text())
    write_json(tmp_path / "cameras/train/seq_1.json", [*cameras, [4, *cameras[0][1:]]])
    rows = json.loads((annotations / "seq_2.json").read_text())
    rows[0][3], rows[50][4] = -3000, 2000
    rows[70][6] = float("nan")
    write_json(annotations / "seq_2.json", rows)
    other = [row for frame in (1, 2, 3) for row in rows_of(stick_people(99, 2), frame)]
    write_json(annotations / "seq_3.json", other)
    moved = json.loads((annotations / "seq_3.json").read_text())
    write_json(annotations / "seq_3.json", [[*row[:3], row[3] + 30, *row[4:]] for row in moved])
    write_json(annotations / "seq_6.json", [])

    findings = check(f"jta:{tmp_path}")
    assert not findings.to_dict()["sound"]
    assert {(Path(damage.file).relative_to(tmp_path).as_posix(), damage.reason.split("(")[0].strip())
            for damage in findings.damage} == {
        ("annotations/train/seq_2.json", "holds numbers that are not finite"),
        (
            "videos/train/seq_6.mp4",
            "is missing, and there are no pictures in frames/train/seq_6 either; add one of them, or "
            "remove annotations/train/seq_6.json",
        ),
        ("frames/train/seq_0/1.png", "is no picture that can be read; remove it or write it again"),
        ("frames/train/seq_0/3.png", "is no picture that can be read; remove it or write it again"),
        ("frames/train/seq_1/2.png", "has 96x48 px, most of seq_1 have 96x96 px"),
        (
            "frames/train/seq_2/1.png",
            "shows a person whose head top is annotated 3000 px outside",
        ),
        (
            "frames/train/seq_2/2.png",
            "shows a person whose right wrist is annotated 1904 px outside",
        ),
        *(
            (
                f"frames/train/seq_3/{frame}.png",
                "has 2D joints that lie 30 px from the 3D joints' projections",
            )
            for frame in (1, 2, 3)
        ),
    }  # fmt: skip
    assert findings.splits[0].looked_at == 16
    assert findings.splits[0].statistics.pictures == 14


def test_so_many_pictures_are_spread_evenly(tmp_path: Path) -> None:
    write_sequence(tmp_path, 1, [stick_people(0, 1, 32, 32)] * 10)
    looked: list[Looked] = []
    found = check_data(f"jta:{tmp_path}", 4, looked.append, lambda: False)
    assert (found.splits[0].pictures, found.splits[0].looked_at) == (10, 4)
    assert [each.sample.name for each in looked if each.sample] == [
        f"seq_1/{frame}" for frame in (1, 4, 7, 10)
    ]
    assert [(each.part, each.done, each.total) for each in looked] == [
        ("train", done, 4) for done in (1, 2, 3, 4)
    ]


def test_it_ends_when_asked_and_tells_what_it_saw(tmp_path: Path) -> None:
    write_sequence(tmp_path, 1, [stick_people(0, 1, 32, 32)] * 10)
    write_sequence(tmp_path, 1, [stick_people(0, 1, 32, 32)], "val")
    looked: list[Looked] = []
    found = check_data(f"jta:{tmp_path}", None, looked.append, lambda: len(looked) == 3)
    assert [(split.split, split.looked_at) for split in found.splits] == [("train", 3)]
    assert found.splits[0].statistics.people == 3


def test_every_kind_of_data_can_be_checked(tmp_path: Path) -> None:
    write_mupots(tmp_path / "mupots/TS1", poses(0, 2, 2), None, 512)
    camera = camera_entry(16, 0.3)
    for name in ("160906_pizza1", "160906_band1"):
        sequence = tmp_path / "dome" / name
        write_calibration(sequence, [camera, dict(camera, name="00_02")])
        write_scene(sequence, 4, bodies(0, 2))
        for seen_by in ("00_02", "00_16"):
            write_view(sequence, seen_by, 4, np.zeros((*SIZE[::-1], 3), np.uint8))
    for year in (2014, 2017):
        write_coco(
            tmp_path / "coco",
            [image_entry(1)],
            [person_entry(1, 1, [20, 20, 2] * 17)],
            f"val{year}",
        )
    for spec, splits in (
        ("mupots", [("test", "mupots17", 2)]),
        ("dome", [("train", "panoptic19", 2), ("test", "panoptic19", 1)]),
        ("coco", [("val2014", "coco17", 1), ("val2017", "coco17", 1)]),
    ):
        kind = "panoptic" if spec == "dome" else spec
        findings = check(f"{kind}:{tmp_path / spec}")
        found = [(split.split, split.skeleton, split.looked_at) for split in findings.splits]
        assert (found, findings.damage) == (splits, ())
    assert len(check(f"coco:{tmp_path / 'coco'}:val2014@0.5").splits) == 1
    coco = check(f"coco:{tmp_path / 'coco'}").splits[0].statistics
    assert coco.distance_m is None
    assert coco.joints_3d == 0


def test_a_split_without_pictures_does_not_keep_the_others_from_being_checked(
    tmp_path: Path,
) -> None:
    for split in ("train2017", "val2017"):
        write_coco(tmp_path, [image_entry(1)], [person_entry(1, 1, [20, 20, 2] * 17)], split)
    (tmp_path / "train2017").rename(tmp_path / "elsewhere")
    findings = check(f"coco:{tmp_path}")
    assert len(findings.damage) == 1
    assert "expected the pictures of person_keypoints_train2017.json" in str(findings.damage[0])
    assert [(split.split, split.looked_at) for split in findings.splits] == [
        ("train2017", 0),
        ("val2017", 1),
    ]


def test_what_is_no_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected annotations/train/seq_N.json in it, found"):
        check(f"jta:{tmp_path}")
    with pytest.raises(UserError, match="is no folder"):
        check("crowd:live")
    with pytest.raises(UserError, match="write KIND:FOLDER"):
        check(str(tmp_path))


@pytest.mark.parametrize("kind", ["jta", "crowd", "panoptic", "mupots", "muco", "coco"])
def test_a_folder_that_is_none_of_the_kind_is_refused(kind: str, tmp_path: Path) -> None:
    """Whatever splits the kind has; with what was found there."""
    (tmp_path / "holiday.txt").touch()
    with pytest.raises(UserError, match=r"expected .* in it, found holiday.txt"):
        check(f"{kind}:{tmp_path}")
