"""One evaluation from files to a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from pandanet_app.commands.evaluation_progress import counted
from pandanet_app.commands.evaluation_subjects import Subject, subject_of
from pandanet_app.reports.page import write_page
from pandanet_core import __version__
from pandanet_core.data.convert import ConvertedSamples
from pandanet_core.data.damage import DamagedFile
from pandanet_core.data.sample import FiledSamples, PeopleRule
from pandanet_core.errors import UserError
from pandanet_core.evaluation.curves import evaluation_curves
from pandanet_core.evaluation.evaluator import Evaluation, EvaluationSettings, Evaluator
from pandanet_core.evaluation.measure import Measurement
from pandanet_core.evaluation.protocols.choice import JTA, EvaluationProtocol, protocol_for
from pandanet_core.evaluation.protocols.meter import Meter, MeterSettings, compared_joints
from pandanet_core.evaluation.report import Report, report_paths
from pandanet_core.evaluation.summary import report_tables
from pandanet_core.evaluation.table import Value
from pandanet_core.files import write_text

if TYPE_CHECKING:
    from pandanet_app.commands.evaluate import Evaluate


@dataclass(frozen=True, eq=False)
class Evaluated:
    """What was measured, the report of it, and where its pictures are."""

    measurement: Measurement
    report: Report
    samples: FiledSamples

    def write(self, path: Path) -> tuple[Path, Path]:
        """Write the page and the values to `report_paths(path)`, and return these.

        Raises UserError where one cannot be written; an older file then stays as it was.
        """
        page, values = report_paths(path)
        write_page(page, self.report, self.samples)
        write_text(values, self.report.to_json())
        return page, values


def evaluate(options: "Evaluate", stop: Event) -> Evaluated:
    """Measure as the options say; see `Evaluate.evaluate`."""
    protocol = protocol_for(options.protocol, options.data)
    own_joints = protocol.open(options.data)
    if not len(own_joints):
        raise UserError(f"{options.data} has no annotated pictures; name other data.")
    subject = subject_of(options.subject, options.weights)
    joints = _check_fit(protocol, subject, options.data)
    samples = ConvertedSamples(own_joints, subject.skeleton)
    settings = EvaluationSettings(
        pose_score=options.pose_score,
        iou=options.iou,
        rule=PeopleRule(options.min_visible_joints, options.min_height_px),
        selection=subject.selection,
        worst_pictures=options.worst_pictures,
    )
    meter = protocol.start(MeterSettings(subject.skeleton, joints, options.pose_score), own_joints)
    evaluator = Evaluator(settings, meter, subject.mean_pose3d, subject.network)
    observer = subject.observe(samples)
    numbers = observer.numbers[: options.pictures]
    damaged: list[DamagedFile] = []
    for number in counted(numbers, options.progress, stop):
        try:
            sample = samples[number] if subject.network else samples.labels(number)
        except DamagedFile as error:
            damaged.append(error)
            continue
        evaluator.add(number, sample, *observer.look(number, sample))
    if not len(evaluator):
        raise damaged[0] if damaged else KeyboardInterrupt
    evaluation = evaluator.finish()
    if not len(evaluation.measurement.people) + evaluation.measurement.ignored_people:
        raise UserError(f"Nobody is annotated in the pictures of {options.data}; name other data.")
    report = _report(options, protocol, subject, evaluation, meter, joints, damaged)
    return Evaluated(evaluation.measurement, report, samples)


def _check_fit(protocol: EvaluationProtocol, subject: Subject, data: str) -> tuple[int, ...]:
    """Where the compared joints are among the subject's; UserError where something does not fit."""
    if subject.network is None and not protocol.measures_files:
        raise UserError(
            f"The pictures of {data} are made straight before they are measured, so detections made "
            "from the files do not fit; name weights instead."
        )
    return compared_joints(subject.skeleton, protocol.compared, subject.name)


def _report(
    options: "Evaluate",
    protocol: EvaluationProtocol,
    subject: Subject,
    evaluation: Evaluation,
    meter: Meter,
    joints: Sequence[int],
    damaged: Sequence[DamagedFile],
) -> Report:
    measurement, score = evaluation.measurement, options.pose_score
    return Report(
        title=f"{options.subject.stem} on {options.data}",
        facts=_facts(options, protocol, subject, measurement) | _left_out(damaged),
        tables=(
            *meter.tables(measurement),
            *report_tables(evaluation, subject.skeleton, score),
        ),
        curves=evaluation_curves(measurement, joints, score, beside_jta=protocol == JTA),
        pictures=evaluation.worst,
    )


def _left_out(damaged: Sequence[DamagedFile]) -> dict[str, Value]:
    """What to say of pictures that cannot be read; nothing where there are none."""
    words = f"{len(damaged)} that cannot be read, the first: "
    return {"pictures left out": words + str(damaged[0])} if damaged else {}


def _facts(
    options: "Evaluate", protocol: EvaluationProtocol, subject: Subject, measurement: Measurement
) -> dict[str, Value]:
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "PandaNet": __version__,
        **subject.facts,
        "data": options.data,
        "protocol": protocol.name,
        "pictures": measurement.pictures,
        "people": len(measurement.people),
        "people ignored": measurement.ignored_people,
        "people count from visible joints": options.min_visible_joints,
        "people count from height px": options.min_height_px,
        "found from IoU": options.iou,
        "poses from score": options.pose_score,
    }
