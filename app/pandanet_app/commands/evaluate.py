"""`pandanet evaluate`: how good weights, or detections made earlier, are on annotated pictures."""

import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

if TYPE_CHECKING:
    from pandanet_app.commands.evaluation_run import Evaluated

_INTERRUPTED = 130


@dataclass(frozen=True)
class Evaluate:
    """Measure weights, or detections made earlier, on annotated pictures.

    The report holds the paper's tables beside the paper's figures, curves, the pictures with most
    missed people and why each was missed, and everything by joint, height, distance, edge and
    visibility beside the constant mean pose of the training data.
    """

    subject: Annotated[Path, tyro.conf.Positional]
    """Weights (.safetensors), or detections (.parquet) of a folder or video of the data."""

    data: str
    """Annotated pictures as KIND:FOLDER[:SPLIT], KIND one of jta, crowd, panoptic, mupots, coco;
    without SPLIT the one that the protocol tests on."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The report: REPORT.html for people and REPORT.json for programs, whichever ending is given."""

    protocol: Literal["jta", "panoptic", "mupots", "mupots-annot3", "coco"] | None = None
    """How to measure: Tables 1 to 4, Table 5, Table 6 (mupots: against univ_annot3, bodies made
    equally large, as published; mupots-annot3: against people in their own sizes), or COCO's
    keypoints; without, as the data's own benchmark does."""

    pictures: int | None = None
    """Measure only the first ones."""

    pose_score: float = 0.3
    """Score (0 to 1) from which on a detection counts in MPJPE and 3DPCK."""

    iou: float = 0.5
    """Overlap of boxes (0 to 1) from which on a detection finds somebody."""

    min_visible_joints: int = 2
    """Whoever has fewer joints that are inside the picture and not hidden by others is ignored."""

    min_height_px: float = 10.0
    """Whoever is lower than this in the picture, in pixels, is ignored."""

    worst_pictures: int = 12
    """So many pictures with the most missed people are shown."""

    weights: Path | None = None
    """With detections: the weights that made them, for their constant mean pose."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress."""

    def run(self) -> int:
        """Measure, write the report, and print its first tables.

        Ctrl+C ends the measurement early: the report is then of the pictures done, and the exit
        code 130.
        """
        from pandanet_core.cpu_threads import let_waiting_threads_sleep

        let_waiting_threads_sleep()
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_core.evaluation.report import report_paths
        from pandanet_core.evaluation.table import table_to_markdown

        report_paths(self.output)
        with stop_on_signal() as stop:
            evaluated = self.evaluate(stop)
        page, values = evaluated.write(self.output)
        print("\n\n".join(table_to_markdown(table) for table in evaluated.report.tables[:3]))
        if left_out := evaluated.report.facts.get("pictures left out"):
            print(f"pandanet: Pictures left out: {left_out}", file=sys.stderr)
        print(f"\n{evaluated.measurement.pictures} pictures. The whole report: {page}, {values}")
        return _INTERRUPTED if stop.is_set() else 0

    def evaluate(self, stop: Event | None = None) -> "Evaluated":
        """Measure, and put the report together; UserError where the input does not fit.

        Once `stop` is set, no further picture is begun; KeyboardInterrupt when none is done.
        """
        from pandanet_app.commands.evaluation_run import evaluate

        self._check()
        return evaluate(self, stop or Event())

    def _check(self) -> None:
        from pandanet_core.errors import UserError

        if not 0 < self.iou <= 1 or not 0 <= self.pose_score <= 1:
            raise UserError("The overlap and the score are shares; give numbers between 0 and 1.")
        if self.pictures is not None and self.pictures < 1:
            raise UserError(f"{self.pictures} pictures cannot be measured; give 1 or more.")
        if self.worst_pictures < 0:
            raise UserError(f"{self.worst_pictures} pictures cannot be shown; give 0 or more.")
