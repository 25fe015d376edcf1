"""Annotation files in COCO's form: a list of pictures, and annotations that name their picture."""

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.damage import Report, and_others

Entry = dict[str, Any]
"""A picture or an annotation as it stands in the file."""

Picture = TypeVar("Picture")
Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Annotations:
    """The A annotations of a file or of some pictures.

    Attributes:
        picture: (A,) which picture each belongs to, rising.
        joints: (A, K, C) numbers of each joint, not all finite.
        boxes: (A, 4) px, x0, y0, x1, y1; zeros where there is none.
        areas: (A,) px², of what is seen of a person; 0 where it is not given.
        crowd: (A,) regions with several people.
    """

    picture: NDArray[np.int64]
    joints: Numbers
    boxes: Numbers
    areas: Numbers
    crowd: NDArray[np.bool_]

    def choose(self, annotations: slice | NDArray[Any]) -> "Annotations":
        """Some of them."""
        return Annotations(**{name: values[annotations] for name, values in vars(self).items()})


@dataclass(frozen=True)
class CocoFile(Generic[Picture]):
    """What a file holds: its pictures, in the file's order, and their annotations."""

    pictures: tuple[Picture, ...]
    annotations: Annotations

    def of_picture(self, number: int) -> Annotations:
        """The annotations of one picture."""
        first, last = np.searchsorted(self.annotations.picture, [number, number + 1])
        return self.annotations.choose(slice(first, last))

    def with_any(self, wanted: NDArray[np.bool_]) -> "CocoFile[Picture]":
        """Only the pictures that have at least one of the wanted annotations (A,)."""
        kept = np.unique(self.annotations.picture[wanted])
        chosen = self.annotations.choose(np.isin(self.annotations.picture, kept))
        renumbered = replace(chosen, picture=np.searchsorted(kept, chosen.picture))
        return CocoFile(tuple(self.pictures[n] for n in kept), renumbered)


def read_coco_file(
    file: Path,
    picture: Callable[[Entry], Picture],
    joints: Callable[[Entry], Numbers],
    joints_shape: tuple[int, int],
    report: Report,
) -> CocoFile[Picture]:
    """Read a file. Entries are made compact one by one, for such files are large.

    Args:
        file: JSON with the lists "images" and "annotations".
        picture: What is kept of an image's entry; KeyError, TypeError or ValueError where it is
            damaged.
        joints: The joints of an annotation's entry, of shape joints_shape; raises likewise.
        joints_shape: Joints, and numbers of each.
        report: Told of what is damaged, which is then left out.
    """
    reader = _Reader(picture, joints)
    try:
        content = json.loads(file.read_bytes(), object_hook=reader.compact)
    except (OSError, ValueError, RecursionError) as error:
        report(file, f"is not readable as JSON ({error})")
        content = {"images": [], "annotations": []}
    if not isinstance(content, dict) or not {"images", "annotations"} <= set(content):
        report(file, 'has no lists "images" and "annotations", as COCO\'s files do')
    if reader.damaged:
        wrong = and_others(reader.damaged[0], len(reader.damaged))
        report(file, f"holds damaged entries ({wrong})")
    return reader.result(joints_shape)


class _Reader(Generic[Picture]):
    """Collects pictures and annotations while a file is read."""

    def __init__(
        self, picture: Callable[[Entry], Picture], joints: Callable[[Entry], Numbers]
    ) -> None:
        self._picture, self._joints = picture, joints
        self._pictures: dict[int, Picture] = {}
        self._annotations: list[tuple[int, Numbers, Numbers, float, bool]] = []
        self.damaged: list[str] = []

    def compact(self, entry: Entry) -> Entry | None:
        """Keep what is needed of an entry; other objects of the file stay as they are."""
        try:
            if "image_id" in entry:
                crowd = bool(entry.get("iscrowd", 0))
                joints, box, area = self._joints(entry), box_of(entry), area_of(entry)
                self._annotations.append((int(entry["image_id"]), joints, box, area, crowd))
            elif "file_name" in entry:
                self._pictures[int(entry["id"])] = self._picture(entry)
            else:
                return entry
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            kind = "annotation" if "image_id" in entry else "picture"
            reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            self.damaged.append(f"{kind} {entry.get('id')}: {reason}")
        return None

    def result(self, joints_shape: tuple[int, int]) -> CocoFile[Picture]:
        """Everything that was kept, by picture."""
        place = {number: place for place, number in enumerate(self._pictures)}
        known = [entry for entry in self._annotations if entry[0] in place]
        known.sort(key=lambda entry: place[entry[0]])
        annotations = Annotations(
            picture=np.array([place[entry[0]] for entry in known], np.int64),
            joints=np.array([entry[1] for entry in known], np.float32).reshape(-1, *joints_shape),
            boxes=np.array([entry[2] for entry in known], np.float32).reshape(-1, 4),
            areas=np.array([entry[3] for entry in known], np.float32),
            crowd=np.array([entry[4] for entry in known], bool),
        )
        return CocoFile(tuple(self._pictures.values()), annotations)


def numbers(entry: Entry, name: str, shape: tuple[int, ...]) -> Numbers:
    """An entry's numbers in the given shape, not all finite; ValueError where they are others."""
    values = np.array(entry[name], np.float32)
    if values.size != np.prod(shape):
        raise ValueError(f"{name} has {values.size} numbers instead of {np.prod(shape)}")
    return values.reshape(shape)


def size_of(entry: Entry) -> tuple[int, int]:
    """Width and height in px of a picture's entry; ValueError where there is nothing in it."""
    width, height = int(entry["width"]), int(entry["height"])
    if min(width, height) < 1:
        raise ValueError(f"its size is {width}x{height} px")
    return width, height


def box_of(entry: Entry) -> Numbers:
    """(4,) x0, y0, x1, y1 from an entry's x, y, width, height; zeros where that is no box."""
    x, y, width, height = numbers(entry, "bbox", (4,)).tolist()
    box = np.array([x, y, x + width, y + height], np.float32)
    return box if np.isfinite(box).all() and min(width, height) > 0 else np.zeros(4, np.float32)


def area_of(entry: Entry) -> float:
    """An entry's area in px²; 0 where that is none."""
    area = float(entry.get("area", 0))
    return area if 0 <= area < float("inf") else 0.0


def report_missing(folder: Path, names: Sequence[str], report: Report) -> None:
    """Report, all at once, the files of a folder that are not there."""
    parents = {name.rpartition("/")[0] for name in names}
    present = {
        f"{parent}/{entry.name}" if parent else entry.name
        for parent in parents
        if (folder / parent).is_dir()
        for entry in os.scandir(folder / parent)
    }
    missing = [name for name in names if name not in present]
    if missing:
        report(folder, f"lacks pictures ({and_others(missing[0], len(missing))})")
