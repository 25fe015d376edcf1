"""The anchor lab's benchmark runs and says true things."""

import json

import pytest
import torch

from benchmarks import lab


def test_the_lab_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    threads = torch.get_num_threads()
    try:
        lab.main(lab.Options(480, 288, pictures=2, repeats=1, threads=1, points=30, json=True))
    finally:
        torch.set_num_threads(threads)
    *said, rows = capsys.readouterr().out.strip().splitlines()
    measured = {row["what"]: row["value"] for row in json.loads(rows)}
    assert said[0].startswith("anchors 21600, people ")
    assert measured.pop("people who are not accounted for") == 0
    assert measured.pop("detection without a trace: the lab costs") > -100
    assert all(value > 0 for value in measured.values())
    assert measured["a trace on disk, with its picture"] < 1000
