"""What weights recommend: written, read with and without their network, and used where asked for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.skeleton import JTA22
from pandanet_core.weights import Weights, load_weights, save_weights
from pandanet_core.weights_notes import read_recommended_score, recommended_score
from tests.core.random_network import noise_picture, upright_network


def weights_with(path: Path, notes: dict[str, Any]) -> Path:
    save_weights(path, Weights(upright_network(), JTA22, torch.zeros(22, 3), {}, notes=notes))
    return path


def test_a_recommended_score_is_used_unless_another_is_wanted(tmp_path: Path) -> None:
    image = noise_picture(1, 70, 90)
    silent = weights_with(tmp_path / "silent.safetensors", {"steps": 7})
    speaking = weights_with(tmp_path / "speaking.safetensors", {"recommended_score": 0.55})
    assert Detector(silent).min_score == 0.3
    assert Detector(speaking).min_score == 0.55
    assert Detector(speaking, DetectorOptions(min_score=0.0)).min_score == 0
    few, many = Detector(speaking)(image), Detector(silent)(image)
    assert 0 < len(few) < len(many)
    assert few.scores.min() > 0.55
    wanted = Detector(silent, DetectorOptions(min_score=0.55))(image)
    assert few.scores.tolist() == wanted.scores.tolist()


def test_a_score_is_added_to_weights_without_changing_them(tmp_path: Path) -> None:
    before = load_weights(weights_with(tmp_path / "a.safetensors", {"steps": 7}))
    path = tmp_path / "b.safetensors"
    save_weights(path, replace(before, notes={**(before.notes or {}), "recommended_score": 0.8}))
    after = load_weights(path)
    assert after.notes == {"steps": 7, "recommended_score": 0.8}
    for name, value in before.network.state_dict().items():
        assert torch.equal(value, after.network.state_dict()[name])


@pytest.mark.parametrize("score", ["0.8", -0.1, 1.1, float("nan"), True, None, [0.8], {}])
def test_what_is_no_score_is_none(tmp_path: Path, score: Any) -> None:
    assert recommended_score({"recommended_score": score}) is None
    path = weights_with(tmp_path / "weights.safetensors", {"recommended_score": score})
    assert read_recommended_score(path) is None
    assert Detector(path).min_score == 0.3


def test_it_is_read_without_torch(tmp_path: Path) -> None:
    path = weights_with(tmp_path / "weights.safetensors", {"recommended_score": 0.8})
    assert read_recommended_score(path) == 0.8
    assert recommended_score(load_weights(path).notes) == 0.8


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff" * 8,
        b"\xff" * 200,
        b"\x02" + b"\0" * 7 + b"[]",
        b"\x02" + b"\0" * 7 + b"{}",
    ],
)
def test_damaged_weights_recommend_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    assert read_recommended_score(path) is None
    assert read_recommended_score(tmp_path / "missing.safetensors") is None
