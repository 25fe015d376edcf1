"""Annotated pictures beside the detections of a table that was made from them earlier."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from pandanet_core.data.sample import Sample
from pandanet_core.detections import Detections, DetectionTable


def detected_in(
    table: DetectionTable, samples: Iterable[Sample]
) -> Iterator[tuple[Sample, Detections]]:
    """The samples that the table's source holds and that were looked at, with their detections.

    A data set in JTA's layout names its pictures SEQUENCE/FRAME, frames counting from 1. The table
    belongs to the sequence that its source is called after (`seq_3.mp4`, or the folder `seq_3`).
    """
    sequence = PurePath(table.header.source).stem
    for sample in samples:
        folder, _, number = sample.name.rpartition("/")
        if folder == sequence and number.isdigit() and table.header.is_done(int(number) - 1):
            yield sample, table.at(int(number) - 1)
