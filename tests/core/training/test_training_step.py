"""One batch through network, selection and losses, against the whole paper written as one loop."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.data.loader import Batch, collate
from pandanet_core.data.sample import Sample
from pandanet_core.losses import LossSettings, LossWeights
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pictures import normalise
from pandanet_core.selection import SelectionRule, SelectionSettings
from pandanet_core.skeleton import JTA22
from pandanet_core.training.measures import summarise, tally
from pandanet_core.training.step import Objective, Portion, StepResult
from tests.core import brute_force
from tests.core.drawn_people import stick_people
from tests.core.random_network import ANCHORS, upright_network

ROWS = COLUMNS = 8
STRIDE = 8
RIGHT_WRIST, LEFT_KNEE, LEFT_ANKLE = (
    JTA22.joints.index(name) for name in ("right wrist", "left knee", "left ankle")
)


def samples() -> list[Sample]:
    """Two pictures of 64 px: three people of whom one is hidden, then two who overlap; joints are
    missing here and there and stick out of the picture, one person has no 3D pose."""
    rng = np.random.default_rng(3)
    first, second = stick_people(1, 3, 64, 64), stick_people(2, 2, 64, 64)
    first.occluded[1] = True
    shift = np.array([[14.0, 6.0], [10.0, -4.0]], np.float32)
    second.pose2d[:] += shift[:, None]
    second.boxes[:] += np.tile(shift, 2)
    varied = []
    for sample in (first, second):
        has_2d = rng.random(sample.occluded.shape) < 0.8
        has_3d = np.ones_like(has_2d)
        has_3d[0, [RIGHT_WRIST, LEFT_KNEE, LEFT_ANKLE]] = False
        varied.append(replace(sample, has_2d=has_2d, has_3d=has_3d))
    varied[1].has_3d[1] = False
    return varied


def run_step(
    network: PandaNet,
    weights: LossWeights,
    batch: Batch,
    selection: SelectionSettings | None = None,
) -> StepResult:
    """A whole batch at once, in float32."""
    objective = Objective(network, weights, selection or SelectionSettings(), bfloat16=False)
    positives = objective.positives(batch)
    result: StepResult = objective(batch, positives, Portion(1.0, len(positives)))
    return result


def measure(result: StepResult, batch: Batch, mean_pose3d: torch.Tensor) -> dict[str, float]:
    sums = tally(result, batch, mean_pose3d)
    return summarise({name: value.item() for name, value in sums.items()})


def loss_weights() -> LossWeights:
    torch.manual_seed(3)
    weights = LossWeights(3, 22, LossSettings())
    for parameter in weights.parameters():
        torch.nn.init.normal_(parameter, 0, 0.5)
    return weights.requires_grad_(False)


def paper(batch: Batch, maps: Any, rule: SelectionRule, weights: LossWeights) -> dict[str, Any]:
    """Eq. 1-15 over all pictures, anchors, cells and joints, with generalised IoU in the losses."""
    logits, box, pose2d, pose3d = maps
    lam = {name: value.exp().tolist() for name, value in weights.named_parameters()}
    sums = dict.fromkeys(("box", "pose2d", "pose3d"), 0.0)
    positives, quality, first = 0, {}, 0
    for b, boxes in enumerate(batch.people_boxes):
        matches = brute_force.match(boxes.tolist(), ANCHORS.tolist(), STRIDE, ROWS, COLUMNS)
        for a, i, j in np.argwhere(matches.pono > 0.5):
            positives += 1
            n = first + matches.person[a, i, j]
            anchor = brute_force.anchor_box(ANCHORS[a].tolist(), STRIDE, i, j)
            size = np.array([anchor[2] - anchor[0], anchor[3] - anchor[1]])
            centre = np.array([anchor[0] + anchor[2], anchor[1] + anchor[3]]) / 2
            predicted = brute_force.decode(box[b, a, :, i, j], anchor)
            true = boxes[matches.person[a, i, j]].tolist()
            sums["box"] += lam["anchor"][1][a] * (1 - brute_force.giou(predicted, true)) ** 2
            overlaps = []
            for k in range(22):
                dx, dy = (batch.pose2d[n, k].numpy() - centre) / size - pose2d[b, a, k, :, i, j]
                plain, general = brute_force.square_overlaps(dx, dy)
                if batch.has_2d[n, k]:
                    sums["pose2d"] += lam["joint"][0][a][k] * (1 - general) ** 2
                    if (batch.pose2d[n, k] >= 0).all() and (batch.pose2d[n, k] < 64).all():
                        overlaps.append(plain)
                if batch.has_3d[n, k]:
                    away = math.dist(batch.pose3d[n, k].tolist(), pose3d[b, a, k, :, i, j])
                    sums["pose3d"] += lam["joint"][1][a][k] * away
            overlap = {
                "none": 1.0,
                "box-aware": brute_force.iou(predicted, true),
                "pose-aware": float(np.mean(overlaps)) if overlaps else 1.0,
            }[rule]
            quality[b, a, i, j] = matches.pono[a, i, j] * overlap
        first += len(boxes)
    entropy = 0.0
    for at in np.ndindex(logits.shape):
        anchor = brute_force.anchor_box(ANCHORS[at[1]].tolist(), STRIDE, at[2], at[3])
        near = [brute_force.iou(other.tolist(), anchor) for other in batch.ignored_boxes[at[0]]]
        if at in quality or max(near, default=0) <= 0.35:
            score = 1 / (1 + math.exp(-logits[at]))
            right = score if quality.get(at, 0) > 0.5 else 1 - score
            entropy -= lam["anchor"][0][at[1]] * math.log(right)
    terms = {"classification": lam["task"][0] * entropy / logits.size,
             "box": lam["task"][1] * sums["box"] / positives,
             "pose2d": lam["task"][2] * sums["pose2d"] / (22 * positives),
             "pose3d": lam["task"][3] * sums["pose3d"] / (22 * positives)}  # fmt: skip
    details = (lam["anchor"][0], lam["anchor"][1], lam["joint"][0], lam["joint"][1])
    for name, task, detail in zip(terms, lam["task"], details, strict=True):
        terms[name] += math.log(1 / task) + float(np.mean(np.log(1 / np.array(detail))))
    return {"terms": terms, "quality": quality, "positives": positives}


@pytest.mark.parametrize("rule", ["none", "box-aware", "pose-aware"])
def test_the_four_losses_of_a_batch_are_the_papers(rule: SelectionRule) -> None:
    network, weights, batch = upright_network(seed=1), loss_weights(), collate(samples())
    assert len(batch.people_boxes[0]) == 2
    assert len(batch.ignored_boxes[0]) == 1
    assert (~batch.inside & batch.has_2d).any()
    features = network(normalise(batch.images))
    dense = [network.score_logits(features), *network.dense_outputs(features)]
    expected = paper(batch, [value.double().numpy() for value in dense], rule, weights)
    result = run_step(network, weights, batch, SelectionSettings(rule=rule))
    found = result.trace.positives
    at = zip(*(index.tolist() for index in (found.picture, found.anchor, found.row, found.column)),
             strict=True)  # fmt: skip
    quality = dict(zip(at, result.trace.quality.tolist(), strict=True))
    assert quality == pytest.approx(expected["quality"], rel=1e-4)
    selected = [value > 0.5 for value in expected["quality"].values()]
    assert len(set(selected)) == 2 or rule == "none"
    for name, value in expected["terms"].items():
        assert float(getattr(result.weighted, name)) == pytest.approx(value, rel=1e-4), name

    numbers = measure(result, batch, torch.zeros(22, 3))
    assert numbers["positives"] == expected["positives"]
    assert numbers["people"] == 4
    assert numbers["loss"] == pytest.approx(sum(expected["terms"].values()), rel=1e-4)
    assert numbers["selected_share"] == pytest.approx(np.mean(selected))


def test_an_error_in_mm_has_the_persons_true_size() -> None:
    network, batch = upright_network(seed=1), collate(samples())
    result = run_step(network, loss_weights(), batch)
    people = result.trace.positives.person.tolist()
    errors = [
        math.dist(result.outputs.pose3d[m, k].tolist(), batch.pose3d[n, k].tolist())
        * float(batch.scale_mm[n])
        for m, n in enumerate(people)
        for k in range(22)
        if batch.has_3d[n, k]
    ]
    assert 0 < len(errors) < 22 * len(people)
    numbers = measure(result, batch, batch.pose3d[0])
    assert numbers["mpjpe_mm"] == pytest.approx(np.mean(errors), rel=1e-4)
    constant = [
        math.dist(batch.pose3d[0, k].tolist(), batch.pose3d[n, k].tolist())
        * float(batch.scale_mm[n])
        for n in people
        for k in range(22)
        if batch.has_3d[n, k]
    ]
    assert numbers["mean_pose_mpjpe_mm"] == pytest.approx(np.mean(constant), rel=1e-4)
    known = batch.scale_mm[batch.has_3d.any(1)]
    assert len(known) == 3
    assert 3000 < float(known.min()) < float(known.max()) < 5000


def test_joints_that_are_not_annotated_change_nothing() -> None:
    network, weights, batch = upright_network(seed=1), loss_weights(), collate(samples())
    pose2d, pose3d = batch.pose2d.clone(), batch.pose3d.clone()
    pose2d[~batch.has_2d] += 1000
    pose3d[~batch.has_3d] -= 50
    other = replace(batch, pose2d=pose2d, pose3d=pose3d)
    first, second = (run_step(network, weights, which)
                     for which in (batch, other))  # fmt: skip
    assert torch.equal(first.weighted.total, second.weighted.total)
    assert torch.equal(first.trace.selected, second.trace.selected)


def test_a_batch_without_people_teaches_background_and_nothing_else() -> None:
    network = upright_network(seed=1).requires_grad_(True).train()
    batch = collate([stick_people(1, 0, 64, 64), stick_people(2, 0, 64, 64)])
    weights = LossWeights(3, 22, LossSettings())
    result = run_step(network, weights, batch)
    result.weighted.total.backward()
    assert result.weighted.classification.item() == pytest.approx(
        float(torch.nn.functional.softplus(logits_of(network, batch)).mean()), rel=1e-4
    )
    for term in ("box", "pose2d", "pose3d"):
        assert getattr(result.weighted, term).item() == 0
    assert network.score_out.weight.grad.abs().sum() > 0
    for parameter in network.parameters():
        assert parameter.grad is None or parameter.grad.isfinite().all()
    numbers = measure(result, batch, torch.zeros(22, 3))
    assert numbers["positives"] == numbers["people"] == numbers["mpjpe_mm"] == 0
    assert all(math.isfinite(value) for value in numbers.values())


def logits_of(network: Any, batch: Batch) -> torch.Tensor:
    with torch.no_grad():
        return network.score_logits(network(normalise(batch.images)))
