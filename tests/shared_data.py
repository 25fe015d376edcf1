"""Finds third-party data that tests compare with and that is never part of this repository."""

import os
from pathlib import Path

import pytest

_BESIDE_THE_CHECKOUT = Path(__file__).parents[2] / "shared" / "data"


def shared_data(name: str) -> Path:
    """Return the path of a file or folder of the shared data; skip the running test if absent.

    Args:
        name: the path below the data folder, such as "real/pets09_s2l1/vtest.avi". The folder is
            the environment variable PANDANET_DATA, or `../shared/data` beside the checkout.
    """
    folder = Path(os.environ.get("PANDANET_DATA", _BESIDE_THE_CHECKOUT))
    path = folder / name
    if not path.exists():
        pytest.skip(f"needs the data file {name} (set PANDANET_DATA to the folder that holds it)")
    return path
