"""Batch norm whose statistics are those of the pictures of all ranks.

On GPUs torch.nn.SyncBatchNorm does it; it refuses CPUs, where the one below does it.
"""

from typing import Any

import torch
from torch import Tensor, distributed, nn


def synchronise_norms(network: nn.Module, device: torch.device) -> None:
    """Replace every batch norm of the network in place; weights, statistics and names stay."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(network)
        return
    for name, child in network.named_children():
        if type(child) is nn.BatchNorm2d:
            setattr(network, name, SynchronisedBatchNorm2d.taking_over(child))
        else:
            synchronise_norms(child, device)


class SynchronisedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm over the pictures of all ranks, for CPUs and gloo.

    Mean and variance are each summed over the ranks one after the other, so that nothing is lost
    to cancellation; gradients flow through both sums.
    """

    @staticmethod
    def taking_over(norm: nn.BatchNorm2d) -> "SynchronisedBatchNorm2d":
        """With the weights, statistics and mode of another norm."""
        own = SynchronisedBatchNorm2d(norm.num_features, norm.eps, norm.momentum)
        own.weight, own.bias = norm.weight, norm.bias
        own.running_mean, own.running_var = norm.running_mean, norm.running_var
        own.num_batches_tracked = norm.num_batches_tracked
        return own.train(norm.training)

    def forward(self, input: Tensor) -> Tensor:
        """Normalise (B, C, H, W); in evaluation mode as any batch norm."""
        if not self.training:
            return super().forward(input)
        values = input.float()
        here = values.new_tensor([values.numel() / values.shape[1]])
        sums = _sum_over_ranks(torch.cat([values.sum((0, 2, 3)), here]))
        count = sums[-1]
        mean = sums[:-1] / count
        centred = values - mean[:, None, None]
        variance = _sum_over_ranks(centred.square().sum((0, 2, 3))) / count
        self._follow(mean.detach(), variance.detach() * count / (count - 1))
        scale = self.weight * (variance + self.eps).rsqrt()
        return (centred * scale[:, None, None] + self.bias[:, None, None]).to(input.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics, which evaluation uses."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)


class _SumOverRanks(torch.autograd.Function):
    """Every rank's loss depends on the sum, so a gradient is the sum of all ranks' gradients."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _SumOverRanks.forward(ctx, gradients[0].contiguous())


def _sum_over_ranks(values: Tensor) -> Tensor:
    total: Tensor = _SumOverRanks.apply(values)
    return total
