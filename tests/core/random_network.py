"""Untrained networks whose every number differs, so that mixed-up channels or cells show."""

import numpy as np
import torch
from torch import nn

from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pictures import as_batch
from tests.people3d import standing_person

TINY = NetworkConfig(
    backbone="repvgg",
    pyramid_channels=8,
    pyramid_convolutions=1,
    head_channels=8,
    head_convolutions=1,
)
"""Ours, as small as the backbone allows."""

ANCHORS = torch.tensor([[14.0, 30.0], [40.0, 26.0], [50.0, 80.0]])


def noise_picture(seed: int, height: int = 64, width: int = 96) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def random_network(
    config: NetworkConfig = TINY,
    joint_count: int = 22,
    seed: int = 0,
    share_above_half: float = 0.2,
) -> PandaNet:
    """In evaluation mode; on noise `share_above_half` of each kind of anchor score over 1/2."""
    torch.manual_seed(seed)
    network = PandaNet(config, ANCHORS, joint_count)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    network.eval().requires_grad_(False)
    features = network(as_batch(noise_picture(99)))
    for output, feature, spread in (
        (network.score_out, features.score, 1.0),
        (network.box_out, features.box, 0.3),
        (network.pose2d_out, features.pose2d, 0.3),
        (network.pose3d_out, features.pose3d, 0.1),
    ):
        output.weight.mul_(spread / output(feature).std())
        nn.init.normal_(output.bias, 0, spread / 3)
    logits = network.score_logits(features)[0].flatten(1)
    network.score_out.bias.sub_(logits.quantile(1 - share_above_half, dim=1))
    return network


def upright_network(seed: int = 0) -> PandaNet:
    """As random_network, but every box is near its anchor and every pose near somebody upright."""
    network = random_network(seed=seed)
    upright = torch.from_numpy((standing_person() - (0, 900, 0)) * (1, -1, -1)).float() / 3900
    network.start_at_mean_pose(upright[:, :2] / upright[:, :2].abs().max() / 2, upright)
    for output in (network.box_out, network.pose2d_out, network.pose3d_out):
        output.weight.mul_(0.15)
    return network


def batch_norms(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
