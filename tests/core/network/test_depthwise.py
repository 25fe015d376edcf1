"""Depthwise convolutions in training on CPUs: autograd's numbers with less memory."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from pandanet_core.network.depthwise import DepthwiseConvolution


@pytest.mark.parametrize(("kernel", "stride"), [(5, 1), (3, 2), (5, 2)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_training_in_bfloat16_computes_in_float32(
    kernel: int, stride: int, layout: torch.memory_format
) -> None:
    """Output and gradients are those of padding, float32 convolution and rounding, one by one."""
    torch.manual_seed(0)
    layer = DepthwiseConvolution(6, kernel, stride)
    given = torch.randn(2, 6, 12, 16).bfloat16().contiguous(memory_format=layout)
    towards = torch.randn(2, 6, 12 // stride, 16 // stride).bfloat16()
    before = (kernel - stride) // 2
    edges = (before, kernel - stride - before) * 2

    def by_hand(x: Tensor) -> Tensor:
        padded = functional.pad(x.float(), edges)
        return functional.conv2d(padded, layer.weight, None, stride, groups=6).bfloat16()

    found = []
    for compute in (layer, by_hand):
        x = given.clone().requires_grad_()
        layer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=compute is layer):
            y = compute(x)
        y.backward(towards)
        found.append((y.detach(), x.grad, layer.weight.grad.clone()))
    assert found[0][0].dtype == torch.bfloat16
    for own, expected in zip(*found, strict=True):
        assert own.dtype == expected.dtype
        tolerance = {"rtol": 1e-2, "atol": 1e-2} if own.dtype == torch.bfloat16 else {}
        torch.testing.assert_close(own, expected, **tolerance)


def test_nothing_but_the_input_is_kept() -> None:
    layer = DepthwiseConvolution(6, 5, 2)
    x = torch.randn(2, 6, 12, 16).bfloat16().requires_grad_()
    kept: list[Tensor] = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        layer(x)
    assert {(tuple(each.shape), each.dtype) for each in kept} == {
        (tuple(x.shape), torch.bfloat16),
        (tuple(layer.weight.shape), torch.float32),
    }


def test_other_numbers_stay_what_they_are() -> None:
    layer = DepthwiseConvolution(6, 5, 2)
    x = torch.randn(2, 6, 12, 16)
    assert layer(x).dtype == torch.float32
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert layer(x.bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 1), (3, 2), (5, 2)])
def test_depthwise_convolutions_are_padded_as_tensorflow_pads(kernel: int, stride: int) -> None:
    """A loop over outputs: "same" padding splits what is needed, the odd pixel goes last."""
    layer = DepthwiseConvolution(2, kernel, stride).double()
    x = torch.randn(1, 2, 8, 12, dtype=torch.float64)
    with torch.no_grad():
        y = layer(x)
    assert y.shape == (1, 2, 8 // stride, 12 // stride)
    for i, j in np.ndindex(y.shape[2:]):
        expected = torch.zeros(2, dtype=torch.float64)
        for v, u in np.ndindex(kernel, kernel):
            row = i * stride + v - (kernel - stride) // 2
            column = j * stride + u - (kernel - stride) // 2
            if 0 <= row < 8 and 0 <= column < 12:
                expected += layer.weight.detach()[:, 0, v, u] * x[0, :, row, column]
        torch.testing.assert_close(y[0, :, i, j], expected)
