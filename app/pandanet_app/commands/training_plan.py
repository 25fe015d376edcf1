"""What `pandanet train --dry-run` says."""

from collections import Counter

from pandanet_core.data.mixture import Mixture, part_size
from pandanet_core.network.config import NetworkConfig, name_of
from pandanet_core.network.summary import describe_network
from pandanet_core.skeleton import skeleton_named
from pandanet_core.training.config import TrainingConfig, to_json
from pandanet_core.training.loop import choose_device
from pandanet_core.training.memory import GIB
from pandanet_core.training.rehearsal import (
    kept_for_backward,
    seconds_a_picture,
    untrained_objective,
)


def describe_training(config: TrainingConfig, mixture: Mixture) -> str:
    """Settings, data, network, memory and time of a training that has not begun.

    Memory and time are measured on a few empty pictures.
    """
    size = config.augmentation
    joint_count = skeleton_named(config.skeleton).joint_count
    network = describe_network(config.network, size.width_px, size.height_px, joint_count)
    return "\n\n".join(
        [
            f"Settings (a file of these can be given with --config):\n{to_json(config).rstrip()}",
            _describe_data(config, mixture),
            f"Network: {_describe_network(config.network)}\n{network.to_text()}",
            _describe_cost(config),
        ]
    )


def _describe_network(network: NetworkConfig) -> str:
    step = "with" if network.sub_pixel else "without"
    return (
        f"{name_of(network)} ({network.backbone}, an output cell every {network.stride} px, {step} "
        "sub-pixel step)"
    )


def _describe_data(config: TrainingConfig, mixture: Mixture) -> str:
    sizes = dict(zip(config.data, map(part_size, mixture.parts), strict=True))
    lines = [
        f"{_number(sizes[spec]):>10} pictures from {spec}"
        + (f", {times} times" if times > 1 else "")
        for spec, times in Counter(config.data).items()
    ]
    drawn = config.steps * config.batch_size
    lines.append(f"{drawn:>10,} pictures are drawn in {config.steps:,} steps")
    return "\n".join(["Data:", *lines])


def _number(size: int | None) -> str:
    return "endless" if size is None else f"{size:,}"


def _describe_cost(config: TrainingConfig) -> str:
    device = choose_device(config.device)
    objective = untrained_objective(config, device)
    kept = kept_for_backward(objective, config)
    seconds = seconds_a_picture(objective, config)
    together = min(config.micro_batch or config.batch_size, config.batch_size)
    hours = config.steps * config.batch_size * seconds / 3600
    return "\n".join(
        [
            f"Memory: a picture keeps {kept / GIB:.2f} GiB until the backward pass, {together} at "
            f"once {kept * together / GIB:.1f} GiB; weights and the rest come on top.",
            f"Time: about {1 / seconds:.2g} pictures/s on {device.type} when pictures are ready in "
            f"time; {config.steps:,} steps of {config.batch_size} take about {_duration(hours)}.",
        ]
    )


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"
