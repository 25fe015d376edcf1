"""What a training leaves for those who watch it: λ and traces of the same few pictures."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pandanet_core.errors import UserError
from pandanet_core.lab.fate import count_fates
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.places import probe_path, probes_of
from pandanet_core.lab.lambda_history import LAMBDA_FILE
from pandanet_core.lab.lambda_reader import read_lambda_history
from pandanet_core.training.loop import train
from pandanet_core.training.run_folder.lambdas import opened_lambdas
from pandanet_core.weights import load_weights
from tests.core.small_training import few_steps, pictures
from tests.full_disk import small_disk

SKELETON, ANCHORS = "coco17", torch.tensor([[10.0, 20.0], [30.5, 60.25]])


def run_steps(run: Path, steps: int, resume: bool = False, every: int | None = 3) -> None:
    config = replace(few_steps(), steps=steps, probe_every_steps=every)
    train(run, pictures(), config, resume, lambda numbers: None, lambda: False)


def test_probes_are_the_same_pictures_every_so_many_steps(tmp_path: Path) -> None:
    run_steps(tmp_path, 7)
    run_steps(tmp_path, 9, resume=True)

    steps = [3, 6, 7, 9]
    expected = [probe_path(tmp_path, step, picture) for step in steps for picture in (0, 1)]
    assert list(probes_of(tmp_path)) == expected
    opened = [open_trace(path) for path in expected]
    assert [trace.header.origin.steps for trace in opened] == [s for s in steps for _ in (0, 1)]
    for first, later in zip(opened[:2] * 3, opened[2:], strict=True):
        np.testing.assert_array_equal(first.picture, later.picture)
        np.testing.assert_array_equal(first.truth.boxes, later.truth.boxes)
    for stored in opened:
        assert count_fates(stored.trace().fates).total() == len(stored.truth) == 2
    last = load_weights(tmp_path / "weights.safetensors").network
    np.testing.assert_allclose(last.anchors, opened[-1].maps.grid.sizes)


def test_probes_change_nothing_that_is_learned(tmp_path: Path) -> None:
    run_steps(tmp_path / "with", 4, every=1)
    run_steps(tmp_path / "without", 4, every=None)

    assert not probes_of(tmp_path / "without")
    assert len(probes_of(tmp_path / "with")) == 8
    ours, theirs = (
        load_weights(tmp_path / name / "weights.safetensors").network.state_dict()
        for name in ("with", "without")
    )
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


TRAIN = """
import sys
from dataclasses import replace
from pathlib import Path
import torch
from pandanet_core.training.loop import train
from tests.core.small_training import few_steps, pictures
torch.set_num_threads(1)
config = replace(few_steps(), steps=10**6, probe_every_steps=1)
train(Path(sys.argv[1]), pictures(), config, False, lambda numbers: None, lambda: False)
"""


def test_a_killed_training_leaves_whole_traces(tmp_path: Path) -> None:
    run = tmp_path / "run"
    program = subprocess.Popen([sys.executable, "-c", TRAIN, str(run)])
    try:
        while len(probes_of(run)) < 5:
            assert program.poll() is None
            time.sleep(0.02)
    finally:
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
    assert all(open_trace(path).trace() for path in probes_of(run))
    assert read_lambda_history(run).steps.tolist() == [0]


def entry(seed: int) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    shapes = {"task": (4,), "anchor": (2, 2), "joint": (2, 2, 17)}
    return {name: torch.randn(shape, generator=random) for name, shape in shapes.items()}


def test_the_lambdas_of_a_run_are_read_as_they_were(tmp_path: Path) -> None:
    with opened_lambdas(tmp_path, 0, ANCHORS, SKELETON, entry(0), []) as keep:
        for point in (1, 2, 3):
            keep(100 * point, entry(point))

    history = read_lambda_history(tmp_path)

    assert history.steps.tolist() == [0, 100, 200, 300]
    np.testing.assert_array_equal(history.anchor_sizes_px, ANCHORS)
    for point in range(4):
        logs = entry(point)
        np.testing.assert_allclose(np.log(history.task[point]), logs["task"], atol=1e-4)
        np.testing.assert_allclose(np.log(history.anchor_cls[point]), logs["anchor"][0], atol=1e-4)
        np.testing.assert_allclose(np.log(history.anchor_loc[point]), logs["anchor"][1], atol=1e-4)
        np.testing.assert_allclose(np.log(history.joint_2d[point]), logs["joint"][0], atol=1e-4)
        np.testing.assert_allclose(np.log(history.joint_3d[point]), logs["joint"][1], atol=1e-4)


def test_steps_that_were_lost_are_forgotten(tmp_path: Path) -> None:
    with opened_lambdas(tmp_path, 0, ANCHORS, SKELETON, entry(0), []) as keep:
        for point in (1, 2, 3):
            keep(100 * point, entry(point))
    file = tmp_path / LAMBDA_FILE
    file.write_bytes(file.read_bytes() + b'{"step":350,"task":[1')

    with opened_lambdas(tmp_path, 250, ANCHORS, SKELETON, entry(9), []) as keep:
        keep(300, entry(7))

    history = read_lambda_history(tmp_path)
    assert history.steps.tolist() == [0, 100, 200, 300]
    np.testing.assert_allclose(np.log(history.task[3]), entry(7)["task"], atol=1e-4)


def test_runs_of_older_versions_get_the_history_of_their_checkpoint(tmp_path: Path) -> None:
    history = [{name: log.half() for name, log in entry(n).items()} for n in (1, 2)]
    with opened_lambdas(tmp_path, 250, ANCHORS, SKELETON, entry(9), history):
        pass

    read = read_lambda_history(tmp_path)

    assert read.steps.tolist() == [100, 200]
    np.testing.assert_allclose(np.log(read.task[1]), entry(2)["task"], atol=2e-3)


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    def keep_many(run: Path) -> None:
        with opened_lambdas(run, 0, ANCHORS, SKELETON, entry(0), []) as keep:
            for point in range(1, 100):
                keep(100 * point, entry(point))

    with small_disk(tmp_path / "disk", 4096) as run, pytest.raises(UserError, match="disk is full"):
        keep_many(run)
