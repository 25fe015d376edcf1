"""The λ of run folders and weights: read, followed while they grow, and refused when damaged."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pandanet_core.errors import UserError
from pandanet_core.lab.lambda_history import LambdaHistory
from pandanet_core.lab.lambda_reader import LambdaReader, read_lambda_history
from pandanet_core.skeleton import MUPOTS17
from pandanet_core.training.run_folder.lambdas import opened_lambdas
from tests.lambda_runs import (
    EVERY,
    MadeUpRun,
    append_points,
    made_up_run,
    write_run,
    write_weights,
)

FILE = "lambdas.jsonl"


def is_of(history: LambdaHistory, run: MadeUpRun, rel: float = 1e-4) -> bool:
    """Whether a history holds exactly the points of a run."""
    return (
        history.steps.tolist() == run.steps
        and np.allclose(history.task, np.exp(run.task), rel)
        and np.allclose(history.anchor_cls, np.exp(run.anchor[:, 0]), rel)
        and np.allclose(history.anchor_loc, np.exp(run.anchor[:, 1]), rel)
        and np.allclose(history.joint_2d, np.exp(run.joint[:, 0]), rel)
        and np.allclose(history.joint_3d, np.exp(run.joint[:, 1]), rel)
        and np.allclose(history.anchor_sizes_px, run.sizes_px)
        and history.joint_names == run.skeleton.joints
    )


@pytest.mark.parametrize("anchors", [1, 10, 40])
def test_a_run_folder_and_weights_say_the_same(tmp_path: Path, anchors: int) -> None:
    run = made_up_run(anchors=anchors, skeleton=MUPOTS17)
    of_folder = read_lambda_history(write_run(tmp_path / "run", run))
    of_weights = read_lambda_history(write_weights(tmp_path / "good.safetensors", run))
    assert is_of(of_folder, run)
    assert is_of(of_weights, run)
    assert (of_folder.name, of_weights.name) == ("run", "good")
    assert of_folder.note == of_weights.note == ""


def test_only_what_was_added_is_read(tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(5))
    reader = LambdaReader(folder)
    first = reader.read()
    assert first is not None
    assert is_of(first, run.until(5))
    assert reader.read() is None
    text = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(b"#" * (len(text) - 1) + b"\n")  # nobody looks there any more
    append_points(folder, run, 5, 9)
    second = reader.read()
    assert second is not None
    assert is_of(second, run.until(9))
    assert is_of(first, run.until(5))


def test_half_a_line_waits_for_its_end(tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(5))
    reader = LambdaReader(folder)
    reader.read()
    line = run.line(5)
    with (folder / FILE).open("a") as file:
        file.write(line[:300])
    assert reader.read() is None
    with (folder / FILE).open("a") as file:
        file.write(line[300:])
    history = reader.read()
    assert history is not None
    assert is_of(history, run.until(6))
    assert history.note == ""


def test_a_training_that_was_resumed_is_read_anew(tmp_path: Path) -> None:
    run, other = made_up_run(), made_up_run(seed=1)
    folder = write_run(tmp_path / "run", run)
    reader = LambdaReader(folder)
    reader.read()
    written_anew = write_run(tmp_path / "new", other)
    (written_anew / FILE).replace(folder / FILE)
    history = reader.read()
    assert history is not None
    assert is_of(history, other)
    (folder / FILE).write_text(run.header() + run.line(0))  # shorter, in place
    history = reader.read()
    assert history is not None
    assert is_of(history, run.until(1))


def test_a_training_that_writes_is_killed_and_resumed_is_followed(tmp_path: Path) -> None:
    """By the code that trainings write with: points after the checkpoint come again."""
    run, again = made_up_run(), made_up_run(seed=1)
    names = ("task", "anchor", "joint")

    def write(of: MadeUpRun, start: int, stop: int) -> None:
        def entry(point: int) -> dict[str, torch.Tensor]:
            return {name: torch.from_numpy(getattr(of, name)[point]) for name in names}

        sizes = torch.from_numpy(of.sizes_px)
        now, skeleton = entry(max(start - 1, 0)), of.skeleton.name
        with opened_lambdas(tmp_path, EVERY * start, sizes, skeleton, now, []) as log:
            for point in range(start, stop):
                log(EVERY * (point + 1), entry(point))

    again = replace(
        again,
        sizes_px=run.sizes_px,
        **{
            name: np.concatenate([getattr(run, name)[:4], getattr(again, name)[4:]])
            for name in names
        },
    )
    reader = LambdaReader(tmp_path)
    write(run, 0, 6)
    with (tmp_path / FILE).open("a") as file:
        file.write(run.line(6)[:50])  # killed
    first = reader.read()
    assert first is not None
    assert first.steps[-1] == 6 * EVERY
    write(again, 4, 9)
    second = reader.read()
    assert second is not None
    assert second.note == ""
    assert second.steps.tolist()[-9:] == again.steps[:9]
    assert np.allclose(second.joint_3d[-9:], np.exp(again.joint[:9, 1]), 1e-3)


def test_weights_are_read_again_when_they_are_replaced(tmp_path: Path) -> None:
    run = made_up_run()
    path = write_weights(tmp_path / "run" / "weights.safetensors", run.until(4))
    for of in (path, path.parent):  # older run folders keep λ in their weights alone
        write_weights(path, run.until(4))
        reader = LambdaReader(of)
        first = reader.read()
        assert first is not None
        assert is_of(first, run.until(4))
        assert reader.read() is None
        write_weights(path, run)
        second = reader.read()
        assert second is not None
        assert is_of(second, run)


def test_damaged_points_are_left_out_and_counted(tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run)
    lines = (folder / FILE).read_text().splitlines(keepends=True)
    nested = json.loads(lines[2])
    nested["joint"][0][3][7] = float("nan")
    damaged = [
        "{half a line\n",
        "[" * 5000 + "\n",
        json.dumps(nested) + "\n",
        json.dumps(json.loads(lines[3]) | {"task": [1, 2]}) + "\n",
    ]
    (folder / FILE).write_text("".join([*lines[:6], *damaged, *lines[6:]]))
    history = read_lambda_history(folder)
    assert is_of(history, run)
    assert history.note == "4 points of the history are damaged and left out."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no λ yet"),
        ('{"format": "pandanet-lam', "no λ yet"),
        (made_up_run().header(), "no λ yet"),
        ("\x00\x01\x02\n", "damaged"),
        ("[]\n", "damaged"),
        ('{"format": "something else"}\n', "damaged"),
        (made_up_run().header(skeleton="octopus8"), "damaged"),
        (made_up_run().header(anchor_sizes_px=[[1, 2], [3]]), "damaged"),
        (made_up_run().header(format_version=9), "newer version"),
    ],
)
def test_a_run_folder_that_cannot_be_read_says_why(tmp_path: Path, content: str, said: str) -> None:
    folder = write_run(tmp_path / "run", made_up_run())
    (folder / FILE).write_text(content)
    with pytest.raises(UserError, match=said) as caught:
        read_lambda_history(folder)
    assert str(folder) in str(caught.value)


def test_a_training_that_has_just_begun_is_read_later(tmp_path: Path) -> None:
    run = made_up_run()
    folder = tmp_path / "run"
    folder.mkdir()
    reader = LambdaReader(folder)
    with pytest.raises(UserError, match="has begun"):
        reader.read()
    for start in ("", run.header()[:20], run.header()):
        (folder / FILE).write_text(start)
        with pytest.raises(UserError, match="no λ yet"):
            reader.read()
    append_points(folder, run, 0, 2)
    history = reader.read()
    assert history is not None
    assert is_of(history, run.until(2))


def test_weights_without_a_history_still_show_their_last_lambdas(tmp_path: Path) -> None:
    run = made_up_run()
    history = read_lambda_history(write_weights(tmp_path / "w.safetensors", run, history=False))
    assert history.steps.tolist() == [run.steps[-1]]
    assert np.allclose(history.joint_3d[0], np.exp(run.joint[-1, 1]), 1e-4)
    assert "without their history" in history.note


def test_weights_without_lambdas_say_what_still_works(tmp_path: Path) -> None:
    path = write_weights(tmp_path / "w.safetensors", made_up_run(), history=False, final=False)
    with pytest.raises(UserError, match=r"holds no λ.*can be looked at"):
        read_lambda_history(path)
    with pytest.raises(UserError, match="no run folder or weights file"):
        read_lambda_history(tmp_path / "missing.safetensors")
    path.write_bytes(b"not at all")
    with pytest.raises(UserError, match="damaged"):
        read_lambda_history(path)
