"""The network with fused layers, with synchronised norms, compiled: the same numbers."""

import copy
import shutil

import pytest
import torch
from torch import nn

from pandanet_core.network.config import SMALL, NetworkConfig
from pandanet_core.network.layers import fuse_batch_norm
from pandanet_core.network.pandanet import HeadFeatures
from pandanet_core.network.pictures import as_batch
from tests.core.random_network import TINY, batch_norms, noise_picture, random_network

DARKNET = NetworkConfig("darknet53", 8, 1, 8, 1, sub_pixel=True, pose3d_sees_pose2d=False)
SUB_PIXEL = NetworkConfig("repvgg", 8, 1, 8, 1, sub_pixel=True, pose3d_sees_pose2d=False)


def all_close(first: HeadFeatures, second: HeadFeatures) -> bool:
    return all(
        torch.allclose(a, b, rtol=1e-4, atol=1e-4)
        for a, b in zip(vars(first).values(), vars(second).values(), strict=True)
    )


@pytest.mark.parametrize("config", [TINY, SMALL, SUB_PIXEL], ids=["tiny", "small", "sub-pixel"])
def test_fused_layers_give_the_same_numbers(config: NetworkConfig) -> None:
    network = random_network(config)
    fused = copy.deepcopy(network)
    fuse_batch_norm(fused)
    assert not batch_norms(fused)
    picture = as_batch(noise_picture(1))
    for a, b in zip(vars(network(picture)).values(), vars(fused(picture)).values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("config", [SMALL, SUB_PIXEL, DARKNET], ids=["small", "repvgg", "darknet"])
def test_every_batch_norm_can_be_synchronised(config: NetworkConfig) -> None:
    """Names, numbers and frozen stages stay; what is left is fused as before."""
    network = random_network(config).train()
    network.backbone.freeze(3)
    picture = torch.cat([as_batch(noise_picture(n)) for n in (0, 1)])
    converted = nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(network))
    assert all(type(norm) is nn.SyncBatchNorm for norm in batch_norms(converted))
    assert len(batch_norms(converted)) == len(batch_norms(network))
    for (name, own), (other_name, other) in zip(
        network.state_dict().items(), converted.state_dict().items(), strict=True
    ):
        assert name == other_name
        assert torch.equal(own, other)
    frozen = batch_norms(converted.backbone.stages[:3])
    assert frozen
    assert not any(norm.training for norm in frozen)
    assert all_close(network(picture), converted(picture))
    for after, before in zip(batch_norms(converted), batch_norms(network), strict=True):
        assert torch.equal(after.running_mean, before.running_mean)
    expected = network.eval()(picture)
    fuse_batch_norm(converted.eval())
    assert not batch_norms(converted)
    assert all_close(converted(picture), expected)


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(TINY, id="repvgg"),
        pytest.param(SMALL, id="small", marks=pytest.mark.nightly),
        pytest.param(DARKNET, id="darknet", marks=pytest.mark.nightly),
    ],
)
def test_a_training_pass_is_one_graph_for_the_compiler(config: NetworkConfig) -> None:
    """`fullgraph` refuses whatever would break it; the graph is then run as it stands."""
    torch._dynamo.reset()
    network = random_network(config).requires_grad_(True).train()
    network.backbone.freeze(2)
    picture = torch.cat([as_batch(noise_picture(n)) for n in (0, 1)])
    compiled = torch.compile(network, fullgraph=True, backend="eager")
    with torch.autocast("cpu", torch.bfloat16):
        features = compiled(picture)
        expected = network(picture)
    for own, other in zip(vars(features).values(), vars(expected).values(), strict=True):
        assert torch.equal(own, other)
    sum(feature.float().square().mean() for feature in vars(features).values()).backward()
    assert network.score_head[0][0].weight.grad is not None


@pytest.mark.nightly
def test_the_compiled_network_gives_the_same_numbers() -> None:
    """Needs a C++ compiler; takes minutes."""
    if not shutil.which("g++"):
        pytest.skip("torch.compile needs a C++ compiler (g++)")
    torch._dynamo.reset()
    network = random_network(TINY)
    picture = as_batch(noise_picture(0))
    with torch.no_grad():
        assert all_close(torch.compile(network, fullgraph=True)(picture), network(picture))
