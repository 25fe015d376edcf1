"""A disk that really is full: a tiny tmpfs as root, a file size limit otherwise."""

import os
import resource
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size_bytes: int, others_are_large: bool = False) -> Iterator[Path]:
    """A folder that takes about `size_bytes`; writing more fails as on a full disk.

    Where nothing may be mounted, all files of this process are limited; if `others_are_large`, the
    test is skipped then.
    """
    folder.mkdir()
    size = f"size={size_bytes}"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
    if mounted:
        try:
            yield folder
        finally:
            subprocess.run(["umount", str(folder)], check=True)
        return
    if others_are_large:
        pytest.skip("needs the right to mount a small disk")
    old_signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    old_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, old_limit[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
        signal.signal(signal.SIGXFSZ, old_signal)
