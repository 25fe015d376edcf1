"""How the network's CPU threads behave beside other work."""

import os


def let_waiting_threads_sleep() -> None:
    """Let OpenMP's threads sleep while they wait for each other; call it before torch is imported.

    By default they spin, which takes the cores from decoding, encoding and everything else that
    runs: on 2 busy cores a frame took 1.4 s instead of 0.24 s. What the person has set stays.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
