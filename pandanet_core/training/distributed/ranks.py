"""The processes of one training: torchrun starts them, each is a rank."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import distributed

from pandanet_core.errors import UserError

Made = TypeVar("Made")


@dataclass(frozen=True)
class Ranks:
    """This process among all that train together.

    Attributes:
        rank: Number of this process, from 0.
        count: Number of processes on all machines.
        local_rank: Number of this process on its machine, from 0.
        count_here: Number of processes on this machine.
    """

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    count_here: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def sum(self, values: Sequence[float]) -> list[float]:
        """Every value summed over all ranks; each rank gets the same sums."""
        if self.count == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(total)
        return total.tolist()

    def any(self, here: bool) -> bool:
        """Whether it is so on any rank."""
        return self.sum([float(here)])[0] > 0

    def from_first(self, make: Callable[[], Made]) -> Made:
        """What `make` gives on the first rank, on every rank; and so with a UserError or
        KeyboardInterrupt that it raises there."""
        if self.count == 1:
            return make()
        outcome: list[Any] = [_outcome(make) if self.is_first else None]
        distributed.broadcast_object_list(outcome, src=0, device=torch.device("cpu"))
        made: Made = _unwrapped(outcome[0])
        return made

    def from_first_here(self, make: Callable[[], Made]) -> Made:
        """As from_first, but each machine has its own: what `make` gives on that machine's first
        rank. The others get a copy, and the first one what was made itself."""
        if self.count == 1:
            return make()
        own = _outcome(make) if self.local_rank == 0 else None
        outcomes: list[Any] = [None] * self.count
        distributed.all_gather_object(outcomes, own)
        outcome = own if self.local_rank == 0 else outcomes[self.rank - self.local_rank]
        made: Made = _unwrapped(outcome)
        return made


def _outcome(make: Callable[[], Any]) -> Any:
    """What a call gives, or what it raises where a user is meant to see that."""
    try:
        return make()
    except UserError as error:
        return UserError(str(error))  # a subclass may not survive being sent
    except KeyboardInterrupt as interrupt:
        return interrupt


def _unwrapped(outcome: Any) -> Any:
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


ALONE = Ranks()
"""A training in one process."""


@contextmanager
def joined_ranks() -> Iterator[Ranks]:
    """This process's place among those that torchrun has started; ALONE where it has not.

    Messages between CPUs go through gloo, gradients between GPUs through nccl.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield ALONE
        return
    distributed.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Ranks(
            distributed.get_rank(),
            distributed.get_world_size(),
            int(os.environ.get("LOCAL_RANK", "0")),
            int(os.environ.get("LOCAL_WORLD_SIZE", "1")),
        )
    finally:
        distributed.destroy_process_group()
