"""What a crowd shall be like: the options of `pandanet crowd`, checked."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from pandanet_core.errors import UserError

Split = Literal["train", "val", "test"]
Preset = Literal["jta", "panoptic"]
RendererName = Literal["gl", "torch"]
LightName = Literal["day", "dusk", "night", "rain"]
CameraKind = Literal["fixed", "hand-held", "moving"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

MOST_PEOPLE = 60
PEOPLE: dict[Preset, tuple[int, int]] = {"jta": (0, MOST_PEOPLE), "panoptic": (1, 8)}
"""Fewest and most people of a preset's pictures: JTA's range, and that of CMU Panoptic's games."""

HEIGHTS: dict[Preset, tuple[float, float]] = {
    "jta": (20 / 1080, 1100 / 1080),
    "panoptic": (0.3, 1.5),
}
"""Heights of people relative to the picture's; JTA's people have 20-1100 px in 1920x1080."""

UPRIGHT_WIDTH, LARGEST_COVER = 0.34, 1.1
"""Width of an upright person relative to the height; largest sum of people's boxes relative to the
picture: more would bury most of them."""

ROOM_PER_PERSON_M2 = 0.4
"""A packed crowd: 2.5 people on a square metre."""

ROOMS_M = (2.0, 100.0)
"""Smallest and largest side of a room."""

INDEX_FILE = "crowd.json"
"""Says in a crowd's folder how each split was made."""


def usual_heights_px(preset: Preset, height: int) -> tuple[float, float]:
    """Least and largest height of people in a preset's pictures of `height` px."""
    low, high = HEIGHTS[preset]
    return round(low * height, 1), round(high * height, 1)


@dataclass(frozen=True)
class CrowdSettings:
    """How many pictures, of what.

    Attributes:
        width, height: Size of a picture, px.
        people: Fewest and most people that a picture is planned for; PEOPLE names usual ones.
        height_px: Least and largest height of a standing person, px; see usual_heights_px.
        preset: "jta": streets, squares, halls and sports fields; "panoptic": few people close by in
            a room, often cut by the frame.
        seed: The same seed gives the same crowd.
        split: Which bodies, clips and skies may be used.
        motion: Folder with BVH files, or None for built-in motions.
        hdri: Folder with .hdr panoramas, or None for painted skies.
        makehuman: Folder with MakeHuman's clothes, hair and skins, or None for cut clothes.
        backgrounds: Folder with photographs to put behind people outdoors, or None.
        light: Time of day or weather of all pictures; None for all of them.
        camera: How the camera of a video moves; None for a random way.
        room_m: Side of square rooms (preset jta: halls), m; None for random places of all kinds.
        renderer: "gl": OpenGL; "torch": on a CUDA device, or (slowly) on the processor.
    """

    width: int = 512
    height: int = 320
    people: tuple[int, int] = PEOPLE["jta"]
    height_px: tuple[float, float] = usual_heights_px("jta", 320)
    preset: Preset = "jta"
    seed: int = 0
    split: Split = "train"
    motion: Path | None = None
    hdri: Path | None = None
    makehuman: Path | None = None
    backgrounds: Path | None = None
    light: LightName | None = None
    camera: CameraKind | None = None
    room_m: float | None = None
    renderer: RendererName = "gl"

    def __post_init__(self) -> None:
        """UserError says which wish cannot be fulfilled."""
        low, high = self.people
        if not 32 <= self.width <= 4096 or not 32 <= self.height <= 4096:
            raise UserError(
                f"Pictures of {self.width}x{self.height} cannot be made; choose 32 to 4096 px a side."
            )
        if not 0 <= low <= high <= MOST_PEOPLE or high == 0:
            raise UserError(
                f"People {low}:{high} cannot be drawn; give two rising numbers from 0 to {MOST_PEOPLE}, "
                "not both 0."
            )
        if not 1 <= self.height_px[0] < self.height_px[1] <= 4 * self.height:
            raise UserError(
                f"Heights of {self.height_px[0]:g}:{self.height_px[1]:g} px do not suit pictures of "
                f"{self.height} px; give two rising numbers from 1 to {4 * self.height}."
            )
        room = int(
            LARGEST_COVER * self.width * self.height / (UPRIGHT_WIDTH * self.height_px[0] ** 2)
        )
        if low > max(1, room):
            raise UserError(
                f"{low} people of {self.height_px[0]:g} px or more find no room in a picture of "
                f"{self.width}x{self.height}; ask for at most {max(1, room)}, or for smaller ones."
            )
        self._check_room()
        for folder in (self.motion, self.hdri, self.makehuman, self.backgrounds):
            if folder is not None and not folder.is_dir():
                raise UserError(
                    f"There is no folder {folder}; check the name or leave the option out."
                )

    def _check_room(self) -> None:
        if self.room_m is None:
            return
        if not ROOMS_M[0] <= self.room_m <= ROOMS_M[1]:
            raise UserError(
                f"A room of {self.room_m:g} m cannot be made; give {ROOMS_M[0]:g} to {ROOMS_M[1]:g} m."
            )
        most = int(self.room_m**2 / ROOM_PER_PERSON_M2)
        if self.people[0] > most:
            raise UserError(
                f"{self.people[0]} people find no room in a room of {self.room_m:g} m; ask for at most "
                f"{most}, or for a larger room."
            )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for crowd.json."""
        return {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(self).items()
        }


def settings_of_folder(folder: Path, split: str) -> CrowdSettings:
    """The settings that one split of a crowd on disk was made with; UserError where there are none."""
    path = folder / INDEX_FILE
    try:
        settings = json.loads(path.read_bytes())["splits"][split]["settings"]
        return TypeAdapter(CrowdSettings).validate_python(settings, extra="forbid")
    except OSError as error:
        raise UserError(f"There is no crowd in {folder}: {INDEX_FILE} is missing.") from error
    except KeyError as error:
        raise UserError(f"{path} tells nothing of the split {split}.") from error
    except (ValueError, TypeError) as error:  # pydantic's ValidationError is a ValueError
        raise UserError(
            f"{path} is damaged or of another version; make the crowd again."
        ) from error
