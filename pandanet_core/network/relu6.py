"""ReLU6 that keeps less for the way back."""

from typing import Any

import torch
from torch import Tensor, nn


class LeanReLU6(nn.ReLU6):
    """min(max(x, 0), 6) in place, as nn.ReLU6.

    torch keeps a copy of the input for the gradient. The output says as much, and the convolution
    after it keeps that anyway.
    """

    def __init__(self) -> None:
        super().__init__(inplace=True)

    def forward(self, input: Tensor) -> Tensor:
        if not (torch.is_grad_enabled() and input.requires_grad):
            return super().forward(input)
        output: Tensor = _ClampInPlace.apply(input)
        return output


class _ClampInPlace(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, input: Tensor) -> Tensor:
        input.clamp_(0, 6)
        ctx.mark_dirty(input)
        ctx.save_for_backward(input)
        return input

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (output,) = ctx.saved_tensors
        gradient: Tensor = torch.ops.aten.hardtanh_backward(gradients[0], output, 0, 6)
        return gradient
