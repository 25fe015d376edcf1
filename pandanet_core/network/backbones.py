"""Feature extractors: a picture in, three feature maps of strides 8, 16 and 32 out.

Every backbone has `channels`, the channels of those three maps, and is called with (B, 3, H, W)
whose sides are multiples of 32.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from pandanet_core.network.config import BackboneName
from pandanet_core.network.depthwise import DepthwiseConvolution
from pandanet_core.network.layers import RepVggBlock, convolution
from pandanet_core.network.relu6 import LeanReLU6


class Backbone(nn.Module):
    """Stages in a row, of which some hand their output on; early ones can be kept from learning."""

    channels: tuple[int, int, int]

    def __init__(self, stages: Sequence[nn.Module], taken: Sequence[int]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages)
        self.taken = tuple(taken)
        self.frozen_stages = 0

    def forward(self, image: Tensor) -> list[Tensor]:
        """Maps of strides 8, 16, 32 from a normalised picture (B, 3, H, W)."""
        x: Tensor = image
        features: list[Tensor] = []
        if self.frozen_stages:
            x, features = self._run_frozen(image)
        _, learning = self._run(x, self.frozen_stages, len(self.stages))
        return features + learning

    def _run(self, x: Tensor, first: int, end: int) -> tuple[Tensor, list[Tensor]]:
        """The output of stages first to end - 1, and those outputs on the way that are handed on."""
        features = []
        for number in range(first, end):
            x = self.stages[number](x)
            if number in self.taken:
                features.append(x)
        return x, features

    def _run_frozen(self, image: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Frozen stages see every picture alone, so on a CPU a few at a time: their maps, the
        largest of all, then stay in its cache, which is two to three times faster."""
        at_once = 2 if image.device.type == "cpu" else len(image)
        with torch.no_grad():
            parts = [self._run(part, 0, self.frozen_stages) for part in image.split(at_once)]
        joined = [
            torch.cat(maps) for maps in zip(*([x, *taken] for x, taken in parts), strict=True)
        ]
        return joined[0], joined[1:]

    def freeze(self, stages: int) -> None:
        """Keep the weights and statistics of the first stages as they are."""
        self.frozen_stages = stages
        for stage in self.stages[:stages]:
            stage.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> "Backbone":
        """As nn.Module.train, but frozen stages keep their statistics."""
        super().train(mode)
        for stage in self.stages[: self.frozen_stages]:
            stage.eval()
        return self


class _DarknetResidual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            convolution(channels, channels // 2, 1), convolution(channels // 2, channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Darknet53(Backbone):
    """YOLOv3's backbone, the paper's: 1, 2, 8, 8, 4 residual blocks (Redmon and Farhadi, 2018)."""

    channels = (256, 512, 1024)

    def __init__(self) -> None:
        stages: list[nn.Module] = [convolution(3, 32)]
        width = 32
        for blocks in (1, 2, 8, 8, 4):
            residuals = (_DarknetResidual(2 * width) for _ in range(blocks))
            stages.append(nn.Sequential(convolution(width, 2 * width, stride=2), *residuals))
            width *= 2
        super().__init__(stages, taken=(3, 4, 5))


class _InvertedResidual(nn.Module):
    """Expand, depthwise, project (MobileNet v2); no squeeze and excitation in the Lite family."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        layers: list[nn.Module] = []
        if expansion > 1:
            layers += [
                nn.Conv2d(inputs, wide, 1, bias=False),
                _lite_norm(wide),
                LeanReLU6(),
            ]
        layers += [
            DepthwiseConvolution(wide, kernel, stride),
            _lite_norm(wide),
            LeanReLU6(),
        ]
        layers += [nn.Conv2d(wide, outputs, 1, bias=False), _lite_norm(outputs)]
        self.body = nn.Sequential(*layers)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.residual else self.body(x)


def _lite_norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class _PaddedStem(nn.Sequential):
    """3x3 stride-2 stem with TensorFlow's padding (see DepthwiseConvolution)."""

    def __init__(self, outputs: int) -> None:
        super().__init__(
            nn.ZeroPad2d((0, 1, 0, 1)),
            nn.Conv2d(3, outputs, 3, 2, bias=False),
            _lite_norm(outputs),
            LeanReLU6(),
        )


class EfficientNetLite0(Backbone):
    """EfficientNet-Lite0 without its classifier (Liu, 2020): one stage a block after the stem.

    Blocks 5, 11 and 16 (stages counted with the stem as 0) end strides 8, 16 and 32.
    """

    channels = (40, 112, 320)

    def __init__(self) -> None:
        stages: list[nn.Module] = [_PaddedStem(32)]
        inputs = 32
        for blocks, kernel, stride, expansion, outputs in (
            (1, 3, 1, 1, 16),
            (2, 3, 2, 6, 24),
            (2, 5, 2, 6, 40),
            (3, 3, 2, 6, 80),
            (3, 5, 1, 6, 112),
            (4, 5, 2, 6, 192),
            (1, 3, 1, 6, 320),
        ):
            for block in range(blocks):
                stages.append(
                    _InvertedResidual(
                        inputs, outputs, kernel, stride if block == 0 else 1, expansion
                    )
                )
                inputs = outputs
        super().__init__(stages, taken=(5, 11, 16))


class RepVgg(Backbone):
    """A small RepVGG. Its stem is a plain 3x3: torch 2.13 on CPUs crashes in the backward pass of a
    1x1 stride-2 convolution from 3 channels in channels_last."""

    channels = (96, 192, 320)

    def __init__(self) -> None:
        stages: list[nn.Module] = [convolution(3, 32, stride=2)]
        inputs = 32
        for blocks, outputs in ((2, 48), (4, 96), (6, 192), (2, 320)):
            repeated = (RepVggBlock(outputs, outputs, 1) for _ in range(blocks - 1))
            stages.append(nn.Sequential(RepVggBlock(inputs, outputs, 2), *repeated))
            inputs = outputs
        super().__init__(stages, taken=(2, 3, 4))


def make_backbone(name: BackboneName) -> Backbone:
    """The backbone of that name with random weights."""
    match name:
        case "darknet53":
            return Darknet53()
        case "efficientnet_lite0":
            return EfficientNetLite0()
        case "repvgg":
            return RepVgg()
