"""Whether a batch fits into memory, and which one would."""

from pathlib import Path

import torch

from pandanet_core.data.loader import Batch
from pandanet_core.errors import UserError
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.distributed.ranks import Ranks
from pandanet_core.training.micro_batches import pictures_of
from pandanet_core.training.rehearsal import kept_for_backward
from pandanet_core.training.step import Objective, Portion

GIB = 1024**3

USED_BESIDE = 0.7
"""A step also holds gradients, weights and intermediate values: so much of the memory is for what
the pictures keep."""


_SAID_ON_CPUS = ("can't allocate memory", "could not create a primitive")
"""What torch and oneDNN call it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that no memory was left."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in _SAID_ON_CPUS)


def what_fits(objective: Objective, batch: Batch, micro_batch: int | None, ranks: Ranks) -> str:
    """The sentence for a step that found no memory left: what to do about it.

    On a GPU halves are tried until one fits. Where other ranks would have to try too, and on CPUs,
    whose libraries may crash when memory is short, the half is said untried.

    Args:
        objective: Network and λ, outside of DistributedDataParallel.
        batch: The step's pictures (of this rank).
        micro_batch: How many of them it tried at once; None: all.
        ranks: This process among those that train together.
    """
    tried = min(micro_batch or len(batch.images), len(batch.images))
    can_try = batch.images.is_cuda and ranks.count == 1
    fitting = largest_that_fits(objective, batch, tried // 2) if can_try else tried // 2
    at_once = f"{tried} pictures at once do not fit into memory"
    return f"{at_once}; {fitting} {'do' if can_try else 'may'}: {_advice(fitting, ranks)}"


def largest_that_fits(objective: Objective, batch: Batch, pictures: int) -> int:
    """The first of `pictures`, half of it, a quarter ... that fits into memory; 0: none does."""
    while pictures > 0 and not _fits(objective, pictures_of(batch, 0, pictures)):
        pictures //= 2
    return pictures


def _fits(objective: Objective, batch: Batch) -> bool:
    """Whether the pictures go forwards and back through the network."""
    try:
        positives = objective.positives(batch)
        objective(batch, positives, Portion(1.0, len(positives))).weighted.total.backward()
    except torch.OutOfMemoryError:
        return False
    finally:
        objective.zero_grad(set_to_none=True)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return True


def refuse_what_cannot_fit(
    objective: Objective, config: TrainingConfig, ranks: Ranks, free_bytes: float
) -> None:
    """UserError where a step of every process here needs more than `free_bytes` of memory.

    Asked before the first step on a CPU, because Linux ends without a word a process that takes
    too much. What a picture keeps for the way back is counted on an empty one; a whole step needs
    more, never less.
    """
    own = config.batch_size // ranks.count
    tried = min(config.micro_batch or own, own)
    kept = kept_for_backward(objective, config)
    needed, free = kept * tried, free_bytes / ranks.count_here
    if needed > free:
        fitting = int(USED_BESIDE * free / kept)
        raise UserError(
            f"{tried} pictures at once need more than {needed / GIB:.1f} GiB of memory and "
            f"{free / GIB:.1f} GiB are free; about {fitting} fit: {_advice(fitting, ranks)}"
        )


def _advice(fitting: int, ranks: Ranks) -> str:
    if fitting == 0:
        return "train a smaller network or on smaller crops."
    return (
        f"add --micro-batch {fitting} to keep the batch, or train with --batch-size "
        f"{fitting * ranks.count}."
    )


def free_memory_bytes(of: Path = Path("/")) -> float:
    """Memory that a program may still take: what Linux has available and swap, and no more than the
    container's limit leaves; infinite where neither is known.

    Args:
        of: Root of the file system that holds /proc and /sys.
    """
    machine = _read_table(of / "proc/meminfo")  # in KiB
    free = 1024 * (machine.get("MemAvailable", float("inf")) + machine.get("SwapFree", 0.0))
    group = of / "sys/fs/cgroup"
    try:
        limit = float((group / "memory.max").read_text())  # ValueError for "max": no limit
        used = float((group / "memory.current").read_text())
    except (OSError, ValueError):
        return free
    forgettable = _read_table(group / "memory.stat").get("inactive_file", 0.0)
    return min(free, limit - used + forgettable)


def _read_table(file: Path) -> dict[str, float]:
    """Numbers by name from a file with one of each a line; nothing where there is no file."""
    try:
        rows = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return {}
    return {row[0].rstrip(":"): float(row[1]) for row in rows if len(row) > 1}
