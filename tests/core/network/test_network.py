"""The network: shapes and strides, Figure 3, its start, single anchors, its description."""

import numpy as np
import pytest
import torch
from torch import nn

from pandanet_core.errors import UserError
from pandanet_core.network.config import FULL, FULL_STRIDE_8, SMALL, SMALL_REPVGG, NetworkConfig
from pandanet_core.network.pandanet import HeadFeatures, PandaNet
from pandanet_core.network.pictures import as_batch, normalise, pad_to_multiple
from tests.core import brute_force
from tests.core.random_network import ANCHORS, TINY, batch_norms, noise_picture, random_network

CONFIGS = {"small": SMALL, "small-repvgg": SMALL_REPVGG, "full": FULL, "full-8": FULL_STRIDE_8}
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


@pytest.mark.parametrize("config", [TINY, SUB_PIXEL, SMALL], ids=["tiny", "sub-pixel", "small"])
def test_a_forward_pass_of_a_small_picture(config: NetworkConfig) -> None:
    network = random_network(config)
    features = network(as_batch(noise_picture(0, 64, 96)))
    assert features.pose3d.shape[2:] == (64 // config.stride, 96 // config.stride)
    assert features.pose3d.isfinite().all()
    assert features.pose3d.std() > 0


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
