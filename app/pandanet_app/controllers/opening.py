"""Opening what a person hands over: a video, a picture, a folder of pictures, or detections.

Runs on a worker thread (`TaskRunner`); touches no model. What it returns belongs to its caller.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pandanet_app.controllers.frame_cache import FrameReader
from pandanet_app.controllers.keeping import kept_of
from pandanet_app.models.people import People
from pandanet_app.models.session import SourceInfo
from pandanet_core.camera import Camera
from pandanet_core.detections import DetectionTable, read_table
from pandanet_core.errors import UserError
from pandanet_core.skeleton import skeleton_named
from pandanet_core.video import Frame, open_source

DETECTIONS_SUFFIX = ".parquet"
_BLANK_GREY = 24


@dataclass(frozen=True, eq=False)
class Opened:
    """An opened source.

    Attributes:
        reader: Its frames.
        info: What it is.
        camera: Intrinsics to place people with.
        camera_assumed: Whether the camera is a guess.
        people: The people of a detections file; None where a video was opened.
        note: A sentence worth telling; empty when all is well.
    """

    reader: FrameReader
    info: SourceInfo
    camera: Camera
    camera_assumed: bool
    people: People | None = None
    note: str = ""


class BlankReader:
    """Grey pictures, where detections are shown without their video."""

    def __init__(self, info: SourceInfo) -> None:
        """Frames of `info`'s size, number and rate."""
        self._info = info

    def read(self, index: int) -> Frame:
        """A grey picture with the frame's number and time."""
        image = np.full((self._info.height, self._info.width, 3), _BLANK_GREY, np.uint8)
        return Frame(index, index / self._info.fps, image)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Grey pictures, one after the other."""
        for index in range(start, self._info.frame_count if stop is None else stop, step):
            yield self.read(index)

    def close(self) -> None:
        """Nothing to release."""


def open_path(path: Path, table: Path | None = None) -> Opened:
    """Open a file or a folder, with detections from `table`; UserError says what is wrong."""
    if path.suffix.lower() == DETECTIONS_SUFFIX:
        return _open_detections(path, video=None)
    if table is not None:
        return _open_detections(table, video=path)
    opened = _open_pictures(path)
    names = " and ".join(kept.name for kept in kept_of(path))
    if names:
        note = f"Detections of this film that were never saved are in {names}: open it to go on."
        opened = replace(opened, note=f"{opened.note} {note}".strip())
    return opened


def _open_pictures(path: Path) -> Opened:
    source = open_source(str(path))
    if source.frame_count is None:
        source.close()
        raise UserError("A webcam cannot be shown in the window yet: use `pandanet detect` for it.")
    info = SourceInfo(
        path=path,
        name=path.name,
        frame_count=source.frame_count,
        fps=source.fps or 1.0,
        width=source.width,
        height=source.height,
    )
    camera = Camera.from_fov(info.width, info.height)
    return Opened(source, info, camera, camera_assumed=True, note=" ".join(source.warnings))


def _open_detections(path: Path, video: Path | None) -> Opened:
    """The people of a file, on `video` or on the video of the same folder that the file names."""
    table = read_table(path)
    header = table.header
    skeleton = skeleton_named(header.skeleton)
    video = video or path.parent / (header.source or path.stem)
    if video.exists():
        opened = _open_pictures(video)
        reader, info, note = opened.reader, opened.info, opened.note
        if (info.width, info.height) != (header.camera.width, header.camera.height):
            reader.close()
            note = (
                f"{video.name} is not the video of {path.name} (its size differs), so the picture "
                "stays empty."
            )
            reader, info = _blank(table, path)
    else:
        note = (
            f"The video {header.source} is not beside {path.name}: put it there to see its "
            "pictures."
        )
        reader, info = _blank(table, path)
    people = People.from_table(table, skeleton, info.frame_count)
    return Opened(reader, info, header.camera, camera_assumed=False, people=people, note=note)


def _blank(table: DetectionTable, path: Path) -> tuple[FrameReader, SourceInfo]:
    header = table.header
    stops = [stop for _, stop in header.frames_done]
    info = SourceInfo(
        path=None,
        name=path.name,
        frame_count=max(1, header.frame_count, *stops),
        fps=header.fps or 1.0,
        width=header.camera.width,
        height=header.camera.height,
    )
    return BlankReader(info), info
