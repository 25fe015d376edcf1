"""What a check of data found."""

from dataclasses import dataclass
from typing import Any

from pandanet_core.data.check.statistics import Statistics


@dataclass(frozen=True)
class Damage:
    """Something that is wrong.

    Attributes:
        file: The file or folder, or "" where the reason names it.
        reason: What is wrong with it.
    """

    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file} {self.reason}".strip().removesuffix(".")


@dataclass(frozen=True)
class SplitFindings:
    """One split.

    Attributes:
        split: Its name.
        skeleton: The joints that its people have; "" where no picture could be read.
        pictures: How many there are.
        looked_at: How many of them were decoded and examined.
        damage: Everything that is wrong.
        statistics: Of the pictures that could be read.
        lost: What people would lose with the joints that somebody wants to learn, in words.
    """

    split: str
    skeleton: str
    pictures: int
    looked_at: int
    damage: tuple[Damage, ...]
    statistics: Statistics
    lost: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "split": self.split,
            "skeleton": self.skeleton,
            "pictures": self.pictures,
            "looked_at": self.looked_at,
            "damage": [vars(damage) for damage in self.damage],
            "statistics": self.statistics.to_dict(),
            "lost": list(self.lost),
        }


@dataclass(frozen=True)
class Findings:
    """Everything that was found in a data set."""

    data: str
    splits: tuple[SplitFindings, ...]

    @property
    def damage(self) -> tuple[Damage, ...]:
        """Everything that is wrong in any split; damage that several have stands once."""
        return tuple(dict.fromkeys(damage for split in self.splits for damage in split.damage))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "data": self.data,
            "sound": not self.damage,
            "splits": [split.to_dict() for split in self.splits],
        }
