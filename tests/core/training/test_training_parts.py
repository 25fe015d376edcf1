"""Schedule, checkpoints, settings, optimiser groups, running mean and priors, each for itself."""

import copy
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.anchors import AnchorGrid
from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.data.sample import Sample, root_relative
from pandanet_core.errors import UserError
from pandanet_core.losses import LossSettings, LossWeights
from pandanet_core.network.config import SMALL
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.selection import SelectionSettings
from pandanet_core.skeleton import JTA22
from pandanet_core.training.average import update_average
from pandanet_core.training.config import (
    OptimiserSettings,
    TrainingConfig,
    read_config,
    write_config,
)
from pandanet_core.training.priors import measure_priors
from pandanet_core.training.recipes import laptop, laptop_optimiser, paper
from pandanet_core.training.schedule import learning_rate_factor
from pandanet_core.training.state import make_optimiser
from tests.core import brute_force
from tests.core.drawn_people import stick_people
from tests.core.random_network import ANCHORS, TINY
from tests.core.small_training import WHOLE_PICTURES, few_steps, pictures


def test_the_learning_rate_warms_up_stays_and_cools_down() -> None:
    settings = OptimiserSettings(warm_up_steps=10, schedule="constant", cool_down_steps=20)
    factors = [learning_rate_factor(step, 100, settings) for step in range(101)]
    assert factors[:11] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1])
    assert set(factors[10:81]) == {1}
    assert factors[80:] == pytest.approx([1 - n / 20 for n in range(21)])


def test_the_papers_learning_rate_decays_with_power_0_9() -> None:
    factors = [
        learning_rate_factor(step, 1000, OptimiserSettings()) for step in (0, 500, 999, 1000)
    ]
    assert factors == pytest.approx([1, 0.5**0.9, 0.001**0.9, 0])


def test_the_papers_settings_are_the_default() -> None:
    """Section 4 of the paper; nothing but crops and scales varies its pictures."""
    config = paper()
    assert config == TrainingConfig(data=())
    assert (config.batch_size, config.network.backbone) == (24, "darknet53")
    assert (config.optimiser.kind, config.optimiser.learning_rate) == ("sgd", 0.005)
    assert (config.optimiser.clip_norm, config.optimiser.average_decay) == (None, 0)
    varied = config.augmentation
    assert (varied.width_px, varied.height_px) == (928, 576)
    assert varied.flip_share == varied.grey_share == varied.blur_share == varied.noise_share == 0
    network, weights = PandaNet(TINY, ANCHORS, 22), LossWeights(3, 22, LossSettings())
    optimiser = make_optimiser(network, weights, config.optimiser)
    assert isinstance(optimiser, torch.optim.SGD)
    for group in optimiser.param_groups:
        assert (group["momentum"], group["lr"], group["weight_decay"]) == (0.9, 0.005, 0)


def test_every_weight_is_moved_at_its_own_rate_and_lambdas_never_decay() -> None:
    network = PandaNet(SMALL, ANCHORS, 22)
    network.backbone.freeze(4)
    weights = LossWeights(3, 22, LossSettings(learn_joint=False))
    settings = laptop_optimiser()
    backbone, rest, lambdas = make_optimiser(network, weights, settings).param_groups
    assert [group["lr"] for group in (backbone, rest, lambdas)] == [2e-4, 1.5e-3, 1e-2]
    assert [group["weight_decay"] for group in (backbone, rest, lambdas)] == [1e-2, 1e-2, 0]
    by_group = [{id(p) for p in group["params"]} for group in (backbone, rest, lambdas)]
    assert by_group[2] == {id(weights.task), id(weights.anchor)}
    for name, parameter in network.named_parameters():
        frozen = name.startswith(tuple(f"backbone.stages.{stage}." for stage in range(4)))
        in_backbone = name.startswith("backbone.")
        assert (id(parameter) in by_group[0]) == (in_backbone and not frozen)
        assert (id(parameter) in by_group[1]) == (not in_backbone)
    nothing = LossWeights(3, 22, LossSettings(False, False, False))
    assert len(make_optimiser(network, nothing, settings).param_groups) == 2


def test_the_running_mean_follows_the_weights_faster_at_the_start() -> None:
    network = PandaNet(TINY, ANCHORS, 22)
    average = copy.deepcopy(network)
    expected = network.score_out.weight.detach().double().clone()
    for step in range(1, 60):
        with torch.no_grad():
            network.score_out.weight.normal_()
        update_average(average, network, step, decay=0.8)
        keep = min(0.8, (1 + step) / (10 + step))
        expected = keep * expected + (1 - keep) * network.score_out.weight.detach().double()
    np.testing.assert_allclose(average.score_out.weight.detach(), expected, atol=1e-5)
    update_average(average, network, 1000, decay=0.0)
    for mean, value in zip(
        average.state_dict().values(), network.state_dict().values(), strict=True
    ):
        assert torch.equal(mean, value)


def test_settings_survive_being_written(tmp_path: Path) -> None:
    for config in (few_steps(), TrainingConfig(data=("a", "b"), steps=7), laptop()):
        write_config(tmp_path / "config.json", config)
        assert read_config(tmp_path / "config.json") == config


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("steps",), "many", "wrong at steps"),
        (("surprise",), 1, "wrong at surprise"),
        (("network", "backbone"), "resnet50", "wrong at network.backbone"),
        (("optimiser", "kind"), "lion", "wrong at optimiser.kind"),
        (("losses", "learn_task"), "perhaps", "wrong at losses.learn_task"),
        (("batch_size",), 0, "batch_size is 0; give at least 1"),
        (("steps",), -5, "steps is -5; give at least 1"),
        (("seed",), -1, "seed is -1; give at least 0"),
        (("workers",), -1, "workers is -1; give at least 0"),
        (("device",), "tpu", "wrong at device"),
        (("frozen_stages",), -1, "frozen_stages is -1; give at least 0"),
        (("checkpoint_every_s",), math.nan, "checkpoint_every_s is nan; give at least 0"),
        (("augmentation", "width_px"), 100, "crop is 100 x 64 px; give multiples of 32"),
        (("augmentation", "least_scale"), 0, "least_scale is 0.0; give at least 0.01"),
        (("augmentation", "least_height_px"), -3, "least_height_px is -3.0; give at least 1"),
        (("augmentation", "tried_crops"), 0, "tried_crops is 0; give at least 1"),
        (("augmentation", "flip_share"), math.nan, "flip_share is nan; give 0 to 1"),
        (("optimiser", "learning_rate"), -1, "learning_rate is -1.0; give at least 0"),
        (("optimiser", "average_decay"), 2, "average_decay is 2.0; give 0 to 1"),
        (("optimiser", "clip_norm"), 0, "clip_norm is 0.0; give at least 1e-06"),
        (("losses", "task_bound"), -1, "task_bound is -1.0; give at least 0"),
        (("selection", "positive_above"), -1, "positive_above is -1.0; give 0 to 1"),
        (("network", "head_channels"), 0, "head_channels is 0; give 1 to 4096"),
    ],
)
def test_a_wrong_setting_is_named(
    tmp_path: Path, where: tuple[str, ...], value: Any, message: str
) -> None:
    path = tmp_path / "config.json"
    write_config(path, few_steps())
    settings = json.loads(path.read_text())
    inner = settings
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    path.write_text(json.dumps(settings))
    with pytest.raises(UserError, match=message):
        read_config(path)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "{}", "\x00"])
def test_settings_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(UserError, match=r"settings .*config.json are wrong"):
        read_config(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_config(tmp_path / "none.json")


def batches_of(samples: list[Sample], **changed: Any) -> AugmentedBatches:
    return AugmentedBatches(samples, 4, replace(WHOLE_PICTURES, **changed), seed=0)


def seen_from_near(sample: Sample) -> Sample:
    """So that the frame cuts everybody."""
    return replace(sample, boxes=sample.boxes * 2 - 32, pose2d=sample.pose2d * 2 - 32)


def test_priors_are_the_mean_poses_over_the_positive_anchors_of_people_who_are_wholly_inside() -> (
    None
):
    samples = pictures()[:10] + [seen_from_near(sample) for sample in pictures()[10:]]
    priors = measure_priors(batches_of(samples), 8, SelectionSettings(), pictures=16)
    whole, poses2d, poses3d = 0, [], []
    for sample in samples:
        inside = sample.boxes.clip(0, 64)
        people = brute_force.match(inside.tolist(), priors.anchors.tolist(), 8, 8, 8)
        is_whole = [brute_force.area(box) >= 7 / 8 * brute_force.area(original)
                    for box, original in zip(inside, sample.boxes, strict=True)]  # fmt: skip
        whole += sum(is_whole)
        relative, _ = root_relative(sample.pose3d_mm, JTA22)
        for a, i, j in np.argwhere(people.pono > 0.5):
            n = people.person[a, i, j]
            if is_whole[n]:
                box = np.array(brute_force.anchor_box(priors.anchors[a].tolist(), 8, i, j))
                centre, size = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
                poses2d.append((sample.pose2d[n] - centre) / size)
                poses3d.append(relative[n])
    assert 10 < whole < 32
    assert len(poses3d) > 2 * whole
    assert priors.anchors.shape == (10, 2)
    assert (priors.anchors.prod(1).diff() >= 0).all()
    np.testing.assert_allclose(priors.mean_pose3d, np.mean(poses3d, 0), atol=1e-5)
    np.testing.assert_allclose(priors.mean_pose2d, np.mean(poses2d, 0), atol=1e-5)


def test_joints_that_are_not_annotated_do_not_move_the_mean_pose() -> None:
    """Half of the people lack a wrist, nobody has a head top in 2D: the wrist's mean is the others'."""
    wrist, top = JTA22.index("left wrist"), JTA22.index("head top")
    whole, lacking = pictures()[:8], pictures()[8:]
    for sample in whole + lacking:
        sample.has_2d[:, top] = False
    for sample in lacking:
        sample.has_2d[:, wrist] = sample.has_3d[:, wrist] = False
    both, alone = (
        measure_priors(batches_of(samples), 8, SelectionSettings(), pictures=16, anchors=ANCHORS)
        for samples in (whole + lacking, whole)
    )
    np.testing.assert_allclose(both.mean_pose2d[wrist], alone.mean_pose2d[wrist], atol=1e-5)
    np.testing.assert_allclose(both.mean_pose3d[wrist], alone.mean_pose3d[wrist], atol=1e-5)
    assert not both.mean_pose2d[top].any()
    assert both.mean_pose3d[top].any()


def test_given_anchors_are_kept() -> None:
    priors = measure_priors(
        batches_of(pictures()), 8, SelectionSettings(), pictures=16, anchors=ANCHORS
    )
    assert priors.anchors is ANCHORS
    assert AnchorGrid(ANCHORS, 8, 8, 8).shape == (3, 8, 8)


def test_pictures_without_enough_people_to_learn_from_are_refused() -> None:
    few = [stick_people(seed, 1, 64, 64) for seed in range(8)]
    with pytest.raises(UserError, match="shows fewer than 10 people;"):
        measure_priors(batches_of(few), 8, SelectionSettings(), pictures=8)
    cut = [seen_from_near(sample) for sample in pictures()]
    with pytest.raises(UserError, match="fewer than 10 people who are wholly inside"):
        measure_priors(batches_of(cut), 8, SelectionSettings(), pictures=16)
