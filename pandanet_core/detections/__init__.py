"""People found in pictures: `Detections` (one frame), `DetectionTable` (a video), Parquet files."""

from pandanet_core.detections.frame import Detections
from pandanet_core.detections.header import TableHeader
from pandanet_core.detections.table import DetectionTable, read_table
from pandanet_core.detections.writer import TableWriter

__all__ = ["DetectionTable", "Detections", "TableHeader", "TableWriter", "read_table"]
