"""Errors of one rank raised on all: the first can say them, and nobody waits for who is gone."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from torch import distributed

from pandanet_core.errors import UserError
from pandanet_core.training.distributed.ranks import Ranks

Made = TypeVar("Made")


def raising_together(ranks: Ranks, make: Callable[[], Made]) -> Made:
    """What `make` gives on this rank; a UserError that it raises on any rank is raised on all."""
    if ranks.count == 1:
        return make()
    own: UserError | None = None
    try:
        made = make()
    except UserError as error:
        own = error
    if ranks.any(own is not None):
        said: list[str | None] = [None] * ranks.count
        distributed.all_gather_object(said, None if own is None else str(own))
        raise UserError(next(words for words in said if words is not None)) from own
    return made


def in_step(items: Iterator[Made], ranks: Ranks) -> Iterator[Made]:
    """Each rank's own items, without end; a UserError of any rank ends them on all."""
    while True:
        yield raising_together(ranks, lambda: next(items))
