"""Opening, comparing, playing and saving the λ of trainings.

Everything here runs on the front end's thread and returns at once; files are read and written by
tasks.
"""

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from pandanet_app.controllers.exports import ExportController
from pandanet_app.controllers.lambda_lab.following import FollowedRun
from pandanet_app.controllers.lambda_lab.run_files import WEIGHTS_SUFFIX
from pandanet_app.controllers.lambda_lab.saving import save_figure, save_lambda_table
from pandanet_app.controllers.playback_clock import PlaybackClock
from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.look import Look
from pandanet_app.drawing.lambda_figure.runs import LambdaRun
from pandanet_app.models.lambda_lab import LambdaLab
from pandanet_core.lab.lambda_history import LambdaHistory

_PLAYED_S = 12.0
"""A history is played in at most so many seconds."""
_SLOWEST_HZ = 5.0
"""Points of a history a second, at least."""

SayError = Callable[[str], None]


class Side(Enum):
    """Which of the two runs."""

    FIRST = "first"
    SECOND = "second"


class LambdaLabController:
    """What a front end asks of the λ lab."""

    def __init__(
        self, lab: LambdaLab, tasks: TaskRunner, exports: ExportController, say_error: SayError
    ) -> None:
        """Nothing is open.

        Args:
            lab: The state.
            tasks: Where files are read.
            exports: What saves files.
            say_error: Shows a sentence.
        """
        self.lab = lab
        self._tasks = tasks
        self._exports = exports
        self._say_error = say_error
        self._open: dict[Side, FollowedRun] = {}
        self._coming: dict[Side, FollowedRun] = {}
        self._clock: PlaybackClock | None = None

    def open(self, path: Path) -> None:
        """Look at the λ of a run folder or a weights file, and at them alone."""
        self._fetch(Side.FIRST, path)

    def compare(self, path: Path) -> None:
        """Put another run or weights file beside the one that is open."""
        self._fetch(Side.SECOND, path)

    def compare_no_more(self) -> None:
        """Look at the first run alone again."""
        for runs in (self._open, self._coming):
            run = runs.pop(Side.SECOND, None)
            if run is not None:
                run.stop()
        self.lab.second = None
        self._stay_within()

    def swap(self) -> None:
        """Let the two runs change places."""
        if self.lab.second is not None:
            first, second = self._open[Side.FIRST], self._open[Side.SECOND]
            self._open = {Side.FIRST: second, Side.SECOND: first}
            self.lab.update({"first": self.lab.second, "second": self.lab.first})

    def look_again(self) -> None:
        """Read what trainings that are open have written since; call it every second or so."""
        for run in (*self._open.values(), *self._coming.values()):
            run.look()

    @property
    def busy(self) -> bool:
        """Whether files are being read."""
        return any(run.busy for run in (*self._open.values(), *self._coming.values()))

    def close(self) -> None:
        """Read nothing any more."""
        for run in (*self._open.values(), *self._coming.values()):
            run.stop()
        self._open, self._coming = {}, {}

    def go_to(self, place: int) -> None:
        """Show the λ at a place of the timeline."""
        timeline = self.lab.timeline
        if len(timeline):
            place = min(max(place, 0), len(timeline) - 1)
            newest = place == len(timeline) - 1
            self.lab.update({"step": int(timeline[place]), "newest": newest})

    def toggle_playing(self, now_s: float) -> None:
        """Play the history from here on, from its beginning where this is the end; or stop."""
        timeline = self.lab.timeline
        if self.lab.playing or len(timeline) < 2:
            self.lab.playing = False
            return
        start = 0 if self.lab.place == len(timeline) - 1 else self.lab.place
        rate_hz = max(_SLOWEST_HZ, len(timeline) / _PLAYED_S)
        self._clock = PlaybackClock(start, now_s, rate_hz, 1.0, 0, len(timeline), loop=False)
        self.lab.playing = True
        self.go_to(start)

    def tick(self, now_s: float) -> None:
        """Go on playing: call it often."""
        if self.lab.playing and self._clock is not None:
            self.go_to(self._clock.frame_at(now_s))
            if self._clock.ended_at(now_s):
                self.lab.playing = False

    def content(self) -> LambdaContent | None:
        """What the figure shows; None before a run is open."""
        lab = self.lab
        if lab.first is None:
            return None
        return LambdaContent(lab.first, lab.second, lab.shown, lab.logarithmic, lab.by_group)

    def save_picture(self, path: Path, look: Look) -> None:
        """Save the figure as it is now, with what it says in words, as PNG."""
        content, step = self.content(), self.lab.step
        if content is not None:
            self._exports.start(
                lambda path, handle: save_figure(content, step, look, path), path, unit="pictures"
            )

    def save_table(self, path: Path, whole_history: bool) -> None:
        """Save the λ that are shown as CSV: of this step, or of all."""
        lab = self.lab
        runs = [run for run in (lab.first, lab.second) if run is not None]
        step = None if whole_history else lab.step
        if runs:
            self._exports.start(
                lambda path, handle: save_lambda_table(runs, step, path, handle),
                path,
                unit="points in time",
            )

    def _fetch(self, side: Side, path: Path) -> None:
        before = self._coming.pop(side, None)
        if before is not None:
            before.stop()
        self._coming[side] = FollowedRun(path, self._tasks, self._show, self._fail)
        self._coming[side].look()
        if self.lab.first is None:
            self.lab.waiting = f"Opening {path.name} …"

    def _show(self, run: FollowedRun, history: LambdaHistory) -> None:
        if run in self._coming.values():
            self._take(run)
        lab = self.lab
        if run is self._open.get(Side.FIRST):
            lab.update({"first": LambdaRun(history.name, history), "waiting": ""})
        elif run is self._open.get(Side.SECOND):
            same = lab.first is not None and lab.first.name == history.name
            name = f"{run.path.absolute().parent.name}/{history.name}" if same else history.name
            lab.second = LambdaRun(name, history)
        self._stay_within()

    def _take(self, run: FollowedRun) -> None:
        """What was asked for is there: it takes the place of what was open."""
        side = next(side for side, coming in self._coming.items() if coming is run)
        del self._coming[side]
        if side is Side.FIRST:
            self.compare_no_more()
            self.lab.update({"newest": True, "playing": False})
        replaced = self._open.pop(side, None)
        if replaced is not None:
            replaced.stop()
        self._open[side] = run

    def _fail(self, run: FollowedRun, text: str) -> None:
        """What is open stays; a run folder may still get what it lacks, a file will not."""
        if run.path.suffix == WEIGHTS_SUFFIX:
            self._coming = {side: one for side, one in self._coming.items() if one is not run}
        if self.lab.first is None:
            self.lab.waiting = text
        self._say_error(text)

    def _stay_within(self) -> None:
        """The newest step where that is followed, else one that there is."""
        lab = self.lab
        if len(lab.timeline):
            self.go_to(len(lab.timeline) - 1 if lab.newest else lab.place)
