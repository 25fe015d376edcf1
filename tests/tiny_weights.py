"""A network that never learned anything, small enough to run everywhere in no time."""

from collections.abc import Sequence
from pathlib import Path

import torch

from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet, bias_of
from pandanet_core.network.pictures import as_batch
from pandanet_core.skeleton import JTA22, Skeleton
from pandanet_core.weights import Weights, save_weights
from tests.video_files import pictures


def write_tiny_weights(
    path: Path,
    skeleton: Skeleton = JTA22,
    anchors: Sequence[tuple[float, float]] = ((30.0, 80.0), (30.0, 80.0)),
) -> Path:
    """Weights that find a few people of random shapes in any picture, the same ones each time."""
    torch.manual_seed(0)
    config = NetworkConfig(backbone="repvgg", pyramid_channels=8, head_channels=8)
    network = PandaNet(config, torch.tensor(anchors), skeleton.joint_count).eval()
    with torch.no_grad():
        bias_of(network.score_out).zero_()
        logits = network.score_logits(network(as_batch(next(pictures(1, 320, 192)))))
        network.score_out.weight.div_(logits.std())
        bias_of(network.score_out).fill_(-float(logits.mean() / logits.std()) - 2.0)
    mean_pose = torch.randn(skeleton.joint_count, 3) * 0.05
    save_weights(path, Weights(network, skeleton, mean_pose, {}))
    return path
