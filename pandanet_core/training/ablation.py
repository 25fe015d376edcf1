"""Tables 1 and 2 of the paper: the same training again and again, with one thing left out."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from pandanet_core.data.mixture import Mixture
from pandanet_core.data.sample import Samples
from pandanet_core.errors import UserError
from pandanet_core.evaluation.table import Table, Value
from pandanet_core.files import write_text
from pandanet_core.selection import SelectionRule
from pandanet_core.training.config import TrainingConfig, read_config, write_config
from pandanet_core.training.loop import CHECKPOINTS, WEIGHTS_FILE, Log, Stop, train
from pandanet_core.training.run_folder.resuming import refuse_changes

SETTINGS_FILE = "settings.json"
"""What all variants share."""
SCORED_ON_FILE = "scored-on.json"
"""What all variants are measured on."""
SCORES_FILE = "scores.json"
"""In the run folder of a finished variant."""


@dataclass(frozen=True)
class Variant:
    """One training of the ablation.

    Attributes:
        name: Of its run folder.
        rule: How A++ is chosen (Table 1).
        learn_task, learn_anchor, learn_joint: Which λ are learned; 1 otherwise (Table 2).
    """

    name: str
    rule: SelectionRule = "pose-aware"
    learn_task: bool = True
    learn_anchor: bool = True
    learn_joint: bool = True

    def settings(self, config: TrainingConfig) -> TrainingConfig:
        """The settings of this training: `config`'s, but for what is varied."""
        losses = replace(
            config.losses,
            learn_task=self.learn_task,
            learn_anchor=self.learn_anchor,
            learn_joint=self.learn_joint,
        )
        return replace(config, selection=replace(config.selection, rule=self.rule), losses=losses)


WHOLE = Variant("whole")
"""The last row of both tables: pose-aware selection, every λ learned."""
BOX_AWARE = Variant("selection-box-aware", rule="box-aware")
NO_SELECTION = Variant("selection-none", rule="none")
TASK_AND_ANCHOR = Variant("lambda-task-anchor", learn_joint=False)
TASK = Variant("lambda-task", learn_anchor=False, learn_joint=False)
NO_LAMBDA = Variant("lambda-none", learn_task=False, learn_anchor=False, learn_joint=False)

VARIANTS = (WHOLE, NO_SELECTION, BOX_AWARE, NO_LAMBDA, TASK, TASK_AND_ANCHOR)
"""Every training, in the order in which they run."""


@dataclass(frozen=True)
class Row:
    """A row of one of the paper's tables, with the paper's figures in percent."""

    name: str
    variant: Variant
    paper_ap: float
    paper_3dpck: float


TABLE_1 = (
    Row("none", NO_SELECTION, 84.1, 80.7),
    Row("box-aware", BOX_AWARE, 85.1, 81.9),
    Row("pose-aware", WHOLE, 85.3, 83.2),
)
TABLE_2 = (
    Row("all 1", NO_LAMBDA, 21.7, 15.8),
    Row("task", TASK, 84.1, 80.8),
    Row("task, anchor", TASK_AND_ANCHOR, 85.2, 81.7),
    Row("task, anchor, joint", WHOLE, 85.3, 83.2),
)


@dataclass(frozen=True)
class ScoredOn:
    """What variants are measured on.

    Attributes:
        data: Annotated pictures, as KIND:FOLDER[:SPLIT].
        pictures: Only so many of the first ones; None: all.
        pose_score: Score from which on a detection counts in 3DPCK, 0 to 1.
    """

    data: str
    pictures: int | None = None
    pose_score: float = 0.3

    def __post_init__(self) -> None:
        """UserError names what nothing can be measured with."""
        if self.pictures is not None and self.pictures < 1:
            raise UserError(f"{self.pictures} pictures cannot be measured; give 1 or more.")
        if not 0 <= self.pose_score <= 1:
            raise UserError(f"The score is {self.pose_score:g}; give one between 0 and 1.")


@dataclass(frozen=True)
class Scores:
    """How good a variant is on the test pictures, as shares."""

    average_precision: float
    pck_3d: float


Evaluate = Callable[[Path], Scores | None]
"""Measures a run folder's weights; None where the person stopped it."""
Watch = Callable[[Variant], AbstractContextManager[Log]]
"""Entered round each training; gives what is told every step's numbers."""


def ablate(
    folder: Path,
    samples: Samples | Mixture,
    config: TrainingConfig,
    scored_on: ScoredOn,
    evaluate: Evaluate,
    watch: Watch,
    stop: Stop,
) -> dict[Variant, Scores]:
    """Train and measure every variant that is not finished yet, each in a run folder of its own.

    Args:
        folder: For the run folders.
        samples: Training pictures.
        config: Settings that all variants share, seed and steps among them.
        scored_on: What `evaluate` measures on; scores of something else are measured again.
        evaluate: Measures the weights of a run folder.
        watch: Shows progress.
        stop: Asked before each step; what was done by then is kept, and goes on another time.

    Returns:
        The scores of the variants that are finished, those of earlier calls too.

    Raises:
        UserError: As `train`; or earlier calls had other settings.
    """
    _keep_settings(folder, config)
    write_text(folder / SCORED_ON_FILE, json.dumps(asdict(scored_on)) + "\n")
    scores: dict[Variant, Scores] = {}
    for variant in VARIANTS:
        run = folder / variant.name
        found = _read_scores(run, scored_on)
        if found is None:
            found = _train_and_measure(
                run, samples, variant.settings(config), evaluate, watch(variant), stop
            )
            if found is None:
                break
            write_text(run / SCORES_FILE, json.dumps([asdict(scored_on), asdict(found)]) + "\n")
        scores[variant] = found
    return scores


def _train_and_measure(
    run: Path,
    samples: Samples | Mixture,
    config: TrainingConfig,
    evaluate: Evaluate,
    watching: AbstractContextManager[Log],
    stop: Stop,
) -> Scores | None:
    """None where the person stopped it."""
    begun = any((run / CHECKPOINTS).glob("*.pt"))
    with watching as on_step:
        training = train(run, samples, config, begun, on_step, stop)
    return evaluate(run / WEIGHTS_FILE) if training.step == config.steps and not stop() else None


def _keep_settings(folder: Path, config: TrainingConfig) -> None:
    """UserError where the folder's other variants are trained with other settings; where and how
    fast may change."""
    path = folder / SETTINGS_FILE
    if path.exists():
        before = read_config(path)
        refuse_changes(before, config, new_data=False)
        if before.steps != config.steps:
            raise UserError(
                f"The variants in {folder} are trained for {before.steps} steps; give --steps "
                f"{before.steps}, or name another folder."
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_config(path, config)


def read_scored_on(folder: Path) -> ScoredOn | None:
    """What earlier calls measured on; None where there were none."""
    try:
        return ScoredOn(**json.loads((folder / SCORED_ON_FILE).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _read_scores(run: Path, scored_on: ScoredOn) -> Scores | None:
    """The scores of an earlier call; None where there are none of this kind."""
    try:
        before, scores = json.loads((run / SCORES_FILE).read_text())
        return Scores(**scores) if before == asdict(scored_on) else None
    except (OSError, ValueError, TypeError):
        return None


def ablation_tables(scores: Mapping[Variant, Scores], note: str) -> tuple[Table, Table]:
    """Tables 1 and 2 beside the paper's figures; a dash for what is not measured yet."""
    return (
        Table("Table 1: selection of anchors", note, tuple(_values("selection", TABLE_1, scores))),
        Table("Table 2: learned λ", note, tuple(_values("learned λ", TABLE_2, scores))),
    )


def _values(
    what: str, rows: tuple[Row, ...], scores: Mapping[Variant, Scores]
) -> list[dict[str, Value]]:
    values: list[dict[str, Value]] = []
    for row in rows:
        found = scores.get(row.variant)
        values.append(
            {
                what: row.name,
                "AP %": 100 * found.average_precision if found else None,
                "paper's AP %": row.paper_ap,
                "3DPCK %": 100 * found.pck_3d if found else None,
                "paper's 3DPCK %": row.paper_3dpck,
            }
        )
    return values
