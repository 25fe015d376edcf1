"""Weights files: what is written is read; whatever else one may be given is refused and not run."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from pandanet_core.errors import UserError
from pandanet_core.network.pictures import as_batch
from pandanet_core.skeleton import COCO17, JTA22
from pandanet_core.weights import Weights, load_weights, save_weights
from tests.core.random_network import ANCHORS, noise_picture, random_network
from tests.full_disk import small_disk


def some_weights() -> Weights:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.from_numpy(rng.normal(size=shape).astype(np.float32))

    lambdas = {"task": normal(4), "anchor": normal(2, 3), "joint": normal(2, 3, 22)}
    lambdas |= {f"history.{name}": normal(5, *value.shape) for name, value in lambdas.items()}
    return Weights(
        random_network(), JTA22, normal(22, 3), lambdas, notes={"steps": 7, "data": ["crowd:a"]}
    )


@pytest.fixture(scope="module")
def good_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "some.safetensors"
    save_weights(path, some_weights())
    return path


def read_raw(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata())  # noqa: SIM118


def test_what_is_written_is_read(good_file: Path) -> None:
    written, read = some_weights(), load_weights(good_file)
    assert read.skeleton is JTA22
    assert read.name == "some"
    assert len(read.sha256) == 64
    assert read.notes == {"steps": 7, "data": ["crowd:a"]}
    assert torch.equal(read.mean_pose3d, written.mean_pose3d)
    assert torch.equal(read.network.anchors, ANCHORS)
    assert read.network.config == written.network.config
    assert set(read.loss_weights) == set(written.loss_weights)
    for name, value in written.loss_weights.items():
        assert torch.equal(read.loss_weights[name], value)
    picture = as_batch(noise_picture(1))
    for mine, theirs in zip(
        vars(written.network(picture)).values(), vars(read.network(picture)).values(), strict=True
    ):
        assert (mine - theirs).abs().max() < 0.02 * mine.std()
    assert not read.network.training
    assert all(value.dtype != torch.float16 for value in read.network.state_dict().values())


def test_half_precision_halves_the_file(good_file: Path) -> None:
    numbers = sum(value.numel() for value in some_weights().network.state_dict().values())
    assert good_file.stat().st_size < 2.2 * numbers


def test_writing_again_replaces_and_leaves_nothing_beside(good_file: Path, tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "w.safetensors"
    save_weights(path, some_weights())
    save_weights(path, replace(some_weights(), notes={"steps": 8}))
    assert load_weights(path).notes == {"steps": 8}
    assert [file.name for file in path.parent.iterdir()] == ["w.safetensors"]


def test_a_full_disk_leaves_the_old_file(good_file: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", good_file.stat().st_size // 2) as disk:
        path = disk / "w.safetensors"
        path.write_bytes(b"the old file")
        with pytest.raises(UserError, match=r"Cannot write .*: the disk is full; free some space"):
            save_weights(path, some_weights())
        assert path.read_bytes() == b"the old file"
        assert [file.name for file in disk.iterdir()] == ["w.safetensors"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write .*: its folder is a file"):
        save_weights(tmp_path / "file" / "w.safetensors", some_weights())


class Bomb:
    """What unpickles to a file being written."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return Path.touch, (self.marker,)


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    marker, path = tmp_path / "executed", tmp_path / "w.safetensors"
    for content in (pickle.dumps(Bomb(marker)), pickle.dumps({"state_dict": Bomb(marker)})):
        path.write_bytes(content)
        with pytest.raises(UserError, match="damaged or no weights file"):
            load_weights(path)
    torch.save({"network": Bomb(marker)}, path)
    with pytest.raises(UserError, match="damaged or no weights file"):
        load_weights(path)
    assert not marker.exists()
    pickle.loads(pickle.dumps(Bomb(marker)))
    assert marker.exists(), "the bomb itself does not work"


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for path in (tmp_path / "no.safetensors", tmp_path):
        with pytest.raises(UserError, match="no weights file"):
            load_weights(path)


@pytest.mark.parametrize("share", [0, 0.00001, 0.001, 0.5, 0.999999])
def test_a_file_cut_short_is_refused(good_file: Path, tmp_path: Path, share: float) -> None:
    content = good_file.read_bytes()
    path = tmp_path / "w.safetensors"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError, match="damaged or no weights file"):
        load_weights(path)


def test_random_bytes_and_damaged_headers_are_refused(good_file: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    content = bytearray(good_file.read_bytes())
    header = int.from_bytes(content[:8], "little")
    path = tmp_path / "w.safetensors"
    for size in (1, 8, 100, 10_000):
        path.write_bytes(rng.bytes(size))
        with pytest.raises(UserError):
            load_weights(path)
    for _ in range(30):
        broken = content.copy()
        broken[rng.integers(0, header)] ^= int(rng.integers(1, 255))
        path.write_bytes(broken)
        try:
            load_weights(path)
        except UserError:
            continue


@pytest.mark.parametrize("claim", [2**63, 2**40, 10**8])
def test_a_header_that_claims_to_be_huge_is_refused(tmp_path: Path, claim: int) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(claim.to_bytes(8, "little") + b'{"a": 1}')
    with pytest.raises(UserError, match="damaged or no weights file"):
        load_weights(path)


@pytest.mark.parametrize("shape", [[10**12], [2**40, 2**40], [10**6, 10**6], [-1]])
def test_a_tensor_that_claims_to_be_huge_is_refused(tmp_path: Path, shape: list[int]) -> None:
    header = json.dumps({"anchors": {"dtype": "F32", "shape": shape, "data_offsets": [0, 16]}})
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header.encode() + bytes(16))
    with pytest.raises(UserError, match="damaged or no weights file"):
        load_weights(path)


NETWORK = '{"backbone": "repvgg", "pyramid_channels": 8, "pyramid_convolutions": 1, '
NETWORK += '"head_channels": 8, "head_convolutions": 1, "sub_pixel": false, '
NETWORK += '"pose3d_sees_pose2d": true}'


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"format": "yolo"}, "holds no PandaNet weights"),
        ({"format_version": "2"}, "newer version of PandaNet .*update"),
        ({"format_version": "99999999999999999999"}, "newer version"),
        ({"format_version": "one"}, "holds no PandaNet weights"),
        ({"format_version": "²"}, "holds no PandaNet weights"),
        ({"format_version": "9" * 5000}, "holds no PandaNet weights"),
        ({"skeleton": "smpl24"}, "'smpl24' is unknown"),
        ({"skeleton": COCO17.name}, "does not fit"),
        ({"network": "null"}, "network's description"),
        ({"network": "{"}, "does not fit"),
        ({"network": "[" * 100_000}, "does not fit"),
        ({"network": NETWORK.replace("8", "16", 1)}, "does not fit"),
        ({"network": NETWORK.replace("repvgg", "darknet53")}, "does not fit"),
        ({"network": NETWORK.replace('"sub_pixel": false', '"sub_pixel": true')}, "does not fit"),
        ({"network": NETWORK.replace("8", "4096").replace("1,", "4096,")}, "description"),
        ({"notes": "{"}, "notes cannot be read"),
        ({"notes": "[" * 100_000}, "notes cannot be read"),
    ],
)
def test_what_the_file_says_of_itself_is_checked(
    good_file: Path, tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    tensors, metadata = read_raw(good_file)
    assert json.loads(metadata["network"]) == json.loads(NETWORK)
    path = tmp_path / "w.safetensors"
    save_file(tensors, path, metadata | changed)
    with pytest.raises(UserError, match=message):
        load_weights(path)


def test_foreign_safetensors_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    with pytest.raises(UserError, match="holds no PandaNet weights"):
        load_weights(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("network.anchors", torch.zeros(())),
        ("network.anchors", torch.zeros(0, 2)),
        ("network.anchors", torch.ones(3, 4)),
        ("network.anchors", torch.ones(4, 2)),
        ("network.anchors", -ANCHORS),
        ("network.anchors", ANCHORS * torch.nan),
        ("network.score_out.weight", None),
        ("network.score_out.weight", torch.full((3, 8, 1, 1), torch.nan)),
        ("network.score_out.weight", torch.full((3, 8, 1, 1), torch.inf)),
        ("network.score_out.weight", torch.zeros(3, 8, 1, 1, dtype=torch.int64)),
        ("network.box_out.bias", torch.zeros(7)),
        ("network.surprise", torch.zeros(1)),
        ("mean_pose3d", None),
        ("mean_pose3d", torch.zeros(17, 3)),
        ("mean_pose3d", torch.full((22, 3), torch.nan)),
        ("lambda.task", torch.full((4,), torch.nan)),
    ],
)
def test_missing_misshapen_and_broken_tensors_are_refused(
    good_file: Path, tmp_path: Path, name: str, value: torch.Tensor | None
) -> None:
    tensors, metadata = read_raw(good_file)
    assert name in tensors or name == "network.surprise"
    tensors.pop(name, None)
    path = tmp_path / "w.safetensors"
    save_file(tensors | ({} if value is None else {name: value}), path, metadata)
    with pytest.raises(UserError, match="does not fit the network and skeleton"):
        load_weights(path)


def test_weights_without_anchors_say_so(good_file: Path, tmp_path: Path) -> None:
    tensors, metadata = read_raw(good_file)
    del tensors["network.anchors"]
    path = tmp_path / "w.safetensors"
    save_file(tensors, path, metadata)
    with pytest.raises(UserError, match="has no anchors"):
        load_weights(path)


def test_nothing_on_the_way_to_a_detection_waits_for_slow_imports() -> None:
    """matplotlib and torch's compiler each take a second or more that a detection does not need."""
    program = """
import sys
from pandanet_core.assets import asset_path
from pandanet_core.detector import Detector
from pandanet_core.weights import load_weights
load_weights(asset_path("weights/pandanet-small.safetensors"))
print([name for name in ("matplotlib", "torch._dynamo", "sympy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
