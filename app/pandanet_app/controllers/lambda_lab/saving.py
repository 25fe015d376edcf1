"""Saving λ as a picture and as a table: runs on a worker thread."""

import csv
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import cv2

from pandanet_app.controllers.tasks import TaskHandle
from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.look import Look
from pandanet_app.drawing.lambda_figure.runs import LambdaRun
from pandanet_app.drawing.lambda_figure.sheet import lambda_sheet
from pandanet_core.files import part_path, publish, write_error
from pandanet_core.lab.lambda_history import TASKS, LambdaHistory

SHEET_WIDTH = 1800
"""px, of pictures that the window saves."""
_COLUMNS = (
    "run",
    "step",
    "lambda",
    "task",
    "anchor",
    "anchor_width_px",
    "anchor_height_px",
    "joint",
    "value",
)


def save_figure(
    content: LambdaContent, step: int, look: Look, path: Path, width: int = SHEET_WIDTH
) -> Path:
    """Write the figure at a step as PNG, at least `width` px wide; UserError where the disk does
    not take it."""
    sheet = lambda_sheet(content, step, look, width)
    _, encoded = cv2.imencode(".png", sheet[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    part = part_path(path)
    try:
        part.write_bytes(encoded.tobytes())
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error
    return path


def save_lambda_table(
    runs: Sequence[LambdaRun], step: int | None, path: Path, handle: TaskHandle
) -> Path:
    """Write λ as CSV, a row a number; anchors are counted from 0, in the order of the weights.

    Args:
        runs: Whose λ.
        step: The step that is shown: each run's latest at or before it; None writes all.
        path: Where to.
        handle: Told how far it is.

    Raises:
        UserError: The disk does not take it; nothing is left of it.
        TaskCancelled: The person cancelled, likewise.
    """
    part = part_path(path)
    points = [
        (run, entry)
        for run in runs
        for entry in ([run.history.index_at(step)] if step is not None else range(len(run.history)))
    ]
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            for done, (run, entry) in enumerate(points):
                handle.progress(done, len(points))
                writer.writerows(_rows(run, entry))
        publish(part, path)
    except OSError as error:
        raise write_error(error, path) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _rows(run: LambdaRun, entry: int) -> Iterator[tuple[object, ...]]:
    """All λ of a run at one point in time."""
    history = run.history
    at = (run.name, int(history.steps[entry]))
    sizes = [tuple(f"{side:.2f}" for side in size) for size in history.anchor_sizes_px]
    for task, value in zip(TASKS, history.task[entry], strict=True):
        yield (*at, "task", task, "", "", "", "", f"{value:.6g}")
    for name, by_anchor in (("anchor_cls", history.anchor_cls), ("anchor_loc", history.anchor_loc)):
        for anchor, value in enumerate(by_anchor[entry]):
            yield (*at, name, "", anchor, *sizes[anchor], "", f"{value:.6g}")
    for name, by_joint in (("joint_2d", history.joint_2d), ("joint_3d", history.joint_3d)):
        values = by_joint[entry].ravel()
        for (anchor, joint), value in zip(_places(history), values, strict=True):
            yield (*at, name, "", anchor, *sizes[anchor], joint, f"{value:.6g}")


def _places(history: LambdaHistory) -> Iterator[tuple[int, str]]:
    return product(range(len(history.anchor_sizes_px)), history.joint_names)
