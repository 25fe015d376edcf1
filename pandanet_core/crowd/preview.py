"""A contact sheet of a generated crowd, with joints and what hides them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22

VISIBLE, OCCLUDED, SELF_OCCLUDED = (80, 255, 255), (255, 40, 40), (255, 60, 255)
BONE = (60, 220, 60)
COLUMNS, ROWS = 3, 5
LEGEND_PX = 26
_SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")


def write_preview(folder: Path, split: str) -> Path:
    """Write preview.png with pictures from all over a split; plain ones and drawn ones alternate.

    Raises UserError where the folder has no pictures of the split, or cannot be written to.
    """
    pictures = JtaPictures(folder, split)
    count = min(len(pictures), COLUMNS * ROWS)
    chosen = np.linspace(0, len(pictures) - 1, count).round().astype(int)
    tiles = [
        with_joints(pictures[index]) if number % 2 else pictures[index].image
        for number, index in enumerate(chosen)
    ]
    path = folder / "preview.png"
    sheet = np.vstack([contact_sheet(tiles), legend(COLUMNS * tiles[0].shape[1])])
    if not cv2.imwrite(str(path), sheet[..., ::-1]):
        raise UserError(f"Cannot write {path}; choose another place.")
    return path


def contact_sheet(tiles: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Pictures of one size in rows of COLUMNS; black where there are no more."""
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows)


def legend(width: int) -> NDArray[np.uint8]:
    """A strip that says what the colours of joints mean."""
    strip = np.zeros((LEGEND_PX, width, 3), np.uint8)
    meanings = {"visible": VISIBLE, "hidden": OCCLUDED, "hidden by oneself": SELF_OCCLUDED}
    x, row = 10, LEGEND_PX // 2
    for text, colour in meanings.items():
        cv2.circle(strip, (x, row), 4, colour, -1, cv2.LINE_AA)
        at = (x + 10, row + 5)
        cv2.putText(strip, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255,) * 3, 1, cv2.LINE_AA)
        x += 30 + 9 * len(text)
    return strip


def show(path: Path) -> bool:
    """Open a picture with the desktop's viewer for such files; False where there is no desktop."""
    if sys.platform == "win32":
        os.startfile(path)
        return True
    has_screen = sys.platform == "darwin" or any(map(os.environ.get, _SCREENS))
    opener = shutil.which("open" if sys.platform == "darwin" else "xdg-open")
    if opener is None or not has_screen:
        return False
    subprocess.Popen(
        [opener, str(path)],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return True


def with_joints(sample: Sample) -> NDArray[np.uint8]:
    """The picture with bones, and joints coloured by whether and by what they are hidden."""
    image = sample.image.copy()
    for pose, occluded, hidden_by_self in zip(
        sample.pose2d, sample.occluded, sample.self_occluded, strict=True
    ):
        points = [tuple(int(value) for value in point) for point in np.clip(pose, -4096, 8192)]
        for child, parent in JTA22.bones:
            cv2.line(image, points[child], points[parent], BONE, 1, cv2.LINE_AA)
        for point, other, own in zip(points, occluded, hidden_by_self, strict=True):
            colour = OCCLUDED if other else SELF_OCCLUDED if own else VISIBLE
            cv2.circle(image, point, 1, colour, -1)
    return image
