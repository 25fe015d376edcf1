"""CMU Panoptic's layout written by hand: what its cameras would have seen, by OpenCV's own model."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.core.jta_folder import write_json, write_picture

SIZE = (480, 270)
"""A quarter of the dome's HD pictures."""

Entry = dict[str, Any]


def camera_entry(number: int, angle: float) -> Entry:
    """A camera 3 m from the dome's origin at the height of people's chests (y points down, cm)."""
    forward = np.array([-np.sin(angle), 0, np.cos(angle)])
    right = np.array([np.cos(angle), 0, np.sin(angle)])
    rotation = np.stack([right, [0, 1, 0], forward])
    place = -300 * forward + [0, -100, 0]
    return {
        "name": f"00_{number:02d}",
        "type": "hd",
        "resolution": list(SIZE),
        "panel": 0,
        "node": number,
        "K": [[400.0, 0, 236.5], [0, 399.0, 139.25], [0, 0, 1]],
        "distCoef": [-0.28, 0.17, -0.0003, 0.0006, -0.04],
        "R": rotation.tolist(),
        "t": (-rotation @ place)[:, None].tolist(),
    }


def bodies(seed: int, people: int) -> NDArray[Any]:
    """(N, 19, 4) joints strewn about where people would be: x, y, z in cm, confidence."""
    random = np.random.default_rng(seed)
    places = random.uniform((-90, -190, -60), (90, -10, 60), (people, 19, 3))
    return np.concatenate([places, random.uniform(0.1, 0.8, (people, 19, 1))], 2)


def raw_pixels(joints: NDArray[Any], camera: Entry) -> NDArray[Any]:
    """(N, 19, 2) where OpenCV projects the joints; the top-left pixel's centre is (0, 0)."""
    turn, _ = cv2.Rodrigues(np.array(camera["R"]))
    points, _ = cv2.projectPoints(
        np.ascontiguousarray(joints[..., :3]).reshape(-1, 1, 3),
        turn,
        np.array(camera["t"], np.float64),
        np.array(camera["K"], np.float64),
        np.array(camera["distCoef"], np.float64),
    )
    return points.reshape(*joints.shape[:2], 2)


def dotted_picture(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A soft dot on each of some pixels (D, 2), given as `raw_pixels` gives them."""
    width, height = size
    image = np.zeros((height, width))
    for u, v in pixels.reshape(-1, 2):
        x = np.arange(max(round(u) - 12, 0), min(round(u) + 13, width))
        y = np.arange(max(round(v) - 12, 0), min(round(v) + 13, height))
        if len(x) and len(y):
            dot = np.exp(-((x - u) ** 2 + (y[:, None] - v) ** 2) / (2 * 2.5**2))
            image[y[0] : y[-1] + 1, x[0] : x[-1] + 1] += 255 * dot
    return np.repeat(image.clip(0, 255).astype(np.uint8)[..., None], 3, 2)


def write_scene(sequence: Path, frame: int, people: NDArray[Any]) -> None:
    """The people's file of a frame."""
    listed = [
        {"id": number, "joints19": np.round(joints, 5).ravel().tolist()}
        for number, joints in enumerate(people)
    ]
    write_json(
        sequence / f"hdPose3d_stage1_coco19/body3DScene_{frame:08d}.json",
        {"version": 0.7, "univTime": 47929.977, "fpsType": "hd_29_97", "bodies": listed},
    )


def write_calibration(sequence: Path, cameras: Sequence[Entry]) -> None:
    """The calibration, with a camera of another kind as the real files have."""
    other = {"name": "01_01", "type": "vga", "K": "not read", "distCoef": None}
    write_json(
        sequence / f"calibration_{sequence.name}.json",
        {"calibDataSource": sequence.name, "cameras": [other, *cameras]},
    )


def write_view(sequence: Path, camera: str, frame: int, image: NDArray[np.uint8]) -> None:
    """What a camera saw in a frame."""
    write_picture(sequence / f"hdImgs/{camera}/{camera}_{frame:08d}.png", image)


def copy_sequence(source: Path, target: Path) -> tuple[Path, list[Entry], dict[int, NDArray[Any]]]:
    """A real sequence without pictures: its new folder, its HD cameras, its bodies by frame."""
    shutil.copytree(source, target / source.name)
    calibration = json.loads((source / f"calibration_{source.name}.json").read_text())
    cameras = [camera for camera in calibration["cameras"] if camera["type"] == "hd"]
    scenes = {
        int(file.stem[-8:]): np.array(
            [body["joints19"] for body in json.loads(file.read_text())["bodies"]]
        ).reshape(-1, 19, 4)
        for file in sorted((source / "hdPose3d_stage1_coco19").glob("*.json"))
    }
    return target / source.name, cameras, scenes
