"""How the C library keeps memory in a program that needs the same large blocks for every frame.

Left alone, glibc asks the system for a large block and gives it back, frame after frame (a fifth of
the processor's time goes into fresh pages), and splits free blocks for the small results that stay,
so that the next frame's large ones do not fit any more and its heap creeps up by 100 MB over some
hundred frames. On other systems both functions do nothing.
"""

import ctypes
from typing import Any

KEPT_BLOCK_BYTES = 1 << 26
"""Free blocks up to this size are kept for the next frame. Larger ones, of 4K pictures and above, go
back to the system each time."""

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGEST_OLD_THRESHOLD = 1 << 25
"""Before version 2.35, glibc refuses a higher one."""


def keep_blocks_for_the_next_frame() -> None:
    """Keep free memory in the process; `give_back_free_memory` now and then is needed with it."""
    library = _glibc()
    if library is not None:
        kept = library.mallopt(_M_MMAP_THRESHOLD, KEPT_BLOCK_BYTES)
        if not kept:
            library.mallopt(_M_MMAP_THRESHOLD, _LARGEST_OLD_THRESHOLD)
        library.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)


def give_back_free_memory() -> None:
    """Give the system back all free pages, also those between blocks in use."""
    library = _glibc()
    if library is not None:
        library.malloc_trim(0)


def _glibc() -> Any:
    """The C library, where it is glibc."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows
        return None
    return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
