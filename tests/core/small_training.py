"""A training small enough to watch: 16 pictures of stick people, a tiny network, one thread.

Run as a program it trains in the folder it is given, saves a checkpoint every second step, and goes
on where it was stopped:

    python -m tests.core.small_training FOLDER STEPS
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from pandanet_core.data.sample import Sample
from pandanet_core.data.transforms import Augmentation
from pandanet_core.network.config import NetworkConfig
from pandanet_core.training.config import TrainingConfig
from pandanet_core.training.loop import train
from pandanet_core.training.recipes import laptop_optimiser
from tests.core.drawn_people import stick_people

SIDE_PX = 64
WHOLE_PICTURES = Augmentation(
    SIDE_PX, SIDE_PX, least_scale=1.0, most_scale=1.0,
    flip_share=0, grey_share=0, blur_share=0, noise_share=0,
)  # fmt: skip
"""Colours vary and nothing else: what was learned can be learned by heart."""


def pictures() -> list[Sample]:
    return [stick_people(seed, 2, SIDE_PX, SIDE_PX) for seed in range(16)]


def settings(channels: int, steps: int, **changed: Any) -> TrainingConfig:
    rate = 4e-3
    config = TrainingConfig(
        data=("drawn",),
        network=NetworkConfig("repvgg", channels, 1, channels, 1),
        pretrained=False,
        augmentation=WHOLE_PICTURES,
        optimiser=replace(
            laptop_optimiser(cool_down_steps=max(steps // 3, 1)),
            learning_rate=rate,
            backbone_learning_rate=rate,
            warm_up_steps=5,
            average_decay=0.9,
        ),
        batch_size=8,
        steps=steps,
        workers=0,
        device="cpu",
        bfloat16=False,
    )
    return replace(config, **changed)


def few_steps(**changed: Any) -> TrainingConfig:
    """Six steps on mirrored and recoloured pictures: enough to compare two trainings bit by bit."""
    varied = replace(WHOLE_PICTURES, flip_share=0.5, noise_share=0.5)
    return settings(channels=8, steps=6, batch_size=4, augmentation=varied, **changed)


if __name__ == "__main__":
    torch.set_num_threads(1)
    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    resume = (folder / "checkpoints").exists()
    watched = replace(few_steps(), steps=steps, checkpoint_every_steps=2, workers=1)
    train(folder, pictures(), watched, resume, lambda numbers: None, lambda: False)
