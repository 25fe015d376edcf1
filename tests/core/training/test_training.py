"""Training as a whole: it learns, it can be interrupted, it is the same every time."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.data.convert import convert
from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.errors import UserError
from pandanet_core.skeleton import COCO17
from pandanet_core.training.checkpoint import load_checkpoint
from pandanet_core.training.config import read_config
from pandanet_core.training.loop import take_step, train
from pandanet_core.training.state import Training, begin
from pandanet_core.weights import load_weights
from tests.core import brute_force
from tests.core.network.test_darknet_file import random_layers, write_file
from tests.core.small_training import few_steps, pictures, settings
from tests.full_disk import small_disk


def never() -> bool:
    return False


def run_training(
    run: Path, config: Any, resume: bool = False, stop: Callable[[], bool] = never
) -> Training:
    return train(run, pictures(), config, resume, lambda numbers: None, stop)


def same(first: Any, second: Any) -> bool:
    """Whether two nested states hold the same bits."""
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(v, second[k]) for k, v in first.items())
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return bool(first == second)


def losses_logged(run: Path) -> list[float]:
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [numbers["step"] for numbers in log] == [1, 2, 3, 4, 5, 6]
    return [numbers["loss"] for numbers in log]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a training that nothing interrupted."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    run_training(run, few_steps())
    return run


def test_sixteen_pictures_are_learned_by_heart(tmp_path: Path) -> None:
    """From overlaps of about a half to boxes and poses; the detector finds the people."""
    log: list[dict[str, float]] = []
    train(tmp_path, pictures(), settings(channels=32, steps=120), False, log.append, never)
    first = {name: np.mean([numbers[name] for numbers in log[:3]]) for name in log[0]}
    last = {name: np.mean([numbers[name] for numbers in log[-3:]]) for name in log[0]}
    assert last["loss"] < first["loss"] - 4
    assert first["box_iou"] < 0.6 < 0.85 < last["box_iou"]
    assert first["pose_overlap"] < 0.65 < 0.85 < last["pose_overlap"]
    assert last["mpjpe_mm"] < 0.65 * last["mean_pose_mpjpe_mm"] < first["mpjpe_mm"]
    assert last["bce"] < 0.6 * first["bce"]
    assert last["people_with_selected_anchor"] > 0.95
    assert last["lambda_box"] > 2
    assert load_weights(tmp_path / "weights.safetensors").loss_weights["history.task"].shape == (
        1,
        4,
    )

    detector = Detector(tmp_path / "weights.safetensors", DetectorOptions(device="cpu"))
    found = wrong = 0
    for sample in pictures():
        people = detector(sample.image)
        hits = [max((brute_force.iou(box, own) for own in people.boxes), default=0) > 0.5
                for box in sample.boxes]  # fmt: skip
        found += sum(hits)
        wrong += max(len(people) - sum(hits), 0)
    assert found >= 29, "of 32 people"
    assert wrong <= 5


def test_an_interrupted_training_that_goes_on_ends_with_the_same_bits(
    whole: Path, tmp_path: Path
) -> None:
    steps: list[float] = []
    train(tmp_path, pictures(), few_steps(), False, lambda numbers: steps.append(numbers["step"]),
          lambda: len(steps) == 3)  # fmt: skip
    assert load_checkpoint(tmp_path / "checkpoints").step == 3
    run_training(tmp_path, few_steps(), resume=True)
    expected, found = (load_checkpoint(run / "checkpoints") for run in (whole, tmp_path))
    assert found.step == expected.step == 6
    assert same(found.state, expected.state)
    assert losses_logged(tmp_path) == losses_logged(whole)


def test_another_seed_gives_other_weights(whole: Path, tmp_path: Path) -> None:
    training = run_training(tmp_path, few_steps(seed=1))
    expected = load_checkpoint(whole / "checkpoints").state
    assert not same(training.network.state_dict(), expected["network"])


def test_a_run_folder_says_how_it_was_made(whole: Path) -> None:
    assert read_config(whole / "config.json") == few_steps()
    weights = load_weights(whole / "weights.safetensors")
    made = {"steps": 6, "pictures": 24, "data": ["drawn"], "selection": "pose-aware"}
    assert weights.notes == made
    state = load_checkpoint(whole / "checkpoints").state
    assert torch.equal(weights.network.anchors, state["average"]["anchors"])
    stored = state["average"]["score_out.weight"].half().float()
    assert torch.equal(weights.network.score_out.weight, stored)


@pytest.mark.parametrize("term", ["pose2d", "pose3d"])
def test_a_loss_that_is_no_number_stops_the_training_and_keeps_the_batch(
    term: str, tmp_path: Path
) -> None:
    config = few_steps()
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    training = begin(data, config, torch.device("cpu"))
    before = {name: p.detach().clone() for name, p in training.network.named_parameters()}
    damaged = getattr(data[0], term).clone()
    damaged[0, 3] = torch.nan
    batch = replace(data[0], **{term: damaged})
    with pytest.raises(UserError, match=f"Step 0: {term} is no longer finite; its batch is saved"):
        take_step(training, batch, config, tmp_path)
    kept = torch.load(tmp_path / "non_finite_batch.pt", weights_only=True)
    assert torch.equal(kept["images"], batch.images)
    assert kept[term][0, 3].isnan().all()
    assert same(dict(training.network.named_parameters()), before)
    assert training.step == 0


def test_a_loss_that_is_no_number_is_said_on_a_full_disk_too(tmp_path: Path) -> None:
    config = few_steps()
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    training = begin(data, config, torch.device("cpu"))
    batch = replace(data[0], pose2d=data[0].pose2d * torch.nan)
    said = "pose2d is no longer finite; its batch could not be saved"
    with small_disk(tmp_path / "disk", 4096) as disk:
        with pytest.raises(UserError, match=said):
            take_step(training, batch, config, disk)
        assert not list(disk.iterdir())


def test_a_full_disk_ends_a_training_in_one_sentence(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 4096) as disk,
        pytest.raises(UserError, match=r"Cannot write .*: the disk is full; free some space"),
    ):
        run_training(disk / "run", few_steps())


def test_going_on_needs_a_checkpoint_of_the_same_network(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no checkpoint to resume from"):
        run_training(tmp_path, few_steps(), resume=True)
    other = replace(few_steps(), network=replace(few_steps().network, head_channels=16))
    with pytest.raises(UserError, match=r"network\.head_channels was 8 and is 16"):
        run_training(whole, other, resume=True)


def test_weights_can_be_the_start_of_another_training(whole: Path) -> None:
    config = few_steps(initial=str(whole / "weights.safetensors"), seed=5)
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    training = begin(data, config, torch.device("cpu"))
    given = load_weights(whole / "weights.safetensors")
    assert same(training.network.state_dict(), given.network.state_dict())
    assert torch.equal(training.loss_weights.task, given.loss_weights["task"])
    assert training.step == 0
    other = replace(config, network=replace(config.network, head_channels=16))
    differs = (
        r"another network .*\(head_channels 8 and not 16\); train with the --config of the run"
    )
    with pytest.raises(UserError, match=differs):
        begin(data, other, torch.device("cpu"))


def test_weights_of_other_joints_are_no_start(whole: Path) -> None:
    config = few_steps(initial=str(whole / "weights.safetensors"), skeleton="coco17")
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    with pytest.raises(UserError, match="knows the joints jta22, not coco17; train with --skel"):
        begin(data, config, torch.device("cpu"))


def test_pictures_without_3d_poses_train_other_joints_to_finite_numbers(tmp_path: Path) -> None:
    """COCO's joints of the drawn people, some of them alone in their picture, one picture empty;
    nobody has a 3D pose."""
    samples = []
    for number, sample in enumerate(pictures()):
        flat = convert(sample.people(slice(0, number % 3)), COCO17)
        has_2d = flat.has_2d.copy()
        has_2d[:, number % 17] = False
        samples.append(replace(flat, has_2d=has_2d, has_3d=np.zeros_like(flat.has_3d)))
    log: list[dict[str, float]] = []
    config = few_steps(skeleton="coco17", micro_batch=1)
    train(tmp_path, samples, config, False, log.append, never)
    assert all(np.isfinite(value) for numbers in log for value in numbers.values())
    assert all(numbers["mpjpe_mm"] == numbers["mean_pose_mpjpe_mm"] == 0 for numbers in log)
    assert log[-1]["loss"] < log[0]["loss"]
    weights = load_weights(tmp_path / "weights.safetensors")
    assert weights.skeleton is COCO17
    assert not weights.mean_pose3d.any()
    for name, value in load_checkpoint(tmp_path / "checkpoints").state["network"].items():
        assert value.isfinite().all(), name


def test_measuring_the_first_pictures_can_be_stopped() -> None:
    config = few_steps()
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    asked: list[int] = []

    def stop_the_second_time() -> bool:
        asked.append(1)
        return len(asked) == 2

    with pytest.raises(KeyboardInterrupt):
        begin(data, config, torch.device("cpu"), stop=stop_the_second_time)
    assert len(asked) == 2


@pytest.mark.nightly
def test_a_compiled_network_learns_the_same(tmp_path: Path) -> None:
    """Needs a C++ compiler; the first step takes a minute."""
    if not shutil.which("g++"):
        pytest.skip("torch.compile needs a C++ compiler (g++)")
    logs: list[list[dict[str, float]]] = [[], []]
    for log, compiled in zip(logs, (False, True), strict=True):
        config = few_steps(compile=compiled)
        train(tmp_path / str(compiled), pictures(), config, False, log.append, never)
    eager, compiled_log = ([numbers["loss"] for numbers in log] for log in logs)
    assert compiled_log[0] == pytest.approx(eager[0], rel=1e-5)
    assert compiled_log == pytest.approx(eager, abs=0.02)  # kinks let rounding errors grow
    assert load_weights(tmp_path / "True/weights.safetensors").notes["steps"] == 6


@pytest.mark.nightly
def test_darknets_weights_start_the_full_networks_backbone(tmp_path: Path) -> None:
    """A file of the published size in the published format; a thin pyramid, to be quick."""
    layers = random_layers(seed=0)
    write_file(tmp_path / "darknet53.conv.74", layers)
    config = few_steps(initial_backbone=str(tmp_path / "darknet53.conv.74"), frozen_stages=2)
    config = replace(config, network=replace(config.network, backbone="darknet53"))
    data = AugmentedBatches(pictures(), config.batch_size, config.augmentation, config.seed)
    network = begin(data, config, torch.device("cpu")).network
    last = [layer for layer in network.backbone.modules() if isinstance(layer, torch.nn.Conv2d)][-1]
    assert torch.equal(last.weight, layers[-1]["kernel"])
    learns = [stage[0][0].weight.requires_grad for stage in network.backbone.stages[1:]]
    assert learns == [False, True, True, True, True]
