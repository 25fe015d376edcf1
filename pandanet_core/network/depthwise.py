"""Depthwise convolution that is fast and small in training on CPUs."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class DepthwiseConvolution(nn.Conv2d):
    """Depthwise convolution with TensorFlow's padding, in float32 where that is faster.

    Padding: at stride 2 the odd pixel goes to the right and bottom, as the ImageNet weights expect
    for even input sizes. Precision: on CPUs the bfloat16 backward pass of 5x5 and stride-2
    depthwise convolutions is three to five times slower than the float32 one.
    """

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(channels, channels, kernel, stride, padding, groups=channels, bias=False)
        before = (kernel - stride) // 2
        self.edges = (before, kernel - stride - before) * 2
        self.slow_in_bfloat16 = kernel > 3 or stride > 1

    def forward(self, input: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H / stride, W / stride), of the input's type."""
        on_cpu = input.device.type == "cpu" and input.dtype == torch.bfloat16
        if on_cpu and self.slow_in_bfloat16 and torch.is_grad_enabled():
            with torch.autocast("cpu", enabled=False):
                output: Tensor = _InFloat32.apply(input, self.weight, self)
                return output
        return super().forward(self.padded(input))

    def padded(self, input: Tensor) -> Tensor:
        """The input with the edges that the convolution itself does not add."""
        return functional.pad(input, self.edges) if self.stride != (1, 1) else input

    def without_edges(self, padded: Tensor) -> Tensor:
        """Inverse of `padded`."""
        if self.stride == (1, 1):
            return padded
        left, right, top, bottom = self.edges
        return padded[..., top : padded.shape[2] - bottom, left : padded.shape[3] - right]


class _InFloat32(torch.autograd.Function):
    """Computes in float32 and keeps the bfloat16 input alone for the way back: autograd would keep
    its float32 copy too, twice the size, and batch norm after it another."""

    @staticmethod
    def forward(ctx: Any, input: Tensor, weight: Tensor, layer: DepthwiseConvolution) -> Tensor:
        ctx.save_for_backward(input, weight)
        ctx.layer = layer
        padded = layer.padded(input.float())
        output = functional.conv2d(
            padded, weight, None, layer.stride, layer.padding, groups=layer.groups
        )
        return output.to(input.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        input, weight = ctx.saved_tensors
        layer = ctx.layer
        of_input, of_weight, _ = torch.ops.aten.convolution_backward(
            gradients[0].float(),
            layer.padded(input.float()),
            weight,
            None,
            layer.stride,
            layer.padding,
            dilation=(1, 1),
            transposed=False,
            output_padding=(0, 0),
            groups=layer.groups,
            output_mask=(True, True, False),
        )
        return layer.without_edges(of_input).to(input.dtype), of_weight, None
