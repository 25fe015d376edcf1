"""MuPoTS-3D as it is downloaded.

Layout of the folder (MultiPersonTestSet)::

    TSn/annot.mat        annotations: per frame and person annot2, annot3, univ_annot3, isValidFrame
    TSn/occlusion.mat    occlusion_labels: per frame and person 17 labels
    TSn/img_######.jpg   the pictures; frames count from 0

The files hold no intrinsics: the camera of a sequence is the pinhole camera that projects its annot3
to its annot2. Who hides a joint is not said: a hidden joint counts as occluded. People whose
annotation is not valid are in the picture without joints, as regions to ignore.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.damage import Report, refuse, wrong_folder
from pandanet_core.data.frames import PictureFiles, picture_files
from pandanet_core.data.labels import boxes_around
from pandanet_core.data.mupots.annotations import Annotations, read_annotations
from pandanet_core.data.mupots.intrinsics import Intrinsics, fit_intrinsics
from pandanet_core.data.numbering import Numbering
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUPOTS17

SPLITS = ("test",)

LARGEST_ERROR_PX = 2.0
"""2D and 3D joints that differ by more do not belong to one pinhole camera."""


@dataclass(frozen=True)
class Sequence:
    """One of the sequences.

    Attributes:
        name: As "TS1".
        frames: Those pictures that are annotated.
        annotations: Of all frames.
        intrinsics: Its camera.
    """

    name: str
    frames: PictureFiles
    annotations: Annotations
    intrinsics: Intrinsics


class MupotsPictures:
    """The pictures of MuPoTS-3D in the order of sequence and frame."""

    def __init__(self, folder: Path, split: str = "test", report: Report = refuse) -> None:
        """Reads the annotations of all sequences.

        Args:
            folder: Holds TS1, TS2, ...
            split: test; there is no other.
            report: Told of what is damaged or missing.

        Raises:
            UserError: No sequence, another split; what is damaged, unless `report` only takes note.
        """
        if split not in SPLITS:
            raise UserError(
                f"MuPoTS-3D is there to measure on: it has no split {split}, only test."
            )
        names = [path.name for path in folder.glob("TS*") if re.fullmatch(r"TS\d+", path.name)]
        if not names:
            raise wrong_folder(folder, "TS1/annot.mat, TS1/occlusion.mat and TS1/img_000000.jpg")
        names.sort(key=lambda name: int(name[2:]))
        read = (_read_sequence(folder / name, report) for name in names)
        self._sequences = tuple(sequence for sequence in read if sequence is not None)
        self._numbering = Numbering([len(each.frames.numbers) for each in self._sequences])

    def __len__(self) -> int:
        return len(self._numbering)

    def __getitem__(self, index: int) -> Sample:
        """Decode one picture; UserError when its file is damaged or gone."""
        sequence, place = self._place(index)
        return _labelled(sequence, place, sequence.frames.read(place))

    def labels(self, index: int) -> Sample:
        """As samples[index] with an empty picture of the same size: nothing is decoded."""
        sequence, place = self._place(index)
        return _labelled(sequence, place, sequence.frames.empty(place))

    def universal_pose3d_mm(self, index: int) -> NDArray[np.float32]:
        """(N, 17, 3) camera space, mm: `univ_annot3`, the poses that MuPoTS-3D's own metric compares
        with, of bodies made equally large. The N people are those of the sample, in its order."""
        return self._people(index).universal_mm.astype(np.float32)

    def own_pose3d_mm(self, index: int) -> NDArray[np.float32]:
        """(N, 17, 3) camera space, mm: `annot3`, the same people in their own sizes."""
        return self._people(index).pose3d_mm.astype(np.float32)

    def _people(self, index: int) -> Annotations:
        sequence, place = self._place(index)
        return _people_of(sequence.annotations, int(sequence.frames.numbers[place]))

    def file(self, index: int) -> Path:
        """The picture that number `index` is read from."""
        sequence, place = self._place(index)
        return sequence.frames.file(place)

    def _place(self, index: int) -> tuple[Sequence, int]:
        part, place = self._numbering.locate(index)
        return self._sequences[part], place


def _labelled(sequence: Sequence, place: int, image: NDArray[np.uint8]) -> Sample:
    frame = int(sequence.frames.numbers[place])
    people, lens = _people_of(sequence.annotations, frame), sequence.intrinsics
    height, width = image.shape[:2]
    known = np.repeat(people.valid[:, None], MUPOTS17.joint_count, 1)
    has_2d = known & (people.pose3d_mm[..., 2] > 0)
    return Sample(
        image=image,
        pose2d=_where(has_2d, people.pose2d),
        pose3d_mm=_where(known, people.pose3d_mm),
        occluded=people.occluded,
        self_occluded=np.zeros_like(known),
        has_2d=has_2d,
        has_3d=known,
        boxes=boxes_around(people.pose2d, np.ones_like(known)),
        camera=Camera(lens.fx, lens.fy, lens.cx, lens.cy, width, height),
        skeleton=MUPOTS17,
        name=f"{sequence.name}/{sequence.frames.file(place).stem}",
    )


def _read_sequence(folder: Path, report: Report) -> Sequence | None:
    """None where it has no pictures, or nothing to make sense of them."""
    annotations = read_annotations(folder, report)
    if annotations is None:
        return None
    frames = _annotated_frames(folder, annotations, report)
    valid = annotations.valid
    lens = fit_intrinsics(
        annotations.pose2d[valid].reshape(-1, 2), annotations.pose3d_mm[valid].reshape(-1, 3)
    )
    if lens is None:
        report(folder / "annot.mat", "has too few valid people to tell the camera from")
        return None
    if lens.error_px > LARGEST_ERROR_PX:
        report(
            folder / "annot.mat",
            f"has 2D and 3D joints that differ by {lens.error_px:.1f} px in any pinhole camera",
        )
    return Sequence(folder.name, frames, annotations, lens) if frames is not None else None


def _annotated_frames(
    folder: Path, annotations: Annotations, report: Report
) -> PictureFiles | None:
    """The pictures of annotated frames; the missing ones are reported."""
    frames = picture_files(folder)
    numbers = np.arange(len(annotations))
    missing = numbers if frames is None else np.setdiff1d(numbers, frames.numbers)
    if len(missing):
        others = f", and so are {len(missing) - 1} more" if len(missing) > 1 else ""
        report(folder / f"img_{missing[0]:06d}.jpg", f"is missing{others}")
    if frames is None:
        return None
    kept = np.flatnonzero(frames.numbers < len(annotations))
    names = tuple(frames.names[place] for place in kept)
    return PictureFiles(folder, names, frames.numbers[kept])


def _people_of(annotations: Annotations, frame: int) -> Annotations:
    """The people of one frame, without the frames' axis; who is nowhere is left out."""
    pose2d = annotations.pose2d[frame]
    present = np.any(np.ptp(pose2d, axis=1) > 0, axis=1)
    return Annotations(
        **{name: values[frame][present] for name, values in vars(annotations).items()}
    )


def _where(known: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float32]:
    """The known joints' values, 0 for the others."""
    return np.where(known[..., None], values, 0).astype(np.float32)
