"""`pandanet train`: learn from annotated pictures."""

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_core.data.mixture import Mixture
    from pandanet_core.training.config import TrainingConfig
    from pandanet_core.training.distributed.ranks import Ranks

_WRONG_USE, _INTERRUPTED = 2, 130


@dataclass(frozen=True)
class Train:
    """Train a network on annotated pictures, in a run folder that can be resumed.

    Several GPUs: torchrun --nproc-per-node GPUS -m pandanet_app train RUN ...
    Several machines with the same data: on each of them torchrun --nnodes MACHINES --nproc-per-node
    GPUS --rdzv-backend c10d --rdzv-endpoint FIRST_MACHINE:29500 -m pandanet_app train RUN ...; the
    first one writes the run folder. crowd:live is drawn once on every machine.
    """

    run_folder: Annotated[Path, tyro.conf.Positional]
    """Folder for settings, log, checkpoints and weights."""

    data: tuple[str, ...] = ()
    """Training pictures as KIND:FOLDER[:SPLIT][@SHARE], KIND one of jta, crowd, panoptic, mupots,
    muco, coco. Several are mixed, each with its share of every batch (0 to 1), or in proportion to
    their sizes. With --resume: other pictures from now on."""

    recipe: Literal["paper", "laptop"] | None = None
    """Settings of a new training: the paper's (the default: the full network, 928x576 px, 24 a
    step, SGD; wants a GPU), or what suits a few CPU cores (the small network, 384x288 px, 16,
    AdamW, bfloat16)."""

    config: Path | None = None
    """Settings from a file instead, as a run's config.json; the options below override them."""

    network: Literal["small", "small-repvgg", "full", "full-stride-8"] | None = None
    """Shape of the network: the paper's (full: an output cell every 4 px; full-stride-8: without
    the sub-pixel step, as the paper trains for MuPoTS-3D), or one for a few CPU cores, on
    EfficientNet-Lite0 (small) or RepVGG (small-repvgg)."""

    size: str | None = None
    """Width x height of the crops in px, multiples of 32 from 64 on, as 512x320."""

    skeleton: str | None = None
    """Joints to learn: jta22, coco17, panoptic19, panoptic15 or mupots17."""

    initial: Path | None = None
    """Weights to start from."""

    initial_backbone: Path | None = None
    """Darknet-53's weights to start the backbone from, as darknet53.conv.74."""

    steps: int | None = None
    """Steps in all."""

    batch_size: int | None = None
    """Pictures a step, of all processes together."""

    micro_batch: int | None = None
    """Pictures that a process takes at once where memory is short; the step stays the same, except
    that batch norm sees so many."""

    precision: Literal["fp32", "bf16"] | None = None
    """Of the convolutions."""

    seed: int | None = None
    """Decides data order, augmentation and initial weights."""

    workers: int | None = None
    """Processes that prepare pictures."""

    device: Literal["auto", "cpu", "cuda"] | None = None
    """Where to train."""

    threads: int | None = None
    """CPU threads of the network (default: all cores)."""

    compile: Literal["yes", "no"] | None = None
    """Let torch.compile make the network faster; the first step then takes minutes."""

    tensorboard: Literal["yes", "no"] | None = None
    """Write the log for TensorBoard too, into the run folder."""

    probe_every_steps: int | None = None
    """Steps between traces of the same two pictures in RUN_FOLDER/probes; 1000 by default."""

    checkpoint_every_s: float | None = None
    """Seconds between checkpoints."""

    resume: bool = False
    """Go on from the run folder's checkpoint, with the settings it was made with; steps, workers,
    device, micro-batch, compile, tensorboard and data may change."""

    dry_run: bool = False
    """Say what would be trained, what it costs and how long it takes, and stop."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress."""

    def run(self) -> int:
        """Train; Ctrl+C saves a checkpoint and exits with 130."""
        from pandanet_core.cpu_threads import let_waiting_threads_sleep

        let_waiting_threads_sleep()
        from pandanet_core.training.distributed.ranks import joined_ranks

        with joined_ranks() as ranks:
            try:
                return self._run(ranks)
            except UserError:
                if ranks.is_first:
                    raise
                return _WRONG_USE  # the first process says it

    def _run(self, ranks: "Ranks") -> int:
        from pandanet_core.cpu_threads import use_threads
        from pandanet_core.data.kept_joints import lost_joints
        from pandanet_core.data.sources import open_mixture
        from pandanet_core.skeleton import skeleton_named

        use_threads(self.threads)
        config = ranks.from_first(self.settings)
        skeleton = skeleton_named(config.skeleton)
        mixture = open_mixture(config.data, "train", skeleton, ranks.from_first_here)
        for said in lost_joints(config.data, mixture) if ranks.is_first else ():
            print(said, file=sys.stderr)
        if not self.dry_run:
            return self._train(config, mixture, ranks)
        if ranks.is_first:
            self._plan(config, mixture)
        return 0

    def _plan(self, config: "TrainingConfig", mixture: "Mixture") -> None:
        from pandanet_app.commands.training_plan import training_plan

        for number, part in enumerate(training_plan(config, mixture)):
            if self.progress == "json":
                print(json.dumps(asdict(part)), flush=True)
            else:
                print("\n" * (number > 0) + part.text, flush=True)

    def _train(self, config: "TrainingConfig", mixture: "Mixture", ranks: "Ranks") -> int:
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_app.commands.training_progress import show_progress
        from pandanet_core.training.loop import WEIGHTS_FILE, train

        kind = self.progress if ranks.is_first else "none"
        with stop_on_signal() as stop, show_progress(kind, config) as on_step:
            training = train(
                self.run_folder,
                mixture,
                config,
                self.resume,
                on_step,
                stop.is_set,
                ranks,
                new_data=bool(self.data),
            )
        if ranks.is_first:
            print(f"{training.step} steps; weights are in {self.run_folder / WEIGHTS_FILE}")
        return _INTERRUPTED if stop.is_set() else 0

    def settings(self) -> "TrainingConfig":
        """What the options and files say; UserError where they say nothing that can be trained."""
        from pandanet_core.training.config import CONFIG_FILE, read_config
        from pandanet_core.training.recipes import recipe_named

        own = self.run_folder / CONFIG_FILE
        source = self.config or (own if self.resume else None)
        if self.recipe and source:
            raise UserError(f"The settings come from {source}; leave --recipe out.")
        if own.exists() and not self.resume and not self.dry_run:
            raise UserError(
                f"{self.run_folder} already holds a run; add --resume to go on with it or name "
                "another folder."
            )
        config = read_config(source) if source else recipe_named(self.recipe or "paper")
        changed = replace(config, **self._named(config))
        if not changed.data:
            raise UserError(
                "No training data is named; add --data crowd:FOLDER, made by 'pandanet crowd "
                "FOLDER --pictures 20000'."
            )
        return changed

    def _named(self, config: "TrainingConfig") -> dict[str, Any]:
        """The settings that options name."""
        from pandanet_core.network.config import NETWORKS

        switches = {"yes": True, "no": False, "bf16": True, "fp32": False}
        named: dict[str, Any] = {
            "data": self.data or None,
            "network": NETWORKS[self.network] if self.network else None,
            "augmentation": replace(config.augmentation, **_crop(self.size)) if self.size else None,
            "initial": str(self.initial) if self.initial else None,
            "initial_backbone": str(self.initial_backbone) if self.initial_backbone else None,
            "bfloat16": switches.get(self.precision or ""),
            "compile": switches.get(self.compile or ""),
            "tensorboard": switches.get(self.tensorboard or ""),
        }
        for name in (
            "skeleton",
            "steps",
            "batch_size",
            "micro_batch",
            "seed",
            "workers",
            "device",
            "checkpoint_every_s",
            "probe_every_steps",
        ):
            named[name] = getattr(self, name)
        return {name: value for name, value in named.items() if value is not None}


def _crop(size: str) -> dict[str, int]:
    """Width and height in px of a text such as 512x320."""
    width, _, height = size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UserError(f"--size {size} is no width x height in pixels; write it as 512x320.")
    return {"width_px": int(width), "height_px": int(height)}
