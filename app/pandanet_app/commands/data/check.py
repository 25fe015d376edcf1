"""`pandanet data check`: is a data set whole, and what is in it?"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from pandanet_core.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pandanet_core.data.check import Findings, Looked

_DAMAGED, _INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Check:
    """Say what a data set holds and everything that is damaged, and show a contact sheet of it.

    Exit code 0: sound; 1: something is damaged; 2: there is no such data.
    """

    data: Annotated[str, tyro.conf.Positional]
    """What to check, as KIND:FOLDER[:SPLIT], KIND one of jta, crowd, panoptic, mupots, muco, coco;
    every split that the folder has if SPLIT is left out."""

    sheet: Path | None = None
    """Also write a picture (.png, .jpg) of some of the pictures with their labels drawn on them."""

    sheet_pictures: int = 12
    """Pictures of each split on the contact sheet."""

    json: Path | None = None
    """Also write everything that was found to this JSON file."""

    pictures: int | None = None
    """Look at so many pictures of each split, spread evenly; all if left out. Annotation files are
    read wholly in any case."""

    skeleton: str | None = None
    """Also say who could not be learned from with these joints: jta22, coco17, panoptic19,
    panoptic15 or mupots17."""

    progress: Literal["rich", "json", "none"] = "rich"
    """A bar and a report to read, JSON lines on standard output, or the report alone."""

    def run(self) -> int:
        """Check; Ctrl+C ends it early with a report of what was seen until then, and exits with 130."""
        from pandanet_app.commands.data.progress import show_progress
        from pandanet_app.commands.data.report import print_json, report
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_core.data.check import check_data
        from pandanet_core.skeleton import skeleton_named

        self._check_options()
        target = skeleton_named(self.skeleton) if self.skeleton else None
        tiles = _Tiles(self.sheet_pictures if self.sheet else 0)
        with stop_on_signal() as stop, show_progress(self.progress, self.data) as show:

            def on_picture(looked: "Looked") -> None:
                tiles.take(looked)
                show(looked)

            findings = check_data(self.data, self.pictures, on_picture, stop.is_set, target)
            interrupted = stop.is_set()
        files = self._write(findings, tiles)
        if self.progress == "json":
            print_json(findings, interrupted, files)
        else:
            print(report(findings, interrupted))
            for file in files:
                print(f"  {file}")
        return _INTERRUPTED if interrupted else _DAMAGED if findings.damage else 0

    def _check_options(self) -> None:
        from pandanet_core.files import part_path

        if self.pictures is not None and self.pictures < 1:
            raise UserError(f"{self.pictures} pictures cannot be looked at; give 1 or more.")
        if self.sheet_pictures < 1:
            raise UserError(f"A sheet of {self.sheet_pictures} pictures is none; give 1 or more.")
        if self.sheet and self.sheet.suffix.lower() not in (".png", ".jpg", ".jpeg"):
            raise UserError(f"{self.sheet} is no picture's name; end it with .png or .jpg.")
        for path in (self.sheet, self.json):
            if path:
                part_path(path)

    def _write(self, findings: "Findings", tiles: "_Tiles") -> list[Path]:
        """Write what was asked for; returns the files."""
        from pandanet_app.commands.data.report import write_json
        from pandanet_app.drawing.contact_sheet import contact_sheet
        from pandanet_core.video import PictureWriter

        files = []
        if self.sheet and tiles.drawn:
            with PictureWriter(self.sheet) as writer:
                writer.write(contact_sheet(tiles.drawn), 0.0)
            files.append(self.sheet)
        if self.json:
            write_json(self.json, findings)
            files.append(self.json)
        return files


@dataclass
class _Tiles:
    """The pictures of the contact sheet: of each split so many, spread evenly."""

    most: int
    drawn: "list[NDArray[np.uint8]]" = field(default_factory=list)
    _split: str = ""
    _taken: int = 0

    def take(self, looked: "Looked") -> None:
        """Draw the picture if it is time for the next one; a damaged one is left to its neighbour."""
        from pandanet_app.drawing.contact_sheet import contact_tile

        if looked.part != self._split:
            self._split, self._taken = looked.part, 0
        due = self._taken * looked.total < looked.done * self.most
        if due and self._taken < self.most and looked.sample is not None:
            self.drawn.append(contact_tile(looked.sample))
            self._taken += 1
