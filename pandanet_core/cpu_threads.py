"""How the network's CPU threads behave beside other work."""

import os

from pandanet_core.errors import UserError


def let_waiting_threads_sleep() -> None:
    """Let OpenMP's threads sleep while they wait for each other; call it before torch is imported.

    By default they spin, which takes the cores from decoding, encoding and everything else that
    runs: on 2 busy cores a frame took 1.4 s instead of 0.24 s. What the person has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def use_threads(count: int | None) -> None:
    """Let torch compute with so many CPU threads; None: with as many as it chooses.

    Raises UserError for less than one.
    """
    if count is None:
        return
    if count < 1:
        raise UserError(f"--threads is {count}; give at least 1.")
    import torch

    torch.set_num_threads(count)
