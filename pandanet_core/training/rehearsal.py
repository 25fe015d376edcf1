"""Steps on pictures without people: what a training will need, before there is any data."""

import time

import torch
from torch import Tensor

from pandanet_core.data.loader import Batch
from pandanet_core.losses import LossWeights
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import skeleton_named
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.step import Objective, Portion

ENOUGH_S = 2.0
"""A rate is read from a step that takes at least this, or from the largest one."""


def untrained_objective(config: TrainingConfig, device: torch.device) -> Objective:
    """Network and λ of a training with random weights and ten anchors of plausible sizes."""
    heights = torch.logspace(5, 8, 10, base=2)
    anchors = torch.stack([heights / 2, heights], 1)
    joint_count = skeleton_named(config.skeleton).joint_count
    network = PandaNet(config.network, anchors, joint_count)
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    network.to(device, memory_format=layout)  # type: ignore[call-overload]
    network.backbone.freeze(config.kept_stages)
    weights = LossWeights(len(anchors), joint_count, config.losses).to(device)
    return Objective(
        network, weights, config.selection, config.bfloat16, config.channels_last
    ).train()


def empty_pictures(objective: Objective, config: TrainingConfig, count: int) -> Batch:
    """A batch of black pictures of the training's size with nobody in them."""
    device, joints = objective.loss_weights.task.device, objective.network.joint_count
    size = config.augmentation
    nobody = torch.zeros(0, 4, device=device)
    unannotated = torch.zeros(0, joints, dtype=torch.bool, device=device)
    return Batch(
        images=torch.zeros(
            count, size.height_px, size.width_px, 3, dtype=torch.uint8, device=device
        ),
        people_boxes=(nobody,) * count,
        ignored_boxes=(nobody,) * count,
        pose2d=torch.zeros(0, joints, 2, device=device),
        pose3d=torch.zeros(0, joints, 3, device=device),
        has_2d=unannotated,
        has_3d=unannotated,
        inside=unannotated,
        scale_mm=nobody[:, 0],
        cut=nobody[:, 0].bool(),
    )


def kept_for_backward(objective: Objective, config: TrainingConfig) -> int:
    """Bytes that a picture keeps from the forward to the backward pass, weights left out.

    Batch norm runs as in evaluation, so that its statistics stay as they are.
    """
    picture = empty_pictures(objective, config, 1)
    kept: dict[int, int] = {}
    weights = {parameter.untyped_storage().data_ptr() for parameter in objective.parameters()}

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    objective.eval()
    try:
        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            result = objective(picture, objective.positives(picture), Portion(1.0, 0))
        del result
    finally:
        objective.train()
    return sum(kept.values())


def seconds_a_picture(objective: Objective, config: TrainingConfig) -> float:
    """Time of forward and backward pass for one picture of a batch; people would add a little."""
    together = min(config.micro_batch or config.batch_size, config.batch_size)
    pictures, took_s = 1, 0.0
    while True:
        batch = empty_pictures(objective, config, pictures)
        began = time.perf_counter()
        result = objective(batch, objective.positives(batch), Portion(1.0, 0))
        result.weighted.total.backward()
        objective.zero_grad(set_to_none=True)
        if batch.images.is_cuda:
            torch.cuda.synchronize()
        took_s = time.perf_counter() - began
        if took_s > ENOUGH_S or pictures == together:
            return took_s / pictures
        pictures = min(4 * pictures, together)
