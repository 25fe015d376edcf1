"""`pandanet evaluate` as tests run it, and weights that never learned anything."""

import json
from pathlib import Path
from typing import Any

import torch

from pandanet_app.cli import main
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import JTA22, Skeleton
from pandanet_core.weights import Weights, save_weights

PICTURES = 4


def write_weights(path: Path, skeleton: Skeleton = JTA22) -> Path:
    """A network that never learned anything and is sure of everything."""
    torch.manual_seed(1)
    config = NetworkConfig(backbone="repvgg", pyramid_channels=8, head_channels=8)
    sizes = torch.tensor([[12.0, 24.0], [30.0, 70.0], [100.0, 240.0]])
    network = PandaNet(config, sizes, skeleton.joint_count).eval()
    with torch.no_grad():
        network.score_out.bias.fill_(1.0)
        network.pose3d_out.bias.normal_()
    mean_pose = torch.randn(skeleton.joint_count, 3) * 0.05
    save_weights(path, Weights(network, skeleton, mean_pose, {}))
    return path


def evaluate(subject: Path, data: Path, report: Path, *more: str) -> int:
    arguments = ["evaluate", str(subject), "--data", f"jta:{data}", "-o", str(report)]
    return main([*arguments, "--progress", "none", *more])


def numbers(report: Path) -> dict[str, Any]:
    """The report's tables by title, each a list of rows, and its facts."""
    values = json.loads(report.with_suffix(".json").read_text())
    return {"facts": values["facts"]} | {
        table["title"]: table["rows"] for table in values["tables"]
    }
