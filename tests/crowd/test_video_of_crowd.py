"""A crowd video: real frames, a truth that fits them, and one-sentence errors from the command."""

import json
from pathlib import Path

import av
import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_core.camera import project
from pandanet_core.detections import read_table
from pandanet_core.skeleton import JTA22

pytestmark = pytest.mark.usefixtures("small_casts", "renderer")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("video")


def test_the_command_makes_a_video_whose_truth_fits(folder: Path) -> None:
    options = (
        "--seconds 0.8 --size 256x160 --people 3:4 --height-px 40:140 --split test --workers 1"
    )
    assert main(["crowd", str(folder / "out"), *options.split()]) == 0
    path = folder / "out" / "videos" / "test" / "seq_0.mp4"
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 25
    assert len(frames) == 20
    assert frames[0].shape == (160, 256, 3)
    assert np.abs(frames[0].astype(int) - frames[-1]).mean() > 0.3

    table = read_table(path.with_suffix(".parquet"))
    assert table.header.frame_count == 20
    assert table.header.frames_done == ((0, 20),)
    assert set(table.track_id) <= {1, 2, 3, 4}
    for frame in range(20):
        people = table.at(frame)
        assert len(set(table.track_ids_at(frame))) == len(people)
        np.testing.assert_allclose(
            project(people.pose3d_mm, table.header.camera), people.pose2d, atol=0.05
        )
        assert (people.scores == 1).all()
    for track in set(table.track_id):
        own = table.track_id == track
        steps = np.diff(table.root_mm[own], axis=0)[np.diff(table.frame[own]) == 1]
        assert (
            np.linalg.norm(steps, axis=1).max(initial=0) < 3000 / 25
        )  # nobody is faster than 3 m/s
        knee, hip = JTA22.index("left knee"), JTA22.index("left hip")
        pose = table.pose3d[own] * table.scale_mm[own, None, None]
        assert np.ptp(np.linalg.norm(pose[:, knee] - pose[:, hip], axis=1)) < 2


def test_a_moving_cameras_poses_bring_everybody_onto_one_ground(folder: Path) -> None:
    options = "--seconds 1.2 --size 256x160 --people 4:5 --height-px 60:140 --split test --seed 2"
    out = folder / "moving"
    wishes = "--camera moving --light night --workers 1"
    assert main(["crowd", str(out), *options.split(), *wishes.split()]) == 0
    rows, poses, cameras = (
        np.array(json.loads((out / kind / "test" / "seq_0.json").read_text()))
        for kind in ("annotations", "extrinsics", "cameras")
    )
    assert poses.shape == (30, 13)
    assert cameras.shape == (30, 5)
    turns, shifts = poses[:, 1:10].reshape(-1, 3, 3), poses[:, 10:]
    eyes = -np.einsum("fji,fj->fi", turns, shifts)
    turned = np.arccos(np.clip((np.einsum("fij,fij->f", turns, turns[:1]) - 1) / 2, -1, 1))
    assert np.ptp(eyes, axis=0).max() > 0.05 or turned.max() > 0.01
    joints = rows.reshape(-1, 22, 10)
    frames = joints[:, 0, 0].astype(int) - 1
    world = np.einsum("nji,nkj->nki", turns[frames], joints[..., 5:8] - shifts[frames][:, None])
    ankles = [JTA22.index("left ankle"), JTA22.index("right ankle")]
    lowest = world[:, ankles, 2].min(1)
    assert lowest.min() > 0.02
    assert lowest.max() < 0.3
    assert world[..., 2].max(1).min() > 0.7
    # Whoever stays stays in the world, whatever the camera does.
    for person in np.unique(joints[:, 0, 1]):
        own = world[joints[:, 0, 1] == person][:, JTA22.index("spine 4")]
        assert np.linalg.norm(np.diff(own, axis=0), axis=1).max(initial=0) < 0.2
    with av.open(str(out / "videos" / "test" / "seq_0.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.mean() < 90


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("", "either --pictures N or --seconds S"),
        ("--pictures 3 --seconds 2", "either --pictures N or --seconds S"),
        ("--pictures 0", "0 pictures cannot be made"),
        ("--seconds 0", "A video of 0 seconds"),
        ("--pictures 2 --size big", "--size big is not understood"),
        ("--pictures 2 --people 4", "--people 4 is not understood"),
        ("--pictures 2 --hdri /nowhere", "There is no folder /nowhere"),
        ("--pictures 2 --backgrounds /nowhere", "There is no folder /nowhere"),
        ("--pictures 2 --people 60:60 --room-m 2", "60 people find no room in a room of 2 m"),
        ("--pictures 2 --room-m 0.5", "A room of 0.5 m cannot be made"),
    ],
)
def test_wrong_use_is_one_sentence(
    options: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["crowd", str(folder / "wrong"), *options.split()]) == 2
    error = capsys.readouterr().err.strip()
    assert message in error
    assert "\n" not in error
    assert not (folder / "wrong").exists()
