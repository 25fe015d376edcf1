"""Reads `darknet53.conv.74`, the ImageNet weights that Darknet-53's authors published.

The format (as the darknet project's parser reads it): a header of three int32, major, minor and
revision, and the number of pictures seen, int64 from version 0.2 on and int32 before; then for each
convolution in turn its batch norm's bias, scale, running mean and running variance, and its kernel
(outputs, inputs, rows, columns) in float32; all little-endian.
"""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from pandanet_core.errors import UserError
from pandanet_core.network.backbones import Darknet53
from pandanet_core.network.layers import BATCH_NORMS
from pandanet_core.network.pictures import GREY, GREY_LEVELS_A_UNIT

_ADVICE = "give the file darknet53.conv.74"


@torch.no_grad()
def load_darknet_weights(backbone: Darknet53, path: Path) -> None:
    """Fill the backbone with the file's weights, made to fit `pictures.normalise`.

    The published network wants pictures from 0 to 1, ours are about -1 to 1: the first convolution
    and its running mean take up the difference, so that the features are the published ones.

    Raises:
        UserError: The file is missing, too short, too long, or holds what no such network has; the
            backbone is then as it was.
    """
    blocks = _convolutions(backbone)
    sizes = [
        size
        for convolution, _ in blocks
        for size in (*[convolution.out_channels] * 4, convolution.weight.numel())
    ]
    parts = iter(torch.from_numpy(_read_numbers(path, sum(sizes))).split(sizes))
    read = [tuple(next(parts) for _ in range(5)) for _ in blocks]
    if any(bool((variance < 0).any()) for _, _, _, variance, _ in read):
        raise UserError(f"{path} holds variances below zero, so no Darknet-53; {_ADVICE}.")
    for (convolution, norm), (bias, scale, mean, variance, kernel) in zip(
        blocks, read, strict=True
    ):
        norm.load_state_dict(
            {"weight": scale, "bias": bias, "running_mean": mean, "running_var": variance},
            strict=False,
        )
        convolution.weight.copy_(kernel.view_as(convolution.weight))
    _fit_to_normalised_pictures(*blocks[0])


def _convolutions(backbone: Darknet53) -> list[tuple[nn.Conv2d, nn.Module]]:
    """Every convolution with its batch norm, from the picture on."""
    layers = list(backbone.modules())
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    norms = [layer for layer in layers if isinstance(layer, BATCH_NORMS)]
    return list(zip(convolutions, norms, strict=True))


def _read_numbers(path: Path, count: int) -> NDArray[np.float32]:
    """The `count` numbers after the header; UserError when the file holds more or fewer."""
    try:
        with path.open("rb") as file:
            start = _header_size(file.read(12))
            found = max(0, path.stat().st_size - start) / 4
            file.seek(start)
            numbers = np.fromfile(file, "<f4", count if found == count else 0)
    except OSError as error:
        raise UserError(f"The weights {path} cannot be read; check the path.") from error
    if found != count:
        raise UserError(
            f"{path} is too {'short' if found < count else 'long'} for Darknet-53 without its "
            f"classifier ({found:,.0f} numbers instead of {count:,}); {_ADVICE}."
        )
    numbers = numbers.astype(np.float32, copy=False)
    if not np.isfinite(numbers).all():
        raise UserError(f"{path} holds numbers that are not finite; fetch it again.")
    return numbers


def _header_size(version: bytes) -> int:
    """Bytes of the header that begins with major, minor and revision."""
    major, minor, _ = np.frombuffer(version.ljust(12, b"\0"), "<i4").tolist()
    return 20 if major * 10 + minor >= 2 else 16


def _fit_to_normalised_pictures(convolution: nn.Conv2d, norm: nn.Module) -> None:
    """Let a convolution and its norm for pictures of 0 to 1 take normalised ones.

    With v = (GREY_LEVELS_A_UNIT · x + GREY) / 255, the sum of w · v is that of w' · x plus a
    constant, which the running mean loses.
    """
    constant = convolution.weight.sum((1, 2, 3)) * GREY / 255
    assert isinstance(norm.running_mean, Tensor)
    norm.running_mean.sub_(constant)
    convolution.weight.mul_(GREY_LEVELS_A_UNIT / 255)
