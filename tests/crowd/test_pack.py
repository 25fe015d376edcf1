"""Casts in their cache: small, the same when read back, made anew when damaged or old."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.people import cast as casts
from pandanet_core.crowd.people.cast import CAST_VERSION, Cast, load_cast, read_cast, write_cast
from pandanet_core.errors import UserError


@pytest.fixture(scope="module")
def pack(cast: Cast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "cast.npz"
    write_cast(path, cast)
    return path


def test_what_is_read_back_is_what_was_written(cast: Cast, pack: Path) -> None:
    again = read_cast(pack)
    assert again.rig == cast.rig
    for texture, original in zip(again.textures, cast.textures, strict=True):
        assert np.abs(texture.astype(np.int16) - original).mean() < 4
    np.testing.assert_array_equal(again.textures[..., 3] < 128, cast.textures[..., 3] < 128)
    for ours, theirs in zip(again.characters, cast.characters, strict=True):
        np.testing.assert_allclose(ours.vertices, theirs.vertices, atol=5e-5)
        np.testing.assert_allclose(ours.normals, theirs.normals, atol=0.005)
        np.testing.assert_allclose(ours.shares.sum(1), 1, atol=1e-6)
        np.testing.assert_allclose(ours.shares, theirs.shares, atol=0.01)
        np.testing.assert_array_equal(ours.joint_points, theirs.joint_points)
        for mine, other in zip(ours.faces, theirs.faces, strict=True):
            np.testing.assert_array_equal(mine, other)


def test_a_person_takes_less_than_half_a_megabyte(cast: Cast, pack: Path, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.npz"
    write_cast(nobody, Cast(cast.rig, cast.characters[:1], cast.textures))
    each = (pack.stat().st_size - nobody.stat().st_size) / (len(cast.characters) - 1)
    assert each < 0.5e6


@pytest.fixture
def cache(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """An empty cache; a list of how many people were made, instead of making them."""
    made: list[int] = []

    def make(split: str, count: int, *_: object) -> Cast:
        made.append(count)
        return Cast(cast.rig, cast.characters[:1], cast.textures[:2])

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(casts, "make_cast", make)
    return made


@pytest.mark.parametrize("damage", ["cut", "bit", "text"])
def test_a_damaged_pack_is_said_and_made_anew(
    cache: list[int], damage: str, recwarn: pytest.WarningsRecorder
) -> None:
    path = load_cast("train", 1, None)
    load_cast("train", 1, None)
    assert cache == [1]
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]
    path.write_bytes({"cut": whole[:-100], "bit": flipped, "text": b"no cast"}[damage])
    with pytest.raises(UserError, match="is damaged"):
        read_cast(path)
    with pytest.warns(UserWarning, match="is damaged; its people are made anew"):
        assert load_cast("train", 1, None) == path
    assert cache == [1, 1]
    assert len(read_cast(path).characters) == 1


def test_old_versions_go_when_nobody_has_used_them_for_a_month(
    cache: list[int], tmp_path: Path
) -> None:
    root = tmp_path / "pandanet" / "crowd"
    for version, days in (("v1", 40), ("v2", 2), (f"v{CAST_VERSION + 1}", 90)):
        (root / version).mkdir(parents=True)
        (root / version / "cast.npz").write_bytes(b"old")
        then = time.time() - days * 86400
        os.utime(root / version / "cast.npz", (then, then))
    load_cast("train", 1, None)
    assert sorted(folder.name for folder in root.iterdir()) == sorted(
        ["v2", f"v{CAST_VERSION}", f"v{CAST_VERSION + 1}"]
    )
    assert not list(root.rglob("*.part"))


def test_a_cache_that_cannot_be_written_is_said(cache: list[int], tmp_path: Path) -> None:
    (tmp_path / "pandanet").write_text("a file where a folder is wanted")
    with pytest.raises(UserError, match="Cannot write"):
        load_cast("train", 1, None)
