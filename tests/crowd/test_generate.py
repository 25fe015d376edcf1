"""Whole crowds on disk, made by real processes and read back with the core's reader of JTA."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.camera import project
from pandanet_core.crowd import generate
from pandanet_core.crowd.folders import Skies, files_of_split, read_motions
from pandanet_core.crowd.generate import make_crowd
from pandanet_core.crowd.people.cast import load_cast, read_cast
from pandanet_core.crowd.preview import LEGEND_PX, write_preview
from pandanet_core.crowd.settings import SPLITS, CrowdSettings
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.shared_data import shared_data

pytestmark = pytest.mark.usefixtures("small_casts", "renderer")
SMALL = CrowdSettings(width=256, height=160, people=(2, 9), height_px=(20, 140), seed=3)


def quiet(what: str, done: int, total: int) -> None:
    """No progress bar."""


def files_of(folder: Path) -> dict[str, bytes]:
    kinds = ("annotations", "cameras", "frames")
    files = (file for kind in kinds for file in (folder / kind).rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory, crowd_cache: Path, renderer: object) -> Path:
    """23 pictures, made by two processes."""
    folder = tmp_path_factory.mktemp("crowd")
    with pytest.MonkeyPatch.context() as patch:
        for split in SPLITS:
            patch.setitem(generate.CAST_SIZE, split, 3)
        assert make_crowd(folder, SMALL, 23, 2, quiet) == 23
    return folder


def test_pictures_are_read_back_as_samples(crowd: Path) -> None:
    pictures = JtaPictures(crowd, "train")
    assert len(pictures) == 23
    people = 0
    for sample in (pictures[index] for index in range(23)):
        assert sample.image.shape == (160, 256, 3)
        assert 10 < sample.image.mean() < 245
        assert sample.image.std() > 5
        np.testing.assert_allclose(
            project(sample.pose3d_mm, sample.camera), sample.pose2d, atol=0.01
        )
        people += len(sample)
        assert not (sample.occluded & sample.self_occluded).any()
        stature = np.ptp(sample.pose3d_mm, axis=1).max(1)
        assert ((stature > 500) & (stature < 2300)).all()
    assert people > 40


def test_bodies_keep_their_size_in_every_picture(crowd: Path) -> None:
    """Three characters: the bone lengths of everybody are one of three sets."""
    limbs = [
        (child, parent)
        for child, parent in JTA22.bones
        if JTA22.joints[child].endswith(("knee", "ankle", "elbow"))
    ]
    child, parent = np.array(limbs).T
    lengths = np.concatenate(
        [
            np.linalg.norm(sample.pose3d_mm[:, child] - sample.pose3d_mm[:, parent], axis=-1)
            for sample in JtaPictures(crowd, "train")  # type: ignore[attr-defined]
        ]
    )
    kinds = {tuple(np.round(row / 3)) for row in lengths}
    assert len(kinds) <= 6  # rounding may split a set in two


def test_another_number_of_workers_makes_the_same_files(crowd: Path, tmp_path: Path) -> None:
    make_crowd(tmp_path, SMALL, 23, 1, quiet)
    assert files_of(tmp_path) == files_of(crowd)


def test_another_seed_makes_other_pictures(crowd: Path, tmp_path: Path) -> None:
    make_crowd(tmp_path, replace(SMALL, seed=4), 2, 1, quiet)
    frame = "frames/train/seq_0/1.jpg"
    assert files_of(tmp_path)[frame] != files_of(crowd)[frame]


def test_a_second_split_joins_the_folder_and_the_first_is_kept(crowd: Path) -> None:
    before = files_of(crowd)
    make_crowd(crowd, replace(SMALL, split="val"), 3, 1, quiet)
    after = files_of(crowd)
    assert {name: after[name] for name in before} == before
    index = json.loads((crowd / "crowd.json").read_text())["splits"]
    assert set(index) == {"train", "val"}
    for kind in ("characters", "clips", "skies"):
        assert not set(index["train"][kind]) & set(index["val"][kind])
    assert len(JtaPictures(crowd, "val")) == 3
    with pytest.raises(UserError, match="already has pictures of the split train"):
        make_crowd(crowd, SMALL, 1, 1, quiet)


def test_cancelling_keeps_what_is_finished(tmp_path: Path) -> None:
    def cancel(what: str, done: int, total: int) -> None:
        if what == "pictures" and done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_crowd(tmp_path, SMALL, 500, 2, cancel)
    pictures = JtaPictures(tmp_path, "train")
    finished = json.loads((tmp_path / "crowd.json").read_text())["splits"]["train"]["made"]
    assert len(pictures) == finished
    assert 10 <= finished < 100
    assert len(pictures[finished - 1]) > 0
    assert not list(tmp_path.rglob("*.part"))


def test_resuming_makes_what_is_missing(crowd: Path, tmp_path: Path) -> None:
    """Cancelled, killed in the middle of a sequence, then wanted with more pictures."""

    def cancel(what: str, done: int, total: int) -> None:
        if what == "pictures" and done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_crowd(tmp_path, SMALL, 15, 1, cancel)
    (tmp_path / "annotations/train/seq_0.json").unlink()
    assert make_crowd(tmp_path, SMALL, 15, 1, quiet, resume=True) == 15
    assert make_crowd(tmp_path, SMALL, 23, 1, quiet, resume=True) == 23
    whole = files_of(tmp_path)
    assert whole == {name: data for name, data in files_of(crowd).items() if "train" in name}
    times = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.jpg")}
    assert make_crowd(tmp_path, SMALL, 23, 1, quiet, resume=True) == 23
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.jpg")} == times


RESUMING = """
import sys
from pathlib import Path
from pandanet_core.crowd import generate
from tests.crowd.test_generate import SMALL, quiet
if __name__ == "__main__":
    generate.CAST_SIZE["train"] = 3
    generate.make_crowd(Path(sys.argv[1]), SMALL, 100, 1, quiet, resume=True)
"""


def test_resuming_may_be_killed_and_cancelled(crowd: Path, tmp_path: Path) -> None:
    """A begun sequence is drawn anew: pictures without cameras or annotations are never read."""
    folder, script = tmp_path / "crowd", tmp_path / "resuming.py"
    shutil.copytree(crowd, folder)
    script.write_text(RESUMING)
    resuming = subprocess.Popen(
        [sys.executable, str(script), str(folder)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    while resuming.poll() is None and not (folder / "frames/train/seq_0/30.jpg").exists():
        time.sleep(0.02)
    resuming.kill()
    assert resuming.wait() == -signal.SIGKILL
    with pytest.raises(UserError, match=r"expected annotations/train/seq_N\.json in it"):
        JtaPictures(folder, "train")

    def cancel(what: str, done: int, total: int) -> None:
        if what == "pictures" and done >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_crowd(folder, SMALL, 100, 1, cancel, resume=True)
    pictures = JtaPictures(folder, "train")
    assert len(pictures) == 10
    assert len(pictures[9]) > 0


def test_resuming_with_other_options_is_refused(crowd: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="another people, seed;"):
        make_crowd(crowd, replace(SMALL, people=(1, 2), seed=9), 30, 1, quiet, resume=True)
    with pytest.raises(UserError, match="There is no crowd in"):
        make_crowd(tmp_path, SMALL, 3, 1, quiet, resume=True)
    assert not list(tmp_path.iterdir())


def test_a_preview_shows_pictures_of_all_the_split(crowd: Path) -> None:
    import cv2

    sheet = cv2.imread(str(write_preview(crowd, "train")))
    assert sheet.shape == (5 * 160 + LEGEND_PX, 3 * 256, 3)
    assert sheet.std() > 10


def test_splits_share_no_body_no_clip_and_no_sky() -> None:
    bodies, motions, skies = defaultdict(set), defaultdict(set), defaultdict(set)
    for split in SPLITS:
        settings = replace(SMALL, split=split)
        names = files_of_split(settings)
        for character in read_cast(load_cast(split, 3, None)).characters:
            bodies[split].add(character.heads.tobytes())
        motions[split] = {clip.parts.tobytes() for clip in read_motions(settings, names)}
        book = Skies(settings, names)
        skies[split] = {book[name].panorama.tobytes() for name in book.names[:3]}
    for kind in (bodies, motions, skies):
        together = set.union(*kind.values())
        assert len(together) == sum(len(members) for members in kind.values())


def test_real_folders_are_shared_out_as_earlier_training_data_was() -> None:
    motion, hdri = shared_data("motion"), shared_data("hdri")
    names = {
        split: files_of_split(replace(SMALL, split=split, motion=motion, hdri=hdri))
        for split in SPLITS
    }
    clips = sorted(file.name for file in motion.rglob("*.bvh"))
    assert [file.name for file in names["test"].clips] == clips[5::6]
    assert len({file for split in SPLITS for file in names[split].clips}) == len(clips)
    tests = {file.stem.removesuffix("_1k") for file in names["test"].skies}
    assert tests == {"potsdamer_platz", "st_fagans_interior", "kiara_1_dawn"}
    assert sum(len(names[split].skies) for split in SPLITS) == 12


@pytest.mark.parametrize("option", ["motion", "hdri", "makehuman"])
def test_a_folder_of_nothing_useful_is_refused_before_anything_is_written(
    option: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    settings = replace(SMALL, **{option: tmp_path / "empty"})
    with pytest.raises(UserError, match=str(tmp_path / "empty")):
        make_crowd(tmp_path / "out", settings, 1, 1, quiet)
    with pytest.raises(UserError, match="There is no folder"):
        replace(SMALL, **{option: tmp_path / "missing"})


def test_a_damaged_motion_is_named_by_the_process_that_reads_it(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"{number}.bvh").write_text("HIERARCHY\nROOT hip\n{\n")
    with pytest.raises(UserError, match=r"0\.bvh is no sound BVH file"):
        make_crowd(tmp_path / "out", replace(SMALL, motion=tmp_path), 1, 1, quiet)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"people": (5, 2)}, "People 5:2"),
        ({"people": (1, 5000)}, "People 1:5000"),
        ({"width": 5}, "Pictures of 5x160"),
        ({"height_px": (300, 20)}, "Heights of 300:20"),
        ({"height_px": (20, 9000)}, "Heights of 20:9000"),
        ({"people": (0, 0)}, "People 0:0"),
        ({"people": (60, 60), "height_px": (100, 140)}, "60 people of 100 px or more find no room"),
    ],
)
def test_impossible_wishes_are_one_sentence(wish: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        replace(SMALL, **wish)  # type: ignore[arg-type]
