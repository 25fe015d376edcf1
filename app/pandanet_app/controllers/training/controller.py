"""The training window's work: open, start, stop and go on, forecast, compare.

Everything here is called on the front end's thread and returns at once.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from psygnal import Signal

from pandanet_app.controllers.lambda_lab.run_files import is_training
from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.controllers.training.forecast_job import ForecastJob
from pandanet_app.controllers.training.form import FormController
from pandanet_app.controllers.training.process import Process, ask_to_stop, start_training
from pandanet_app.controllers.training.trace_reader import TraceReader
from pandanet_app.controllers.training.watcher import RunWatcher, Watched
from pandanet_app.models.training.form import Origin
from pandanet_app.models.training.plan import PlanPart
from pandanet_app.models.training.probes import ProbeLook, probes_by_step
from pandanet_app.models.training.runs import RunPhase, RunView
from pandanet_app.models.training.state import TrainingState
from pandanet_app.views.protocols import Post
from pandanet_core.errors import UserError
from pandanet_core.training.config import CONFIG_FILE, TrainingConfig, read_config
from pandanet_core.training.recipes import Recipe

Say = Callable[[Literal["info", "error"], str], None]


class TrainingController:
    """Watches runs, and starts and stops their trainings."""

    run_opened = Signal(Path)
    """A run was opened or started, and is the chosen one."""
    lambdas_wanted = Signal(Path)
    """Somebody wants to see the λ of a run."""

    def __init__(self, state: TrainingState, post: Post, tasks: TaskRunner, say: Say) -> None:
        """Nothing is watched.

        Args:
            state: The models to keep up to date.
            post: Hands over to the front end's thread.
            tasks: Runs what touches files.
            say: Shows one sentence.
        """
        self._state = state
        self._post = post
        self._tasks = tasks
        self._say = say
        self._watched: dict[Path, Watched] = {}
        self._watcher = RunWatcher(lambda views: post(lambda: self._take(views)))
        self._forecast: ForecastJob | None = None
        self._traces = TraceReader(lambda looks: post(lambda: self._take_looks(looks)))
        self._asked_for: tuple[Path, ...] = ()
        self.form = FormController(state.form)
        self.form.edited.connect(self._forecast_is_outdated)

    def open_run(self, run: Path) -> None:
        """Watch a run folder, whoever trains there, and make it the chosen one."""
        self._tasks.run(lambda handle: _resolved(run), self._open_resolved, self._fail)

    def close_run(self, run: Path) -> None:
        """Watch a run no longer; its training goes on."""
        runs = self._state.runs
        self._watched.pop(run, None)
        views = tuple(view for view in runs.views if view.path != run)
        chosen = runs.chosen
        if chosen == run:
            chosen = views[-1].path if views else None
        runs.update({"views": views, "chosen": chosen, "hidden": runs.hidden - {run}})
        self._look()
        self.show_settings()

    def choose(self, run: Path) -> None:
        """Buttons and settings are about this run from now on."""
        self._state.runs.chosen = run
        self.show_settings()

    def show_curves(self, run: Path, shown: bool) -> None:
        """Draw a run's curves, or not."""
        runs = self._state.runs
        runs.hidden = runs.hidden - {run} if shown else runs.hidden | {run}

    def new_run(self, recipe: Recipe) -> None:
        """The form is about a new run with a recipe's settings; the data stays."""
        if self._state.form.origin is Origin.RUN:
            self._state.form.folder = ""
        self.form.use_recipe(recipe)

    def show_settings(self) -> None:
        """Read the chosen run's settings into the form."""
        run = self._state.runs.chosen
        if run is None:
            return

        def show(config: TrainingConfig) -> None:
            if self._state.runs.chosen == run:
                self.form.use_run(config, str(run))

        # A run that was just started has none yet; the form still shows what it was started with.
        self._tasks.run(lambda handle: read_config(run / CONFIG_FILE), show, lambda sentence: None)

    def start(self) -> None:
        """Start a new training with the form's settings, in the form's folder."""
        folder = self._state.form.folder.strip()
        try:
            config = self.form.config()
            if not folder:
                raise UserError("Name a folder for the run: a new one, for its log and weights.")
        except UserError as error:
            self._fail(str(error))
            return
        self._launch(Path(folder).expanduser().absolute(), config, resume=False)

    def resume(self) -> None:
        """Go on with the chosen run, with what may have changed in the form."""
        run = self._state.runs.chosen
        if run is None:
            return
        form = self._state.form
        config = None
        if form.origin is Origin.RUN and form.folder == str(run):
            try:
                config = self.form.config()
            except UserError as error:
                self._fail(str(error))
                return
        self._launch(run, config, resume=True)

    def pause(self) -> None:
        """End the chosen run's training after the step at hand; everything is kept."""
        run = self._state.runs.chosen
        if run is None or run not in self._watched:
            return
        watched = self._watched[run]
        self._watch(replace(watched, stopping=True))

        def failed(sentence: str) -> None:
            self._watch(replace(self._watched.get(run, watched), stopping=False))
            self._fail(sentence)

        self._tasks.run(lambda handle: ask_to_stop(run, watched.process), lambda done: None, failed)

    def forecast(self) -> None:
        """Rehearse the form's training in a child process."""
        try:
            config = self.form.config()
        except UserError as error:
            self._fail(str(error))
            return
        self.cancel_forecast()
        forecast = self._state.forecast
        forecast.update({"active": True, "parts": (), "problem": "", "outdated": False})

        def part_came(part: PlanPart) -> None:
            if self._forecast is job:
                forecast.parts = (*forecast.parts, part)

        def ended(problem: str) -> None:
            if self._forecast is job:
                forecast.update({"active": False, "problem": problem})

        job = ForecastJob(
            config,
            lambda part: self._post(lambda: part_came(part)),
            lambda problem: self._post(lambda: ended(problem)),
        )
        self._forecast = job

    def cancel_forecast(self) -> None:
        """End the rehearsal; what it said so far stays."""
        if self._forecast is not None:
            self._forecast.cancel()
            self._forecast.join()
            self._forecast = None
        self._state.forecast.active = False

    def show_lambdas(self) -> None:
        """Show what the chosen run has learned to trust."""
        run = self._state.runs.chosen
        if run is not None:
            self.lambdas_wanted.emit(run)

    def look_at_probes(self, step: int) -> None:
        """Read the chosen run's pictures after so many steps."""
        run = self._state.runs.current
        paths = probes_by_step(run.probes).get(step, ()) if run is not None else ()
        if paths != self._asked_for:
            self._asked_for = paths
            self._traces.ask(paths)

    def close(self) -> None:
        """End what serves this window alone; trainings go on."""
        self.cancel_forecast()
        self._watcher.close()
        self._traces.close()

    def _launch(self, run: Path, config: TrainingConfig | None, resume: bool) -> None:
        def launch() -> tuple[Process, TrainingConfig]:
            settings = config or read_config(run / CONFIG_FILE)
            return start_training(run, settings, resume), settings

        def started(what: tuple[Process, TrainingConfig]) -> None:
            process, settings = what
            self._watched[run] = Watched(run, process)
            self._open(run)
            self.form.use_run(settings, str(run))

        self._tasks.run(lambda handle: launch(), started, self._fail)

    def _open_resolved(self, run: Path) -> None:
        self._watched.setdefault(run, Watched(run))
        self._open(run)
        self.show_settings()

    def _open(self, run: Path) -> None:
        runs = self._state.runs
        if runs.view(run) is None:
            runs.views = (*runs.views, RunView(run))
        runs.update({"chosen": run, "hidden": runs.hidden - {run}})
        self._look()
        self.run_opened.emit(run)

    def _watch(self, watched: Watched) -> None:
        self._watched[watched.path] = watched
        self._look()

    def _look(self) -> None:
        self._watcher.watch(tuple(self._watched.values()))

    def _take(self, views: list[RunView]) -> None:
        """What the watcher saw."""
        runs = self._state.runs
        new = {view.path: view for view in views}
        runs.views = tuple(new.get(view.path, view) for view in runs.views)
        for path, view in new.items():
            watched = self._watched.get(path)
            if watched is not None and watched.stopping and not view.phase.active:
                self._watch(replace(watched, stopping=False))
            if view.phase is RunPhase.FAILED and path == runs.chosen:
                self._say("error", view.sentence)

    def _take_looks(self, looks: tuple[ProbeLook, ...]) -> None:
        if tuple(look.path for look in looks) == self._asked_for:
            self._state.probes.looks = looks

    def _forecast_is_outdated(self) -> None:
        self._state.forecast.outdated = bool(self._state.forecast.parts)

    def _fail(self, sentence: str) -> None:
        self._say("error", sentence)


def _resolved(run: Path) -> Path:
    """The folder's full name; UserError where no training has begun in it."""
    if not (run.is_dir() and is_training(run)):
        raise UserError(f"{run} is no run folder: open one that 'pandanet train' has made.")
    return run.absolute()
