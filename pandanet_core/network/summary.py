"""What a network costs: parameters and multiply-adds of its parts, counted without computing any."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from pandanet_core.anchors import ANCHOR_COUNT
from pandanet_core.network.config import NetworkConfig
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.skeleton import JTA22


@dataclass(frozen=True)
class PartSummary:
    """What one part of the network costs for one picture.

    Attributes:
        name: The part.
        parameters: Trainable numbers.
        multiply_adds: Of its convolutions, each counted once (FLOPs are twice as many); batch norm,
            activations, resizing and sums are a few thousandths more and are left out.
    """

    name: str
    parameters: int
    multiply_adds: int


@dataclass(frozen=True)
class NetworkSummary:
    """What a network costs for one picture of width x height px.

    Attributes:
        parts: From the picture to the outputs.
        width, height: Input size in px.
        anchors: Anchors of the whole grid.
    """

    parts: tuple[PartSummary, ...]
    width: int
    height: int
    anchors: int

    @property
    def total(self) -> PartSummary:
        """All parts together."""
        return PartSummary(
            "total",
            sum(part.parameters for part in self.parts),
            sum(part.multiply_adds for part in self.parts),
        )

    @property
    def flops(self) -> int:
        """Floating-point operations of the convolutions for one picture: two a multiply-add."""
        return 2 * self.total.multiply_adds

    def to_text(self) -> str:
        """A table of the parts with their sum, and a line that says for what input."""
        lines = [f"{'part':<14}{'parameters':>14}{'multiply-adds':>17}{'share':>8}"]
        whole = self.total.multiply_adds
        for part in (*self.parts, self.total):
            lines.append(
                f"{part.name:<14}{part.parameters:>14,}{part.multiply_adds / 1e9:>15.3f} G"
                f"{part.multiply_adds / whole:>8.1%}"
            )
        lines.append(
            f"One picture of {self.width} x {self.height} px: {self.flops / 1e9:,.1f} GFLOPs, "
            f"{self.anchors:,} anchors; outputs counted at every anchor."
        )
        return "\n".join(lines)


def describe_network(
    config: NetworkConfig,
    width: int,
    height: int,
    joint_count: int = JTA22.joint_count,
    anchor_count: int = ANCHOR_COUNT,
) -> NetworkSummary:
    """Count parameters and multiply-adds on torch's meta device, where shapes have no numbers.

    Args:
        config: The network.
        width, height: Input size in px, multiples of 32.
        joint_count: N_K, joints of a person.
        anchor_count: N_A, anchors a position.
    """
    with torch.device("meta"), torch.no_grad():
        network = PandaNet(config, torch.zeros(anchor_count, 2), joint_count).eval()
        multiply_adds: dict[nn.Module, int] = {}
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.register_forward_hook(_counter(multiply_adds))
        features = network(torch.zeros(1, 3, height, width))
        network.score_logits(features)
        network.dense_outputs(features)

    def part(name: str, modules: Sequence[nn.Module]) -> PartSummary:
        inside = [layer for module in modules for layer in module.modules()]
        return PartSummary(
            name,
            sum(parameter.numel() for module in modules for parameter in module.parameters()),
            sum(multiply_adds.get(layer, 0) for layer in inside),
        )

    parts = (
        part("backbone", [network.backbone]),
        part("pyramid", [network.lateral]),
        part("trunk", [network.levels, network.join]),
        part("score head", [network.score_head]),
        part("box head", [network.box_head]),
        part("2D pose head", [network.pose2d_head]),
        part("3D pose head", [network.pose3d_head]),
        part(
            "outputs",
            [network.score_out, network.box_out, network.pose2d_out, network.pose3d_out],
        ),
    )
    rows, columns = height // config.stride, width // config.stride
    return NetworkSummary(parts, width, height, anchor_count * rows * columns)


def _counter(
    multiply_adds: dict[nn.Module, int],
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    """A hook that notes the multiply-adds of the convolution that it is called for."""

    def count(layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        assert isinstance(layer, nn.Conv2d)
        weights_an_output = layer.weight[0].numel()
        multiply_adds[layer] = multiply_adds.get(layer, 0) + output.numel() * weights_an_output

    return count
