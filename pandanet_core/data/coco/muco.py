"""MuCo-3DHP as the 3DMPPE release of Moon et al. packs it: people of a studio put together.

Layout of the folder, also one folder deeper in data/::

    MuCo-3DHP.json          COCO's form; images have f and c (px), annotations of 21 joints
                            keypoints_img (px), keypoints_cam (camera space, mm), keypoints_vis
    augmented_set/...       pictures with other backgrounds
    unaugmented_set/...     pictures as taken

Every joint is annotated, also where somebody else hides it (keypoints_vis false).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pandanet_core.camera import Camera
from pandanet_core.data.coco.file import Entry, numbers, read_coco_file, size_of
from pandanet_core.data.coco.pictures import PicturesOfFile
from pandanet_core.data.damage import Report, refuse, wrong_folder
from pandanet_core.data.labels import boxes_around, scale_of
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUCO21

ANNOTATION_FILE = "MuCo-3DHP.json"
_JOINTS = MUCO21.joint_count


@dataclass(frozen=True)
class _Picture:
    name: str
    camera: Camera


class MucoPictures(PicturesOfFile[_Picture]):
    """MuCo-3DHP's pictures, in the file's order."""

    def __init__(self, folder: Path, split: str = "train", report: Report = refuse) -> None:
        """Reads folder/MuCo-3DHP.json.

        Args:
            folder: What holds MuCo-3DHP.json, or the folder above.
            split: "train": MuCo-3DHP has no other.
            report: Told of damaged entries and missing pictures.

        Raises:
            UserError: No such file or split, or no picture; what is damaged, unless `report` only
                takes note of it.
        """
        if split != "train":
            raise UserError(f"MuCo-3DHP has pictures to train with only, no split '{split}'.")
        holder = folder if (folder / ANNOTATION_FILE).is_file() else folder / "data"
        file = holder / ANNOTATION_FILE
        if not file.is_file():
            raise wrong_folder(folder, f"{ANNOTATION_FILE} of the 3DMPPE release")
        content = read_coco_file(file, _read_picture, _read_joints, (_JOINTS, 6), report)
        with_people = content.with_any(~content.annotations.crowd)
        super().__init__(with_people, file, holder, report)

    def _labelled(self, index: int, image: NDArray[np.uint8]) -> Sample:
        picture, path = self._content.pictures[index], self.file(index)
        scale = scale_of(image, picture.camera.width, picture.camera.height, path)
        people = self._content.of_picture(index)
        known = np.isfinite(people.joints)
        joints = np.where(known, people.joints, np.float32(0))
        has_2d: NDArray[np.bool_] = np.all(known[..., :2], -1)
        has_3d: NDArray[np.bool_] = np.all(known[..., 2:5], -1) & (joints[..., 4] > 0)
        pose2d = np.where(has_2d[..., None], joints[..., :2] * np.float32(scale), np.float32(0))
        has_box = people.boxes.any(1, keepdims=True)
        boxes = people.boxes * np.float32(scale)
        return Sample(
            image=image,
            pose2d=pose2d,
            pose3d_mm=np.where(has_3d[..., None], joints[..., 2:5], np.float32(0)),
            occluded=joints[..., 5] == 0,
            self_occluded=np.zeros_like(has_2d),
            has_2d=has_2d,
            has_3d=has_3d,
            boxes=np.where(has_box, boxes, boxes_around(pose2d, has_2d)),
            camera=picture.camera.scaled(scale),
            skeleton=MUCO21,
            name=picture.name,
        )


def _read_picture(entry: Entry) -> _Picture:
    (fx, fy), (cx, cy) = numbers(entry, "f", (2,)).tolist(), numbers(entry, "c", (2,)).tolist()
    if not (np.isfinite([fx, fy, cx, cy]).all() and min(fx, fy) > 0):
        raise ValueError("its camera has no focal length above 0 px")
    width, height = size_of(entry)
    return _Picture(str(entry["file_name"]), Camera(fx, fy, cx, cy, width, height))


def _read_joints(entry: Entry) -> NDArray[np.float32]:
    """(21, 6) x, y in px, X, Y, Z in mm, and whether one sees the joint."""
    visible = np.ones((_JOINTS, 1), np.float32)
    if "keypoints_vis" in entry:
        visible = numbers(entry, "keypoints_vis", (_JOINTS, 1))
    in_picture = numbers(entry, "keypoints_img", (_JOINTS, 2))
    in_space = numbers(entry, "keypoints_cam", (_JOINTS, 3))
    return np.concatenate([in_picture, in_space, visible], 1)
