"""Whether a batch fits into memory, and which one would."""

from pathlib import Path

import torch
from torch import Tensor

from pandanet_core.data.loader import Batch
from pandanet_core.errors import UserError
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.distributed.ranks import Ranks
from pandanet_core.training.micro_batches import pictures_of
from pandanet_core.training.step import Objective, Portion

GIB = 1024**3

USED_BESIDE = 0.7
"""A step also holds gradients, weights and intermediate values: so much of the memory is for what
the pictures keep."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that no memory was left; torch says so on CPUs in plain words."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def what_fits(objective: Objective, batch: Batch, micro_batch: int | None, alone: bool) -> str:
    """The sentence for a step that found no memory left: what to do about it.

    Args:
        objective: Network and λ, outside of DistributedDataParallel.
        batch: The step's pictures (of this rank).
        micro_batch: How many of them it tried at once; None: all.
        alone: No other rank trains: halves are tried until one fits. Otherwise the half is said,
            because a try would wait for the other ranks.
    """
    tried = min(micro_batch or len(batch.images), len(batch.images))
    fitting = tried // 2
    while alone and fitting > 0 and not _fits(objective, pictures_of(batch, 0, fitting)):
        fitting //= 2
    if fitting == 0:
        return "Not even one picture fits into memory; train a smaller network or on smaller crops."
    return (
        f"{tried} pictures at once do not fit into memory; {fitting} {'do' if alone else 'may'}: "
        + _advice(fitting)
    )


def _fits(objective: Objective, batch: Batch) -> bool:
    """Whether the pictures go forwards and back through the network."""
    try:
        positives = objective.positives(batch)
        objective(batch, positives, Portion(1.0, len(positives))).weighted.total.backward()
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
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
    size = config.augmentation
    kept = kept_for_backward(objective, size.width_px, size.height_px)
    needed, free = kept * tried, free_bytes / ranks.count_here
    if needed > free:
        fitting = max(int(USED_BESIDE * free / kept), 1)
        raise UserError(
            f"{tried} pictures at once need more than {needed / GIB:.1f} GiB of memory and "
            f"{free / GIB:.1f} GiB are free; about {fitting} fit: {_advice(fitting)}"
        )


def _advice(fitting: int) -> str:
    return f"add --micro-batch {fitting} to keep the batch, or train with --batch-size {fitting}."


def kept_for_backward(objective: Objective, width: int, height: int) -> int:
    """Bytes that the forward pass of a picture without people keeps until the backward pass, weights
    left out.

    Batch norm runs as in evaluation, so that its statistics stay as they are.
    """
    picture = _empty_picture(objective, width, height)
    kept: dict[int, int] = {}
    weights = {parameter.untyped_storage().data_ptr() for parameter in objective.parameters()}

    def count(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    objective.eval()
    try:
        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            result = objective(picture, objective.positives(picture), Portion(1.0, 0))
        del result
    finally:
        objective.train()
    return sum(kept.values())


def _empty_picture(objective: Objective, width: int, height: int) -> Batch:
    device, joints = objective.loss_weights.task.device, objective.network.joint_count
    nobody = torch.zeros(0, 4, device=device)
    unannotated = torch.zeros(0, joints, dtype=torch.bool, device=device)
    return Batch(
        images=torch.zeros(1, height, width, 3, dtype=torch.uint8, device=device),
        people_boxes=(nobody,),
        ignored_boxes=(nobody,),
        pose2d=torch.zeros(0, joints, 2, device=device),
        pose3d=torch.zeros(0, joints, 3, device=device),
        has_2d=unannotated,
        has_3d=unannotated,
        inside=unannotated,
        scale_mm=nobody[:, 0],
        cut=nobody[:, 0].bool(),
    )


def free_memory_bytes(of: Path = Path("/")) -> float:
    """Memory that a program may still take: what Linux has available and swap, and no more than the
    container's limit leaves; infinite where neither is known.

    Args:
        of: Root of the file system that holds /proc and /sys.
    """
    free = float("inf")
    meminfo = of / "proc/meminfo"
    if meminfo.exists():
        rows = (line.split() for line in meminfo.read_text().splitlines())
        kib = {row[0].rstrip(":"): float(row[1]) for row in rows if len(row) > 1}
        free = 1024 * (kib.get("MemAvailable", float("inf")) + kib.get("SwapFree", 0))
    group = of / "sys/fs/cgroup"
    try:
        limit = float((group / "memory.max").read_text())  # "max" where there is none
        return min(free, limit - float((group / "memory.current").read_text()))
    except (OSError, ValueError):
        return free
