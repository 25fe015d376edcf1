"""What a crowd shall be like: the options of `pandanet crowd`, checked."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from pandanet_core.errors import UserError

Split = Literal["train", "val", "test"]
Preset = Literal["jta", "panoptic"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")

MOST_PEOPLE = 60
INDEX_FILE = "crowd.json"
"""Says in a crowd's folder how each split was made."""


@dataclass(frozen=True)
class CrowdSettings:
    """How many pictures, of what.

    Attributes:
        width, height: Size of a picture, px.
        people: Fewest and most people that a picture is planned for.
        height_px: Least and largest height of a standing person, px.
        preset: "jta": streets and squares; "panoptic": few people close by in a room.
        seed: The same seed gives the same crowd.
        split: Which bodies, clips and skies may be used.
        motion: Folder with BVH files, or None for built-in motions.
        hdri: Folder with .hdr panoramas, or None for painted skies.
        makehuman: Folder with MakeHuman's clothes, hair and skins, or None for cut clothes.
    """

    width: int = 512
    height: int = 320
    people: tuple[int, int] = (1, 30)
    height_px: tuple[float, float] = (25.0, 300.0)
    preset: Preset = "jta"
    seed: int = 0
    split: Split = "train"
    motion: Path | None = None
    hdri: Path | None = None
    makehuman: Path | None = None

    def __post_init__(self) -> None:
        """UserError says which wish cannot be fulfilled."""
        low, high = self.people
        if not 32 <= self.width <= 4096 or not 32 <= self.height <= 4096:
            raise UserError(
                f"Pictures of {self.width}x{self.height} cannot be made; choose 32 to 4096 px a side."
            )
        if not 1 <= low <= high <= MOST_PEOPLE:
            raise UserError(
                f"People {low}:{high} cannot be drawn; give two rising numbers from 1 to {MOST_PEOPLE}."
            )
        if not 8 <= self.height_px[0] < self.height_px[1] <= 4 * self.height:
            raise UserError(
                f"Heights of {self.height_px[0]:g}:{self.height_px[1]:g} px do not suit pictures of "
                f"{self.height} px; give two rising numbers from 8 to {4 * self.height}."
            )
        for folder in (self.motion, self.hdri, self.makehuman):
            if folder is not None and not folder.is_dir():
                raise UserError(
                    f"There is no folder {folder}; check the name or leave the option out."
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
