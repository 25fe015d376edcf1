"""`pandanet ablate`: the paper's Tables 1 and 2, trained and measured here."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_core.training.ablation import ScoredOn, Scores, Variant
    from pandanet_core.training.config import TrainingConfig
    from pandanet_core.training.loop import Log

_INTERRUPTED = 130


@dataclass(frozen=True)
class Ablate:
    """Train six variants with the same budget and seed, and print the paper's Tables 1 and 2.

    Table 1: no selection of anchors, box-aware, pose-aware. Table 2: every λ 1, learned for tasks,
    for anchors too, for joints too; its last row is Table 1's. Each variant has a run folder, and
    one that is finished is not trained again: after Ctrl+C, `pandanet ablate RUNS` goes on.
    """

    runs: Annotated[Path, tyro.conf.Positional]
    """Folder for the run folders, the tables (ablation.md) and their numbers (ablation.json)."""

    data: tuple[str, ...] = ()
    """Training pictures as KIND:FOLDER[:SPLIT][@SHARE], as in `pandanet train`."""

    test: str | None = None
    """Annotated pictures to measure on, as KIND:FOLDER[:SPLIT]; without, the test split of the
    first training data."""

    recipe: Literal["paper", "laptop"] | None = None
    """Settings, as in `pandanet train` (default: the paper's, which want a GPU)."""

    config: Path | None = None
    """Settings from a file instead; the options below override them."""

    network: Literal["small", "small-repvgg", "full"] | None = None
    """Shape of the network."""

    size: str | None = None
    """Width x height of the crops in px, multiples of 32 from 64 on, as 512x320."""

    steps: int | None = None
    """Steps of each variant."""

    batch_size: int | None = None
    """Pictures a step."""

    seed: int | None = None
    """Decides data order, augmentation and initial weights of all variants."""

    workers: int | None = None
    """Processes that prepare pictures."""

    device: Literal["auto", "cpu", "cuda"] | None = None
    """Where to train."""

    threads: int | None = None
    """CPU threads of the network (default: all cores)."""

    pictures: int | None = None
    """Measure only on the first ones."""

    pose_score: float | None = None
    """Score (0 to 1) from which on a detection counts in 3DPCK (default 0.3)."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress: steps of all variants together."""

    def run(self) -> int:
        """Train, measure, and print both tables; Ctrl+C keeps what is done and exits with 130."""
        from pandanet_core.cpu_threads import let_waiting_threads_sleep, use_threads

        let_waiting_threads_sleep()
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_core.data.sources import open_mixture
        from pandanet_core.skeleton import skeleton_named
        from pandanet_core.training.ablation import VARIANTS, ablate

        use_threads(self.threads)
        config = self._settings()
        scored_on = self._scored_on(config)
        mixture = open_mixture(config.data, "train", skeleton_named(config.skeleton))
        with stop_on_signal() as stop:
            scores = ablate(
                self.runs,
                mixture,
                config,
                scored_on,
                lambda weights: self._measure(weights, scored_on, stop),
                lambda variant: self._watch(variant, config),
                stop.is_set,
            )
        self._report(config, scored_on, scores)
        if len(scores) == len(VARIANTS):
            return 0
        print(
            f"\n{len(scores)} of {len(VARIANTS)} variants are finished; 'pandanet ablate "
            f"{self.runs}' goes on."
        )
        return _INTERRUPTED

    def _settings(self) -> "TrainingConfig":
        """What all variants share: what earlier calls kept, or what the options say."""
        from pandanet_app.commands.train import Train
        from pandanet_core.training.ablation import SETTINGS_FILE

        kept = self.runs / SETTINGS_FILE
        return Train(
            self.runs,
            data=self.data,
            recipe=self.recipe,
            config=self.config or (kept if kept.exists() else None),
            network=self.network,
            size=self.size,
            steps=self.steps,
            batch_size=self.batch_size,
            seed=self.seed,
            workers=self.workers,
            device=self.device,
        ).settings()

    def _scored_on(self, config: "TrainingConfig") -> "ScoredOn":
        """What to measure on: as options or earlier calls say; UserError where it does not fit."""
        from pandanet_core.data.sources import LIVE, parse_source
        from pandanet_core.evaluation.protocols.choice import protocol_for
        from pandanet_core.evaluation.protocols.meter import compared_joints
        from pandanet_core.skeleton import skeleton_named
        from pandanet_core.training.ablation import ScoredOn, read_scored_on

        first = parse_source(config.data[0])
        kept = read_scored_on(self.runs) or ScoredOn(f"{first.kind}:{first.folder}")
        if self.test is None and kept.data.startswith(f"{LIVE}:"):
            raise UserError(
                "crowd:live has no test split; name pictures to measure on with --test."
            )
        named: dict[str, Any] = {
            "data": self.test,
            "pictures": self.pictures,
            "pose_score": self.pose_score,
        }
        scored_on = replace(
            kept, **{name: value for name, value in named.items() if value is not None}
        )
        protocol = protocol_for(None, scored_on.data)
        if not len(protocol.open(scored_on.data)):
            raise UserError(f"{scored_on.data} has no annotated pictures; name others with --test.")
        compared_joints(skeleton_named(config.skeleton), protocol.compared, "The network")
        return scored_on

    @contextmanager
    def _watch(self, variant: "Variant", config: "TrainingConfig") -> Iterator["Log"]:
        """Shows the steps of all variants as those of one long training."""
        from pandanet_app.commands.training_progress import show_progress
        from pandanet_core.training.ablation import VARIANTS

        before = VARIANTS.index(variant)
        if self.progress == "json":
            names = {"variant": variant.name, "number": before + 1, "of": len(VARIANTS)}
            print(json.dumps(names), flush=True)
        elif self.progress == "rich":
            print(f"Variant {before + 1} of {len(VARIANTS)}: {variant.name}", file=sys.stderr)
        everything = replace(config, steps=len(VARIANTS) * config.steps)
        with show_progress(self.progress, everything) as show:
            yield lambda numbers: show(numbers | {"step": before * config.steps + numbers["step"]})

    def _measure(self, weights: Path, scored_on: "ScoredOn", stop: Event) -> "Scores | None":
        """Scores of weights, whose report is written beside them; None once `stop` is set."""
        from pandanet_app.commands.evaluate import Evaluate
        from pandanet_core.evaluation.summary import headline
        from pandanet_core.training.ablation import Scores

        report = weights.parent / "report"
        try:
            evaluated = Evaluate(
                weights,
                scored_on.data,
                report,
                pictures=scored_on.pictures,
                pose_score=scored_on.pose_score,
                progress=self.progress,
            ).evaluate(stop)
        except KeyboardInterrupt:
            return None
        if stop.is_set():
            return None
        evaluated.write(report)
        found = headline(evaluated.measurement, scored_on.pose_score)
        return Scores(found.average_precision, found.pck_3d)

    def _report(
        self,
        config: "TrainingConfig",
        scored_on: "ScoredOn",
        scores: "Mapping[Variant, Scores]",
    ) -> None:
        """Print both tables, and write them for people and for programs."""
        from pandanet_core.evaluation.report import Report
        from pandanet_core.evaluation.table import table_to_markdown
        from pandanet_core.files import write_text
        from pandanet_core.training.ablation import ablation_tables

        note = (
            f"{config.steps} steps of {config.batch_size} pictures and seed {config.seed} for each "
            f"row, measured on {scored_on.data}. The paper's figures are of its full network on JTA."
        )
        tables = ablation_tables(scores, note)
        facts = {"training data": ", ".join(config.data), **asdict(scored_on)}
        text = "\n\n".join(table_to_markdown(table) for table in tables)
        write_text(self.runs / "ablation.md", f"{text}\n")
        write_text(self.runs / "ablation.json", Report("Ablation", facts, tables).to_json())
        print(text)
