"""The benchmarks of matching, of sparse outputs and of a GPU's training run and say true things."""

import json
from typing import Any

import pytest
import torch

from benchmarks import cuda_training, matching, sparse_heads


def printed_json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def one_thread_again() -> Any:
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def test_matching_is_measured_in_windows_and_densely(capsys: pytest.CaptureFixture[str]) -> None:
    options = matching.Options(320, 192, people=(2, 9), scenes=2, repeats=3, json=True)
    matching.main(options)
    found = printed_json(capsys)
    assert found["anchors"] == 10 * 24 * 40
    assert [row["people"] for row in found["rows"]] == [2, 9]
    for row in found["rows"]:
        assert 0 < row["windows_ms"] <= row["windows_slowest_ms"]
        assert row["dense_ms"] > 0
        assert row["A+"] > row["people"]


def test_outputs_at_positive_anchors_only_have_the_loss_of_whole_maps_with_a_mask() -> None:
    """Three ways to compute L_total, one of them Eq. 1-14 over whole maps; in float32 the gradients
    agree too."""
    options = sparse_heads.Options(96, 64, pictures=2, people=3, steps=1, fp32=True)
    rows = sparse_heads.measure(options)
    assert len(rows) == 3
    for row in rows:
        assert row.loss_difference < 1e-5
        assert row.gradient_difference < 1e-4
        assert row.pictures_per_s > 0


def test_a_gpus_benchmark_runs_anywhere_when_tiny(capsys: pytest.CaptureFixture[str]) -> None:
    cuda_training.main(cuda_training.Options(tiny=True, json=True))
    found = printed_json(capsys)
    assert found["matrix_teraflops"] > 0
    (row,) = found["rows"]
    assert row["pictures_per_s"] > 0
    assert row["matching_ms"] > 0
    assert row["share_of_matrix_rate"] > 0
    assert 0 <= row["share_of_matching_and_loss"] < 1
    on_cuda = torch.cuda.is_available()
    assert (row["waits_a_step"] is not None) == (row["peak_gib"] is not None) == on_cuda


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_gpus_benchmark_says_when_there_is_no_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    cuda_training.main(cuda_training.Options())
    assert "No CUDA device" in capsys.readouterr().out
