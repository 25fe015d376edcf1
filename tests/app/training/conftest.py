"""A training small enough to watch, as data on disk and as settings for the form."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pandanet_core.training.config import TrainingConfig
from tests.app.leaks import traces
from tests.app.training.window import TrainingWindow
from tests.core.jta_folder import write_sequence
from tests.core.small_training import few_steps, pictures


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    """Settings with data on disk; steps take a few hundredths of a second."""
    folder = tmp_path_factory.mktemp("data")
    write_sequence(folder, 1, pictures())
    config = few_steps(data=(f"jta:{folder}",))
    optimiser = replace(config.optimiser, cool_down_steps=1)
    return replace(
        config, optimiser=optimiser, steps=100_000, checkpoint_every_steps=5, probe_every_steps=None
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tmp_path / "run"


@pytest.fixture
def window() -> Iterator[TrainingWindow]:
    """The training window without a toolkit; its threads must end with it."""
    before = traces().threads
    window = TrainingWindow()
    yield window
    window.end_trainings()
    window.close()
    assert not traces().threads - before
