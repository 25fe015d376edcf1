"""The settings of a training as a person writes them, right or wrong."""

from enum import Enum

from pydantic import Field

from pandanet_app.models.base import Model
from pandanet_app.models.training.settings import Path, Value


class Origin(Enum):
    """Where the settings come from."""

    LAPTOP = "laptop"
    PAPER = "paper"
    RUN = "run"


class TrainingForm(Model):
    """What the form holds.

    Attributes:
        origin: What the settings are compared with.
        folder: Run folder to train in, as written.
        usual: The values that the origin has.
        values: The values now; those that cannot be read keep the last that could.
        texts: What was written where it cannot be read.
        wrong: What is wrong with a field, in a sentence.
        problem: What is wrong with the settings as a whole; empty where nothing is.
        fixed: Fields that can no longer change, because the run has begun with them.
    """

    origin: Origin = Origin.LAPTOP
    folder: str = ""
    usual: dict[Path, Value] = Field(default_factory=dict)
    values: dict[Path, Value] = Field(default_factory=dict)
    texts: dict[Path, str] = Field(default_factory=dict)
    wrong: dict[Path, str] = Field(default_factory=dict)
    problem: str = ""
    fixed: frozenset[Path] = frozenset()

    @property
    def changed(self) -> frozenset[Path]:
        """Fields that differ from the origin's."""
        return frozenset(
            path for path, value in self.values.items() if value != self.usual.get(path)
        )

    @property
    def complaint(self) -> str:
        """The first thing that is wrong; empty where the settings can be trained with."""
        return next(iter(self.wrong.values()), self.problem)
