"""Made-up people, batches and trainings for benchmarks of speed: boxes are plausible, poses are
not."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import cluster_anchors
from pandanet_core.boxes import clip_boxes
from pandanet_core.camera import Camera
from pandanet_core.data.loader import Batch, collate
from pandanet_core.data.sample import Sample
from pandanet_core.losses import LossWeights
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import JTA22
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.state import Training, make_optimiser
from pandanet_core.training.step import Objective


@dataclass(frozen=True)
class BatchOptions:
    """What batches of made-up pictures are like."""

    width: int = 512
    """Width of the pictures, px."""
    height: int = 320
    """Height of the pictures, px."""
    pictures: int = 8
    """Pictures in a batch."""
    people: int = 12
    """People in each picture."""


def random_boxes(
    random: np.random.Generator, people: int, width: int, height: int
) -> NDArray[np.float32]:
    """Boxes (people, 4) px: from 24 px to 0.8 of the picture high, near ones cut by its edges."""
    tall = np.exp(random.uniform(np.log(24), np.log(0.8 * height), people))
    half = np.stack([tall * random.uniform(0.25, 0.6, people), tall], 1) / 2
    centre = random.uniform((0, 0), (width, height), (people, 2))
    return clip_boxes(np.concatenate([centre - half, centre + half], 1), width, height)


def anchors_for(width: int, height: int) -> Tensor:
    """Ten anchors (10, 2) px, clustered on such boxes."""
    boxes = random_boxes(np.random.default_rng(0), 2000, width, height)
    sizes = boxes[:, 2:] - boxes[:, :2]
    return torch.from_numpy(cluster_anchors(sizes[(sizes > 4).all(1)]))


def random_batch(seed: int, options: BatchOptions) -> Batch:
    """A batch of noise with as many visible people in each picture."""
    random = np.random.default_rng(seed)
    return collate([_random_sample(random, options) for _ in range(options.pictures)])


def _random_sample(random: np.random.Generator, options: BatchOptions) -> Sample:
    boxes = random_boxes(random, options.people, options.width, options.height)
    shape = (options.people, JTA22.joint_count)
    inside = random.random((*shape, 2)).astype(np.float32)
    nothing, everything = np.zeros(shape, bool), np.ones(shape, bool)
    return Sample(
        image=random.integers(0, 256, (options.height, options.width, 3), np.uint8),
        pose2d=boxes[:, None, :2] + inside * (boxes[:, None, 2:] - boxes[:, None, :2]),
        pose3d_mm=random.normal(0, 300, (*shape, 3)).astype(np.float32),
        occluded=nothing,
        self_occluded=nothing,
        has_2d=everything,
        has_3d=everything,
        boxes=boxes,
        camera=Camera.from_fov(options.width, options.height),
        skeleton=JTA22,
        name="random",
    )


def fresh_training(
    config: TrainingConfig, anchors: Tensor, device: torch.device, kind: type[PandaNet] = PandaNet
) -> Training:
    """A training at step 0 with random weights; `kind` may read the outputs in another way."""
    torch.manual_seed(config.seed)
    network = kind(config.network, anchors, JTA22.joint_count)
    layout = torch.channels_last if config.channels_last else torch.contiguous_format
    network.to(device, memory_format=layout).train()
    average = copy.deepcopy(network).eval().requires_grad_(False)
    weights = LossWeights(len(anchors), network.joint_count, config.losses).to(device)
    objective = Objective(network, weights, config.selection, config.bfloat16, config.channels_last)
    optimiser = make_optimiser(network, weights, config.optimiser)
    mean_pose3d = torch.zeros(network.joint_count, 3, device=device)
    return Training(objective, objective, average, optimiser, mean_pose3d)
