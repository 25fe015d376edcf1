"""`pandanet data extract`: pictures of a data set's videos, so that training reads them fast."""

from dataclasses import dataclass
from typing import Annotated, Literal

import tyro

from pandanet_core.errors import UserError

_INTERRUPTED = 130


@dataclass(frozen=True)
class Extract:
    """Write frames of a data set's videos as pictures to where its pictures belong.

    A training draws pictures at random, which takes long from videos. Reading then uses the pictures
    alone. What is complete already is left as it is; an interrupted extraction goes on where it was.
    """

    data: Annotated[str, tyro.conf.Positional]
    """Whose videos, as KIND:FOLDER[:SPLIT], KIND one of jta, crowd, panoptic."""

    every: int = 1
    """Only every N-th frame: neighbours look alike (10 is three a second)."""

    width: int | None = None
    """Make the pictures so many px wide; the videos' width if left out. Labels follow."""

    quality: int = 95
    """JPEG quality, 1 to 100."""

    progress: Literal["rich", "json", "none"] = "rich"
    """A bar, JSON lines on standard output, or nothing."""

    def run(self) -> int:
        """Extract; Ctrl+C ends it after the frame at hand and exits with 130."""
        from pandanet_app.commands.data.progress import show_progress
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_core.data.extract import Extraction, extract, films_of
        from pandanet_core.data.sources import parse_source

        self._check_options()
        extraction = Extraction(self.every, self.width, self.quality)
        films = films_of(parse_source(self.data))
        there = sum(film.folder.exists() for film in films)
        written = 0
        with stop_on_signal() as stop, show_progress(self.progress, self.data) as show:
            for film in films:
                if not stop.is_set():
                    written += extract(film, extraction, show, stop.is_set)
            interrupted = stop.is_set()
        there_too = f"; {there} of them had pictures already" if there else ""
        videos = "video" if len(films) == 1 else "videos"
        print(f"{written} pictures of {len(films)} {videos}{there_too}")
        if interrupted:
            print("Interrupted. The same command goes on from here.")
        return _INTERRUPTED if interrupted else 0

    def _check_options(self) -> None:
        if self.every < 1:
            raise UserError(f"--every is {self.every}; give 1 for every frame, 2 for every second.")
        if self.width is not None and self.width < 16:
            raise UserError(f"Pictures {self.width} px wide are too small; give 16 or more.")
        if not 1 <= self.quality <= 100:
            raise UserError(f"--quality is {self.quality}; give 1 to 100.")
