"""Which camera took the pictures, as far as the person at the keyboard knows."""

import json
from dataclasses import dataclass
from pathlib import Path

from pandanet_core.camera import DEFAULT_FOV_DEG, Camera
from pandanet_core.errors import UserError

_SAME_SHAPE = 0.01
"""Pictures whose width to height differs less than this are taken for smaller or larger copies."""


@dataclass(frozen=True)
class CameraChoice:
    """The camera of every picture, from intrinsics or a horizontal field of view in degrees."""

    fov_deg: float | None = None
    intrinsics: Camera | None = None

    @staticmethod
    def of_options(fov_deg: float | None, intrinsics: Path | None) -> "CameraChoice":
        """From the options of the command line; raises UserError where they make no sense."""
        if fov_deg is not None and intrinsics is not None:
            raise UserError("Give either the field of view or the intrinsics, not both.")
        if fov_deg is not None:
            Camera.from_fov(16, 9, fov_deg)
        return CameraChoice(fov_deg, _read_intrinsics(intrinsics) if intrinsics else None)

    @property
    def is_assumed(self) -> bool:
        """Whether nothing is known and a usual field of view stands in."""
        return self.fov_deg is None and self.intrinsics is None

    def for_size(self, width: int, height: int) -> Camera:
        """The camera of a picture of that size in pixels; raises UserError where it cannot be."""
        known = self.intrinsics
        if known is None:
            fov_deg = DEFAULT_FOV_DEG if self.fov_deg is None else self.fov_deg
            return Camera.from_fov(width, height, fov_deg)
        scale = width / known.width
        if abs(known.height * scale - height) > max(1, _SAME_SHAPE * height):
            raise UserError(
                f"The intrinsics are for pictures of {known.width}x{known.height} pixels, this one "
                f"has {width}x{height}: give those of the camera that took it."
            )
        return known if scale == 1 else known.scaled(scale)


def _read_intrinsics(path: Path) -> Camera:
    try:
        values = json.loads(path.read_text())
    except OSError as error:
        raise UserError(
            f"The intrinsics {path} cannot be read ({error.strerror}): check the name."
        ) from error
    except ValueError as error:
        raise UserError(
            f"{path.name} is no JSON file: write "
            '{"fx": ..., "fy": ..., "cx": ..., "cy": ..., "width": ..., "height": ...} in pixels.'
        ) from error
    try:
        return Camera.from_dict(values)
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from error
