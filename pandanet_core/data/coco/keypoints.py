"""COCO's people with keypoints: joints in 2D only.

Layout of the folder, as COCO is downloaded::

    annotations/person_keypoints_SPLIT.json   SPLIT as train2017; also directly in the folder
    SPLIT/*.jpg                               also images/SPLIT/*.jpg

Keypoints are numbers of pixels, counted from 0, with 0 (not annotated), 1 (hidden) or 2 (seen).
Boxes are COCO's own: what one sees of a person. Crowds (iscrowd) and people without keypoints are
regions to ignore. COCO knows no cameras; a common field of view is assumed, which no loss uses.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.coco.file import Annotations, Entry, numbers, read_coco_file, size_of
from pandanet_core.data.coco.pictures import PicturesOfFile
from pandanet_core.data.damage import Report, refuse, wrong_folder
from pandanet_core.data.labels import boxes_around, scale_of
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import COCO17

_PREFIX = "person_keypoints_"
_HALF, _NOWHERE = np.float32(0.5), np.float32(0)


@dataclass(frozen=True)
class _Picture:
    name: str
    width: int
    height: int


class CocoPictures(PicturesOfFile[_Picture]):
    """COCO's pictures of one split that show somebody with keypoints, in the file's order."""

    def __init__(
        self,
        folder: Path,
        split: str = "train",
        report: Report = refuse,
        everything: bool = False,
    ) -> None:
        """Reads folder/annotations/person_keypoints_SPLIT.json.

        Args:
            folder: COCO's folder.
            split: As "train2017", or without the year where the folder has one year only.
            report: Told of damaged entries and missing pictures.
            everything: Also pictures without anybody with keypoints, as COCO's metric wants them.

        Raises:
            UserError: No such file, or no picture in it; what is damaged, unless `report` only
                takes note of it.
        """
        file, pictures = _locate(folder, split)
        shape = (COCO17.joint_count, 3)
        content = read_coco_file(file, _read_picture, _read_joints, shape, report)
        annotations = content.annotations
        somebody = (annotations.joints[..., 2] > 0).any(1) & ~annotations.crowd
        wanted = content if everything else content.with_any(somebody)
        super().__init__(wanted, file, pictures, report)

    def _labelled(self, index: int, image: NDArray[np.uint8]) -> Sample:
        picture, path = self._content.pictures[index], self.file(index)
        height, width = image.shape[:2]
        scale = np.float32(scale_of(image, picture.width, picture.height, path))
        annotations = self._content.of_picture(index)
        people = annotations.choose(~annotations.crowd)
        visibility = people.joints[..., 2]
        has_2d = visibility > 0
        # Keypoints are numbers of pixels, whose centres lie half a pixel further.
        pose2d = np.where(has_2d[..., None], (people.joints[..., :2] + _HALF) * scale, _NOWHERE)
        has_box = people.boxes.any(1, keepdims=True)
        return Sample(
            image=image,
            pose2d=pose2d,
            pose3d_mm=np.zeros((*has_2d.shape, 3), np.float32),
            occluded=visibility == 1,
            self_occluded=np.zeros_like(has_2d),
            has_2d=has_2d,
            has_3d=np.zeros_like(has_2d),
            boxes=np.where(has_box, people.boxes * scale, boxes_around(pose2d, has_2d)),
            camera=Camera.from_fov(width, height),
            skeleton=COCO17,
            name=picture.name,
            ignore_boxes=annotations.boxes[annotations.crowd] * scale,
        )

    def annotations(self, index: int) -> Annotations:
        """Everything that the file says of a picture, crowds too, in its own px: keypoints and
        boxes as they stand there."""
        return self._content.of_picture(index)

    def width_px(self, index: int) -> int:
        """Width that the annotations of a picture are for."""
        return self._content.pictures[index].width


def _read_picture(entry: Entry) -> _Picture:
    return _Picture(str(entry["file_name"]), *size_of(entry))


def _read_joints(entry: Entry) -> NDArray[np.float32]:
    """(17, 3) x, y, visibility; zeros where a joint is not annotated."""
    joints = numbers(entry, "keypoints", (COCO17.joint_count, 3))
    known = np.isfinite(joints).all(1) & np.isin(joints[:, 2], (1, 2))
    return np.where(known[:, None], joints, _NOWHERE)


def _locate(folder: Path, split: str) -> tuple[Path, Path]:
    """The annotation file and the folder of the pictures."""
    places = (folder / "annotations", folder)
    exact = [place / f"{_PREFIX}{split}.json" for place in places]
    files = [file for file in exact if file.is_file()][:1] or [
        file for place in places for file in sorted(place.glob(f"{_PREFIX}{split}[0-9]*.json"))
    ]
    if not files:
        expected = f"annotations/{_PREFIX}{split}2017.json, or that of another year,"
        raise wrong_folder(folder, expected)
    if len(files) > 1:
        names = " and ".join(file.name for file in files)
        year = files[-1].stem.removeprefix(_PREFIX)
        raise UserError(f"{folder} has {names}; say which, as in coco:{folder}:{year}.")
    tag = files[0].stem.removeprefix(_PREFIX)
    for pictures in (folder / tag, folder / "images" / tag):
        if pictures.is_dir():
            return files[0], pictures
    raise wrong_folder(folder, f"the pictures of {files[0].name} in {tag} or images/{tag}")
