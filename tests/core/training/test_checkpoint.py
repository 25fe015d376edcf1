"""Checkpoints: written whole or not at all, read back, damaged in every way a disk knows."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.errors import UserError
from pandanet_core.training.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from tests.core.test_weights import Bomb
from tests.full_disk import small_disk


def some_state(size: int = 1000) -> dict[str, Any]:
    return {"network": {"w": torch.arange(float(size))}, "history": [{"task": torch.ones(4)}]}


def test_a_checkpoint_is_read_back_and_replaced(tmp_path: Path) -> None:
    for step in (1, 2):
        save_checkpoint(tmp_path / "new", Checkpoint(step, some_state()))
        read = load_checkpoint(tmp_path / "new")
        assert read.step == step
        assert torch.equal(read.state["network"]["w"], torch.arange(1000.0))
    names = sorted(file.name for file in (tmp_path / "new").iterdir())
    assert names == ["last.pt", "previous.pt"]
    (tmp_path / "new" / "last.pt").unlink()
    assert load_checkpoint(tmp_path / "new").step == 1


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 200_000) as disk:
        save_checkpoint(disk, Checkpoint(1, some_state()))
        with pytest.raises(UserError, match=r"Cannot write .*last.pt: the disk is full; free some"):
            save_checkpoint(disk, Checkpoint(2, some_state(100_000)))
        assert load_checkpoint(disk).step == 1
        assert [file.name for file in disk.iterdir()] == ["last.pt"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"Cannot write .*last.pt: its folder is a file"):
        save_checkpoint(tmp_path / "file" / "checkpoints", Checkpoint(1, some_state()))


def test_half_a_checkpoint_beside_the_whole_one_is_nothing(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, Checkpoint(1, some_state()))
    content = (tmp_path / "last.pt").read_bytes()
    (tmp_path / "last.pt.part").write_bytes(content[: len(content) // 2])
    assert load_checkpoint(tmp_path).step == 1


@pytest.mark.parametrize("share", [0, 0.1, 0.9])
def test_a_checkpoint_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    save_checkpoint(tmp_path, Checkpoint(1, some_state()))
    content = (tmp_path / "last.pt").read_bytes()
    (tmp_path / "last.pt").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(UserError, match=r"last.pt is damaged"):
        load_checkpoint(tmp_path)


def test_a_checkpoint_runs_nothing(tmp_path: Path) -> None:
    marker = tmp_path / "executed"
    torch.save({"step": 1, "network": Bomb(marker)}, tmp_path / "last.pt")
    with pytest.raises(UserError, match="damaged"):
        load_checkpoint(tmp_path)
    (tmp_path / "last.pt").write_bytes(pickle.dumps(Bomb(marker), protocol=2))
    with pytest.raises(UserError, match="damaged"):
        load_checkpoint(tmp_path)
    assert not marker.exists()


def damage(path: Path, how: str) -> None:
    """Spoil a file as broken disks, broken copies and careless people do."""
    content = bytearray(path.read_bytes())
    if how == "one bit":
        content[len(content) // 2] ^= 1
    elif how == "zeros":
        content[1000:3000] = bytes(2000)
    elif how == "cut":
        del content[len(content) * 2 // 3 :]
    elif how == "text":
        content = bytearray(b"not yours")
    path.write_bytes(content)
    if how == "gone":
        path.unlink()


@pytest.mark.parametrize("how", ["one bit", "zeros", "cut", "text", "gone"])
def test_the_checkpoint_before_stands_in_for_a_damaged_one(how: str, tmp_path: Path) -> None:
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, Checkpoint(step, some_state()))
    assert load_checkpoint(tmp_path).step == 3
    damage(tmp_path / "last.pt", how)
    if how == "gone":  # a kill between two renamings does that, and nothing is wrong
        assert load_checkpoint(tmp_path).step == 2
    else:
        with pytest.warns(UserWarning, match=r"last.pt is damaged; going on from previous.pt"):
            assert load_checkpoint(tmp_path).step == 2
    damage(tmp_path / "previous.pt", "one bit")
    with pytest.raises(UserError, match="damaged"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize("how", ["one bit", "zeros", "cut", "text", "gone"])
def test_a_damaged_checkpoint_never_takes_the_place_of_a_whole_one(
    how: str, tmp_path: Path
) -> None:
    """After the next save a kill or damage to the new file still leaves step 1."""
    for step in (1, 2):
        save_checkpoint(tmp_path, Checkpoint(step, some_state()))
    damage(tmp_path / "last.pt", how)
    save_checkpoint(tmp_path, Checkpoint(3, some_state()))
    assert load_checkpoint(tmp_path).step == 3
    (tmp_path / "last.pt").unlink()
    assert load_checkpoint(tmp_path).step == 1
    assert [file.name for file in tmp_path.iterdir()] == ["previous.pt"]


def test_no_single_flipped_bit_goes_unnoticed_or_does_harm(tmp_path: Path) -> None:
    """Where a bit of the container tips that holds no number, the numbers must still be right."""
    save_checkpoint(tmp_path, Checkpoint(7, some_state()))
    good = (tmp_path / "last.pt").read_bytes()
    noticed = 0
    for place in np.random.default_rng(0).integers(0, len(good) * 8, 150).tolist():
        content = bytearray(good)
        content[place // 8] ^= 1 << place % 8
        (tmp_path / "last.pt").write_bytes(content)
        try:
            checkpoint = load_checkpoint(tmp_path)
        except UserError:
            noticed += 1
            continue
        assert checkpoint.step == 7
        assert torch.equal(checkpoint.state["network"]["w"], torch.arange(1000.0))
        assert torch.equal(checkpoint.state["history"][0]["task"], torch.ones(4))
    assert noticed > 50
