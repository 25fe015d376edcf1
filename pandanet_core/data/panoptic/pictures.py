"""CMU Panoptic as its own toolbox downloads and extracts it.

Layout of the folder, which holds one folder a sequence::

    SEQ/calibration_SEQ.json                              every camera
    SEQ/hdPose3d_stage1_coco19/body3DScene_########.json  people of a frame: cm, in the dome
    SEQ/hdImgs/00_CC/00_CC_########.jpg                   its picture from HD camera CC (.png too), or
    SEQ/hdVideos/hd_00_CC.mp4                             the video, whose first frame is frame 0

The splits are those of the paper (section 4.2): test are the HD cameras 16 and 30 in the scenarios
Haggling, Mafia, Ultimatum and Pizza; train are the other HD cameras in all sequences. (The paper says
28 others; the dome has 29.) Which 9600 frames the paper tests on it does not say: what is there is
used. Frames without annotation, and annotations without picture, are passed over.

Pictures are made straight (see undistortion.py), so 2D joints are pinhole projections of 3D joints.
The data set does not say who is hidden. Whoever has no joint in the picture is left out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera, project
from pandanet_core.data.damage import Report, refuse, wrong_folder
from pandanet_core.data.frames import (
    Frames,
    NumberedFiles,
    OpenVideo,
    numbered_files,
    picture_files,
    report_past_end,
    video_frames,
)
from pandanet_core.data.labels import boxes_around, scale_of
from pandanet_core.data.numbering import Numbering
from pandanet_core.data.panoptic.bodies import Bodies, read_bodies
from pandanet_core.data.panoptic.calibration import DomeCamera, read_calibration
from pandanet_core.data.panoptic.undistortion import undistort
from pandanet_core.data.sample import Sample, joints_inside
from pandanet_core.errors import UserError
from pandanet_core.skeleton import PANOPTIC19

SPLITS = ("train", "test")
TEST_CAMERAS = ("00_16", "00_30")
TEST_SCENARIOS = ("haggling", "mafia", "ultimatum", "pizza")

_BODIES = "hdPose3d_stage1_coco19"


def scenario_of(sequence: str) -> str | None:
    """The scenario of Table 5 that a sequence belongs to, as "haggling"; None for others."""
    return next((name for name in TEST_SCENARIOS if name in sequence.lower()), None)


def belongs(sequence: str, camera: str, split: str) -> bool:
    """Whether a camera of a sequence belongs to a split."""
    if split == "test":
        return camera in TEST_CAMERAS and scenario_of(sequence) is not None
    return camera not in TEST_CAMERAS


def splits(folder: Path) -> tuple[str, ...]:
    """The splits that a folder has pictures or videos of; both where it has none at all."""
    found: set[str] = set()
    for sequence in _sequences(folder):
        images = {path.name for path in sequence.glob("hdImgs/*")}
        videos = {path.stem.removeprefix("hd_") for path in sequence.glob("hdVideos/*.mp4")}
        for camera in images | videos:
            found |= {split for split in SPLITS if belongs(sequence.name, camera, split)}
    return tuple(split for split in SPLITS if split in found) or SPLITS


@dataclass(frozen=True)
class View:
    """What one camera saw of a sequence.

    Attributes:
        sequence: Name of the sequence.
        camera: The camera.
        frames: Its pictures.
        places: (F,) places in `frames` of the pictures whose people are annotated.
        bodies: The people's files; its numbers count frames, too.
    """

    sequence: str
    camera: DomeCamera
    frames: Frames
    places: NDArray[np.intp]
    bodies: NumberedFiles


class PanopticPictures:
    """The annotated pictures of a split, in the order of sequence, camera and frame."""

    def __init__(self, folder: Path, split: str = "train", report: Report = refuse) -> None:
        """Finds the pictures; people are read with each of them.

        Args:
            folder: Holds the sequences' folders, or is one of them.
            split: train or test.
            report: Told of what is damaged or missing.

        Raises:
            UserError: No sequence, another split; what is damaged, unless `report` only takes note.
        """
        if split not in SPLITS:
            raise UserError(f"CMU Panoptic has no split {split}, only {' and '.join(SPLITS)}.")
        sequences = _sequences(folder)
        if not sequences:
            raise wrong_folder(folder, f"SEQUENCE/{_BODIES} and SEQUENCE/calibration_SEQUENCE.json")
        chosen = [s for s in sequences if split == "train" or scenario_of(s.name)]
        if not chosen:
            raise UserError(
                f"{folder} has none of the test scenarios {', '.join(TEST_SCENARIOS)}, only "
                f"{', '.join(sequence.name for sequence in sequences)}."
            )
        self._opened = OpenVideo()
        self._views = tuple(
            view
            for sequence in chosen
            for view in _read_views(sequence, split, report, self._opened)
        )
        if not self._views:
            report(folder, f"has no picture of a camera of the split {split}")
        self._numbering = Numbering([len(view.places) for view in self._views])

    def __len__(self) -> int:
        return len(self._numbering)

    def __getitem__(self, index: int) -> Sample:
        """Decode one picture and read its people; UserError when a file of it is damaged."""
        view, place = self._place(index)
        return _labelled(view, place, view.frames.read(place))

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""
        view, place = self._place(index)
        return _labelled(view, place, view.frames.empty(place))

    def file(self, index: int) -> Path:
        """The picture or the video that number `index` is read from."""
        view, place = self._place(index)
        return view.frames.file(place)

    def _place(self, index: int) -> tuple[View, int]:
        part, place = self._numbering.locate(index)
        return self._views[part], int(self._views[part].places[place])


def _labelled(view: View, place: int, image: NDArray[np.uint8]) -> Sample:
    number = int(view.frames.numbers[place])
    bodies = read_bodies(view.bodies.file(int(np.searchsorted(view.bodies.numbers, number))))
    scale = scale_of(image, view.camera.width, view.camera.height, view.frames.file(place))
    image, camera = undistort(image, view.camera, scale)
    name = f"{view.sequence}/{view.camera.name}/{number:08d}"
    sample = _sample(view.camera, bodies, image, camera, name)
    return sample.people(np.any(joints_inside(sample) & sample.has_2d, axis=1))


def _sequences(folder: Path) -> list[Path]:
    """The folders of sequences; the folder itself where it is one."""
    if (folder / _BODIES).is_dir():
        return [folder.resolve()]
    return sorted(path.parent for path in folder.glob(f"*/{_BODIES}"))


def _read_views(folder: Path, split: str, report: Report, opened: OpenVideo) -> list[View]:
    """The cameras of a sequence that belong to the split and have pictures."""
    bodies = numbered_files(folder / _BODIES, (".json",))
    if not len(bodies.numbers):
        report(folder / _BODIES, "has no body3DScene_########.json; unpack it again")
        return []
    cameras = read_calibration(folder / f"calibration_{folder.name}.json", report)
    views = []
    for name, camera in sorted(cameras.items()):
        if not belongs(folder.name, name, split):
            continue
        frames = _frames_of(folder, name, report, opened)
        if frames is not None:
            report_past_end(report, bodies.folder, int(bodies.numbers[-1]), frames)
            places = np.flatnonzero(np.isin(frames.numbers, bodies.numbers))
            views.append(View(folder.name, camera, frames, places, bodies))
    if not (folder / "hdImgs").is_dir() and not (folder / "hdVideos").is_dir():
        report(folder, "has neither hdImgs nor hdVideos; add one of them, or take it away")
    return views


def _frames_of(folder: Path, camera: str, report: Report, opened: OpenVideo) -> Frames | None:
    video = folder / "hdVideos" / f"hd_{camera}.mp4"
    frames: Frames | None = picture_files(folder / "hdImgs" / camera)
    try:
        return frames or video_frames(video, 0, opened)
    except UserError as error:
        report(video, f"cannot be read ({str(error).removesuffix('.')})")
        return None


def _sample(
    lens: DomeCamera, bodies: Bodies, image: NDArray[np.uint8], camera: Camera, name: str
) -> Sample:
    """Everybody in the dome, also whom the picture does not show."""
    pose3d_mm = np.where(bodies.annotated[..., None], lens.to_camera_mm(bodies.joints_cm), 0)
    has_2d = bodies.annotated & (pose3d_mm[..., 2] > 0)
    pose2d = np.where(has_2d[..., None], project(pose3d_mm, camera), 0).astype(np.float32)
    nothing = np.zeros_like(has_2d)
    return Sample(
        image=image,
        pose2d=pose2d,
        pose3d_mm=pose3d_mm.astype(np.float32),
        occluded=nothing,
        self_occluded=nothing,
        has_2d=has_2d,
        has_3d=bodies.annotated,
        boxes=boxes_around(pose2d, has_2d),
        camera=camera,
        skeleton=PANOPTIC19,
        name=name,
    )
