"""Every setting of a training; stored in its run folder as config.json."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from pandanet_core.data.transforms import Augmentation
from pandanet_core.errors import UserError
from pandanet_core.losses import LossSettings
from pandanet_core.network.config import SMALL, NetworkConfig
from pandanet_core.selection import SelectionSettings

CONFIG_FILE = "config.json"


@dataclass(frozen=True)
class OptimiserSettings:
    """How weights are moved. The defaults suit the small network on a CPU; `paper_optimiser` is
    section 4's.

    Attributes:
        kind: Optimiser.
        learning_rate: Of pyramid and heads.
        backbone_learning_rate: Of the backbone; pretrained features are damaged above 2e-4 (AdamW).
        loss_weight_learning_rate: Of the logarithms of λ, which never decay.
        weight_decay: Of all other weights.
        warm_up_steps: Steps until the full learning rate.
        schedule: "polynomial" decays to 0 with power 0.9 from the first step; "constant" stays
            until the last
            cool_down_steps, then falls linearly to 0, so that the number of steps can still change
            on the way.
        cool_down_steps: See schedule.
        clip_norm: Gradients longer than this are shortened to it; None leaves them.
        average_decay: Of the running mean of the weights that is evaluated and published; 0
            switches it off.
    """

    kind: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float = 1.5e-3
    backbone_learning_rate: float = 2e-4
    loss_weight_learning_rate: float = 1e-2
    weight_decay: float = 1e-2
    warm_up_steps: int = 60
    schedule: Literal["polynomial", "constant"] = "constant"
    cool_down_steps: int = 1200
    clip_norm: float | None = 20.0
    average_decay: float = 0.998


def paper_optimiser() -> OptimiserSettings:
    """SGD, momentum 0.9, learning rate 0.005, polynomial decay of power 0.9 (section 4 of the
    paper)."""
    return OptimiserSettings(
        kind="sgd",
        learning_rate=5e-3,
        backbone_learning_rate=5e-3,
        loss_weight_learning_rate=5e-3,
        weight_decay=0.0,
        warm_up_steps=1,
        schedule="polynomial",
        clip_norm=None,
        average_decay=0.0,
    )


@dataclass(frozen=True)
class TrainingConfig:
    """A whole training.

    Attributes:
        data: Where pictures come from, as KIND:FOLDER; several are mixed in proportion to their
            size.
        network: Shape of the network.
        pretrained: Start the backbone from ImageNet weights (EfficientNet-Lite0 only).
        frozen_stages: First stages of the backbone that keep their weights (4 = up to stride 4).
        initial: Weights to start from instead; their anchors are kept.
        augmentation: Crops, scales and colours.
        selection: How A+ and A++ are chosen.
        losses: Which λ are learned.
        optimiser: How weights are moved.
        batch_size: Pictures a step.
        steps: Steps in all.
        seed: Decides data order, augmentation and initial weights.
        workers: Processes that prepare pictures.
        device: "auto", "cpu" or "cuda".
        bfloat16: Convolutions in bfloat16.
        checkpoint_every_s: Seconds between checkpoints.
    """

    data: tuple[str, ...]
    network: NetworkConfig = SMALL
    pretrained: bool = True
    frozen_stages: int = 4
    initial: str | None = None
    augmentation: Augmentation = field(default_factory=Augmentation)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    losses: LossSettings = field(default_factory=LossSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    batch_size: int = 16
    steps: int = 20_000
    seed: int = 0
    workers: int = 1
    device: str = "auto"
    bfloat16: bool = True
    checkpoint_every_s: float = 240.0

    def __post_init__(self) -> None:
        """UserError names a number that no training could work with."""
        for name, least in (("batch_size", 1), ("steps", 1), ("seed", 0), ("workers", 0)):
            if getattr(self, name) < least:
                raise UserError(
                    f"The setting {name} is {getattr(self, name)}; give at least {least}."
                )
        width, height = self.augmentation.width_px, self.augmentation.height_px
        if min(width, height) < 32 or width % 32 or height % 32:
            raise UserError(f"The crop is {width} x {height} px; give multiples of 32.")


def write_config(path: Path, config: TrainingConfig) -> None:
    """Keep the settings beside the results."""
    path.write_text(json.dumps(asdict(config), indent=2) + "\n")


def read_config(path: Path) -> TrainingConfig:
    """Inverse of write_config; UserError names the setting that is missing, unknown or out of
    range."""
    try:
        return TypeAdapter(TrainingConfig).validate_json(path.read_bytes(), extra="forbid")
    except OSError as error:
        raise UserError(f"The settings {path} cannot be read; check the path.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UserError(f"The settings {path} are wrong at {where}: {first['msg']}.") from error
