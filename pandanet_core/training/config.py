"""Every setting of a training; stored in its run folder as config.json. Known without torch."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from pandanet_core.data.augmentation import Augmentation
from pandanet_core.errors import UserError
from pandanet_core.files import write_text
from pandanet_core.loss_settings import LossSettings
from pandanet_core.network.config import FULL, NetworkConfig
from pandanet_core.selection_settings import SelectionSettings
from pandanet_core.setting_ranges import refuse_outside
from pandanet_core.skeleton import skeleton_named

CONFIG_FILE = "config.json"

LEAST_CLIP_NORM = 1e-6
"""Gradients cut shorter than this teach nothing."""

MAY_CHANGE = frozenset(
    {
        "steps",
        "workers",
        "device",
        "micro_batch",
        "channels_last",
        "compile",
        "checkpoint_every_s",
        "checkpoint_every_steps",
        "tensorboard",
        "probe_every_steps",
    }
)
"""How long, where and how fast a training runs; everything else decides what is learned and
stays when a training goes on."""


@dataclass(frozen=True)
class OptimiserSettings:
    """How weights are moved. The defaults are the paper's (section 4): SGD, momentum 0.9, learning
    rate 0.005, polynomial decay of power 0.9.

    Attributes:
        kind: Optimiser; "sgd" has momentum 0.9, "adamw" betas of 0.9 and 0.99.
        learning_rate: Of pyramid and heads.
        backbone_learning_rate: Of the backbone; pretrained features are damaged above 2e-4 (AdamW).
        loss_weight_learning_rate: Of the logarithms of λ, which never decay.
        weight_decay: Of all other weights.
        warm_up_steps: Steps until the full learning rate.
        schedule: "polynomial" decays to 0 with power 0.9 from the first step; "constant" stays
            until the last cool_down_steps, then falls linearly to 0, so that the number of steps
            can still change on the way.
        cool_down_steps: See schedule.
        clip_norm: Gradients longer than this are shortened to it; None leaves them.
        average_decay: Of the running mean of the weights that is evaluated and published; 0
            switches it off.
    """

    kind: Literal["adamw", "sgd"] = "sgd"
    learning_rate: float = 5e-3
    backbone_learning_rate: float = 5e-3
    loss_weight_learning_rate: float = 5e-3
    weight_decay: float = 0.0
    warm_up_steps: int = 1
    schedule: Literal["polynomial", "constant"] = "polynomial"
    cool_down_steps: int = 1200
    clip_norm: float | None = None
    average_decay: float = 0.0

    def __post_init__(self) -> None:
        """UserError names a setting that nothing could learn with."""
        rates = ("learning_rate", "backbone_learning_rate", "loss_weight_learning_rate")
        others = ("weight_decay", "warm_up_steps", "cool_down_steps")
        refuse_outside(self, 0, math.inf, *rates, *others)
        refuse_outside(self, LEAST_CLIP_NORM, math.inf, "clip_norm")
        refuse_outside(self, 0, 1, "average_decay")


def paper_augmentation() -> Augmentation:
    """Random crops and random scales and nothing else, at the paper's input size for JTA.

    The paper gives no range for the scales: people get heights from 32 px to most of the crop's.
    """
    return Augmentation(
        width_px=928,
        height_px=576,
        most_height_px=400.0,
        flip_share=0.0,
        grey_share=0.0,
        blur_share=0.0,
        noise_share=0.0,
    )


@dataclass(frozen=True)
class TrainingConfig:
    """A whole training. The defaults are the paper's; what it leaves open was decided here:
    precision, number of steps, range of the scales.

    Attributes:
        data: Where pictures come from, as KIND:FOLDER[:SPLIT][@SHARE]; several are mixed, each with
            its share of every batch or in proportion to their sizes.
        skeleton: Joints to learn; every data set's own are mapped to these.
        network: Shape of the network.
        pretrained: Start the backbone from ImageNet weights where a package carries them
            (EfficientNet-Lite0 only).
        initial_backbone: Start the backbone from this file in Darknet's own format instead, such as
            darknet53.conv.74.
        frozen_stages: First stages of a pretrained backbone that keep their weights (4 = up to
            stride 4).
        initial: Weights to start from instead; their anchors are kept.
        augmentation: Crops, scales and colours.
        selection: How A+ and A++ are chosen.
        losses: Which λ are learned.
        optimiser: How weights are moved.
        batch_size: Pictures a step, of all processes together.
        micro_batch: Most pictures that go through the network of one process at once; gradients of
            the parts are summed, and are those of the whole batch, except that batch norm sees one
            part a time. None: all at once.
        steps: Steps in all.
        seed: Decides data order, augmentation and initial weights.
        workers: Processes that prepare pictures, for each training process.
        device: Where to train; "auto" takes a GPU where there is one.
        bfloat16: Convolutions in bfloat16.
        channels_last: Channels are neighbours in memory: faster in bfloat16, and on most CPUs.
        compile: The network goes through torch.compile, which needs a C++ compiler on a CPU.
        checkpoint_every_s: Seconds between checkpoints.
        checkpoint_every_steps: Also after every so many steps; None: by time alone.
        tensorboard: Write the log for TensorBoard too.
        probe_every_steps: Steps between traces of the same few pictures, which show what becomes of
            their anchors and people as the training goes on; None: no traces.
    """

    data: tuple[str, ...]
    skeleton: str = "jta22"
    network: NetworkConfig = FULL
    pretrained: bool = True
    initial_backbone: str | None = None
    frozen_stages: int = 0
    initial: str | None = None
    augmentation: Augmentation = field(default_factory=paper_augmentation)
    selection: SelectionSettings = field(default_factory=SelectionSettings)
    losses: LossSettings = field(default_factory=LossSettings)
    optimiser: OptimiserSettings = field(default_factory=OptimiserSettings)
    batch_size: int = 24
    micro_batch: int | None = None
    steps: int = 200_000
    seed: int = 0
    workers: int = 1
    device: Literal["auto", "cpu", "cuda"] = "auto"
    bfloat16: bool = False
    channels_last: bool = True
    compile: bool = False
    checkpoint_every_s: float = 240.0
    checkpoint_every_steps: int | None = None
    tensorboard: bool = False
    probe_every_steps: int | None = 1000

    def __post_init__(self) -> None:
        """UserError names a setting that no training could work with."""
        counted = ("batch_size", "micro_batch", "steps", "checkpoint_every_steps")
        refuse_outside(self, 1, math.inf, *counted, "probe_every_steps")
        others = ("seed", "workers", "frozen_stages", "checkpoint_every_s")
        refuse_outside(self, 0, math.inf, *others)
        width, height = self.augmentation.width_px, self.augmentation.height_px
        if min(width, height) < 64 or width % 32 or height % 32:
            raise UserError(f"The crop is {width} x {height} px; give multiples of 32 from 64 on.")
        skeleton_named(self.skeleton)

    @property
    def kept_stages(self) -> int:
        """First stages of the backbone that do not learn: none where it starts at random."""
        in_package = self.pretrained and self.network.backbone == "efficientnet_lite0"
        return self.frozen_stages if in_package or self.initial_backbone else 0


def to_json(config: TrainingConfig) -> str:
    """The settings as text that a person can read and change."""
    return json.dumps(asdict(config), indent=2) + "\n"


def from_json(text: str | bytes, path: Path) -> TrainingConfig:
    """Inverse of to_json; settings that are not named have their defaults. UserError says which
    one of the file `path` is unknown or wrong."""
    try:
        return TypeAdapter(TrainingConfig).validate_json(text, extra="forbid")
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        at = f" at {where}" if where else ""
        raise UserError(
            f"The settings {path} are wrong{at} ({first['msg']}); mend the file, or name another "
            "with --config."
        ) from error


def write_config(path: Path, config: TrainingConfig) -> None:
    """Keep the settings beside the results; a kill leaves the file before or the whole new one.

    UserError when the disk does not take it.
    """
    write_text(path, to_json(config))


def read_config(path: Path) -> TrainingConfig:
    """Inverse of write_config; UserError when the file cannot be read, and as from_json."""
    try:
        return from_json(path.read_bytes(), path)
    except OSError as error:
        raise UserError(f"The settings {path} cannot be read; check the path.") from error
