"""Which files of a user's folders a split may use: no clip and no sky serves two splits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pandanet_core.crowd.motion.builtin import builtin_clips
from pandanet_core.crowd.motion.clip import Clip
from pandanet_core.crowd.motion.retarget import read_clips
from pandanet_core.crowd.scenes.sky import Sky, painted_sky, read_sky
from pandanet_core.crowd.settings import CrowdSettings, Split
from pandanet_core.errors import UserError

TEST_SKIES = ("potsdamer_platz", "st_fagans_interior", "kiara_1_dawn")
VAL_SKIES = ("rooitou_park",)
TRAIN_SKIES = (
    "adams_place_bridge",
    "dikhololo_night",
    "empty_warehouse_01",
    "forest_slope",
    "immenstadter_horn",
    "lebombo",
    "studio_small_03",
    "venice_sunset",
)
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png")
PAINTED_SKIES = 12
"""Painted skies of each split, where no folder is given."""


@dataclass(frozen=True)
class AssetNames:
    """The files that a split uses; empty where built-in ones serve instead, or nothing."""

    clips: tuple[Path, ...]
    skies: tuple[Path, ...]
    backgrounds: tuple[Path, ...] = ()


def files_of_split(settings: CrowdSettings) -> AssetNames:
    """Choose a split's files; UserError where a folder has none that fit."""
    makehuman = settings.makehuman
    if makehuman is not None and not any(makehuman.glob("skins/*/*")):
        raise UserError(
            f"{makehuman} has no skins/male and skins/female; give a folder of MakeHuman's assets."
        )
    return AssetNames(_clip_files(settings), _sky_files(settings), _background_files(settings))


def split_of_clip(index: int) -> Split:
    """Every sixth clip of the sorted folder is for tests, every twelfth for validation."""
    if index % 6 == 5:
        return "test"
    return "val" if index % 12 == 2 else "train"


def split_of_sky(name: str, index: int) -> Split:
    """Named skies of Poly Haven keep their split; others alternate by number."""
    if name.startswith(TEST_SKIES):
        return "test"
    if name.startswith(VAL_SKIES):
        return "val"
    if name.startswith(TRAIN_SKIES) or index % 4 in (0, 1):
        return "train"
    return "test" if index % 4 == 2 else "val"


def split_of_photo(index: int) -> Split:
    """Of every six photographs of the sorted folder four are for training."""
    return {2: "test", 5: "val"}.get(index % 6, "train")  # type: ignore[return-value]


def read_motions(settings: CrowdSettings, names: AssetNames) -> list[Clip]:
    """The clips of a split: built-in ones, and captured ones where a folder is given."""
    builtin = builtin_clips(_random(f"motion/{settings.split}"), f"builtin-{settings.split}")
    return read_clips(list(names.clips)) + builtin


class Skies:
    """The skies of a split by name; each is read or painted when it is first asked for."""

    def __init__(self, settings: CrowdSettings, names: AssetNames) -> None:
        painted = {f"painted-{settings.split}-{number}": None for number in range(PAINTED_SKIES)}
        read = {file.stem: file for file in names.skies}
        self._files: dict[str, Path | None] = dict(read or painted)
        self._skies: dict[str, Sky] = {}

    @property
    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._files)

    def __getitem__(self, name: str) -> Sky:
        """The sky of that name; UserError when its file is damaged."""
        if name not in self._skies:
            file = self._files[name]
            painted = painted_sky(name, _random(name)) if file is None else read_sky(file)
            self._skies[name] = painted
        return self._skies[name]


def _clip_files(settings: CrowdSettings) -> tuple[Path, ...]:
    if settings.motion is None:
        return ()
    files = _sorted_files(settings.motion, (".bvh",))
    chosen = tuple(
        file for index, file in enumerate(files) if split_of_clip(index) == settings.split
    )
    return _some(chosen, files, settings.motion, ".bvh files", settings.split)


def _sky_files(settings: CrowdSettings) -> tuple[Path, ...]:
    if settings.hdri is None:
        return ()
    files = _sorted_files(settings.hdri, (".hdr", ".exr"))
    chosen = tuple(
        file for index, file in enumerate(files) if split_of_sky(file.stem, index) == settings.split
    )
    return _some(chosen, files, settings.hdri, ".hdr panoramas", settings.split)


def _background_files(settings: CrowdSettings) -> tuple[Path, ...]:
    if settings.backgrounds is None:
        return ()
    files = _sorted_files(settings.backgrounds, PHOTO_ENDINGS)
    chosen = tuple(
        file for index, file in enumerate(files) if split_of_photo(index) == settings.split
    )
    return _some(chosen, files, settings.backgrounds, "photographs (.jpg, .png)", settings.split)


def _sorted_files(folder: Path, endings: Sequence[str]) -> list[Path]:
    """By name, so that the same files fall into the same splits on every machine."""
    return sorted(
        (f for f in folder.rglob("*") if f.suffix.lower() in endings), key=lambda f: f.name
    )


def _some(
    chosen: tuple[Path, ...], files: Sequence[Path], folder: Path, kind: str, split: str
) -> tuple[Path, ...]:
    if not files:
        raise UserError(f"{folder} holds no {kind}; choose another folder or leave the option out.")
    if not chosen:
        raise UserError(
            f"{folder} has too few {kind} for the split {split}; add some or leave the option out."
        )
    return chosen


def _random(purpose: str) -> np.random.Generator:
    digest = hashlib.sha256(purpose.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
