"""What learns, trained in step by all ranks."""

import warnings
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from pandanet_core.training.distributed.ranks import Ranks
from pandanet_core.training.distributed.synchronised_norm import synchronise_norms


def train_together(objective: nn.Module, ranks: Ranks, device: torch.device) -> nn.Module:
    """The module itself in a single process; otherwise one that does the same and brings every
    gradient together: their mean over ranks, as DistributedDataParallel has it.

    Batch norm in `objective` then counts all ranks' pictures, and weights are those of the first
    rank.
    """
    if ranks.count == 1:
        return objective
    synchronise_norms(objective, device)
    # Said of every 1x1 kernel in channels_last; nothing is wrong.
    warnings.filterwarnings("ignore", message="Grad strides do not match bucket view strides")
    return DistributedDataParallel(objective)


def keep_gradients_here(model: nn.Module) -> AbstractContextManager[None]:
    """While more parts of a batch follow: gradients are added up on each rank and not yet brought
    together."""
    if isinstance(model, DistributedDataParallel):
        kept: AbstractContextManager[None] = model.no_sync()
        return kept
    return nullcontext()
