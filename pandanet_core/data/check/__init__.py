"""Is a data set whole, and what is in it? Asked before a training, not during it."""

from pandanet_core.data.check.examine import Looked, check_data
from pandanet_core.data.check.findings import Findings, SplitFindings

__all__ = ["Findings", "Looked", "SplitFindings", "check_data"]
