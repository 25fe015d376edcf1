"""The losses and their λ against the equations summed term by term, and their own optimum."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from pandanet_core.losses import (
    AnchorLosses,
    LossSettings,
    LossWeights,
    WeightedLosses,
    box_loss,
    classification_loss,
    pose2d_loss,
    pose3d_loss,
    weigh,
)
from tests.core import brute_force

B, A, H, W, K = 2, 3, 4, 5, 6
TERMS = ("classification", "box", "pose2d", "pose3d")


def random_losses(positives: int, seed: int = 0) -> tuple[AnchorLosses, Tensor]:
    """Unweighted losses in double precision, and the kind of anchor of each positive."""
    rng = np.random.default_rng(seed)
    sizes = {"classification": (B, A, H, W), "box": (positives,), "pose2d": (positives, K)}
    sizes |= {"pose3d": (positives, K), "box_overlap": (positives,)}
    sizes |= {"joint_overlap": (positives, K)}
    losses = {name: torch.from_numpy(rng.exponential(size=size)) for name, size in sizes.items()}
    return AnchorLosses(**losses), torch.from_numpy(rng.integers(0, A, positives))


def random_weights(seed: int = 1) -> LossWeights:
    torch.manual_seed(seed)
    weights = LossWeights(A, K, LossSettings()).double()
    for parameter in weights.parameters():
        torch.nn.init.normal_(parameter, 0, 0.7)
    return weights


def written_out(losses: AnchorLosses, anchor: Tensor, weights: LossWeights) -> dict[str, float]:
    """Eq. 11-14 as sums over pictures, cells, anchors and joints; λ = exp(s)."""
    lam = [math.exp(s) for s in weights.task.tolist()]
    lam_anchor = np.exp(weights.anchor.detach().numpy())
    lam_joint = np.exp(weights.joint.detach().numpy())
    count = max(len(anchor), 1)
    terms = dict.fromkeys(TERMS, 0.0)
    for b, a, i, j in np.ndindex(B, A, H, W):
        loss = float(losses.classification[b, a, i, j])
        terms["classification"] += lam[0] / (B * H * W * A) * lam_anchor[0, a] * loss
    for m, a in enumerate(anchor.tolist()):
        terms["box"] += lam[1] / count * lam_anchor[1, a] * float(losses.box[m])
        for k in range(K):
            for task, name in ((2, "pose2d"), (3, "pose3d")):
                loss = float(getattr(losses, name)[m, k])
                terms[name] += lam[task] / (K * count) * lam_joint[task - 2, a, k] * loss
    for task, name in enumerate(TERMS):
        terms[name] += math.log(1 / lam[task])
    for a in range(A):
        terms["classification"] += math.log(1 / lam_anchor[0, a]) / A
        terms["box"] += math.log(1 / lam_anchor[1, a]) / A
        for k in range(K):
            terms["pose2d"] += math.log(1 / lam_joint[0, a, k]) / (K * A)
            terms["pose3d"] += math.log(1 / lam_joint[1, a, k]) / (K * A)
    return terms


def weighed(losses: AnchorLosses, anchor: Tensor, weights: LossWeights) -> WeightedLosses:
    return weigh(losses, anchor, weights, torch.tensor(max(len(anchor), 1)))


@pytest.mark.parametrize("positives", [0, 1, 11])
def test_every_lambda_weighs_as_the_equations_say(positives: int) -> None:
    losses, anchor = random_losses(positives)
    weights = random_weights()
    expected = written_out(losses, anchor, weights)
    with torch.no_grad():
        found = weighed(losses, anchor, weights)
    for name in TERMS:
        assert float(getattr(found, name)) == pytest.approx(expected[name], rel=1e-12), name
    assert float(found.total) == pytest.approx(sum(expected.values()), rel=1e-12)


def test_a_fresh_set_of_lambdas_weighs_nothing() -> None:
    losses, anchor = random_losses(11)
    with torch.no_grad():
        found = weighed(losses, anchor, LossWeights(A, K, LossSettings()).double())
    assert float(found.classification) == pytest.approx(float(losses.classification.mean()))
    for name in ("box", "pose2d", "pose3d"):
        assert float(getattr(found, name)) == pytest.approx(float(getattr(losses, name).mean()))


def test_gradients_of_the_weighed_losses_agree_with_differences() -> None:
    """With respect to every λ and to every loss that goes in."""
    losses, anchor = random_losses(7)
    weights = random_weights()
    parameters = dict(weights.named_parameters())

    def total(*values: Tensor) -> Tensor:
        changed = replace(losses, **dict(zip(TERMS, values[3:], strict=True)))
        lambdas = {f"weights.{n}": v for n, v in zip(parameters, values[:3], strict=True)}
        return torch.func.functional_call(Total(weights, changed, anchor), lambdas, ())

    inputs = [*parameters.values(), *(getattr(losses, name) for name in TERMS)]
    assert torch.autograd.gradcheck(total, [value.detach().requires_grad_() for value in inputs])


class Total(torch.nn.Module):
    """L_total as a function of the λ, as gradcheck wants it."""

    def __init__(self, weights: LossWeights, losses: AnchorLosses, anchor: Tensor) -> None:
        super().__init__()
        self.weights, self.losses, self.anchor = weights, losses, anchor

    def forward(self) -> Tensor:
        return weighed(self.losses, self.anchor, self.weights).total


def minimise_over_lambdas(weights: LossWeights, losses: AnchorLosses, anchor: Tensor) -> None:
    free = [parameter for parameter in weights.parameters() if parameter.requires_grad]
    optimiser = torch.optim.LBFGS(free, max_iter=200, line_search_fn="strong_wolfe",
                                  tolerance_grad=1e-12, tolerance_change=1e-15)  # fmt: skip

    def closure() -> Tensor:
        optimiser.zero_grad()
        total = weighed(losses, anchor, weights).total
        total.backward()
        return total

    optimiser.step(closure)


EVERYWHERE = {"classification": 0.02, "box": 0.3, "pose2d": 1.7, "pose3d": 5.0}


def constant_losses(positives: int) -> AnchorLosses:
    return AnchorLosses(
        torch.full((B, A, H, W), EVERYWHERE["classification"], dtype=torch.float64),
        torch.full((positives,), EVERYWHERE["box"], dtype=torch.float64),
        torch.full((positives, K), EVERYWHERE["pose2d"], dtype=torch.float64),
        torch.full((positives, K), EVERYWHERE["pose3d"], dtype=torch.float64),
        torch.zeros(0),
        torch.zeros(0),
    )


@pytest.mark.parametrize("learned", list(product([False, True], repeat=3)))
def test_the_best_lambda_of_a_constant_loss_is_one_over_it(
    learned: tuple[bool, bool, bool],
) -> None:
    """d/dλ (λ L - log λ) = 0 at λ = 1 / L; found here by minimising over the λ alone.

    Where a term has two λ, of the task and of anchors or joints, it is their product that counts;
    where none is learned, both stay 1.
    """
    task, by_anchor, by_joint = learned
    settings = LossSettings(learn_task=task, learn_anchor=by_anchor, learn_joint=by_joint)
    weights = LossWeights(A, K, settings).double()
    anchor = torch.arange(A).repeat(4)  # every kind equally often
    if any(learned):
        minimise_over_lambdas(weights, constant_losses(len(anchor)), anchor)
    details = [*weights.anchor.detach().exp(), *weights.joint.detach().exp()]
    switches = (by_anchor, by_anchor, by_joint, by_joint)
    for name, of_task, detail, switch in zip(
        TERMS, weights.task.detach().exp(), details, switches, strict=True
    ):
        wanted = 1 / EVERYWHERE[name] if task or switch else 1
        assert (of_task * detail).flatten().tolist() == pytest.approx(
            [wanted] * detail.numel(), rel=1e-5
        )
        assert float(of_task) == 1 or task
        assert detail.unique().tolist() == [1] or switch


def test_the_best_lambda_of_an_anchor_grows_with_its_rarity_and_falls_with_its_loss() -> None:
    """d/ds_a (λ_a S_a / N+ - s_a / N_A) = 0 at λ_a = N+ / (N_A S_a), with S_a the sum over the
    anchors of kind a: one over the loss it contributes, whatever the others do."""
    losses, _ = random_losses(12)
    anchor = torch.tensor([0] * 8 + [1] * 3 + [2])
    settings = LossSettings(learn_task=False, learn_anchor=True, learn_joint=True)
    weights = LossWeights(A, K, settings).double()
    minimise_over_lambdas(weights, losses, anchor)
    for a in range(A):
        box = sum(float(loss) for loss, kind in zip(losses.box, anchor, strict=True) if kind == a)
        assert float(weights.anchor[1, a].detach().exp()) == pytest.approx(12 / (A * box), rel=1e-5)
        for k in range(K):
            joint = sum(float(losses.pose3d[m, k]) for m in range(12) if anchor[m] == a)
            assert float(weights.joint[1, a, k].detach().exp()) == pytest.approx(
                12 / (A * joint), rel=1e-5
            )


def test_the_trainings_optimiser_finds_the_best_lambdas_too() -> None:
    """The paper's SGD with the projection after each step; one λ's optimum lies out of bounds."""
    weights = LossWeights(A, K, LossSettings(learn_anchor=False, learn_joint=False)).double()
    losses, anchor = constant_losses(A), torch.arange(A)
    losses = replace(losses, box=losses.box * 1e-9)
    optimiser = torch.optim.SGD(weights.parameters(), 0.05, momentum=0.9)
    for _ in range(600):
        optimiser.zero_grad()
        weighed(losses, anchor, weights).total.backward()
        optimiser.step()
        weights.project()
    wanted = [1 / EVERYWHERE[name] for name in TERMS]
    wanted[1] = math.exp(10)  # instead of 3e9
    assert weights.task.detach().exp().tolist() == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("learned", ["task", "anchor", "joint", ""])
def test_a_switch_frees_its_own_lambda_and_no_other(learned: str) -> None:
    switches = {f"learn_{name}": name == learned for name in ("task", "anchor", "joint")}
    weights = LossWeights(A, K, LossSettings(**switches)).double()
    losses, anchor = random_losses(9)
    trunk = torch.ones((), dtype=torch.float64, requires_grad=True)
    weighed(replace(losses, box=losses.box * trunk), anchor, weights).total.backward()
    for name, parameter in weights.named_parameters():
        assert parameter.requires_grad == (name == learned)
        assert (parameter.grad is not None and bool(parameter.grad.any())) == (name == learned)
    assert trunk.grad is not None


def test_projection_brings_lambdas_back_into_their_bounds() -> None:
    weights = LossWeights(A, K, LossSettings(task_bound=10, detail_bound=2))
    start = {"task": [-30.0, -10, 0.5, 12], "anchor": [3.0] * A, "joint": [-2.5] * K}
    with torch.no_grad():
        for name, values in start.items():
            getattr(weights, name).copy_(torch.tensor(values))
    weights.project()
    assert weights.task.tolist() == [-10, -10, 0.5, 10]
    assert weights.anchor.unique().tolist() == [2]
    assert weights.joint.unique().tolist() == [-2]
    free = LossWeights(A, K, LossSettings(task_bound=None, detail_bound=None))
    with torch.no_grad():
        free.task.fill_(99)
        free.joint.fill_(-99)
    free.project()
    assert free.task.unique().tolist() == [99]
    assert free.joint.unique().tolist() == [-99]


@pytest.mark.parametrize("generalised", [False, True])
def test_box_and_pose2d_losses_are_squared_missing_overlaps(generalised: bool) -> None:
    """Eq. 5 and 7, joint by joint."""
    rng = np.random.default_rng(2)
    low = rng.uniform(0, 30, (2, 20, 2))
    predicted, true = np.concatenate([low, low + rng.uniform(2, 40, (2, 20, 2))], 2)
    loss, overlap = box_loss(torch.from_numpy(predicted), torch.from_numpy(true), generalised)
    for m in range(20):
        plain = brute_force.iou(predicted[m], true[m])
        used = brute_force.giou(predicted[m], true[m]) if generalised else plain
        assert float(loss[m]) == pytest.approx((1 - used) ** 2)
        assert float(overlap[m]) == pytest.approx(plain)

    joints = torch.from_numpy(rng.normal(size=(2, 20, K, 2)) * 0.6)
    annotated = torch.from_numpy(rng.random((20, K)) < 0.6)
    loss, overlap = pose2d_loss(joints[0], joints[1], annotated, generalised)
    for m, k in np.ndindex(20, K):
        dx, dy = (joints[0] - joints[1])[m, k].tolist()
        plain, general = brute_force.square_overlaps(dx, dy)
        wanted = (1 - (general if generalised else plain)) ** 2 if annotated[m, k] else 0
        assert float(loss[m, k]) == pytest.approx(wanted)
        assert float(overlap[m, k]) == pytest.approx(plain if annotated[m, k] else 0)


def test_pose3d_loss_is_the_distance_of_annotated_joints() -> None:
    """Eq. 8."""
    rng = np.random.default_rng(3)
    predicted, true = torch.from_numpy(rng.normal(size=(2, 9, K, 3)))
    annotated = torch.from_numpy(rng.random((9, K)) < 0.6)
    loss = pose3d_loss(predicted, true, annotated)
    for m, k in np.ndindex(9, K):
        distance = math.dist(predicted[m, k].tolist(), true[m, k].tolist())
        assert float(loss[m, k]) == pytest.approx(distance if annotated[m, k] else 0)


def test_classification_loss_is_the_cross_entropy_of_every_anchor_that_is_judged() -> None:
    """Eq. 10."""
    rng = np.random.default_rng(4)
    logits = torch.from_numpy(rng.normal(size=(B, A, H, W)) * 3)
    labels = torch.from_numpy((rng.random((B, A, H, W)) < 0.2).astype(float))
    ignored = torch.from_numpy(rng.random((B, A, H, W)) < 0.3)
    loss = classification_loss(logits, labels, ignored)
    for at in np.ndindex(B, A, H, W):
        score = 1 / (1 + math.exp(-float(logits[at])))
        wanted = -math.log(score) if labels[at] else -math.log(1 - score)
        assert float(loss[at]) == pytest.approx(0 if ignored[at] else wanted)


def test_gradients_of_the_losses_agree_with_differences() -> None:
    rng = np.random.default_rng(5)
    low = rng.uniform(0, 30, (2, 6, 2))
    boxes = torch.from_numpy(np.concatenate([low, low + rng.uniform(5, 40, (2, 6, 2))], 2))
    joints2d = torch.from_numpy(rng.normal(size=(2, 6, K, 2)))
    joints3d = torch.from_numpy(rng.normal(size=(2, 6, K, 3)))
    annotated = torch.from_numpy(rng.random((6, K)) < 0.7)
    logits = torch.from_numpy(rng.normal(size=(1, A, 2, 2)))
    labels, ignored = (logits > 0.5).double(), logits < -1
    check = torch.autograd.gradcheck
    for form in (False, True):
        assert check(lambda b, f=form: box_loss(b, boxes[1], f)[0], (boxes[0].requires_grad_(),))
        assert check(
            lambda p, f=form: pose2d_loss(p, joints2d[1], annotated, f)[0],
            (joints2d[0].requires_grad_(),),
        )
    assert check(lambda p: pose3d_loss(p, joints3d[1], annotated), (joints3d[0].requires_grad_(),))
    assert check(lambda s: classification_loss(s, labels, ignored), (logits.requires_grad_(),))
