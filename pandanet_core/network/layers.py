"""Building blocks that the backbones, the pyramid and the heads share."""

import torch
from torch import Tensor, nn
from torch.nn import functional

BATCH_NORMS = (nn.BatchNorm2d, nn.SyncBatchNorm)
"""The second is what torch's convert_sync_batchnorm makes of the first; it is no subclass of it."""


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


class RepVggBlock(nn.Module):
    """3x3 + 1x1 + identity, summed before the activation (RepVGG; Ding et al., CVPR 2021)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.three = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs)
        )
        self.one = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
        )
        self.identity = nn.BatchNorm2d(inputs) if stride == 1 and inputs == outputs else None
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.three(x) + self.one(x)
        return self.activation(y if self.identity is None else y + self.identity(x))

    @torch.no_grad()
    def merged(self) -> nn.Sequential:
        """One 3x3 convolution and the activation that compute the same, for inference."""
        kernel, bias = _without_norm(self.three[0], self.three[1])
        point, point_bias = _without_norm(self.one[0], self.one[1])
        kernel = kernel + functional.pad(point, (1, 1, 1, 1))
        bias = bias + point_bias
        if self.identity is not None:
            channels = kernel.shape[0]
            same = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
            nn.init.dirac_(same.weight)
            identity, identity_bias = _without_norm(same, self.identity)
            kernel, bias = kernel + identity, bias + identity_bias
        first = self.three[0]
        assert isinstance(first, nn.Conv2d)
        stride = first.stride[0]
        whole = nn.Conv2d(first.in_channels, first.out_channels, 3, stride, 1)
        whole.weight.copy_(kernel)
        bias_of(whole).copy_(bias)
        return nn.Sequential(whole, self.activation)


def _without_norm(convolution: nn.Module, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a convolution with the batch norm after it folded in."""
    assert isinstance(convolution, nn.Conv2d)
    assert isinstance(norm, BATCH_NORMS)
    fused = nn.utils.fusion.fuse_conv_bn_eval(convolution.eval(), norm.eval())
    return fused.weight, bias_of(fused)


def bias_of(layer: nn.Conv2d) -> Tensor:
    """The bias of a convolution that is known to have one."""
    assert layer.bias is not None
    return layer.bias


def fuse_batch_norm(module: nn.Module) -> None:
    """Fold batch norms into the convolutions before them and merge RepVGG's branches, in place;
    for inference only."""
    for name, child in module.named_children():
        if isinstance(child, RepVggBlock):
            setattr(module, name, child.merged())
        else:
            fuse_batch_norm(child)
    if not isinstance(module, nn.Sequential):
        return
    for index in range(len(module) - 1):
        first, second = module[index], module[index + 1]
        if isinstance(first, nn.Conv2d) and isinstance(second, BATCH_NORMS):
            fused = nn.utils.fusion.fuse_conv_bn_eval(first.eval(), second.eval())
            module[index] = fused
            module[index + 1] = nn.Identity()
