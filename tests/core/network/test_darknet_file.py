"""darknet53.conv.74: files written here from a reference network built from the published layers."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from pandanet_core.errors import UserError
from pandanet_core.network.backbones import Darknet53
from pandanet_core.network.darknet_file import load_darknet_weights
from pandanet_core.network.pictures import as_batch
from tests.core.random_network import noise_picture

PUBLISHED_SIZE = 162_482_580
"""Bytes of darknet53.conv.74."""

PUBLISHED_LAYERS = [(32, 3, 1)]
"""Filters, kernel and stride of the 52 convolutions (YOLOv3, Table 1)."""
for filters, blocks in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
    PUBLISHED_LAYERS += [(filters, 3, 2)] + [(filters // 2, 1, 1), (filters, 3, 1)] * blocks

Layer = dict[str, Tensor]


def random_layers(seed: int) -> list[Layer]:
    """Numbers of a network whose features neither die nor grow."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    layers, inputs = [], 3
    for filters, kernel, _ in PUBLISHED_LAYERS:
        layers.append(
            {
                "bias": normal(filters) * 0.3,
                "scale": 1 + normal(filters) * 0.2,
                "mean": normal(filters) * 0.1,
                "variance": 0.5 + torch.rand(filters, generator=generator),
                "kernel": normal(filters, inputs, kernel, kernel) / (inputs * kernel**2) ** 0.5,
            }
        )
        inputs = filters
    return layers


def reference_features(layers: list[Layer], picture: np.ndarray) -> list[Tensor]:
    """Maps of strides 8, 16, 32 of a picture from 0 to 1, written out layer by layer.

    Round the picture lies the grey that our normalised pictures have there, not darknet's black.
    """
    x = torch.from_numpy(picture.astype(np.float32)).permute(2, 0, 1)[None] / 255
    x = functional.pad(x, (1, 1, 1, 1), value=127 / 255)
    before, ends = x, []
    for number, (layer, (_, kernel, stride)) in enumerate(
        zip(layers, PUBLISHED_LAYERS, strict=True)
    ):
        if stride == 2 and number > 1:
            ends.append(x)
        if kernel == 1:
            before = x
        x = functional.conv2d(x, layer["kernel"], None, stride, 0 if number == 0 else kernel // 2)
        x = (x - layer["mean"][:, None, None]) / (layer["variance"] + 1e-5).sqrt()[:, None, None]
        x = x * layer["scale"][:, None, None] + layer["bias"][:, None, None]
        x = torch.where(x > 0, x, 0.1 * x)
        if number and stride == 1 and kernel == 3:
            x = x + before
    return [*ends[2:], x]


def write_file(path: Path, layers: list[Layer]) -> Path:
    with path.open("wb") as file:
        file.write(np.array([0, 2, 0], "<i4").tobytes() + np.array([32_013_312], "<i8").tobytes())
        for layer in layers:
            for name in ("bias", "scale", "mean", "variance", "kernel"):
                file.write(layer[name].numpy().astype("<f4").tobytes())
    return path


@pytest.fixture(scope="module")
def layers() -> list[Layer]:
    return random_layers(0)


@pytest.fixture(scope="module")
def backbone() -> Darknet53:
    return Darknet53().eval()


@pytest.fixture(scope="module")
def written(layers: list[Layer], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_file(tmp_path_factory.mktemp("darknet") / "darknet53.conv.74", layers)


@pytest.fixture
def file(written: Path) -> Iterator[Path]:
    """A good file; what a test does to its first and last bytes is undone."""
    content = np.memmap(written, np.uint8, "r")
    first, last = content[:1000].tobytes(), content[-1000:].tobytes()
    del content
    yield written
    os.truncate(written, PUBLISHED_SIZE)
    with written.open("r+b") as changed:
        changed.write(first)
        changed.seek(-1000, os.SEEK_END)
        changed.write(last)


def overwrite(path: Path, place: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(content)


def test_the_file_is_as_long_as_the_published_one(file: Path) -> None:
    assert file.stat().st_size == PUBLISHED_SIZE


def test_features_are_the_references(layers: list[Layer], file: Path, backbone: Darknet53) -> None:
    load_darknet_weights(backbone, file)
    picture = noise_picture(3, 64, 96)
    with torch.no_grad():
        features = backbone(as_batch(picture))
    for own, expected in zip(features, reference_features(layers, picture), strict=True):
        torch.testing.assert_close(own, expected, rtol=1e-3, atol=1e-3 * float(expected.std()))


@pytest.mark.parametrize(("version", "seen_bytes"), [((1, 0), 8), ((0, 1), 4)])
def test_other_versions_of_the_header(
    layers: list[Layer],
    file: Path,
    tmp_path: Path,
    backbone: Darknet53,
    version: tuple[int, int],
    seen_bytes: int,
) -> None:
    path = tmp_path / "other version"
    head = np.array([*version, 0], "<i4").tobytes() + bytes(seen_bytes)
    path.write_bytes(head + file.read_bytes()[20:])
    load_darknet_weights(backbone, path)
    for place in (1, -1):
        convolution = [m for m in backbone.modules() if isinstance(m, nn.Conv2d)][place]
        assert torch.equal(convolution.weight, layers[place]["kernel"])


def test_a_synchronised_backbone_reads_the_same(layers: list[Layer], file: Path) -> None:
    backbone = nn.SyncBatchNorm.convert_sync_batchnorm(Darknet53())
    load_darknet_weights(backbone, file)
    last = [module for module in backbone.modules() if isinstance(module, nn.SyncBatchNorm)][-1]
    assert torch.equal(last.running_var, layers[-1]["variance"])


@pytest.mark.parametrize(
    ("bytes_more", "message"),
    [
        (-4, "too short for Darknet-53"),
        (-1, "too short for Darknet-53"),
        (4, r"too long for Darknet-53 .*darknet53\.conv\.74"),
        (1, "too long for Darknet-53"),
        (20 * 2**30, "too long for Darknet-53"),
    ],
)
def test_a_file_of_another_length_is_refused(
    file: Path, backbone: Darknet53, bytes_more: int, message: str
) -> None:
    before = backbone.stages[0][0].weight.clone()
    os.truncate(file, PUBLISHED_SIZE + bytes_more)
    with pytest.raises(UserError, match=message) as refused:
        load_darknet_weights(backbone, file)
    assert str(refused.value).count(". ") == 0
    assert torch.equal(backbone.stages[0][0].weight, before)


@pytest.mark.parametrize("length", [0, 9, 20, 24])
def test_hardly_a_file_is_refused(tmp_path: Path, backbone: Darknet53, length: int) -> None:
    (tmp_path / "stub").write_bytes(bytes(length))
    with pytest.raises(UserError, match="too short for Darknet-53"):
        load_darknet_weights(backbone, tmp_path / "stub")


@pytest.mark.parametrize(
    ("value", "message"), [(np.nan, "not finite"), (-0.5, "variances below zero")]
)
def test_numbers_that_no_network_has_are_refused(
    file: Path, backbone: Darknet53, value: float, message: str
) -> None:
    first_variance = 20 + 4 * 3 * 32
    overwrite(file, first_variance, np.float32(value).tobytes())
    before = backbone.stages[0][0].weight.clone()
    with pytest.raises(UserError, match=message):
        load_darknet_weights(backbone, file)
    assert torch.equal(backbone.stages[0][0].weight, before)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, backbone: Darknet53) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(UserError, match="cannot be read; check the path"):
            load_darknet_weights(backbone, path)
