"""The cast of a split: its characters and textures, made once and kept in a cache file."""

import hashlib
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.people.bodies import BodyModel
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.people.closet import Closet
from pandanet_core.crowd.people.dressing import Dresser
from pandanet_core.crowd.people.pack import is_whole, read_pack, write_pack
from pandanet_core.crowd.people.population import draw_shape
from pandanet_core.crowd.people.rig import Rig
from pandanet_core.files import write_error

CAST_VERSION = 9
"""Raised when characters change, so that cached casts are made anew."""

OLD_S = 30 * 24 * 3600


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
    share a body. A damaged file is made anew, with a warning. `progress` is told (characters made,
    characters in all). Raises UserError where the cache cannot be written.
    """
    name = f"cast-{split}-{_fingerprint(split, count, makehuman)}.npz"
    path = cache_folder() / f"v{CAST_VERSION}" / name
    if path.exists() and is_whole(path):
        return path
    if path.exists():
        warnings.warn(f"{path} is damaged; its people are made anew.", stacklevel=2)
    _remove_older_versions()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, path) from error
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
    closet = Closet(model, makehuman, _random(split, "wardrobe"))
    dresser = Dresser(model, closet)
    characters = []
    for number in range(count):
        progress(number, count)
        rng = _random(split, f"character {number}")
        shape = draw_shape(rng)
        look = dresser.draw_look(shape.gender, rng)
        characters.append(dresser.dress(model.body(shape), look, rng))
    progress(count, count)
    return Cast(model.rig, tuple(characters), np.stack(closet.textures))


def write_cast(path: Path, cast: Cast) -> None:
    """Write a cast as one file, whole or not at all; UserError where the disk does not take it."""
    write_pack(path, cast.rig, cast.characters, cast.textures)


def read_cast(path: Path) -> Cast:
    """Read what `write_cast` wrote; UserError where it is damaged."""
    return Cast(*read_pack(path))


def cache_folder() -> Path:
    """Where casts are kept between runs: XDG_CACHE_HOME/pandanet/crowd."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "pandanet" / "crowd"


def _remove_older_versions() -> None:
    """Casts of older versions go when they are old: another installation may still draw with them."""
    for folder in cache_folder().glob("v*"):
        if not folder.name[1:].isdigit() or int(folder.name[1:]) >= CAST_VERSION:
            continue
        newest = max((file.stat().st_mtime for file in folder.iterdir()), default=0.0)
        if time.time() - newest > OLD_S:
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
