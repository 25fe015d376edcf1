"""`pandanet evaluate`: how good weights, or detections made earlier, are on annotated pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

if TYPE_CHECKING:
    from pandanet_app.commands.evaluation_subjects import Subject
    from pandanet_core.data.sample import PeopleRule, Samples
    from pandanet_core.evaluation.measure import Measurement
    from pandanet_core.evaluation.report import Report, Value


@dataclass(frozen=True)
class Evaluate:
    """Measure weights, or detections made earlier, on annotated pictures.

    The report says average precision, MPJPE and 3DPCK, also by joint, height, distance, edge and
    visibility, beside the constant mean pose of the training data.
    """

    subject: Annotated[Path, tyro.conf.Positional]
    """Weights (.safetensors), or detections (.parquet) of a sequence of the data."""

    data: str
    """Annotated pictures as KIND:FOLDER[:SPLIT], KIND one of jta, crowd; SPLIT test if left out."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """The report: REPORT.md for people and REPORT.json for programs, whichever ending is given."""

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

    weights: Path | None = None
    """With detections: the weights that made them, for their constant mean pose."""

    progress: Literal["rich", "json", "none"] = "rich"
    """How to show progress."""

    def run(self) -> int:
        """Measure, write the report, and print its first tables."""
        from pandanet_core.evaluation.report import report_paths, table_to_markdown

        self._check()
        report_paths(self.output)
        measurement, report = self.measure()
        markdown, values = report.write(self.output)
        print("\n\n".join(table_to_markdown(table) for table in report.tables[:3]))
        print(f"\n{measurement.pictures} pictures. The whole report: {markdown}, {values}")
        return 0

    def measure(self) -> tuple["Measurement", "Report"]:
        """What was measured, and the report of it; UserError where the input does not fit."""
        from pandanet_app.commands.evaluation_subjects import subject_of
        from pandanet_core.data.sources import open_samples
        from pandanet_core.evaluation.report import Report
        from pandanet_core.evaluation.summary import report_tables

        samples = open_samples(self.data, split="test")
        subject = subject_of(self.subject, self.weights)
        measurement = self._measure(subject, samples)
        return measurement, Report(
            title=f"{self.subject.stem} on {self.data}",
            facts=self._facts(subject, measurement),
            tables=report_tables(measurement, subject.skeleton, self.pose_score),
        )

    def _check(self) -> None:
        from pandanet_core.errors import UserError

        if not 0 < self.iou <= 1 or not 0 <= self.pose_score <= 1:
            raise UserError("The overlap and the score are shares; give numbers between 0 and 1.")
        if self.pictures is not None and self.pictures < 1:
            raise UserError(f"{self.pictures} pictures cannot be measured; give 1 or more.")

    def _measure(self, subject: "Subject", samples: "Samples") -> "Measurement":
        from pandanet_app.commands.evaluation_progress import counted
        from pandanet_core.errors import UserError
        from pandanet_core.evaluation.measure import measure_picture, together

        count = len(samples) if self.pictures is None else min(self.pictures, len(samples))
        if count and samples[0].skeleton != subject.skeleton:
            raise UserError(
                f"{self.subject.name} has the joints of {subject.skeleton.name} and {self.data} "
                f"those of {samples[0].skeleton.name}; name data with the same joints."
            )
        pictures = (samples[index] for index in counted(count, self.progress))
        measurements = [
            measure_picture(sample, detections, self._rule(), self.iou, subject.mean_pose3d)
            for sample, detections in subject.detected(pictures)
        ]
        if not measurements:
            raise UserError(
                f"{self.subject.name} has no detections for any picture of {self.data}; detect in "
                "a sequence of that data, as in FOLDER/frames/test/seq_0, and name it again."
            )
        return together(measurements)

    def _rule(self) -> "PeopleRule":
        from pandanet_core.data.sample import PeopleRule

        return PeopleRule(self.min_visible_joints, self.min_height_px)

    def _facts(self, subject: "Subject", measurement: "Measurement") -> dict[str, "Value"]:
        from datetime import UTC, datetime

        from pandanet_core import __version__

        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
            "PandaNet": __version__,
            **subject.facts,
            "data": self.data,
            "pictures": measurement.pictures,
            "people": len(measurement.people),
            "people ignored": measurement.ignored_people,
            "people count from visible joints": self.min_visible_joints,
            "people count from height px": self.min_height_px,
            "found from IoU": self.iou,
            "poses from score": self.pose_score,
        }
