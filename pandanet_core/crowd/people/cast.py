"""The cast of a split: its characters and textures, made once and kept in a cache file."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import BodyModel, draw_shape
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.dressing import Dresser
from pandanet_core.crowd.people.rig import Rig
from pandanet_core.files import part_path, publish

CAST_VERSION = 7
"""Raised when characters change, so that cached casts are made anew."""


@dataclass(frozen=True)
class Cast:
    """Characters with one rig; `textures` (T, 512, 512, 4) uint8 RGBA is shared by all of them."""

    rig: Rig
    characters: tuple[Character, ...]
    textures: NDArray[np.uint8]


def load_cast(
    split: str,
    count: int,
    makehuman: Path | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Path:
    """The file of the cast of a split, made if this machine has none yet.

    The same split, count and MakeHuman folder always give the same people, and two splits never
    share a body. `progress` is told (characters made, characters in all).
    """
    name = f"cast-{split}-{_fingerprint(split, count, makehuman)}.npz"
    path = cache_folder() / f"v{CAST_VERSION}" / name
    if not path.exists():
        _remove_older_versions()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_cast(path, make_cast(split, count, makehuman, progress))
    return path


def make_cast(
    split: str,
    count: int,
    makehuman: Path | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Cast:
    """Draw and dress `count` people of a split."""
    model = BodyModel()
    dresser = Dresser(model, makehuman, _random(split, "wardrobe"))
    characters = []
    for number in range(count):
        progress(number, count)
        rng = _random(split, f"character {number}")
        characters.append(dresser.dress(model.body(draw_shape(rng)), rng))
    progress(count, count)
    return Cast(model.rig, tuple(characters), np.stack(dresser.textures))


def write_cast(path: Path, cast: Cast) -> None:
    """Write a cast as one .npz file, whole or not at all."""
    arrays: dict[str, Any] = {
        "bones": np.array(cast.rig.bones),
        "parents": np.array(cast.rig.parents),
    }
    arrays["textures"] = cast.textures
    for number, character in enumerate(cast.characters):
        arrays |= {f"{number}/{name}": value for name, value in character.to_arrays().items()}
    part = part_path(path)
    with part.open("wb") as file:
        np.savez(file, **arrays)
    publish(part, path)


def read_cast(path: Path) -> Cast:
    """Read what `write_cast` wrote."""
    with np.load(path, allow_pickle=False) as file:
        groups: dict[int, dict[str, Any]] = {}
        for name in file.files:
            number, slash, key = name.partition("/")
            if slash:
                groups.setdefault(int(number), {})[key] = file[name]
        rig = Rig(
            tuple(str(bone) for bone in file["bones"]), tuple(int(p) for p in file["parents"])
        )
        characters = tuple(Character.from_arrays(groups[number]) for number in sorted(groups))
        return Cast(rig, characters, file["textures"])


def cache_folder() -> Path:
    """Where casts are kept between runs: XDG_CACHE_HOME/pandanet/crowd."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pandanet" / "crowd"


def _remove_older_versions() -> None:
    """Casts are large, and nobody reads those of an older version again."""
    for folder in cache_folder().glob("v*"):
        if folder.name.removeprefix("v").isdigit() and int(folder.name[1:]) < CAST_VERSION:
            shutil.rmtree(folder, ignore_errors=True)


def _random(split: str, purpose: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{split}/{purpose}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))


def _fingerprint(split: str, count: int, makehuman: Path | None) -> str:
    listing = []
    if makehuman is not None:
        files = [file for file in sorted(makehuman.rglob("*")) if file.is_file()]
        listing = [(str(file.relative_to(makehuman)), file.stat().st_size) for file in files]
    text = json.dumps([CAST_VERSION, split, count, makehuman is not None, listing])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
