"""`pandanet train`: learn from annotated pictures."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

if TYPE_CHECKING:
    from pandanet_core.training.config import TrainingConfig


@dataclass(frozen=True)
class Train:
    """Train a network on annotated pictures, in a run folder that can be resumed."""

    run_folder: Annotated[Path, tyro.conf.Positional]
    """Folder for settings, log, checkpoints and weights."""

    data: tuple[str, ...] = ()
    """Training pictures as KIND:FOLDER[:SPLIT][@SHARE], KIND one of jta, crowd. Several are mixed,
    each with its share of every batch, or in proportion to their sizes."""

    config: Path | None = None
    """Settings to start from, as a run's config.json; the options below override them."""

    recipe: Literal["paper", "laptop"] = "paper"
    """Settings of a new training where no --config is given: the paper's (the full network, pictures
    of 928x576 px in batches of 24, SGD; wants a GPU), or what suits a few CPU cores (the small
    network, 384x288 px, 16, AdamW, bfloat16)."""

    network: Literal["small", "small-repvgg", "full"] | None = None
    """Shape of the network."""

    steps: int | None = None
    """Steps in all."""

    batch_size: int | None = None
    """Pictures a step."""

    seed: int | None = None
    """Decides data order, augmentation and initial weights."""

    initial: Path | None = None
    """Weights to start from."""

    workers: int | None = None
    """Processes that prepare pictures."""

    device: Literal["auto", "cpu", "cuda"] | None = None
    """Where to train."""

    threads: int | None = None
    """CPU threads of the network (default: all cores)."""

    resume: bool = False
    """Go on from the run folder's checkpoint."""

    dry_run: bool = False
    """Say what would be trained and stop."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress."""

    def run(self) -> int:
        """Train; Ctrl+C saves a checkpoint and exits with 130."""
        from pandanet_core.cpu_threads import let_waiting_threads_sleep

        let_waiting_threads_sleep()
        import signal

        import torch

        from pandanet_app.commands.training_progress import show_progress
        from pandanet_core.data.sources import open_mixture
        from pandanet_core.errors import UserError
        from pandanet_core.skeleton import skeleton_named
        from pandanet_core.training.config import CONFIG_FILE
        from pandanet_core.training.loop import train

        config = self._settings()
        if not config.data:
            raise UserError(
                "No training data is named; add --data crowd:FOLDER, made by 'pandanet crowd "
                "FOLDER --pictures 20000'."
            )
        if not self.resume and (self.run_folder / CONFIG_FILE).exists() and not self.dry_run:
            raise UserError(
                f"{self.run_folder} already holds a run; add --resume to go on with it or name "
                "another folder."
            )
        samples = open_mixture(config.data, "train", skeleton_named(config.skeleton))
        if self.dry_run:
            return self._describe(config, len(samples))
        if self.threads:
            torch.set_num_threads(self.threads)
        stopped: list[int] = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _frame: stopped.append(received))
        with show_progress(self.progress, config) as on_step:
            training = train(
                self.run_folder,
                samples,
                config,
                self.resume,
                on_step,
                lambda: bool(stopped),
                new_data=bool(self.data),
            )
        print(f"{training.step} steps; weights are in {self.run_folder / 'weights.safetensors'}")
        return 130 if stopped else 0

    def _settings(self) -> "TrainingConfig":
        from pandanet_core.network.config import FULL, SMALL, SMALL_REPVGG
        from pandanet_core.training.config import CONFIG_FILE, read_config
        from pandanet_core.training.recipes import recipe_named

        source = self.config or (self.run_folder / CONFIG_FILE if self.resume else None)
        config = read_config(source) if source else recipe_named(self.recipe)
        named: dict[str, Any] = {
            "data": self.data or None,
            "network": {"small": SMALL, "small-repvgg": SMALL_REPVGG, "full": FULL}.get(
                self.network or ""
            ),
            "steps": self.steps,
            "batch_size": self.batch_size,
            "seed": self.seed,
            "initial": str(self.initial) if self.initial else None,
            "workers": self.workers,
            "device": self.device,
        }
        return replace(
            config, **{name: value for name, value in named.items() if value is not None}
        )

    def _describe(self, config: "TrainingConfig", pictures: int) -> int:
        import torch

        from pandanet_core.network.pandanet import PandaNet
        from pandanet_core.skeleton import JTA22

        with torch.device("meta"):
            network = PandaNet(config.network, torch.zeros(10, 2), JTA22.joint_count)
        millions = sum(parameter.numel() for parameter in network.parameters()) / 1e6
        print(
            f"network: {config.network.backbone}, {millions:.1f} million parameters, output "
            f"stride {config.network.stride}"
        )
        print(f"data: {pictures} pictures from {', '.join(config.data)}")
        print(
            f"training: {config.steps} steps of {config.batch_size} pictures, "
            f"{config.optimiser.kind}"
        )
        return 0
