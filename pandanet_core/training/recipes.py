"""Settings that go together, by the name that the command line gives them."""

from typing import Literal

from pandanet_core.data.augmentation import Augmentation
from pandanet_core.network.config import SMALL
from pandanet_core.training.config import OptimiserSettings, TrainingConfig

Recipe = Literal["paper", "laptop"]


def recipe_named(name: Recipe) -> TrainingConfig:
    """The settings of a recipe, still without data."""
    return paper() if name == "paper" else laptop()


def paper() -> TrainingConfig:
    """The full network trained as section 4 of the paper says; wants a GPU."""
    return TrainingConfig(data=())


def laptop() -> TrainingConfig:
    """The small network on a few CPU cores: ImageNet weights to start from, small crops with many
    people, AdamW, a running mean of the weights, bfloat16."""
    return TrainingConfig(
        data=(),
        network=SMALL,
        frozen_stages=4,
        augmentation=Augmentation(width_px=384, height_px=288),
        optimiser=laptop_optimiser(),
        batch_size=16,
        steps=20_000,
        bfloat16=True,
    )


def laptop_optimiser(cool_down_steps: int = 1200) -> OptimiserSettings:
    """AdamW at a constant rate that falls to 0 over the last steps, so that a training can be made
    longer on the way."""
    return OptimiserSettings(
        kind="adamw",
        learning_rate=1.5e-3,
        backbone_learning_rate=2e-4,
        loss_weight_learning_rate=1e-2,
        weight_decay=1e-2,
        warm_up_steps=60,
        schedule="constant",
        cool_down_steps=cool_down_steps,
        clip_norm=20.0,
        average_decay=0.998,
    )
