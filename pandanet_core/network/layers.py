"""Building blocks that the backbones, the pyramid and the heads share."""

import torch
from torch import Tensor, nn
from torch.nn import functional


def convolution(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, batch norm, leaky ReLU 0.1 (Darknet's block; plain ReLU let the 3D head die
    silently)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1, inplace=True),
    )


def convolutions(channels: int, count: int) -> nn.Sequential:
    """`count` 3x3 convolutions in a row that keep channels and size."""
    return nn.Sequential(*(convolution(channels, channels) for _ in range(count)))


class DepthwiseConvolution(nn.Conv2d):
    """Depthwise convolution with TensorFlow's padding, in float32 where that is faster.

    Padding: at stride 2 the odd pixel goes to the right and bottom, as the ImageNet weights expect
        for
    even input sizes. Precision: on CPUs the bfloat16 backward pass of 5x5 and stride-2 depthwise
    convolutions is three to five times slower than the float32 one.
    """

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__(channels, channels, kernel, stride, groups=channels, bias=False)
        before = (kernel - stride) // 2
        self.edges = (before, kernel - stride - before) * 2
        self.slow_in_bfloat16 = kernel > 3 or stride > 1

    def forward(self, input: Tensor) -> Tensor:
        if input.device.type == "cpu" and self.slow_in_bfloat16 and torch.is_grad_enabled():
            with torch.autocast("cpu", enabled=False):
                return super().forward(functional.pad(input.float(), self.edges))
        return super().forward(functional.pad(input, self.edges))


def fuse_batch_norm(module: nn.Module) -> None:
    """Fold every batch norm that follows a convolution into it, in place; for inference only."""
    for child in module.children():
        fuse_batch_norm(child)
    if not isinstance(module, nn.Sequential):
        return
    for index in range(len(module) - 1):
        first, second = module[index], module[index + 1]
        if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
            fused = nn.utils.fusion.fuse_conv_bn_eval(first.eval(), second.eval())
            module[index] = fused
            module[index + 1] = nn.Identity()
