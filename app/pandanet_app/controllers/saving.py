"""Writing what was found: runs on a worker thread, on a snapshot that nothing changes any more."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pandanet_app.controllers.colour_links import ColourLinks
from pandanet_app.controllers.tasks import TaskCancelled, TaskHandle
from pandanet_app.drawing.film import drawn_frame
from pandanet_app.models.people import People
from pandanet_app.models.scene import Layers, Scene
from pandanet_app.models.session import SourceInfo
from pandanet_core import __version__
from pandanet_core.camera import Camera
from pandanet_core.detections import TableHeader, TableWriter
from pandanet_core.errors import UserError
from pandanet_core.files import sha256_of
from pandanet_core.video import Frame, VideoWriter, open_source, open_writer


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Everything that an export needs.

    Attributes:
        info: The source.
        people: A copy of the people.
        camera: Intrinsics that they are placed with.
        min_score: People below it are left out.
        weights: Name of the weights.
        weights_sha256: Their hash.
        scale_source: Where metric scale comes from.
        layers: Parts of the overlay to draw.
        work: The range (start, stop) of frames that an overlay video shows.
        nms_iou: Overlap above which the weaker of two candidates was dropped.
    """

    info: SourceInfo
    people: People
    camera: Camera
    min_score: float
    weights: str
    weights_sha256: str
    scale_source: str
    layers: Layers
    work: tuple[int, int]
    nms_iou: float


def save_table(snapshot: Snapshot, path: Path, handle: TaskHandle) -> Path:
    """Write the visible people of every detected frame as Parquet; UserError where that fails.

    Raises:
        TaskCancelled: The person cancelled; nothing is written.
    """
    info, table = snapshot.info, snapshot.people.table
    hashed = table.header.source_sha256 if table else ""
    if not hashed and info.path is not None and info.path.is_file():
        hashed = sha256_of([info.path], handle.go_on)
    write_people(snapshot, path, table.header.source if table else info.name, hashed, handle)
    return path


def write_people(
    snapshot: Snapshot, path: Path, source: str, source_sha256: str, handle: TaskHandle
) -> None:
    """As `save_table`, of a source with this name, as seen from the file's folder, and this hash."""
    info, people = snapshot.info, snapshot.people
    done = people.done.nonzero()[0]
    with TableWriter(path, _header(snapshot, source, source_sha256)) as writer:
        for count, frame in enumerate(done.tolist()):
            try:
                handle.progress(count, len(done))
            except TaskCancelled:
                writer.discard()
                raise
            visible = people.visible(frame, snapshot.camera, snapshot.min_score)
            assert visible is not None
            time_s = people.time_s(frame, info.fps)
            writer.append(frame, time_s, visible.detections, visible.track_ids)


def save_overlay(snapshot: Snapshot, path: Path, handle: TaskHandle) -> Path:
    """Write the range of the film with the people drawn on it, as MP4; a picture as a picture.

    Raises:
        TaskCancelled: The person cancelled; nothing is written.
    """
    info = snapshot.info
    if info.path is None:
        raise UserError("There is no video to draw on: open the video of these detections.")
    start, stop = snapshot.work
    colours = ColourLinks()
    with (
        closing(open_source(info.path)) as source,
        open_writer(path, source) as writer,
    ):
        for frame in source.frames(start, stop):
            try:
                handle.progress(frame.index - start, stop - start)
            except TaskCancelled:
                if isinstance(writer, VideoWriter):  # what is done of a picture is nothing yet
                    writer.discard()
                raise
            scene = _scene(snapshot, frame, colours)
            writer.write(drawn_frame(scene, info.width, info.height), frame.time_s)
    return path


def _scene(snapshot: Snapshot, frame: Frame, colours: ColourLinks) -> Scene:
    people = snapshot.people
    visible = people.visible(frame.index, snapshot.camera, snapshot.min_score)
    return Scene(
        frame=frame,
        people=colours.coloured(frame.index, visible) if visible else None,
        camera=snapshot.camera,
        skeleton=people.skeleton,
        layers=snapshot.layers,
    )


def _header(snapshot: Snapshot, source: str, source_sha256: str) -> TableHeader:
    info = snapshot.info
    return TableHeader(
        skeleton=snapshot.people.skeleton.name,
        camera=snapshot.camera,
        scale_source=snapshot.scale_source,
        source=source,
        source_sha256=source_sha256,
        frame_count=info.frame_count,
        fps=info.fps,
        weights=snapshot.weights,
        weights_sha256=snapshot.weights_sha256,
        min_score=snapshot.min_score,
        nms_iou=snapshot.nms_iou,
        version=__version__,
    )
