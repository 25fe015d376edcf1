"""What is said when a batch does not fit into memory."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.errors import UserError
from pandanet_core.training.distributed.ranks import ALONE, Ranks
from pandanet_core.training.memory import (
    free_memory_bytes,
    largest_that_fits,
    refuse_what_cannot_fit,
)
from pandanet_core.training.rehearsal import (
    empty_pictures,
    kept_for_backward,
    seconds_a_picture,
    untrained_objective,
)
from pandanet_core.training.state import begin
from pandanet_core.training.step import Objective, StepResult
from tests.core.small_training import few_steps, pictures

ROOT = Path(__file__).parents[3]
CPU = torch.device("cpu")


def test_a_step_that_finds_no_memory_says_what_to_do() -> None:
    """A real process that may take 200 MB more, and pictures of 48 kB as numbers."""
    finished = subprocess.run(
        [sys.executable, "-m", "tests.core.memory_program", "8000", "200"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == (
        "8000 pictures at once do not fit into memory; 4000 may: add --micro-batch 4000 to keep "
        "the batch, or train with --batch-size 4000."
    )


class SmallDevice(Objective):
    """Raises what a full GPU raises, from so many pictures on."""

    most = 0

    def forward(self, batch: Any, *rest: Any) -> StepResult:
        if len(batch.images) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().forward(batch, *rest)


@pytest.mark.parametrize(("most", "found"), [(20, 16), (5, 4), (1, 1), (0, 0)])
def test_halves_are_tried_until_one_fits(most: int, found: int) -> None:
    config = few_steps()
    objective = untrained_objective(config, CPU)
    objective.__class__ = SmallDevice
    objective.most = most
    assert largest_that_fits(objective, empty_pictures(objective, config, 16), 16) == found
    assert all(parameter.grad is None for parameter in objective.parameters())


def test_a_batch_that_cannot_fit_is_refused_before_it_is_tried() -> None:
    config = replace(few_steps(), batch_size=24)
    objective = untrained_objective(config, CPU)
    kept = kept_for_backward(objective, config)
    refuse_what_cannot_fit(objective, config, ALONE, 25.0 * kept)
    with pytest.raises(
        UserError, match=r"24 pictures at once need more than .* about 7 fit: add --micro-batch 7 "
    ):
        refuse_what_cannot_fit(objective, config, ALONE, 10.0 * kept)
    refuse_what_cannot_fit(objective, replace(config, micro_batch=7), ALONE, 10.0 * kept)
    with pytest.raises(UserError, match="train a smaller network or on smaller crops"):
        refuse_what_cannot_fit(objective, config, ALONE, 1.0 * kept)

    four = Ranks(count=4, count_here=2)  # six pictures each, two processes share the memory
    refuse_what_cannot_fit(objective, config, four, 13.0 * kept)
    with pytest.raises(UserError, match=r"6 pictures at once.* about 3 fit.*--batch-size 12\."):
        refuse_what_cannot_fit(objective, config, four, 10.0 * kept)


def test_what_a_picture_keeps_grows_with_its_size_and_moves_no_statistic() -> None:
    config = few_steps()
    objective = untrained_objective(config, CPU)
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    small = kept_for_backward(objective, config)
    wide = replace(config, augmentation=replace(config.augmentation, width_px=256))
    assert kept_for_backward(objective, wide) == pytest.approx(4 * small, rel=0.05)
    assert all(torch.equal(before[name], value) for name, value in objective.state_dict().items())
    frozen = untrained_objective(config, CPU)
    frozen.network.backbone.freeze(4)
    assert kept_for_backward(frozen, config) < small / 2
    assert seconds_a_picture(objective, config) > 0


def test_a_rehearsal_keeps_no_stage_from_learning_that_the_training_does_not() -> None:
    """As pandanet train --recipe laptop --network small-repvgg --dry-run: no package has its weights,
    so all of it learns, and that takes memory."""
    config = few_steps(pretrained=True, frozen_stages=4)
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    trained = begin(data, config, CPU).network
    assert all(parameter.requires_grad for parameter in trained.parameters())
    rehearsed = untrained_objective(config, CPU).network
    assert all(parameter.requires_grad for parameter in rehearsed.parameters())


def test_free_memory_is_what_the_machine_and_the_container_leave(tmp_path: Path) -> None:
    """Files as Linux writes them."""
    assert free_memory_bytes(tmp_path) == float("inf")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text(
        "MemTotal:       24689468 kB\nMemAvailable:    1000 kB\nSwapFree:          24 kB\n"
        "HugePages_Total:       0\n"
    )
    assert free_memory_bytes(tmp_path) == 1024 * 1024
    group = tmp_path / "sys/fs/cgroup"
    group.mkdir(parents=True)
    (group / "memory.current").write_text("700000\n")
    (group / "memory.max").write_text("max\n")
    assert free_memory_bytes(tmp_path) == 1024 * 1024
    (group / "memory.max").write_text("1000000\n")
    (group / "memory.stat").write_text("anon 200000\ninactive_file 100000\n")
    assert free_memory_bytes(tmp_path) == 400_000
    assert 2**20 < free_memory_bytes() < 2**50
