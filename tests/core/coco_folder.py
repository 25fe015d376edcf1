"""Folders in COCO's and in MuCo-3DHP's format, written by hand."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pandanet_core.data.sample import Sample, Samples
from pandanet_core.errors import UserError
from tests.core.jta_folder import write_picture

Entry = dict[str, Any]


def grey(width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    return np.full((height, width, 3), 128, np.uint8)


def image_entry(number: int, width: int = 64, height: int = 48, **more: Any) -> Entry:
    return {
        "id": number, "file_name": f"{number:012}.jpg", "width": width, "height": height,
        "license": 1, **more,
    }  # fmt: skip


def person_entry(number: int, picture: int, keypoints: Sequence[float], **more: Any) -> Entry:
    """A person with a box of 20 x 30 px at (10, 5)."""
    return {
        "id": number, "image_id": picture, "category_id": 1, "iscrowd": 0, "area": 500.0,
        "bbox": [10, 5, 20, 30], "keypoints": list(keypoints),
        "num_keypoints": sum(v > 0 for v in keypoints[2::3]),
        "segmentation": [[10, 5, 30, 5, 30, 35, 10, 35]], **more,
    }  # fmt: skip


def write_coco(
    folder: Path, images: Sequence[Entry], annotations: Sequence[Entry], split: str = "train2017"
) -> None:
    """As COCO is downloaded, with grey pictures."""
    content = {
        "info": {"year": 2017}, "licenses": [{"id": 1, "name": "none", "url": ""}],
        "categories": [{"id": 1, "name": "person"}],
        "images": list(images), "annotations": list(annotations),
    }  # fmt: skip
    file = folder / "annotations" / f"person_keypoints_{split}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))
    for image in images:
        write_picture(folder / split / image["file_name"], grey(image["width"], image["height"]))


def write_muco(folder: Path, samples: Sequence[Sample]) -> Path:
    """MuCo-3DHP.json and its pictures from samples of 21 joints; returns the file."""
    images, annotations = [], []
    for number, sample in enumerate(samples):
        height, width = sample.image.shape[:2]
        camera = sample.camera
        name = f"unaugmented_set/{number // 2 + 1:03}/{number:06}.png"
        images.append({
            "id": number, "file_name": name, "width": width, "height": height,
            "f": [camera.fx, camera.fy], "c": [camera.cx, camera.cy],
        })  # fmt: skip
        write_picture(folder / name, sample.image)
        for person in range(len(sample)):
            x0, y0, x1, y1 = sample.boxes[person].tolist()
            annotations.append({
                "id": len(annotations), "image_id": number, "iscrowd": 0, "category_id": 1,
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "keypoints_img": sample.pose2d[person].tolist(),
                "keypoints_cam": sample.pose3d_mm[person].tolist(),
                "keypoints_vis": (~sample.occluded[person]).tolist(),
            })  # fmt: skip
    file = folder / "MuCo-3DHP.json"
    file.write_text(json.dumps({"images": images, "annotations": annotations}))
    return file


def change(file: Path, change_it: Callable[[dict[str, Any]], object]) -> None:
    """Write an annotation file again with other content."""
    content = json.loads(file.read_text())
    change_it(content)
    file.write_text(json.dumps(content))


def assert_refused(read: Callable[[], Samples], file: Path, complaint: str) -> None:
    """Reading fails with a sentence that names the file and says what is wrong."""
    with pytest.raises(UserError) as raised:
        read()
    assert str(file) in str(raised.value)
    assert complaint in str(raised.value)
