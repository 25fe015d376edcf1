"""MuPoTS-3D: its nested MATLAB files, and the camera that they keep to themselves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from pandanet_core.data.mupots import MupotsPictures
from pandanet_core.data.mupots.intrinsics import fit_intrinsics
from pandanet_core.data.sample import visible_people
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUPOTS17
from tests.core.mupots_folder import (
    MATRIX,
    cells,
    person,
    poses,
    seen_by_opencv,
    write_mats,
    write_sequence,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """TS2 of three frames, TS10 of one; two people each, the second of TS2's frame 1 not valid."""
    write_sequence(tmp_path / "TS2", poses(0, 3, 2), (1, 1))
    write_sequence(tmp_path / "TS10", poses(1, 1, 2), None)
    return tmp_path


def test_what_was_written_is_read_back(folder: Path) -> None:
    pictures = MupotsPictures(folder)
    assert [pictures[index].name for index in range(len(pictures))] == [
        "TS2/img_000000",
        "TS2/img_000001",
        "TS2/img_000002",
        "TS10/img_000000",
    ]
    truth = poses(0, 3, 2)
    for frame in (0, 2):
        sample = pictures[frame]
        assert sample.skeleton is MUPOTS17
        assert abs(int(sample.image.mean()) - 40 * frame) < 3
        np.testing.assert_allclose(sample.pose3d_mm, truth[frame], rtol=1e-5)
        np.testing.assert_allclose(sample.pose2d, seen_by_opencv(truth[frame]), atol=1e-3)
        np.testing.assert_allclose(
            pictures.universal_pose3d_mm(frame), truth[frame] * 0.9, rtol=1e-5
        )
        assert sample.has_2d.all()
        assert sample.has_3d.all()
        assert np.flatnonzero(sample.occluded.all(0)).tolist() == [4]
        assert sample.occluded.sum() == 2


def test_the_camera_is_the_one_that_took_the_pictures(folder: Path) -> None:
    pictures = MupotsPictures(folder)
    for index in range(len(pictures)):
        camera = pictures[index].camera
        assert (camera.fx, camera.fy) == pytest.approx((MATRIX[0, 0], MATRIX[1, 1]), rel=1e-6)
        assert (camera.cx, camera.cy) == pytest.approx((MATRIX[0, 2], MATRIX[1, 2]), rel=1e-6)
        assert (camera.width, camera.height) == (64, 64)


@given(
    focal=st.floats(400, 3000),
    centre=st.floats(200, 1200),
    noise_px=st.floats(0, 3),
    seed=st.integers(0, 1000),
)
def test_a_camera_is_found_as_least_squares_finds_it(
    focal: float, centre: float, noise_px: float, seed: int
) -> None:
    """Against NumPy's solver on the whole system of equations at once, for any camera and noise."""
    random = np.random.default_rng(seed)
    points = random.uniform((-2000, -1000, 2000), (2000, 1000, 8000), (200, 3))
    seen = points[:, :2] / points[:, 2:] * (focal, focal * 1.01) + (centre, centre * 0.6)
    seen += random.normal(0, noise_px, seen.shape) if noise_px else 0
    found = fit_intrinsics(seen, points)
    assert found is not None
    design = np.zeros((400, 4))
    design[0::2, 0], design[1::2, 1] = points[:, 0] / points[:, 2], points[:, 1] / points[:, 2]
    design[0::2, 2] = design[1::2, 3] = 1
    solution, *_ = np.linalg.lstsq(design, seen.ravel(), rcond=None)
    np.testing.assert_allclose([found.fx, found.fy, found.cx, found.cy], solution, rtol=1e-6)
    error = np.sqrt(((design @ solution - seen.ravel()) ** 2).sum() / 200)
    assert found.error_px == pytest.approx(error, abs=1e-6)
    assert found.fx == pytest.approx(focal, abs=12 * noise_px + 1e-6)


def test_points_that_do_not_tell_the_camera_give_none() -> None:
    points = poses(0, 1, 1).reshape(-1, 3)
    seen = seen_by_opencv(points)
    assert fit_intrinsics(seen, points) is not None
    assert fit_intrinsics(seen[:7], points[:7]) is None
    assert fit_intrinsics(seen, points * (1, 1, -1)) is None
    assert fit_intrinsics(seen, points * (0.001, 1, 1)) is None
    assert fit_intrinsics(-seen, points) is None


def test_people_whose_annotation_is_not_valid_are_regions_to_ignore(folder: Path) -> None:
    sample = MupotsPictures(folder)[1]
    assert len(sample) == 2
    assert sample.has_2d[0].all()
    assert not sample.has_2d[1].any()
    assert not sample.has_3d[1].any()
    assert not sample.pose3d_mm[1].any()
    assert visible_people(sample)[1] == np.False_
    seen = seen_by_opencv(poses(0, 3, 2)[1, 1])
    assert (sample.boxes[1, :2] < seen.min(0)).all()
    assert (sample.boxes[1, 2:] > seen.max(0)).all()


def change_person(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """Rewrite annot.mat of TS2 with the first person of frame 2 changed."""

    def rewrite(sequence: Path) -> None:
        truth = poses(0, 3, 2)
        rows = [[person(p, seen_by_opencv(p)) for p in frame] for frame in truth]
        change(rows[2][0])
        scipy.io.savemat(sequence / "annot.mat", {"annotations": cells(rows)})

    return rewrite


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda s: (s / "annot.mat").unlink(), r"annot.mat is missing; take it from"),
        (lambda s: (s / "occlusion.mat").unlink(), r"occlusion.mat is missing; take it from"),
        (lambda s: (s / "annot.mat").write_bytes(b""), r"annot.mat is not a MATLAB file"),
        (lambda s: (s / "annot.mat").write_bytes(b"x" * 300), r"annot.mat is not a MATLAB file"),
        (
            lambda s: (s / "annot.mat").write_bytes((s / "annot.mat").read_bytes()[:2000]),
            r"annot.mat is not a MATLAB file with the cell array annotations",
        ),
        (
            lambda s: scipy.io.savemat(s / "annot.mat", {"annotations": np.eye(3)}),
            r"annot.mat is not a MATLAB file with the cell array annotations",
        ),
        (
            lambda s: scipy.io.savemat(
                s / "occlusion.mat", {"occlusion_labels": cells([[np.zeros((1, 17))]])}
            ),
            r"occlusion.mat is not for the frames and people of annot.mat",
        ),
        (
            change_person(lambda p: p.pop("annot3")),
            r"annot.mat has no annot3 of 3x17 finite numbers for person 0 in frame 2\.",
        ),
        (
            change_person(lambda p: p.update(annot2=p["annot2"][:, :16])),
            r"annot.mat has no annot2 of 2x17 finite numbers for person 0 in frame 2\.",
        ),
        (
            change_person(lambda p: p.update(univ_annot3=np.full((3, 17), np.nan))),
            r"annot.mat has no univ_annot3 of 3x17 finite numbers for person 0 in frame 2\.",
        ),
        (
            change_person(lambda p: p.update(annot2=p["annot2"] + 300)),
            r"annot.mat has 2D and 3D joints that differ by \d+\.\d px in any pinhole camera",
        ),
        (lambda s: (s / "img_000001.jpg").unlink(), r"img_000001.jpg is missing\."),
        (
            lambda s: [file.unlink() for file in s.glob("*.jpg")],
            r"img_000000.jpg is missing, and so are 2 more\.",
        ),
    ],
)
def test_damage_is_named(folder: Path, damage: Callable[[Path], Any], sentence: str) -> None:
    damage(folder / "TS2")
    with pytest.raises(UserError, match=sentence):
        MupotsPictures(folder)
    told: list[str] = []
    pictures = MupotsPictures(folder, report=lambda file, reason: told.append(f"{file} {reason}."))
    assert len(told) == 1
    assert pictures[len(pictures) - 1].name == "TS10/img_000000"


def test_nobody_valid_leaves_the_camera_unknown(folder: Path) -> None:
    pose = poses(0, 1, 1)[0, 0]
    write_mats(
        folder / "TS2", [[person(pose, seen_by_opencv(pose), valid=False)]], [[np.zeros((1, 17))]]
    )
    with pytest.raises(UserError, match="too few valid people to tell the camera from"):
        MupotsPictures(folder)


def test_a_wrong_folder_and_a_wrong_split_are_refused(folder: Path) -> None:
    with pytest.raises(UserError, match=r"expected TS1/annot.mat, .* found annot.mat, "):
        MupotsPictures(folder / "TS2")
    with pytest.raises(UserError, match="it has no split train, only test"):
        MupotsPictures(folder, "train")


def test_a_damaged_picture_is_named(folder: Path) -> None:
    file = folder / "TS2/img_000000.jpg"
    assert cv2.imread(str(file)) is not None
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(UserError, match=r"img_000000.jpg is no picture that can be read"):
        MupotsPictures(folder)[0]
