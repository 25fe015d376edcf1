"""What `pandanet train --dry-run` says."""

from collections import Counter
from collections.abc import Callable, Iterator

from pandanet_app.models.training.plan import PLAN_PARTS, PlanPart
from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.data.mixture import Mixture, part_size
from pandanet_core.network.config import name_of
from pandanet_core.network.summary import describe_network
from pandanet_core.skeleton import skeleton_named
from pandanet_core.training.anchor_share import measure_anchor_share
from pandanet_core.training.config import TrainingConfig, to_json
from pandanet_core.training.loop import choose_device
from pandanet_core.training.memory import GIB
from pandanet_core.training.rehearsal import (
    kept_for_backward,
    seconds_a_picture,
    untrained_objective,
)


def training_plan(config: TrainingConfig, mixture: Mixture) -> Iterator[PlanPart]:
    """What would be trained and what it costs, part by part: each is measured when it is asked for.

    Memory and time are measured on a few empty pictures, anchors on the first ones of the training.
    """
    settings = f"Settings (a file of these can be given with --config):\n{to_json(config).rstrip()}"
    texts: tuple[Callable[[], tuple[str, ...]], ...] = (
        lambda: (settings, "The settings can be trained with."),
        lambda: (_describe_data(config, mixture),),
        lambda: _describe_network(config),
        lambda: (_describe_cost(config),),
        lambda: (_describe_anchors(config, mixture),),
    )
    for name, describe in zip(PLAN_PARTS, texts, strict=True):
        yield PlanPart(name, *describe())


def _describe_network(config: TrainingConfig) -> tuple[str, str]:
    network, size = config.network, config.augmentation
    joint_count = skeleton_named(config.skeleton).joint_count
    summary = describe_network(network, size.width_px, size.height_px, joint_count)
    step = "with" if network.sub_pixel else "without"
    shape = (
        f"{name_of(network)} ({network.backbone}, an output cell every {network.stride} px, {step} "
        "sub-pixel step)"
    )
    short = (
        f"Network: {shape}: {summary.total.parameters:,} parameters, {summary.flops / 1e9:,.1f} "
        "GFLOPs a picture."
    )
    return f"Network: {shape}\n{summary.to_text()}", short


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


def _describe_anchors(config: TrainingConfig, mixture: Mixture) -> str:
    data = AugmentedBatches(mixture, config.batch_size, config.augmentation, config.seed)
    share = measure_anchor_share(data, config)
    if share is None:
        return "Anchors: the first pictures show too few people to say anything of their anchors."
    return (
        f"Anchors: {share.with_anchor / share.people:.1%} of {share.people:,} people in the first "
        f"{share.pictures} pictures have an anchor in A+; the others teach nothing."
    )


def _duration(hours: float) -> str:
    if hours < 1:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"
