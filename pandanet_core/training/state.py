"""What moves during a training: a new one from priors or weights, or one that goes on."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.errors import UserError
from pandanet_core.losses import LossWeights
from pandanet_core.network.backbones import EfficientNetLite0
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pretrained import load_imagenet_weights
from pandanet_core.skeleton import JTA22
from pandanet_core.training.checkpoint import Checkpoint
from pandanet_core.training.config import OptimiserSettings, TrainingConfig
from pandanet_core.training.priors import measure_priors
from pandanet_core.weights import load_weights


@dataclass
class Training:
    """The moving parts of a training.

    Attributes:
        network: Learns.
        average: Running mean of the network's weights: what is evaluated and published.
        loss_weights: The λ.
        optimiser: With its own state.
        mean_pose3d: (K, 3) of the training data, bone lengths summing to 1.
        history: log λ by name, one entry every HISTORY_EVERY steps.
        step: Steps done.
    """

    network: PandaNet
    average: PandaNet
    loss_weights: LossWeights
    optimiser: torch.optim.Optimizer
    mean_pose3d: Tensor
    history: list[dict[str, Tensor]] = field(default_factory=list)
    step: int = 0


def begin(data: AugmentedBatches, config: TrainingConfig, device: torch.device) -> Training:
    """A training at step 0; UserError when config.initial holds another network.

    Weights are random, or ImageNet's in the backbone, or those of `config.initial`, whose anchors
    and
    λ are then kept. Anchors and mean poses are measured on the first pictures.
    """
    torch.manual_seed(config.seed)
    if config.initial:
        return _begin_from_weights(Path(config.initial), data, config, device)
    priors = measure_priors(data, config.network.stride, config.selection)
    network = PandaNet(config.network, priors.anchors, JTA22.joint_count)
    network.start_at_mean_pose(priors.mean_pose2d, priors.mean_pose3d)
    if config.pretrained and isinstance(network.backbone, EfficientNetLite0):
        load_imagenet_weights(network.backbone)
    return _assemble(network, priors.mean_pose3d, config, device)


def _begin_from_weights(
    path: Path, data: AugmentedBatches, config: TrainingConfig, device: torch.device
) -> Training:
    initial = load_weights(path)
    if initial.network.config != config.network:
        raise UserError(f"{path} holds another network than the one to train; choose the same.")
    anchors = initial.network.anchors
    priors = measure_priors(data, config.network.stride, config.selection, anchors=anchors)
    network = PandaNet(config.network, anchors, JTA22.joint_count)
    network.load_state_dict(initial.network.state_dict())
    training = _assemble(network, priors.mean_pose3d, config, device)
    own = training.loss_weights.state_dict()
    if set(own) <= set(initial.loss_weights):
        training.loss_weights.load_state_dict({name: initial.loss_weights[name] for name in own})
    return training


def go_on(checkpoint: Checkpoint, config: TrainingConfig, device: torch.device) -> Training:
    """A training as the checkpoint left it; UserError when it belongs to other settings."""
    state = checkpoint.state
    try:
        network = PandaNet(config.network, state["network"]["anchors"], JTA22.joint_count)
        training = _assemble(network, state["mean_pose3d"], config, device)
        training.network.load_state_dict(state["network"])
        training.average.load_state_dict(state["average"])
        training.loss_weights.load_state_dict(state["loss_weights"])
        rates = [group["initial_lr"] for group in training.optimiser.param_groups]
        training.optimiser.load_state_dict(state["optimiser"])
        for group, rate in zip(training.optimiser.param_groups, rates, strict=True):
            group["initial_lr"] = rate
    except (KeyError, ValueError, RuntimeError) as error:
        raise UserError(
            "The checkpoint belongs to another network or optimiser; resume with the settings it "
            "was made with."
        ) from error
    training.history = list(state["history"])
    training.step = checkpoint.step
    return training


def _assemble(
    network: PandaNet, mean_pose3d: Tensor, config: TrainingConfig, device: torch.device
) -> Training:
    if config.pretrained and isinstance(network.backbone, EfficientNetLite0):
        network.backbone.freeze(config.frozen_stages)
    network.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    weights = LossWeights(len(network.anchors), network.joint_count, config.losses).to(device)
    average = copy.deepcopy(network).eval().requires_grad_(False)
    optimiser = make_optimiser(network, weights, config.optimiser)
    return Training(network, average, weights, optimiser, mean_pose3d)


def make_optimiser(
    network: PandaNet, loss_weights: LossWeights, settings: OptimiserSettings
) -> torch.optim.Optimizer:
    """Three groups with their own learning rates: backbone, the rest of the network, log λ."""
    backbone = [p for p in network.backbone.parameters() if p.requires_grad]
    in_backbone = {id(p) for p in network.backbone.parameters()}
    rest = [p for p in network.parameters() if p.requires_grad and id(p) not in in_backbone]
    lambdas = [p for p in loss_weights.parameters() if p.requires_grad]
    decay = settings.weight_decay
    groups: list[dict[str, Any]] = [
        {"params": backbone, "lr": settings.backbone_learning_rate, "weight_decay": decay},
        {"params": rest, "lr": settings.learning_rate, "weight_decay": decay},
    ]
    if lambdas:
        groups.append(
            {"params": lambdas, "lr": settings.loss_weight_learning_rate, "weight_decay": 0.0}
        )
    for group in groups:
        group["initial_lr"] = group["lr"]
    if settings.kind == "sgd":
        return torch.optim.SGD(groups, lr=settings.learning_rate, momentum=0.9)
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(0.9, 0.99), fused=True)
