"""Making a video of a crowd, with the truth about everybody in it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing.film import Film, draw_film
from pandanet_core.crowd.drawing.renderers import open_renderer
from pandanet_core.crowd.drawing.targets import Rendering
from pandanet_core.crowd.folders import AssetNames, Skies, files_of_split, read_motions
from pandanet_core.crowd.generate import Progress, cast_of, index_entry
from pandanet_core.crowd.labels import label
from pandanet_core.crowd.people.cast import read_cast
from pandanet_core.crowd.plates import Plates
from pandanet_core.crowd.scenes.films.street import Street, draw_street
from pandanet_core.crowd.scenes.pictures import World
from pandanet_core.crowd.scenes.scene import Scene, pelvises_of
from pandanet_core.crowd.settings import CrowdSettings
from pandanet_core.crowd.studio import Order, random_for
from pandanet_core.crowd.truth import write_truth
from pandanet_core.crowd.workers import Workers
from pandanet_core.crowd.writer import CameraRows, CrowdFolder, Row, camera_rows, rows_of
from pandanet_core.errors import UserError
from pandanet_core.files import write_error

FPS = 25
SUPERSAMPLING = 2
BATCH_FRAMES = 5
QUALITIES = 20, 30
"""x264's constant rate factor, drawn for each film: 18 looks perfect, 28 visibly compressed."""

LONGEST_S = 600.0


@dataclass(frozen=True)
class MadeFrame:
    """A frame (index from 0) with its annotation rows and camera rows (frames from 1)."""

    index: int
    image: NDArray[np.uint8]
    rows: list[Row]
    camera: CameraRows


@dataclass(frozen=True)
class FrameMaker:
    """How a worker process gets ready to make the frames of a video (see workers.Workers)."""

    cast: Path
    settings: CrowdSettings
    names: AssetNames
    seconds: float

    def __call__(self) -> Callable[[Order], list[MadeFrame]]:
        """Every worker draws the same street and renders the frames that are ordered."""
        settings = self.settings
        skies = Skies(settings, self.names)
        motions = read_motions(settings, self.names)
        world = World(read_cast(self.cast), motions, skies.names)
        street = draw_street(random_for(settings, "video"), settings, world, self.seconds)
        film = _draw_film(settings, street, Plates(skies, self.names.backgrounds))
        draw = open_renderer(settings, world.cast, skies, SUPERSAMPLING)
        characters = world.cast.characters

        def make(index: int, scene: Scene, drawn: Rendering) -> MadeFrame:
            labels = label(scene, characters, drawn.identity, drawn.depth)
            after = street.scene_at(index / FPS + film.shutter_s)
            noise = random_for(settings, f"frame {index}")
            image = film.developed(noise, scene, after, drawn, characters)
            frame = index + 1
            return MadeFrame(index, image, rows_of(frame, labels), camera_rows(frame, scene.view))

        def make_all(order: Order) -> list[MadeFrame]:
            frames = range(order.start, order.stop)
            scenes = [street.scene_at(index / FPS) for index in frames]
            return [make(*frame) for frame in zip(frames, scenes, draw(scenes), strict=True)]

        return make_all


def _draw_film(settings: CrowdSettings, street: Street, plates: Plates) -> Film:
    """Light, faults and background of all frames; a background only where the camera stays."""
    rng = random_for(settings, "film")
    scene = street.scene_at(0.0)
    seen_m = scene.view.to_camera(pelvises_of(scene.people, street.world.cast.characters))[:, 2]
    plate = plates.draw(rng, scene, float(seen_m.max())) if street.camera.keeps_its_place else None
    return draw_film(rng, street.light, settings.width, seen_m[seen_m > 0], plate)


def make_video(
    folder: Path, settings: CrowdSettings, seconds: float, workers: int, progress: Progress
) -> int:
    """Make videos/SPLIT/seq_0.mp4, its annotations in JTA's layout, and its truth as Parquet.

    On Ctrl+C the finished frames are kept, with their annotations, then KeyboardInterrupt goes on.

    Returns the number of frames. Raises UserError when something given cannot be used.
    """
    if not 0.1 <= seconds <= LONGEST_S:
        raise UserError(
            f"A video of {seconds:g} seconds cannot be made; give 0.1 to {LONGEST_S:g}."
        )
    names = files_of_split(settings)
    output = CrowdFolder(folder, settings.split)
    cast = cast_of(settings, progress)
    count = round(seconds * FPS)
    orders = [
        Order(start, min(start + BATCH_FRAMES, count)) for start in range(0, count, BATCH_FRAMES)
    ]
    maker = FrameMaker(cast, settings, names, seconds)
    path = output.video_path(0)
    rows: list[Row] = []
    cameras: list[CameraRows] = []
    quality = int(random_for(settings, "quality").integers(*QUALITIES))
    progress("frames", 0, count)
    try:
        drawn = Workers(maker, workers).carry_out(orders)
        with closing(drawn), VideoFile(path, settings.width, settings.height, quality) as video:
            for frame in _in_order(drawn):
                video.write(frame.image)
                rows += frame.rows
                cameras.append(frame.camera)
                progress("frames", len(cameras), count)
    finally:
        if cameras:
            output.write_sequence(0, rows, cameras)
            intrinsics = [camera.intrinsics for camera in cameras]
            write_truth(path, rows, intrinsics, (settings.width, settings.height), FPS)
        output.write_index(index_entry(settings, names, len(cameras)))
    return len(cameras)


class VideoFile:
    """An H.264 video that grows under a temporary name and appears when it is closed."""

    def __init__(self, path: Path, width: int, height: int, quality: int) -> None:
        """UserError where the file cannot be written; odd sizes lose their last row or column.

        `quality` is x264's constant rate factor.
        """
        self._path, self._part = path, path.with_name(path.stem + ".part.mp4")
        self._width, self._height = width // 2 * 2, height // 2 * 2
        self._frames = 0
        try:
            self._container = av.open(str(self._part), "w", options={"movflags": "faststart"})
        except OSError as error:
            raise write_error(error, path) from error
        self._stream = self._container.add_stream("libx264", rate=Fraction(FPS))
        self._stream.width, self._stream.height = self._width, self._height
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(quality), "preset": "faster"}

    def __enter__(self) -> "VideoFile":
        return self

    def __exit__(self, *error: object) -> None:
        """Complete the file, also with only some of the frames; without any there is none."""
        try:
            try:
                if self._frames:
                    self._mux(None)
            finally:
                self._container.close()
            if self._frames:
                self._part.replace(self._path)
        except OSError as disk:
            raise write_error(disk, self._path) from disk
        finally:
            self._part.unlink(missing_ok=True)

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append one RGB frame; UserError where the disk is full."""
        cropped = np.ascontiguousarray(image[: self._height, : self._width])
        try:
            self._mux(av.VideoFrame.from_ndarray(cropped, "rgb24"))
        except OSError as error:
            raise write_error(error, self._path) from error
        self._frames += 1

    def _mux(self, frame: av.VideoFrame | None) -> None:
        self._container.mux(self._stream.encode(frame))


def _in_order(batches: Iterator[list[MadeFrame]]) -> Iterator[MadeFrame]:
    """Frames by number, however the workers finish them."""
    waiting: dict[int, MadeFrame] = {}
    following = 0
    for batch in batches:
        waiting |= {frame.index: frame for frame in batch}
        while following in waiting:
            yield waiting.pop(following)
            following += 1
