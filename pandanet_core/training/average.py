"""The running mean of a network's weights."""

import torch

from pandanet_core.network.pandanet import PandaNet


@torch.no_grad()
def update_average(average: PandaNet, network: PandaNet, step: int, decay: float) -> None:
    """Move the running mean of the weights towards the network; early steps count more.

    With a decay of 0 the mean becomes the network itself.
    """
    keep = min(decay, (1 + step) / (10 + step))
    for mean, value in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - keep)
        else:
            mean.copy_(value)
