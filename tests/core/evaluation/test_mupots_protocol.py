"""MuPoTS-3D's official evaluation: cases computed by hand, loops, and files through the command."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_app.cli import main
from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.sample import root_relative
from pandanet_core.detections import Detections
from pandanet_core.evaluation.protocols.mupots import sequence_of
from pandanet_core.evaluation.protocols.mupots_errors import (
    MupotsTruth,
    match_joints,
    mupots_errors,
    with_true_bones,
)
from pandanet_core.skeleton import MUCO21, MUPOTS17, Skeleton
from tests.core.detection_tables import write_table
from tests.core.mupots_folder import poses, write_sequence

CHAIN = Skeleton("chain", ("pelvis", "knee", "ankle"), (-1, 0, 1), (0, 1, 2), root=(0,))


def test_bones_get_the_true_lengths_and_keep_their_directions() -> None:
    """The shin hangs on the lengthened thigh: its predicted direction is (3, 4) / 5."""
    predicted = np.array([[[0.0, 0, 0], [0, 2, 0], [3, 6, 0]]])
    truth = np.array([[[9.0, 9, 9], [9, 409, 9], [9, 709, 9]]])

    resized = with_true_bones(predicted, truth, CHAIN)

    np.testing.assert_allclose(resized, [[[0, 0, 0], [0, 400, 0], [180, 640, 0]]], atol=1e-9)


def test_one_near_joint_is_enough_and_more_are_better() -> None:
    """Nearer than 40 px in x and in y; the top of the head does not count."""
    truth = np.zeros((2, 17, 2)) + 500.0
    truth[1] += 1000
    found = np.full((3, 17, 2), 5000.0)
    found[0, 0] = truth[0, 0]
    found[1, 1] = truth[0, 1] + (39.9, -39.9)
    found[2, 1:3] = truth[0, 1:3] + (39.9, 39.9)
    found[2, 3] = truth[0, 3] + (40, 0)

    assert match_joints(truth, found).tolist() == [2, -1]
    assert match_joints(truth, found[:2]).tolist() == [1, -1]
    assert match_joints(truth, found[:1]).tolist() == [-1, -1]


def test_joints_at_nowhere_are_unknown() -> None:
    truth = np.full((1, 17, 2), 10.0)

    assert match_joints(truth, np.zeros((1, 17, 2))).tolist() == [-1]
    assert match_joints(truth, np.full((1, 17, 2), 0.1)).tolist() == [0]


def test_whoever_comes_first_has_the_first_choice() -> None:
    truth = np.full((2, 17, 2), 100.0)
    found = np.full((2, 17, 2), 110.0)
    found[0, 5:] = 500

    assert match_joints(truth, found).tolist() == [1, 0]
    assert match_joints(truth, found[:1]).tolist() == [0, -1]


def by_loops(
    truth2d: NDArray, truth3d: NDArray, found2d: NDArray, found3d: NDArray
) -> list[list[float] | None]:
    """What the official program does with the people of one picture, joint by joint: the errors of
    the 14 joints of each, None for those who were not matched."""
    parents = [1, 15, 1, 2, 3, 1, 5, 6, 14, 8, 9, 14, 11, 12, None, 14, 1]
    order = [15, 1, 0, 16, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    used: set[int] = set()
    errors: list[list[float] | None] = []
    for person in range(len(truth2d)):
        near = [0] * len(found2d)
        for other in range(len(found2d)):
            if other not in used:
                for joint in range(1, 14):
                    x, y = np.abs(truth2d[person, joint] - found2d[other, joint])
                    near[other] += bool(x < 40 and y < 40)
        if max(near, default=0) == 0:
            errors.append(None)
            continue
        chosen = near.index(max(near))
        used.add(chosen)
        true = [joint - truth3d[person][14] for joint in truth3d[person]]
        own = [joint - found3d[chosen][14] for joint in found3d[chosen]]
        mapped = list(own)
        for joint in order:
            bone = own[joint] - own[parents[joint]]
            length = np.linalg.norm(true[joint] - true[parents[joint]])
            mapped[joint] = mapped[parents[joint]] + bone * length / np.linalg.norm(bone)
        errors.append([float(np.linalg.norm(mapped[k] - true[k])) for k in range(14)])
    return errors


def test_errors_are_those_that_loops_find() -> None:
    rng = np.random.default_rng(0)
    seen = 0
    for _ in range(40):
        truth2d = rng.uniform(0, 400, (3, 17, 2))
        truth3d = rng.normal(size=(3, 17, 3)) * 300
        chosen = rng.integers(0, 3, rng.integers(0, 5))
        found2d = truth2d[chosen] + rng.normal(size=(len(chosen), 17, 2)) * 40
        found3d = truth3d[chosen] + rng.normal(size=(len(chosen), 17, 3)) * 100
        truth = MupotsTruth(truth2d, truth3d, np.zeros((3, 17), bool))

        errors = mupots_errors(truth, found2d, found3d * 7).errors_mm

        for ours, theirs in zip(errors, by_loops(truth2d, truth3d, found2d, found3d), strict=True):
            if theirs is None:
                assert np.isinf(ours).all()
            else:
                np.testing.assert_allclose(ours, theirs, rtol=1e-9)
                seen += 1
    assert seen > 40


@pytest.mark.parametrize(
    ("name", "number"),
    [("TS3/img_000012", 3), ("TS20/img_000000", 20), ("seq_3/4", 0), ("ATS3/1", 0)],
)
def test_sequences_of_names(name: str, number: int) -> None:
    assert sequence_of(name) == number


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sequences of 4 and 2 frames with two people each; one place is not valid."""
    folder = tmp_path_factory.mktemp("MultiPersonTestSet")
    write_sequence(folder / "TS1", poses(0, frames=4, people=2), invalid=(1, 0))
    write_sequence(folder / "TS12", poses(1, frames=2, people=2), invalid=None)
    return folder


def detections_of(folder: Path, sequence: str, off: int) -> list[Detections]:
    """Everybody of a sequence, frame by frame, in another size; 7 joints of the first person of
    every frame are far off, and the second one is missing from frame `off`."""
    samples = MupotsPictures(folder)
    found = []
    for index in range(len(samples)):
        sample = samples[index]
        frame = int(sample.name[-6:])
        if sample.name.startswith(f"{sequence}/"):
            sample = sample.people(sample.has_3d.all(1))
            pose3d, scale = root_relative(sample.pose3d_mm, MUPOTS17)
            pose3d[0, 2:8] *= -1
            people = Detections(
                boxes=sample.boxes,
                scores=np.full(len(sample), 0.9, np.float32),
                pose2d=sample.pose2d,
                pose3d=pose3d / 2,
                root_mm=sample.pose3d_mm[:, 14],
                scale_mm=scale,
            )
            found.append(people.take(np.arange(len(sample) - (frame == off))))
    return found


def evaluate(table: Path, folder: Path, report: Path, *more: str) -> int:
    arguments = ["evaluate", str(table), "--data", f"mupots:{folder}", "-o", str(report)]
    return main([*arguments, "--progress", "none", *more])


@pytest.mark.parametrize(
    ("protocol", "truth"), [("mupots", "univ_annot3"), ("mupots-annot3", "annot3")]
)
def test_the_command_measures_sequences_as_loops_do(
    protocol: str, truth: str, folder: Path, tmp_path: Path
) -> None:
    found = detections_of(folder, "TS1", off=2)
    table = write_table(tmp_path / "TS1.parquet", found, MUPOTS17, source="TS1", frame_count=4)

    assert evaluate(table, folder, tmp_path / "report", "--protocol", protocol) == 0

    samples = MupotsPictures(folder)
    errors: list[list[float] | None] = []
    for frame, people in enumerate(found):
        sample = samples[frame]
        valid = sample.has_3d.all(1)
        universal = samples.universal_pose3d_mm(frame)[valid]
        true = (universal if truth == "univ_annot3" else sample.pose3d_mm[valid]).astype(float)
        assert np.abs(universal - sample.pose3d_mm[valid]).max() > 50
        errors += by_loops(sample.pose2d[valid], true, people.pose2d, people.pose3d)
    assert len(errors) == 7  # two people in four frames, one of them not valid
    matched = [person for person in errors if person is not None]
    assert len(matched) == 6
    right = sum(error < 150 for person in matched for error in person)
    tables = {
        t["title"]: t["rows"] for t in json.loads((tmp_path / "report.json").read_text())["tables"]
    }
    row, mean, everybody = tables[f"MuPoTS-3D by sequence ({truth})"]
    assert row["sequence"] == "TS1"
    assert row["people"] == 7
    assert row["matched %"] == pytest.approx(100 * 6 / 7)
    assert row["3DPCK all %"] == pytest.approx(100 * right / (14 * 7), abs=1e-6)
    assert row["3DPCK matched %"] == pytest.approx(100 * right / (14 * 6), abs=1e-6)
    within = [np.mean(np.array(matched) < limit) for limit in range(0, 151, 5)]
    assert row["AUC matched %"] == pytest.approx(100 * np.mean(within), abs=1e-6)
    assert 20 < row["3DPCK matched %"] < 95
    assert mean["3DPCK all %"] == everybody["3DPCK all %"] == row["3DPCK all %"]
    assert row["MPJPE matched mm"] == pytest.approx(np.mean(matched), rel=1e-6)
    assert tables["Table 6: 3DPCK on MuPoTS-3D"][-1] == {
        "method": "measured here",
        "3DPCK all %": row["3DPCK all %"],
    }


def test_weights_with_hands_and_toes_are_measured_by_the_common_joints(
    folder: Path, tmp_path: Path
) -> None:
    found = detections_of(folder, "TS12", off=-1)
    muco = [
        Detections(
            boxes=people.boxes,
            scores=people.scores,
            pose2d=np.concatenate([people.pose2d, people.pose2d[:, :4] + 900], 1),
            pose3d=np.concatenate([people.pose3d, people.pose3d[:, :4] + 900], 1),
            root_mm=people.root_mm,
            scale_mm=people.scale_mm,
        )
        for people in found
    ]
    plain = write_table(tmp_path / "17.parquet", found, MUPOTS17, source="TS12", frame_count=2)
    handy = write_table(tmp_path / "21.parquet", muco, MUCO21, source="TS12", frame_count=2)

    assert evaluate(plain, folder, tmp_path / "plain") == evaluate(
        handy, folder, tmp_path / "handy"
    )

    ours, theirs = (
        json.loads((tmp_path / f"{name}.json").read_text())["tables"][1]["rows"]
        for name in ("plain", "handy")
    )
    assert ours == theirs
    assert ours[0]["sequence"] == "TS12"
    assert ours[0]["people"] == 4
    assert 20 < ours[0]["3DPCK all %"] < 95
