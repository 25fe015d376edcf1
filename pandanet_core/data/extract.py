"""Pictures of videos, where the readers of data sets look for them.

Drawing frames at random from videos is slow: each needs the frames since the last key frame.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from pandanet_core.data import jta, panoptic
from pandanet_core.data.sources import Source
from pandanet_core.errors import UserError
from pandanet_core.files import write_error
from pandanet_core.video import Video
from pandanet_core.video.source import Image


@dataclass(frozen=True)
class Film:
    """A video, and where its frames belong as pictures.

    Attributes:
        video: The video.
        folder: Of its pictures.
        first: Number of the first frame.
        name: Of a picture, with {} for the frame's number.
        may_shrink: Whether its labels follow pictures of another size.
    """

    video: Path
    folder: Path
    first: int
    name: str
    may_shrink: bool = True


@dataclass(frozen=True)
class Extraction:
    """How frames become pictures.

    Attributes:
        every: Every n-th frame, beginning with the first.
        width: Of the pictures, px; the video's when None.
        quality: Of JPEG, 1 to 100.
    """

    every: int = 1
    width: int | None = None
    quality: int = 95


@dataclass(frozen=True)
class Extracted:
    """How far an extraction is: frames of one film."""

    part: str
    done: int
    total: int


def films_of(source: Source) -> list[Film]:
    """The videos of a data set in JTA's or CMU Panoptic's layout; UserError where there are none."""
    films: list[Film] = []
    if source.kind in ("jta", "crowd"):
        films = list(_jta_films(source))
    elif source.kind == "panoptic":
        films = list(_panoptic_films(source))
    if not films:
        split = f" of the split {source.split}" if source.split else ""
        raise UserError(
            f"{source.folder} has no videos{split} to extract: those of jta and crowd are "
            "videos/SPLIT/seq_N.mp4, those of panoptic SEQUENCE/hdVideos/hd_00_CC.mp4."
        )
    return films


def extract(
    film: Film,
    extraction: Extraction,
    on_frame: Callable[[Extracted], None],
    stop: Callable[[], bool],
) -> int:
    """Write a film's frames as pictures; their folder gets its name when all are there.

    A folder that is there is left as it is. What an interrupted extraction wrote is kept.

    Returns:
        How many pictures were written.

    Raises:
        UserError: The video cannot be read, the disk is full, labels would not follow the width, or
            an extraction with other settings was interrupted.
    """
    if film.folder.exists():
        return 0
    if extraction.width and not film.may_shrink:
        raise UserError(
            f"{film.video} has a camera for each frame, at the size it has; leave --width out."
        )
    part = film.folder.with_name(f"{film.folder.name}.part")
    settings = _begin(part, extraction)
    written = 0
    with Video(film.video) as video:
        chosen = range(0, video.frame_count, extraction.every)
        for done, index in enumerate(chosen, 1):
            if stop():
                return written
            file = part / film.name.format(film.first + index)
            if not file.exists():
                _write(file, _jpeg(video.read(index).image, extraction))
                written += 1
            on_frame(Extracted(film.folder.name, done, len(chosen)))
    part.rename(film.folder)
    (film.folder / settings.name).unlink()  # last: without them other settings could go on
    return written


def _begin(part: Path, extraction: Extraction) -> Path:
    """Make the folder of unfinished work, or go on with it; returns the file of its settings."""
    file, text = part / "extraction.json", json.dumps(asdict(extraction))
    try:
        part.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(error, part) from error
    if file.exists() and file.read_text() != text:
        raise UserError(
            f"{part} is what an extraction with other settings left; remove it, or give the same."
        )
    _write(file, text.encode())
    return file


def _jpeg(image: Image, extraction: Extraction) -> bytes:
    if extraction.width:
        height = round(image.shape[0] * extraction.width / image.shape[1])
        resized = cv2.resize(image, (extraction.width, height), interpolation=cv2.INTER_AREA)
        image = resized.astype(np.uint8, copy=False)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, extraction.quality])
    return data.tobytes()


def _write(file: Path, data: bytes) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, file) from error


def _jta_films(source: Source) -> Iterator[Film]:
    for split in [source.split] if source.split else jta.splits(source.folder):
        for video in sorted((source.folder / "videos" / split).glob("seq_*.mp4")):
            cameras = source.folder / "cameras" / split / f"{video.stem}.json"
            folder = source.folder / "frames" / split / video.stem
            yield Film(video, folder, 1, "{}.jpg", may_shrink=not cameras.exists())


def _panoptic_films(source: Source) -> Iterator[Film]:
    splits = [source.split] if source.split else list(panoptic.SPLITS)
    for video in sorted(source.folder.glob("**/hdVideos/hd_*.mp4")):
        sequence, camera = video.parent.parent, video.stem.removeprefix("hd_")
        if any(panoptic.belongs(sequence.name, camera, split) for split in splits):
            yield Film(video, sequence / "hdImgs" / camera, 0, camera + "_{:08d}.jpg")
