"""JTA's layout: the real JTA as it is downloaded, and what `pandanet crowd` writes.

Layout of the folder::

    annotations/SPLIT/seq_N.json   rows [frame, person, joint, x, y, X, Y, Z, occluded,
    self-occluded]
    frames/SPLIT/seq_N/F.jpg       one picture a frame, frames count from 1 (.png too), or ...
    videos/SPLIT/seq_N.mp4         ... the video, whose first frame is frame 1
    cameras/SPLIT/seq_N.json       optional, ours: rows [frame, fx, fy, cx, cy] in px

x, y are pixels; X, Y, Z metres in camera space. Without a cameras file the camera is JTA's own and
the labels are for its 1920x1080 px; pictures may be smaller by one factor. Pictures of a sequence
without anybody (annotations []) may have any size: they teach what people do not look like. Often
only every n-th frame is extracted: then those are the pictures. A video is read where nothing is
extracted: fast in order, slow at random; `pandanet data extract` makes pictures of it.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.damage import Report, refuse, wrong_folder
from pandanet_core.data.frames import (
    Frames,
    OpenVideo,
    picture_files,
    report_past_end,
    video_frames,
)
from pandanet_core.data.jta.rows import People, read_people, read_rows
from pandanet_core.data.labels import boxes_around, scale_of
from pandanet_core.data.numbering import Numbering
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22

JTA_FOCAL_PX = 1158.0
JTA_CENTRE_PX = (960.0, 540.0)
JTA_SIZE_PX = (1920, 1080)

Intrinsics = tuple[float, float, float, float]
"""fx, fy, cx, cy in px."""


@dataclass(frozen=True)
class Sequence:
    """An annotated sequence.

    Attributes:
        name: As "seq_7".
        frames: Its pictures.
        people: Everybody in the frames that have a picture.
        intrinsics: Cameras by frame; None where the camera is JTA's own.
    """

    name: str
    frames: Frames
    people: People
    intrinsics: dict[int, Intrinsics] | None


def splits(folder: Path) -> tuple[str, ...]:
    """The splits that a JTA folder has annotations of."""
    known = ("train", "val", "test")
    return tuple(split for split in known if any((folder / "annotations" / split).glob("seq_*")))


class JtaPictures:
    """The annotated pictures of one split of a JTA folder, in the order of sequence and frame."""

    def __init__(self, folder: Path, split: str = "train", report: Report = refuse) -> None:
        """Reads the annotations of folder/annotations/split.

        Raises UserError where there are none, and where one is damaged or has neither pictures nor
        a video, unless `report` only takes note of that.
        """
        annotations = folder / "annotations" / split
        files = sorted(annotations.glob("seq_*.json"), key=_number)
        if not files and not annotations.is_dir() and splits(folder):
            raise UserError(
                f"{folder} has no split {split}, only {', '.join(splits(folder))}; name another."
            )
        if not files:
            raise wrong_folder(folder, f"annotations/{split}/seq_N.json")
        self._opened = OpenVideo()
        reader = SequenceReader(folder, split, report, self._opened)
        read = (reader.read(file) for file in files)
        self._sequences = tuple(sequence for sequence in read if sequence is not None)
        self._numbering = Numbering([len(each.frames.numbers) for each in self._sequences])

    def __len__(self) -> int:
        return len(self._numbering)

    def __getitem__(self, index: int) -> Sample:
        """Decode one picture; UserError when its file is damaged, gone or of a wrong size."""
        sequence, place = self._place(index)
        return labelled(sequence, place, sequence.frames.read(place))

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""
        sequence, place = self._place(index)
        return labelled(sequence, place, sequence.frames.empty(place))

    def file(self, index: int) -> Path:
        """The picture or the video that number `index` is read from."""
        sequence, place = self._place(index)
        return sequence.frames.file(place)

    def _place(self, index: int) -> tuple[Sequence, int]:
        part, place = self._numbering.locate(index)
        return self._sequences[part], place


def labelled(sequence: Sequence, place: int, image: NDArray[np.uint8]) -> Sample:
    """A picture of a sequence, the one at `place` of its frames, with its people."""
    number = int(sequence.frames.numbers[place])
    scale, intrinsics = _camera_of(sequence, place, image)
    height, width = image.shape[:2]
    people = sequence.people.in_frame(number)
    has_2d = people.pose3d_m[..., 2] > 0  # Behind the camera there is no place in the picture.
    pose2d = np.where(has_2d[..., None], people.pose2d * np.float32(scale), np.float32(0))
    return Sample(
        image=image,
        pose2d=pose2d,
        pose3d_mm=people.pose3d_m * np.float32(1000),
        occluded=people.occluded,
        self_occluded=people.self_occluded & ~people.occluded,
        has_2d=has_2d,
        has_3d=np.ones_like(has_2d),
        boxes=boxes_around(pose2d, has_2d),
        camera=Camera(*intrinsics, width=width, height=height),
        skeleton=JTA22,
        name=f"{sequence.name}/{number}",
    )


def _camera_of(
    sequence: Sequence, place: int, image: NDArray[np.uint8]
) -> tuple[float, Intrinsics]:
    """How much smaller than its labels a picture is, and its intrinsics."""
    if sequence.intrinsics is not None:
        frame = int(sequence.frames.numbers[place])
        if frame not in sequence.intrinsics:
            raise UserError(f"There is no camera for frame {frame} of {sequence.name}.")
        return 1.0, sequence.intrinsics[frame]
    if not len(sequence.people.frames):  # Where nobody is annotated, no label can misfit.
        camera = Camera.from_fov(image.shape[1], image.shape[0])
        return 1.0, (camera.fx, camera.fy, camera.cx, camera.cy)
    scale = scale_of(image, *JTA_SIZE_PX, sequence.frames.file(place))
    centre_x, centre_y = JTA_CENTRE_PX
    focal = JTA_FOCAL_PX * scale
    return scale, (focal, focal, centre_x * scale, centre_y * scale)


class SequenceReader:
    """Reads the sequences of one split, one after the other."""

    def __init__(self, folder: Path, split: str, report: Report, opened: OpenVideo) -> None:
        """Args as those of JtaPictures; `opened` is what will read the videos."""
        self._folder, self._split = folder, split
        self._report, self._opened = report, opened

    def read(self, file: Path) -> Sequence | None:
        """The sequence of an annotation file; None where there is no picture of it."""
        frames = self._frames_of(file)
        if frames is None:
            return None
        people = read_people(file, self._report)
        report_past_end(self._report, file, int(people.frames.max(initial=0)), frames)
        pictured = people.choose(np.isin(people.frames, frames.numbers))
        return Sequence(file.stem, frames, pictured, self._read_cameras(file, frames))

    def _frames_of(self, file: Path) -> Frames | None:
        video = self._folder / "videos" / self._split / f"{file.stem}.mp4"
        frames: Frames | None = picture_files(self._folder / "frames" / self._split / file.stem)
        try:
            frames = frames or video_frames(video, 1, self._opened)
        except UserError as error:
            self._report(video, f"cannot be read ({str(error).removesuffix('.')})")
            return None
        if frames is None:
            self._report(
                video,
                f"is missing, and there are no pictures in frames/{self._split}/{file.stem} either; "
                f"add one of them, or remove annotations/{self._split}/{file.name}",
            )
        return frames

    def _read_cameras(self, file: Path, frames: Frames) -> dict[int, Intrinsics] | None:
        """Intrinsics by frame; None where there is no file, and the camera is JTA's own."""
        path = self._folder / "cameras" / self._split / file.name
        if not path.exists():
            return None
        rows = read_rows(path, 5, self._report)
        sound = np.isfinite(rows).all(1) & (rows[:, 1:3] > 0).all(1)
        if not sound.all():
            self._report(path, "holds a focal length that is not above 0 px, or no number at all")
        cameras = {int(frame): (fx, fy, cx, cy) for frame, fx, fy, cx, cy in rows[sound].tolist()}
        without = [int(number) for number in frames.numbers if int(number) not in cameras]
        if without:
            self._report(path, f"has no camera for frame {without[0]}")
        return cameras


def _number(file: Path) -> int:
    digits = file.stem.removeprefix("seq_")
    return int(digits) if digits.isdigit() else -1
