"""The λ lab without a window: opening, following, comparing, playing and saving."""

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_app.controllers.exports import ExportController
from pandanet_app.controllers.lambda_lab.lab import LambdaLabController
from pandanet_app.controllers.lambda_lab.run_files import is_training
from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.drawing.lambda_figure.content import Shown
from pandanet_app.drawing.lambda_figure.look import light_look
from pandanet_app.drawing.lambda_figure.sheet import lambda_sheet
from pandanet_app.models.state import AppState
from tests.app.ui_queue import UiQueue
from tests.lambda_runs import (
    EVERY,
    MadeUpRun,
    append_points,
    made_up_run,
    write_run,
    write_weights,
)


@dataclass(frozen=True, eq=False)
class Bench:
    """A λ lab and what it said."""

    state: AppState
    controller: LambdaLabController
    queue: UiQueue
    errors: list[str]

    def open(self, path: Path) -> None:
        lab = self.state.lambda_lab
        before = lab.first
        self.controller.open(path)
        self.queue.run_until(lambda: lab.first is not before)

    def compare(self, path: Path) -> None:
        self.controller.compare(path)
        self.queue.run_until(lambda: self.state.lambda_lab.second is not None)

    def follow_until(self, done: Callable[[], bool]) -> None:
        """Look again and again, as a window does."""

        def there() -> bool:
            self.controller.look_again()
            return done()

        self.queue.run_until(there)

    def follow_until_step(self, step: int) -> None:
        self.follow_until(lambda: self.state.lambda_lab.step == step)

    def saved(self, path: Path) -> Path:
        self.queue.run_until(lambda: not self.state.export.active)
        assert path.exists()
        assert not self.errors
        return path


@pytest.fixture
def bench() -> Iterator[Bench]:
    queue, state, errors = UiQueue(), AppState(), list[str]()
    tasks = TaskRunner(queue.post)
    exports = ExportController(state, tasks)
    controller = LambdaLabController(state.lambda_lab, tasks, exports, errors.append)
    yield Bench(state, controller, queue, errors)
    controller.close()
    tasks.close()


def test_the_newest_step_is_shown_and_stays_the_newest(bench: Bench, tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(5))
    bench.open(folder)
    lab = bench.state.lambda_lab
    assert lab.first is not None
    assert (lab.first.name, lab.step, lab.place) == ("run", 5 * EVERY, 4)
    append_points(folder, run, 5, 8)
    bench.follow_until_step(8 * EVERY)
    bench.controller.go_to(2)
    append_points(folder, run, 8, 12)
    bench.follow_until(lambda: len(lab.timeline) == 12)
    assert lab.step == 3 * EVERY  # who looks at an earlier step is left there
    assert not bench.errors


def test_playing_goes_through_the_history_and_stops_at_its_end(
    bench: Bench, tmp_path: Path
) -> None:
    bench.open(write_run(tmp_path / "run", made_up_run(points=200)))
    lab, seen = bench.state.lambda_lab, []
    lab.events.step.connect(seen.append)
    bench.controller.toggle_playing(100.0)
    assert (lab.playing, lab.place) == (True, 0)  # from the beginning, as it stood at the end
    for tick in range(4000):
        bench.controller.tick(100.0 + tick / 200)
        if not lab.playing:
            break
    assert seen == [EVERY * (point + 1) for point in range(200)]
    assert 11 < tick / 200 < 13
    bench.controller.go_to(50)
    bench.controller.toggle_playing(200.0)
    bench.controller.tick(201.0)
    bench.controller.toggle_playing(201.0)
    assert not lab.playing
    assert 60 < lab.place < 75


def test_two_runs_share_a_timeline_and_change_places(bench: Bench, tmp_path: Path) -> None:
    bench.open(write_run(tmp_path / "a" / "run", made_up_run(points=4)))
    bench.compare(write_run(tmp_path / "b" / "run", made_up_run(points=9, seed=1)))
    lab = bench.state.lambda_lab
    assert lab.second is not None
    assert lab.first is not None
    assert (lab.first.name, lab.second.name) == ("run", "b/run")
    assert lab.timeline.tolist() == [EVERY * (point + 1) for point in range(9)]
    assert lab.step == 9 * EVERY
    content = bench.controller.content()
    assert content is not None
    ratio = [panel for panel in content.panels if "÷" in panel.title]
    assert len(ratio) == 2
    bench.controller.swap()
    assert len(lab.first.history) == 9
    bench.controller.compare_no_more()
    assert lab.second is None
    assert len(lab.timeline) == 9


def test_swapped_runs_are_still_followed_each(bench: Bench, tmp_path: Path) -> None:
    run, other = made_up_run(), made_up_run(seed=1)
    first = write_run(tmp_path / "first", run.until(3))
    second = write_run(tmp_path / "second", other.until(3))
    bench.open(first)
    bench.compare(second)
    bench.controller.swap()
    append_points(first, run, 3, 6)
    bench.follow_until_step(6 * EVERY)
    lab = bench.state.lambda_lab
    assert lab.first is not None
    assert lab.second is not None
    assert (lab.first.name, len(lab.first.history)) == ("second", 3)
    assert (lab.second.name, len(lab.second.history)) == ("first", 6)


def test_what_cannot_be_opened_leaves_the_open_run_alone(bench: Bench, tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(3))
    bench.open(folder)
    (tmp_path / "bad.safetensors").write_bytes(b"nothing")
    for action in (bench.controller.open, bench.controller.compare):
        action(tmp_path / "bad.safetensors")
        bench.queue.run_until(lambda: bool(bench.errors))
        assert "bad.safetensors is damaged" in bench.errors.pop()
    append_points(folder, run, 3, 6)
    bench.follow_until_step(6 * EVERY)
    assert bench.state.lambda_lab.second is None
    assert not bench.errors  # and it is not said again


def test_a_run_that_has_just_begun_appears_when_it_has_lambdas(
    bench: Bench, tmp_path: Path
) -> None:
    run = made_up_run()
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "lambdas.jsonl").write_text(run.header())
    bench.controller.open(folder)
    bench.queue.run_until(lambda: "no λ yet" in bench.state.lambda_lab.waiting)
    for _ in range(3):
        bench.controller.look_again()
        bench.queue.run_until(lambda: not bench.controller.busy)
    assert len(bench.errors) == 1
    append_points(folder, run, 0, 2)
    bench.follow_until_step(2 * EVERY)
    assert bench.state.lambda_lab.waiting == ""


def test_a_run_that_becomes_damaged_keeps_what_was_read(bench: Bench, tmp_path: Path) -> None:
    run = made_up_run()
    folder = write_run(tmp_path / "run", run.until(5))
    bench.open(folder)
    (folder / "lambdas.jsonl").write_text("something else\n")
    bench.follow_until(lambda: bool(bench.errors))
    lab = bench.state.lambda_lab
    assert lab.first is not None
    assert len(lab.first.history) == 5
    write_run(folder, run)
    bench.follow_until_step(12 * EVERY)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def check_rows(rows: list[dict[str, str]], run: MadeUpRun, points: list[int]) -> None:
    """Every λ of a run stands in the table exactly once, under its own names."""
    families = {"anchor_cls": 0, "anchor_loc": 1, "joint_2d": 0, "joint_3d": 1}
    tasks = ("score", "box", "2D pose", "3D pose")
    anchors, joints = len(run.sizes_px), run.skeleton.joints
    assert len(rows) == len(points) * (4 + 2 * anchors + 2 * anchors * len(joints))
    seen = set()
    for row in rows:
        point, name = int(row["step"]) // EVERY - 1, row["lambda"]
        assert point in points
        if name == "task":
            expected = run.task[point, tasks.index(row["task"])]
        else:
            anchor = int(row["anchor"])
            assert float(row["anchor_width_px"]) == pytest.approx(run.sizes_px[anchor, 0], abs=0.01)
            assert float(row["anchor_height_px"]) == pytest.approx(
                run.sizes_px[anchor, 1], abs=0.01
            )
            expected = run.anchor[point, families[name], anchor]
            if row["joint"]:
                expected = run.joint[point, families[name], anchor, joints.index(row["joint"])]
        assert float(row["value"]) == pytest.approx(math.exp(expected), rel=1e-4)
        seen.add((point, name, row["task"], row["anchor"], row["joint"]))
    assert len(seen) == len(rows)


def test_a_saved_table_holds_every_lambda_of_a_step_or_of_all(bench: Bench, tmp_path: Path) -> None:
    run, other = made_up_run(points=6), made_up_run(points=3, anchors=2, seed=4)
    bench.open(write_run(tmp_path / "run", run))
    bench.compare(write_weights(tmp_path / "other.safetensors", other))
    bench.controller.go_to(4)
    bench.controller.save_table(tmp_path / "step.csv", whole_history=False)
    rows = rows_of(bench.saved(tmp_path / "step.csv"))
    check_rows([row for row in rows if row["run"] == "run"], run, [4])
    check_rows([row for row in rows if row["run"] == "other"], other, [2])
    bench.controller.save_table(tmp_path / "all.csv", whole_history=True)
    rows = rows_of(bench.saved(tmp_path / "all.csv"))
    check_rows([row for row in rows if row["run"] == "run"], run, list(range(6)))
    check_rows([row for row in rows if row["run"] == "other"], other, list(range(3)))


def test_a_saved_picture_is_the_figure_with_its_words(bench: Bench, tmp_path: Path) -> None:
    bench.open(write_run(tmp_path / "run", made_up_run()))
    bench.state.lambda_lab.update({"shown": Shown.JOINTS, "logarithmic": False})
    bench.controller.go_to(3)
    bench.controller.save_picture(tmp_path / "figure.png", light_look(16))
    saved = cv2.imread(str(bench.saved(tmp_path / "figure.png")))
    content = bench.controller.content()
    assert content is not None
    assert np.array_equal(saved[..., ::-1], lambda_sheet(content, 4 * EVERY, light_look(16), 1800))


def test_saving_where_nothing_can_be_saved_says_so(bench: Bench, tmp_path: Path) -> None:
    bench.open(write_run(tmp_path / "run", made_up_run()))
    for save in (
        lambda path: bench.controller.save_picture(path, light_look()),
        lambda path: bench.controller.save_table(path, whole_history=False),
    ):
        save(tmp_path / "no folder" / "file")
        bench.queue.run_until(lambda: not bench.state.export.active)
        message = bench.state.session.message
        assert message is not None
        assert "its folder does not exist" in message.text
        bench.state.session.message = None


def test_trainings_are_known_by_what_lies_in_them(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", made_up_run(points=1))
    assert is_training(folder)
    assert is_training(tmp_path / "weights.safetensors")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "000001.png").touch()
    assert not is_training(tmp_path / "pictures")
    assert not is_training(tmp_path / "film.mp4")


def test_the_model_refuses_nonsense() -> None:
    lab = AppState().lambda_lab
    assert (len(lab.timeline), lab.place) == (0, 0)
    with pytest.raises(ValueError, match="greater than or equal"):
        lab.step = -1
