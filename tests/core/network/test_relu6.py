"""ReLU6 that keeps less: torch's numbers, torch's gradient."""

import pytest
import torch
from torch import Tensor, nn

from pandanet_core.network.relu6 import LeanReLU6


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_output_and_gradient_are_torchs(dtype: torch.dtype) -> None:
    """At the corners 0 and 6 too, where the gradient is a matter of taste."""
    values = torch.cat([torch.tensor([-7.0, -0.0, 0.0, 1e-30, 5.97, 6.0, 6.1, 900.0, torch.nan]),
                        torch.randn(200) * 5]).to(dtype)  # fmt: skip
    towards = torch.randn(len(values)).to(dtype)
    found = []
    for layer in (LeanReLU6(), nn.ReLU6()):
        x = values.clone().requires_grad_()
        y = layer(x * 1)
        y.backward(towards)
        found.append((y.detach(), x.grad))
    for own, expected in zip(*found, strict=True):
        torch.testing.assert_close(own, expected, rtol=0, atol=0, equal_nan=True)


def test_only_the_output_is_kept_in_the_inputs_place() -> None:
    kept: list[Tensor] = []
    x = torch.randn(4, 8).requires_grad_()
    wide = x * 1
    with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(t) or t, lambda t: t):
        y = LeanReLU6()(wide)
    assert y.data_ptr() == wide.data_ptr()
    assert [each.data_ptr() for each in kept] == [y.data_ptr()]


def test_nothing_is_kept_where_nothing_learns() -> None:
    x = torch.randn(4, 8)
    y = LeanReLU6()(x.clone())
    assert not y.requires_grad
    assert torch.equal(y, nn.functional.relu6(x))
