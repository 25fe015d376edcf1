"""Writing files so that nobody ever finds half of one: a temporary name, then a rename."""

import errno
import hashlib
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from pandanet_core.errors import UserError

_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or choose another place",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another place",
    errno.EFBIG: "the file would be larger than allowed here; choose another place",
    errno.EACCES: "you may not write there; choose another place",
    errno.EPERM: "you may not write there; choose another place",
    errno.EROFS: "that disk is read-only; choose another place",
    errno.ENOENT: "its folder does not exist; create it or choose another place",
    errno.ENOTDIR: "its folder is a file; choose another place",
    errno.EEXIST: "its folder is a file; choose another place",
    errno.EISDIR: "that is a folder; give the name of a file",
}


def write_error(error: Exception, path: Path) -> UserError:
    """The sentence for a failed write (an OSError or one of PyAV's): what is wrong, what to do."""
    advice = _ADVICE.get(getattr(error, "errno", None) or 0)
    reason = getattr(error, "strerror", None) or error
    return UserError(f"Cannot write {path}: {advice or f'{reason}; choose another place'}.")


def part_path(path: Path) -> Path:
    """The temporary name beside `path`: same disk, so that the rename is atomic.

    The name is fixed: what a killed run left behind is overwritten by the next one.
    Raises UserError where `path` could not be replaced by a file.
    """
    if path.is_dir():
        raise UserError(f"Cannot write {path}: {_ADVICE[errno.EISDIR]}.")
    if not path.parent.is_dir():
        raise UserError(f"Cannot write {path}: {_ADVICE[errno.ENOENT]}.")
    return path.with_name(path.name + ".part")


def publish(part: Path, path: Path) -> None:
    """Give the complete file `part` its final name; an older `path` is replaced.

    Raises OSError if the disk does not take the last bytes.
    """
    descriptor = os.open(part, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    part.replace(path)


def write_text(path: Path, text: str) -> None:
    """Write a file in UTF-8; UserError where the disk does not take it, an older file then stays."""
    part = part_path(path)
    try:
        part.write_text(text, encoding="utf-8")
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def sha256_of(paths: Iterable[Path], between: Callable[[], None] = lambda: None) -> str:
    """SHA-256 (hexadecimal) of the bytes of all files, one after the other.

    `between` is called before every megabyte; what it raises ends the work.
    """
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                between()
                digest.update(block)
    return digest.hexdigest()
