"""Settings for every test.

Windows are drawn without a screen unless a platform is named. Hypothesis tries the same examples
every time, so that a test that passed passes again; `make nightly` tries others.
"""

import os
from collections.abc import Iterator

import pytest
import torch
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


_TORCH_THREADS = torch.get_num_threads()


@pytest.fixture(autouse=True)
def _threads_are_given_back() -> Iterator[None]:
    """What sets torch's threads, which are the whole process's, sets them for one test alone.

    Fixtures of a module run before this one: they are why the number is kept from the start on.
    """
    yield
    if torch.get_num_threads() != _TORCH_THREADS:
        torch.set_num_threads(_TORCH_THREADS)
