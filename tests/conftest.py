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


@pytest.fixture(autouse=True)
def _threads_are_given_back() -> Iterator[None]:
    """A test that sets torch's threads, which are the whole process's, sets them for itself alone."""
    before = torch.get_num_threads()
    yield
    if torch.get_num_threads() != before:
        torch.set_num_threads(before)
