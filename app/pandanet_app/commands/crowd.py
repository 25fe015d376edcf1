"""`pandanet crowd`: pictures or a video of generated people, with exact joints."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from pandanet_core.errors import UserError

if TYPE_CHECKING:
    from pandanet_core.crowd.generate import Progress
    from pandanet_core.crowd.settings import CrowdSettings

PREVIEWED = 15
"""Pictures that are made only to be looked at."""


@dataclass(frozen=True)
class Crowd:
    """Make a crowd with exact 2D and 3D joints, in JTA's format: to train, test and show."""

    output: Annotated[Path | None, tyro.conf.Positional] = None
    """Folder to write to: annotations/, cameras/, frames/ or videos/, crowd.json, and a data card
    README.md. Only --preview does without."""

    pictures: int | None = None
    """Make so many independent pictures."""

    seconds: float | None = None
    """Make a video of so many seconds instead: people who walk, stand and talk."""

    preset: Literal["jta", "panoptic"] = "jta"
    """jta: crowds outdoors and in halls, from very near to 100 m away; panoptic: few people close by
    in a room, often cut by the frame."""

    size: str = "512x320"
    """Width x height in px."""

    people: str | None = None
    """Fewest:most people in a picture; 0:60 (21 on average), with the preset panoptic 1:8."""

    height_px: str | None = None
    """Least:largest height of a standing person in px; as JTA's 20:1100 px in 1080, or with the preset
    panoptic 0.3 to 1.5 times the picture's height."""

    seed: int = 0
    """The same seed gives the same crowd, whatever the number of workers."""

    split: Literal["train", "val", "test"] = "train"
    """Each split has its own bodies, motions and skies."""

    motion: Path | None = None
    """Folder of BVH files of the common rigs; built-in motions otherwise."""

    hdri: Path | None = None
    """Folder of .hdr panoramas; painted skies otherwise."""

    makehuman: Path | None = None
    """Folder of MakeHuman's clothes, hair and skins; cut clothes otherwise."""

    backgrounds: Path | None = None
    """Folder of your own photographs (.jpg, .png), put behind people outdoors where the view fits."""

    light: Literal["any", "day", "dusk", "night", "rain"] = "any"
    """Time of day or weather of all pictures."""

    camera: Literal["any", "fixed", "hand-held", "moving"] = "any"
    """How the camera of a video moves; moving ones roll, pan or do both."""

    room_m: float | None = None
    """Everybody is in a square room with sides of so many metres (2 to 100); with the preset jta in a
    hall. Random places otherwise."""

    renderer: Literal["gl", "torch"] = "gl"
    """gl: OpenGL, on a GPU or on the processor. torch: on a CUDA device, else slowly on the processor;
    also used where there is no OpenGL."""

    workers: int = 2
    """Processes that draw, one thread each."""

    resume: bool = False
    """Go on with pictures that were begun: make only what is missing."""

    preview: bool = False
    """Write preview.png, some of the pictures with joints and what hides them, and open it where there
    is a screen. Without anything to make: of what OUTPUT holds; without OUTPUT: of 15 new pictures."""

    def run(self) -> int:
        _check_packages()
        if self.output is None:
            if not self.preview or self.seconds is not None or self.resume:
                raise UserError("Say where to write: pandanet crowd FOLDER --pictures N.")
            folder = Path(tempfile.mkdtemp(prefix="pandanet-crowd-"))
            return replace(self, output=folder, pictures=self.pictures or PREVIEWED).run()
        if self.preview and self.pictures is None and self.seconds is None:
            _show_preview(self.output, self.split)
            return 0
        self._make(self.output)
        if self.preview:
            _show_preview(self.output, self.split)
        return 0

    def _make(self, output: Path) -> None:
        from pandanet_core.crowd.data_card import write_card
        from pandanet_core.crowd.generate import make_crowd
        from pandanet_core.crowd.video import make_video

        settings = self._settings()
        if self.resume and self.seconds is not None:
            raise UserError("A video cannot be resumed; make it again in another folder.")
        with _progress_bars() as progress:
            if self.pictures is not None and self.seconds is None:
                made = make_crowd(
                    output, settings, self.pictures, self.workers, progress, self.resume
                )
            elif self.seconds is not None and self.pictures is None:
                made = make_video(output, settings, self.seconds, self.workers, progress)
            else:
                raise UserError("Say how much to make: either --pictures N or --seconds S.")
        print(f"{made} pictures for the split {self.split} are in {output.resolve()}")
        print(f"What they are like: {write_card(output).resolve()}")

    def _settings(self) -> "CrowdSettings":
        from pandanet_core.crowd.settings import PEOPLE, CrowdSettings, usual_heights_px

        width, height = _pair("--size", self.size, "x")
        people, heights = self.people, self.height_px
        return CrowdSettings(
            width=width,
            height=height,
            people=_pair("--people", people, ":") if people else PEOPLE[self.preset],
            height_px=_pair("--height-px", heights, ":")
            if heights
            else usual_heights_px(self.preset, height),
            preset=self.preset,
            seed=self.seed,
            split=self.split,
            motion=self.motion,
            hdri=self.hdri,
            makehuman=self.makehuman,
            backgrounds=self.backgrounds,
            light=None if self.light == "any" else self.light,
            camera=None if self.camera == "any" else self.camera,
            room_m=self.room_m,
            renderer=self._usable_renderer(),
        )

    def _usable_renderer(self) -> Literal["gl", "torch"]:
        from pandanet_core.crowd.drawing.renderers import usable_renderer

        renderer, reason = usable_renderer(self.renderer)
        if reason:
            print(
                f"{reason} Until then torch draws: the same pictures, slowly without a CUDA device."
            )
        return renderer


def _show_preview(folder: Path, split: str) -> None:
    from pandanet_core.crowd.preview import show, write_preview

    path = write_preview(folder, split)
    opened = "opened from" if show(path) else "in"
    print(f"A look at them is {opened} {path.resolve()}")


def _check_packages() -> None:
    missing = [name for name in ("anny", "moderngl") if find_spec(name) is None]
    if missing:
        raise UserError(
            f"Making crowds needs {' and '.join(missing)}: run `pip install 'pandanet[crowd]'`, then "
            "`pip install --no-deps anny`."
        )


def _pair(option: str, text: str, separator: str) -> tuple[int, int]:
    """Two whole numbers, such as 512x320 or 1:30."""
    match = re.fullmatch(rf"(\d+){separator}(\d+)", text.strip())
    if match is None:
        raise UserError(
            f"{option} {text} is not understood; give two whole numbers as in 40{separator}30."
        )
    return int(match[1]), int(match[2])


@contextmanager
def _progress_bars() -> Iterator["Progress"]:
    """A bar for each thing that is made, with the rate and the time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns) as bars:
        tasks: dict[str, int] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)  # type: ignore[arg-type]

        yield show
