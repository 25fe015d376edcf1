"""A GPU runs behind the CPU; whatever needs a number back from it waits. Once a batch is enough.

Tensors of the "meta" device have shapes and no numbers: an operation that needs a number, or that
mixes devices, is an error there. Code that asks for the device takes the same way on it as on CUDA.
"""

from contextlib import nullcontext
from dataclasses import fields
from typing import Any

import pytest
import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.data.loader import Batch, collate
from pandanet_core.losses import LossSettings, LossWeights
from pandanet_core.selection import PositiveAnchors, SelectionSettings, positive_anchors
from pandanet_core.selection.positive import _in_dense_maps
from pandanet_core.training.measures import tally
from pandanet_core.training.step import Objective, Portion
from tests.core.drawn_people import stick_people
from tests.core.random_network import ANCHORS, random_network
from tests.core.waits import Waits

META = torch.device("meta")


def on_meta(value: Any) -> Any:
    """The same structure with tensors that have no numbers."""
    if isinstance(value, Tensor):
        return value.to(META)
    if isinstance(value, tuple):
        return tuple(on_meta(part) for part in value)
    if isinstance(value, (AnchorGrid, Batch, PositiveAnchors)):
        parts = {field.name: on_meta(getattr(value, field.name)) for field in fields(value)}
        return type(value)(**parts)
    return value


def batch_with_hidden_people() -> Batch:
    people = stick_people(1, 3, 64, 64)
    people.occluded[1] = True
    batch = collate([people, stick_people(2, 2, 64, 64)])
    assert len(batch.ignored_boxes[0]) == 1
    return batch


def test_matching_waits_for_the_number_of_anchors_and_for_nothing_else() -> None:
    """Counted on the CPU, which goes through the same operations when it is told to."""
    batch = batch_with_hidden_people()
    grid = AnchorGrid(ANCHORS, 8, 8, 8)
    with Waits() as waits:
        *at, person, iou, pono, best = _in_dense_maps(batch.people_boxes, grid, 0.5)
    assert waits.found == ["nonzero"]
    found = positive_anchors(batch.people_boxes, grid, SelectionSettings())
    expected = (*found.at, found.person, found.iou, found.pono, found.best_iou)
    for value, wanted in zip((*at, person, iou, pono, best), expected, strict=True):
        assert torch.equal(value, wanted)


def test_the_rest_of_a_step_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forward, selection, losses, backward and the numbers for the log."""
    monkeypatch.setattr(torch, "autocast", lambda *_args, **_named: nullcontext())  # knows no meta
    batch = batch_with_hidden_people()
    network = random_network().train().requires_grad_(True)
    weights = LossWeights(len(ANCHORS), 22, LossSettings())
    positives = positive_anchors(batch.people_boxes, network.grid(64, 64), SelectionSettings())
    objective = Objective(network, weights, SelectionSettings(), bfloat16=False).to(META)
    result = objective(on_meta(batch), on_meta(positives), Portion(1.0, len(positives)))
    result.weighted.total.backward()
    assert network.pose3d_out.weight.grad is not None
    assert network.backbone.stages[0][0].weight.grad is not None
    sums = tally(result, on_meta(batch), torch.zeros(22, 3, device=META))
    assert {value.device for value in sums.values()} == {META}
    with pytest.raises((NotImplementedError, RuntimeError)):
        objective.positives(on_meta(batch))  # the one that does
