"""A small training on as many ranks as torchrun starts; each rank keeps what it saw.

python -m torch.distributed.run --standalone --nproc-per-node 2 -m tests.core.ranks_program FOLDER
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.training.config import OptimiserSettings, TrainingConfig
from pandanet_core.training.distributed.ranks import Ranks, joined_ranks
from pandanet_core.training.loop import take_step
from pandanet_core.training.state import begin
from tests.core.drawn_people import stick_people
from tests.core.machines_program import from_first_here
from tests.core.small_training import few_steps

STEPS = 20
SIDE_PX = 128
"""So that the deepest batch norms have more than a few numbers to go by."""


def paper_like(**changed: Any) -> TrainingConfig:
    """SGD on batches of four pictures, of which some show nobody.

    Not channels_last: there torch's own batch norm sums in a row, and is right to 1e-5 only.
    """
    optimiser = OptimiserSettings(learning_rate=2e-3, backbone_learning_rate=2e-3)
    size = replace(few_steps().augmentation, width_px=SIDE_PX, height_px=SIDE_PX)
    return replace(
        few_steps(), optimiser=optimiser, augmentation=size, channels_last=False, **changed
    )


def run_steps(folder: Path, ranks: Ranks) -> dict[str, Any]:
    """Twenty steps: the whole batch's numbers and gradients of each, and the statistics of batch
    norm at the end."""
    settings = paper_like(steps=100)
    samples = [stick_people(seed, seed % 4, SIDE_PX, SIDE_PX) for seed in range(16)]
    drawn = (samples, settings.batch_size, settings.augmentation, settings.seed)
    training = begin(AugmentedBatches(*drawn), settings, torch.device("cpu"), ranks)
    make_smooth(training.network)
    data = AugmentedBatches(*drawn, ranks.rank, ranks.count)
    numbers, gradients = [], []
    for step in range(STEPS):
        numbers.append(take_step(training, data[step], settings, folder, ranks))
        gradients.append(flat_gradient(training.objective))
    state = training.network.state_dict()
    statistics = {name: value for name, value in state.items() if "running" in name}

    training.network.eval()  # else batch norm would see other pictures together
    in_parts = replace(settings, micro_batch=1 if ranks.count > 1 else 3)
    numbers.append(take_step(training, data[STEPS], in_parts, folder, ranks))
    gradients.append(flat_gradient(training.objective))
    return {"numbers": numbers, "gradients": gradients, "statistics": statistics}


def make_smooth(module: nn.Module) -> None:
    """Activations without a kink, in place: at a kink the smallest rounding error turns a gradient
    over, and two trainings part that differ in the order of a sum alone."""
    for name, child in module.named_children():
        if isinstance(child, nn.ReLU | nn.ReLU6 | nn.LeakyReLU):
            setattr(module, name, nn.SiLU())
        else:
            make_smooth(child)


def flat_gradient(module: nn.Module) -> Tensor:
    """All gradients in a row."""
    return torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None])


if __name__ == "__main__":
    torch.set_num_threads(1)
    with joined_ranks() as ranks:
        seen = run_steps(Path(sys.argv[1]), ranks) | {"machine": from_first_here(ranks)}
        torch.save(seen, Path(sys.argv[1]) / f"rank{ranks.rank}.pt")
