"""`pandanet ablate`: six real trainings of a tiny network, interrupted once, beside the paper's."""

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from pandanet_app.cli import main
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.evaluation.measure import measure_picture, together
from pandanet_core.evaluation.summary import headline
from pandanet_core.training.ablation import (
    NO_LAMBDA,
    TABLE_1,
    TABLE_2,
    TASK,
    TASK_AND_ANCHOR,
    VARIANTS,
    WHOLE,
    ScoredOn,
    Scores,
    Variant,
    ablate,
    ablation_tables,
    read_scored_on,
)
from pandanet_core.training.config import read_config, write_config
from pandanet_core.weights import load_weights
from tests.core.jta_folder import write_sequence
from tests.core.small_training import pictures, settings

STEPS, TESTED, DEADLINE_S = 30, 4, 300
PAPER = {
    "none": (84.1, 80.7),
    "box-aware": (85.1, 81.9),
    "pose-aware": (85.3, 83.2),
    "all 1": (21.7, 15.8),
    "task": (84.1, 80.8),
    "task, anchor": (85.2, 81.7),
    "task, anchor, joint": (85.3, 83.2),
}
"""Spec, section 9."""


def interrupted(command: list[str], when: Path) -> str:
    """What a real process prints that is interrupted once the log `when` has two lines."""
    program = subprocess.Popen(
        [sys.executable, "-m", "pandanet_app", *command], stdout=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + DEADLINE_S
    while not (when.exists() and when.read_text().count("\n") >= 2):
        assert program.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    program.send_signal(signal.SIGINT)
    said, _ = program.communicate(timeout=DEADLINE_S)
    assert program.returncode == 130
    return said


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an ablation that was interrupted in its second training and then finished."""
    folder = tmp_path_factory.mktemp("ablation")
    write_sequence(folder / "data", 1, pictures())
    write_sequence(folder / "data", 2, pictures()[:TESTED], "test")
    shared = settings(channels=8, steps=STEPS, data=(), batch_size=4)
    write_config(folder / "settings.json", shared)
    runs, options = folder / "runs", ["--threads", "1", "--progress", "none"]
    command = [
        "ablate",
        str(runs),
        "--config",
        str(folder / "settings.json"),
        "--pose-score",
        "0.1",
    ]
    command += ["--data", f"jta:{folder / 'data'}", *options]

    said = interrupted(command, runs / "selection-none" / "log.jsonl")

    assert "1 of 6 variants are finished; 'pandanet ablate" in said
    assert "| none       |    – |         84.1 |" in said
    first = (runs / "whole" / "weights.safetensors").stat().st_mtime_ns
    assert main(["ablate", str(runs), *options]) == 0
    assert (runs / "whole" / "weights.safetensors").stat().st_mtime_ns == first
    return runs


def log_of(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_six_trainings_differ_in_one_thing_each(runs: Path) -> None:
    whole = read_config(runs / "whole" / "config.json")
    assert whole.selection.rule == "pose-aware"
    varied = {}
    for variant in VARIANTS:
        config = read_config(runs / variant.name / "config.json")
        losses = config.losses
        flags = (losses.learn_task, losses.learn_anchor, losses.learn_joint)
        varied[variant.name] = (config.selection.rule, *flags)
        assert replace(config, selection=whole.selection, losses=whole.losses) == whole
        log = log_of(runs / variant.name)
        assert [numbers["step"] for numbers in log] == list(range(1, STEPS + 1))
    assert varied == {
        "whole": ("pose-aware", True, True, True),
        "selection-none": ("none", True, True, True),
        "selection-box-aware": ("box-aware", True, True, True),
        "lambda-none": ("pose-aware", False, False, False),
        "lambda-task": ("pose-aware", True, False, False),
        "lambda-task-anchor": ("pose-aware", True, True, False),
    }


def test_all_start_from_the_same_weights_and_pictures(runs: Path) -> None:
    """Every λ is 1 at first, and the selection concerns the scores' loss alone."""
    first = {variant.name: log_of(runs / variant.name)[0] for variant in VARIANTS}
    for name in ("loss_box", "loss_pose2d", "loss_pose3d", "people", "positives"):
        assert len({numbers[name] for numbers in first.values()}) == 1
    assert len({first[variant.name]["loss"] for variant in (WHOLE, TASK, NO_LAMBDA)}) == 1
    share = {name: numbers["selected_share"] for name, numbers in first.items()}
    assert share["selection-none"] == 1
    assert share["whole"] == share["lambda-task"] < 1


def test_only_the_lambdas_that_are_meant_to_are_learned(runs: Path) -> None:
    learned = {}
    for variant in (WHOLE, TASK_AND_ANCHOR, TASK, NO_LAMBDA):
        lambdas = load_weights(runs / variant.name / "weights.safetensors").loss_weights
        learned[variant] = [
            bool(torch.count_nonzero(lambdas[name])) for name in ("task", "anchor", "joint")
        ]
    assert list(learned.values()) == [
        [True, True, True],
        [True, True, False],
        [True, False, False],
        [False, False, False],
    ]


def test_the_tables_hold_what_the_weights_reach_and_the_papers_figures(runs: Path) -> None:
    values = json.loads((runs / "ablation.json").read_text())
    reached = set()
    for table, rows in zip(values["tables"], (TABLE_1, TABLE_2), strict=True):
        for row, found in zip(rows, table["rows"], strict=True):
            assert (found["paper's AP %"], found["paper's 3DPCK %"]) == PAPER[row.name]
            average_precision, pck = measured(runs / row.variant.name / "weights.safetensors")
            assert found["AP %"] == pytest.approx(100 * average_precision)
            assert found["3DPCK %"] == pytest.approx(100 * pck)
            reached.add(found["3DPCK %"])
    assert max(reached) > 20
    assert len(reached) > 2
    assert (runs / "ablation.md").read_text().count("| pose-aware") == 1
    assert (runs / "whole" / "report.html").exists()


def measured(weights: Path) -> tuple[float, float]:
    detector = Detector(weights, DetectorOptions(min_score=0.05))
    tested = pictures()[:TESTED]
    found = [detector(sample.image, sample.camera) for sample in tested]
    result = headline(together(map(measure_picture, tested, found)), 0.1)
    return result.average_precision, result.pck_3d


def test_an_ablation_goes_on_with_the_settings_that_it_began_with(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, said in (
        (("--seed", "1"), "seed was 0 and is 1"),
        (("--steps", "50"), f"are trained for {STEPS} steps; give --steps {STEPS}"),
        (("--pictures", "0"), "0 pictures cannot be measured"),
        (("--pose-score", "2"), "The score is 2; give one between 0 and 1"),
        (("--test", "jta:/nowhere"), "/nowhere"),
    ):
        assert main(["ablate", str(runs), "--progress", "none", *options]) == 2
        assert said in capsys.readouterr().err


def test_on_other_pictures_all_are_measured_again_and_none_is_trained(
    runs: Path, tmp_path: Path
) -> None:
    copied = tmp_path / "runs"
    shutil.copytree(runs, copied)
    asked: list[str] = []

    def run(scored_on: ScoredOn, stop_at: int = 99) -> dict[Variant, Scores]:
        def evaluate(weights: Path) -> Scores | None:
            asked.append(weights.parent.name)
            return Scores(len(asked) / 10, 0.5) if len(asked) < stop_at else None

        config = read_config(copied / "settings.json")
        return ablate(
            copied, pictures(), config, scored_on, evaluate, lambda _: nullcontext(fail), never
        )

    def fail(numbers: dict[str, float]) -> None:
        raise AssertionError("a step was taken")

    names = [variant.name for variant in VARIANTS]
    assert list(run(ScoredOn("jta:a"), stop_at=3)) == list(VARIANTS[:2])
    scores = run(ScoredOn("jta:a"))
    assert asked == [*names[:3], *names[2:]]
    assert run(ScoredOn("jta:a")) == scores
    assert len(asked) == 7
    assert read_scored_on(copied) == ScoredOn("jta:a")


def never() -> bool:
    return False


def test_what_is_not_measured_yet_is_a_dash() -> None:
    first, second = ablation_tables({WHOLE: Scores(0.5, 0.25)}, "")
    assert [row["AP %"] for row in first.rows] == [None, None, 50.0]
    assert [row["3DPCK %"] for row in second.rows] == [None, None, None, 25.0]
