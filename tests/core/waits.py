"""Counting what would wait for a GPU."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

WAITING = (
    "nonzero",
    "_local_scalar_dense",
    "masked_select",
    "equal",
    "_unique2",
    "repeat_interleave",
)


class Waits(TorchDispatchMode):
    """Names the operations whose result's size or value must be known on the CPU."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        by_mask = name in ("index", "index_put", "index_put_", "_index_put_impl_") and any(
            part is not None and part.dtype == torch.bool for part in args[1]
        )
        if by_mask or name in WAITING:
            self.found.append(name)
        return func(*args, **(kwargs or {}))
