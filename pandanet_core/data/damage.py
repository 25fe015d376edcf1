"""What happens when a file of a data set is damaged: the whole is refused, or it is noted."""

from collections.abc import Callable, Iterable
from pathlib import Path

from pandanet_core.errors import UserError

Report = Callable[[Path, str], None]
"""Told of every damaged file and what is wrong with it, as "holds 3 numbers that are not finite"."""


class DamagedFile(UserError):
    """A file, or a folder, and what is wrong with it."""

    def __init__(self, file: Path, reason: str) -> None:
        """`reason` goes on after the file's name: "holds ...; take another copy"."""
        super().__init__(f"{file} {reason}.")
        self.file = file
        self.reason = reason


def refuse(file: Path, reason: str) -> None:
    """The report of whoever needs sound data; raises DamagedFile."""
    raise DamagedFile(file, reason)


def and_others(first: str, count: int) -> str:
    """ "row 17", or "row 17 and 3 more" where `count` is 4."""
    return first if count <= 1 else f"{first} and {count - 1} more"


def wrong_folder(folder: Path, expected: str) -> UserError:
    """The sentence for a folder that is none of a data set: what was expected, what is there."""
    return UserError(
        f"{folder} is not the right folder: expected {expected} in it, found {_found(folder)}."
    )


def _found(folder: Path) -> str:
    if not folder.exists():
        return "nothing, because there is no such folder"
    if not folder.is_dir():
        return "a file instead of a folder"
    names = sorted(_shown(path) for path in folder.iterdir())
    return _listed(names) or "nothing: it is empty"


def _shown(path: Path) -> str:
    return f"{path.name}/" if path.is_dir() else path.name


def _listed(names: Iterable[str], most: int = 6) -> str:
    """The first few names, and how many others there are."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(every[:most]) + more
