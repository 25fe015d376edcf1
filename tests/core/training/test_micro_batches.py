"""A batch in parts: the same pictures and people, and the gradient of the whole."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pandanet_core.data.loader import AugmentedBatches, Batch
from pandanet_core.training.distributed.ranks import ALONE
from pandanet_core.training.loop import add_gradients, take_step
from pandanet_core.training.micro_batches import split_batch
from pandanet_core.training.state import Training, begin
from tests.core.ranks_program import flat_gradient
from tests.core.small_training import few_steps, pictures


def prepared(**changed: Any) -> tuple[Training, Batch]:
    """A training whose norms see no batch, and seven pictures with nobody, one or two people."""
    config = few_steps(**changed)
    samples = [sample.people(slice(0, n % 3)) for n, sample in enumerate(pictures())]
    data = AugmentedBatches(samples, 7, config.augmentation, seed=0)
    training = begin(AugmentedBatches(pictures(), 4, config.augmentation, 0), config,
                     torch.device("cpu"))  # fmt: skip
    training.network.eval()
    return training, data[0]


@pytest.mark.parametrize("size", [1, 3, 7, 20, None])
def test_the_parts_of_a_batch_are_the_batch(size: int | None) -> None:
    _, batch = prepared()
    parts = split_batch(batch, size)
    assert [len(part.images) for part in parts[:-1]] == [size] * (len(parts) - 1)
    assert all(len(part.images) == len(part.people_boxes) for part in parts)
    assert all(len(part.pose2d) == sum(map(len, part.people_boxes)) for part in parts)
    for field in fields(Batch):
        pieces = [getattr(part, field.name) for part in parts]
        whole = getattr(batch, field.name)
        if isinstance(whole, tuple):
            joined: tuple[Any, ...] = sum(pieces, ())
            assert all(map(torch.equal, joined, whole))
            assert len(joined) == len(whole)
        else:
            assert torch.equal(torch.cat(pieces), whole)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_gradient_of_the_parts_is_the_gradient_of_the_batch(size: int) -> None:
    """Parts of different sizes, with people and without; N+ is that of the whole batch."""
    training, batch = prepared()
    people = [len(boxes) for boxes in batch.people_boxes]
    assert 0 in people
    assert max(people) == 2
    gradients, sums = [], []
    for micro_batch in (None, size):
        training.objective.zero_grad()
        sums.append(add_gradients(training, batch, few_steps(micro_batch=micro_batch), ALONE))
        gradients.append(flat_gradient(training.objective))
    assert float((gradients[1] - gradients[0]).norm() / gradients[0].norm()) < 1e-5
    for name, expected in sums[0].items():
        if name != "feature_spread":  # of each part for itself
            torch.testing.assert_close(sums[1][name], expected, rtol=1e-5, atol=1e-6)


def test_a_step_in_parts_logs_what_a_whole_step_logs(tmp_path: Path) -> None:
    numbers = []
    for micro_batch in (None, 2):
        training, batch = prepared()
        config = few_steps(micro_batch=micro_batch)
        numbers.append(take_step(training, batch, config, tmp_path))
    whole, parts = ({**each, "pose3d_feature_spread": 0} for each in numbers)
    assert parts == pytest.approx(whole, rel=1e-5)


def test_batch_norm_sees_one_part_at_a_time() -> None:
    training, batch = prepared()
    training.network.train()
    means = []
    for micro_batch in (None, 2):
        norm = training.network.lateral[0][1]
        norm.reset_running_stats()
        add_gradients(training, replace(batch), few_steps(micro_batch=micro_batch), ALONE)
        means.append((norm.running_mean.clone(), int(norm.num_batches_tracked)))
    assert [count for _, count in means] == [1, 4]
    assert not torch.allclose(means[0][0], means[1][0])
