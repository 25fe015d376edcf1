"""What moves during a training: a new one from priors or weights, or one that goes on."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.errors import UserError
from pandanet_core.losses import LossWeights
from pandanet_core.network.backbones import Darknet53, EfficientNetLite0
from pandanet_core.network.config import NETWORKS, NetworkConfig, name_of
from pandanet_core.network.darknet_file import load_darknet_weights
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pretrained import load_imagenet_weights
from pandanet_core.skeleton import skeleton_named
from pandanet_core.training.checkpoint import Checkpoint
from pandanet_core.training.config import OptimiserSettings, TrainingConfig, to_json
from pandanet_core.training.distributed.parallel import train_together
from pandanet_core.training.distributed.ranks import ALONE, Ranks
from pandanet_core.training.priors import Priors, measure_priors
from pandanet_core.training.step import Objective
from pandanet_core.weights import Weights, load_weights


@dataclass
class Training:
    """The moving parts of a training.

    Attributes:
        objective: The network with its λ: what learns.
        model: The objective, or what trains it in step with other ranks.
        average: Running mean of the network's weights: what is evaluated and published.
        optimiser: With its own state.
        mean_pose3d: (K, 3) of the training data, bone lengths summing to 1.
        history: log λ by name, one entry every STEPS_BETWEEN_POINTS steps.
        step: Steps done.
    """

    objective: Objective
    model: nn.Module
    average: PandaNet
    optimiser: torch.optim.Optimizer
    mean_pose3d: Tensor
    history: list[dict[str, Tensor]] = field(default_factory=list)
    step: int = 0

    @property
    def network(self) -> PandaNet:
        """The network that learns."""
        return self.objective.network

    @property
    def loss_weights(self) -> LossWeights:
        """The λ."""
        return self.objective.loss_weights


def begin(
    data: AugmentedBatches,
    config: TrainingConfig,
    device: torch.device,
    ranks: Ranks = ALONE,
    stop: Callable[[], bool] = lambda: False,
) -> Training:
    """A training at step 0; UserError when config.initial holds another network or skeleton.

    Weights are random, or ImageNet's in the backbone, or those of `config.initial`, whose anchors
    and λ are then kept. Anchors and mean poses are measured on the first pictures of `data`, whole
    batches, by the first rank, which raises KeyboardInterrupt when `stop` says so.
    """
    measured = partial(_measure, data, config, stop)
    torch.manual_seed(config.seed)
    if config.initial:
        return _begin_from_weights(Path(config.initial), measured, config, device, ranks)
    priors = ranks.from_first(measured)
    network = PandaNet(config.network, priors.anchors, _joint_count(config))
    network.start_at_mean_pose(priors.mean_pose2d, priors.mean_pose3d)
    _fill_backbone(network, config)
    return _assemble(network, priors.mean_pose3d, config, device, ranks)


def _begin_from_weights(
    path: Path,
    measured: Callable[[Tensor], Priors],
    config: TrainingConfig,
    device: torch.device,
    ranks: Ranks,
) -> Training:
    initial = load_weights(path)
    if initial.network.config != config.network:
        raise UserError(_other_network(path, initial.network.config, config.network))
    if initial.skeleton.name != config.skeleton:
        raise UserError(
            f"{path} knows the joints {initial.skeleton.name}, not {config.skeleton}; train with "
            f"--skeleton {initial.skeleton.name} or from other weights."
        )
    anchors = initial.network.anchors
    priors = ranks.from_first(lambda: measured(anchors))
    network = PandaNet(config.network, anchors, _joint_count(config))
    network.load_state_dict(initial.network.state_dict())
    training = _assemble(network, priors.mean_pose3d, config, device, ranks)
    own = training.loss_weights.state_dict()
    if set(own) <= set(initial.loss_weights):
        training.loss_weights.load_state_dict({name: initial.loss_weights[name] for name in own})
    return training


def _other_network(path: Path, held: NetworkConfig, wanted: NetworkConfig) -> str:
    """The sentence for weights of a network that is not the one to train."""
    own, other = held.to_dict(), wanted.to_dict()
    differ = ", ".join(
        f"{name} {own[name]} and not {other[name]}" for name in own if own[name] != other[name]
    )
    name = name_of(held)
    advice = f"--network {name}" if name in NETWORKS else "the --config of the run that made them"
    return (
        f"{path} holds another network than the one to train ({differ}); train with {advice}, or "
        "from other weights."
    )


def _measure(
    data: AugmentedBatches,
    config: TrainingConfig,
    stop: Callable[[], bool],
    anchors: Tensor | None = None,
) -> Priors:
    return measure_priors(
        data,
        config.network.stride,
        config.selection,
        anchors=anchors,
        workers=config.workers,
        stop=stop,
    )


def _joint_count(config: TrainingConfig) -> int:
    return skeleton_named(config.skeleton).joint_count


def _fill_backbone(network: PandaNet, config: TrainingConfig) -> None:
    """ImageNet weights, from a file or from their package."""
    if config.initial_backbone:
        if not isinstance(network.backbone, Darknet53):
            raise UserError(
                f"{config.initial_backbone} is for Darknet-53; train the full network with it."
            )
        load_darknet_weights(network.backbone, Path(config.initial_backbone))
    elif config.pretrained and isinstance(network.backbone, EfficientNetLite0):
        load_imagenet_weights(network.backbone)


def go_on(
    checkpoint: Checkpoint, config: TrainingConfig, device: torch.device, ranks: Ranks = ALONE
) -> Training:
    """A training as the checkpoint left it; UserError when it belongs to other settings."""
    state = checkpoint.state
    try:
        network = PandaNet(config.network, state["network"]["anchors"], _joint_count(config))
        training = _assemble(network, state["mean_pose3d"], config, device, ranks)
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
    _restore_random(state.get("random", {}), device)
    return training


def as_checkpoint(training: Training, config: TrainingConfig) -> Checkpoint:
    """Everything that `go_on` needs."""
    device = training.mean_pose3d.device
    random = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        random["cuda"] = torch.cuda.get_rng_state(device)
    state = {
        "network": training.network.state_dict(),
        "average": training.average.state_dict(),
        "loss_weights": training.loss_weights.state_dict(),
        "optimiser": training.optimiser.state_dict(),
        "mean_pose3d": training.mean_pose3d,
        "history": training.history,
        "random": random,
        "config": to_json(config),
    }
    return Checkpoint(training.step, state)


def as_weights(training: Training, config: TrainingConfig) -> Weights:
    """The averaged network with its λ and their history, ready to be saved."""
    lambdas = {
        name: value.detach().cpu() for name, value in training.loss_weights.state_dict().items()
    }
    for name in training.history[0] if training.history else ():
        lambdas[f"history.{name}"] = torch.stack([entry[name] for entry in training.history]).cpu()
    notes = {
        "steps": training.step,
        "pictures": training.step * config.batch_size,
        "data": list(config.data),
        "selection": config.selection.rule,
    }
    skeleton = skeleton_named(config.skeleton)
    mean_pose3d = training.mean_pose3d.cpu()
    return Weights(training.average, skeleton, mean_pose3d, lambdas, notes=notes)


def _restore_random(random: dict[str, Tensor], device: torch.device) -> None:
    """Put torch's random numbers where they were; nothing draws any now, but a layer may."""
    if "cpu" in random:
        torch.set_rng_state(random["cpu"])
    if "cuda" in random and device.type == "cuda":
        torch.cuda.set_rng_state(random["cuda"], device)


def _assemble(
    network: PandaNet,
    mean_pose3d: Tensor,
    config: TrainingConfig,
    device: torch.device,
    ranks: Ranks,
) -> Training:
    network.backbone.freeze(config.kept_stages)
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    network.to(device, memory_format=layout).train()  # type: ignore[call-overload]
    average = copy.deepcopy(network).eval().requires_grad_(False)
    weights = LossWeights(len(network.anchors), network.joint_count, config.losses).to(device)
    objective = Objective(network, weights, config.selection, config.bfloat16, config.channels_last)
    model = train_together(objective, ranks, device)
    if config.compile:
        network.compile()
    optimiser = make_optimiser(network, weights, config.optimiser)
    return Training(objective, model, average, optimiser, mean_pose3d.to(device))


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
