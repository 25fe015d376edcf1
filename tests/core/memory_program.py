"""A step of far more pictures than memory is left for, in a process of its own; prints what it says.

python -m tests.core.memory_program PICTURES MEGABYTES
"""

import resource
import sys
from dataclasses import replace
from pathlib import Path

import torch

from pandanet_core.data.loader import AugmentedBatches, Batch
from pandanet_core.errors import UserError
from pandanet_core.training.loop import take_step
from pandanet_core.training.state import begin
from tests.core.small_training import few_steps, pictures


def leave_free(megabytes: int) -> None:
    """Let this process take only so much more memory."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    taken = int(status["VmData"].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (taken + megabytes * 2**20,) * 2)


def many(batch: Batch, pictures: int) -> Batch:
    """The first picture so many times, with nobody in it."""
    return replace(
        batch,
        images=batch.images[:1].expand(pictures, -1, -1, -1),
        people_boxes=(batch.boxes[:0],) * pictures,
        ignored_boxes=(batch.boxes[:0],) * pictures,
        **{
            name: getattr(batch, name)[:0]
            for name in ("pose2d", "pose3d", "has_2d", "has_3d", "inside", "scale_mm", "cut")
        },
    )


def main(count: int, megabytes: int) -> None:
    torch.set_num_threads(1)
    config = few_steps()
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, 0)
    training = begin(data, config, torch.device("cpu"))
    batch = many(data[0], count)
    leave_free(megabytes)
    try:
        take_step(training, batch, config, Path())
    except UserError as error:
        print(error)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
