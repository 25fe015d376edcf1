"""Losses and their gradients stay finite, and what is not annotated teaches nothing."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from pandanet_core.losses import (
    AnchorLosses,
    LossSettings,
    LossWeights,
    box_loss,
    classification_loss,
    pose2d_loss,
    pose3d_loss,
    weigh,
)

A, K = 3, 4
FORMS = pytest.mark.parametrize("generalised", [False, True])
FLOATS = pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])


class Scene:
    """M anchors with what the network said there (it requires a gradient) and the truth."""

    def __init__(self, anchors: int, dtype: torch.dtype = torch.float32) -> None:
        torch.manual_seed(anchors)
        low = torch.rand(2, anchors, 2) * 30
        boxes = torch.cat([low, low + 5 + torch.rand(2, anchors, 2) * 30], 2).to(dtype)
        pose2d = torch.randn(2, anchors, K, 2).to(dtype) * 0.4
        pose3d = torch.randn(2, anchors, K, 3).to(dtype) * 0.1
        self.logits = torch.randn(1, A, 2, 3).to(dtype).requires_grad_()
        self.boxes, self.true_boxes = boxes[0].requires_grad_(), boxes[1]
        self.pose2d, self.true_pose2d = pose2d[0].requires_grad_(), pose2d[1]
        self.pose3d, self.true_pose3d = pose3d[0].requires_grad_(), pose3d[1]
        self.has_2d = self.has_3d = torch.ones(anchors, K, dtype=torch.bool)
        self.weights = LossWeights(A, K, LossSettings())

    def losses(self, generalised: bool = True) -> AnchorLosses:
        nothing = torch.zeros_like(self.logits)
        box, box_overlap = box_loss(self.boxes, self.true_boxes, generalised)
        pose2d, overlap = pose2d_loss(self.pose2d, self.true_pose2d, self.has_2d, generalised)
        pose3d = pose3d_loss(self.pose3d, self.true_pose3d, self.has_3d)
        scores = classification_loss(self.logits, nothing.detach(), nothing.bool())
        return AnchorLosses(scores, box, pose2d, pose3d, box_overlap, overlap)

    def learn(self, generalised: bool = True) -> tuple[float, dict[str, Tensor]]:
        """The loss, and the gradient of whatever has one; all of it finite."""
        losses = self.losses(generalised)
        anchor = torch.arange(len(self.boxes)) % A
        total = weigh(losses, anchor, self.weights, torch.tensor(max(len(anchor), 1))).total
        total.backward()
        leaves = {"logits": self.logits, "boxes": self.boxes, "pose2d": self.pose2d}
        leaves |= {"pose3d": self.pose3d} | dict(self.weights.named_parameters())
        gradients = {name: leaf.grad for name, leaf in leaves.items()}
        assert math.isfinite(total)
        for value in vars(losses).values():
            assert value.isfinite().all()
        for name, gradient in gradients.items():
            assert gradient is not None, name
            assert gradient.isfinite().all(), name
        return float(total), gradients


@FLOATS
@FORMS
@pytest.mark.parametrize("anchors", [0, 1, 7])
def test_ordinary_predictions(anchors: int, generalised: bool, dtype: torch.dtype) -> None:
    _, gradients = Scene(anchors, dtype).learn(generalised)
    for name in ("pose3d", "boxes") if anchors else ():
        assert gradients[name].any()


@FLOATS
@FORMS
def test_perfect_predictions_stand_at_every_kink(generalised: bool, dtype: torch.dtype) -> None:
    scene = Scene(5, dtype)
    scene.true_boxes = scene.boxes.detach().clone()
    scene.true_pose2d = scene.pose2d.detach().clone()
    scene.true_pose3d = scene.pose3d.detach().clone()
    _, gradients = scene.learn(generalised)
    losses = scene.losses(generalised)
    assert float(losses.pose2d.detach().abs().max()) == 0
    assert float(losses.box.detach().abs().max()) < 1e-4
    assert float(losses.pose3d.detach().abs().max()) <= 1.01e-6
    assert not gradients["pose3d"].any()


@FLOATS
@FORMS
@pytest.mark.parametrize(
    ("predicted", "true"),
    [
        ([5.0, 5, 5, 5], [1.0, 1, 9, 20]),  # a point inside
        ([50.0, 50, 50, 50], [1.0, 1, 9, 20]),  # a point far away
        ([5.0, 1, 5, 20], [1.0, 1, 9, 20]),  # a line
        ([5.0, 5, 5, 5], [5.0, 5, 5, 5]),  # the same point
        ([5.0, 5, 5, 9], [5.0, 5, 5, 9]),  # the same line
        ([5.0, 5, 5, 9], [5.0, 5, 5, 12]),  # lines on one another
        ([5.0, 5, 5, 9], [7.0, 5, 7, 9]),  # lines beside one another
        ([5.0, 5, 9, 9], [2.0, 2, 2, 2]),  # the truth is a point
        ([5.0, 5, 9, 9], [9.0, 5, 13, 9]),  # boxes that touch
    ],
)
def test_boxes_without_area(
    predicted: list[float], true: list[float], generalised: bool, dtype: torch.dtype
) -> None:
    scene = Scene(1, dtype)
    scene.boxes = torch.tensor([predicted], dtype=dtype, requires_grad=True)
    scene.true_boxes = torch.tensor([true], dtype=dtype)
    scene.learn(generalised)
    losses = scene.losses(generalised)
    assert float(losses.box_overlap) == 0
    assert 1 <= float(losses.box) <= 4  # (1 - 0)² to (1 - -1)²


@FORMS
@pytest.mark.parametrize("rubbish", [math.nan, math.inf, -math.inf, 1e30])
@pytest.mark.parametrize("whole_people", [False, True])
def test_joints_that_are_not_annotated_leave_no_trace(
    whole_people: bool, rubbish: float, generalised: bool
) -> None:
    """Loss and gradients are those of the same scene with an ordinary number in their place."""
    found: list[Any] = []
    for value in (0.0, rubbish):
        scene = Scene(6)
        scene.has_2d, scene.has_3d = torch.rand(2, 6, K) < 0.5
        if whole_people:
            scene.has_2d[2:], scene.has_3d[1:] = False, False
        scene.true_pose2d[~scene.has_2d] = value
        scene.true_pose3d[~scene.has_3d] = value
        found.append(scene.learn(generalised))
        gradient2d, gradient3d = found[-1][1]["pose2d"], found[-1][1]["pose3d"]
        assert not gradient2d[~scene.has_2d].any()
        assert not gradient3d[~scene.has_3d].any()
        assert gradient3d[scene.has_3d].any(1).all()
    (loss, gradients), (other_loss, other_gradients) = found
    assert loss == other_loss
    for name, gradient in gradients.items():
        assert torch.equal(gradient, other_gradients[name]), name


@FORMS
def test_nobody_is_annotated(generalised: bool) -> None:
    scene = Scene(6)
    scene.has_2d = scene.has_3d = torch.zeros(6, K, dtype=torch.bool)
    scene.true_pose2d[:], scene.true_pose3d[:] = math.nan, math.nan
    _, gradients = scene.learn(generalised)
    assert not gradients["pose2d"].any()
    assert not gradients["pose3d"].any()
    assert gradients["boxes"].any()
    # The λ of the poses see a loss of 0 and would grow: hence their bound.
    assert (gradients["joint"] < 0).all()


def test_half_the_people_without_3d_halve_the_3d_term() -> None:
    """The normaliser is N_K · N+, annotated or not: the paper sets their loss to 0, no more."""
    scene = Scene(6)
    scene.has_3d = scene.has_3d.clone()
    scene.has_3d[3:] = False
    expected = sum(
        math.dist(scene.pose3d[m, k].tolist(), scene.true_pose3d[m, k].tolist())
        for m in range(3)
        for k in range(K)
    ) / (K * 6)
    losses = scene.losses()
    weighted = weigh(losses, torch.zeros(6, dtype=torch.long), scene.weights, torch.tensor(6))
    assert float(weighted.pose3d) == pytest.approx(expected, rel=1e-5)


def test_scores_that_are_sure_and_wrong_or_ignored() -> None:
    logits = torch.tensor([[[[-200.0, 200, -200, 200]]]], requires_grad=True)
    labels = torch.tensor([[[[1.0, 0, 0, 0]]]])
    loss = classification_loss(logits, labels, torch.tensor([[[[False, False, False, True]]]]))
    loss.sum().backward()
    assert loss.flatten().tolist() == [200, 200, 0, 0]
    assert logits.grad is not None
    assert logits.grad.flatten().tolist() == [-1, 1, 0, 0]
