"""Which anchors learn and which may be read: matching, PONO, A+ and the pose-aware A++ (spec,
section 4).

Training, the anchor views and the notebooks all read the AnchorTrace made here.
"""

from pandanet_core.selection.explanation import (
    AnchorExplanation,
    AnchorPlace,
    PersonExplanation,
    explain_anchor,
    explain_person,
)
from pandanet_core.selection.matching import Matching, grid_iou, match
from pandanet_core.selection.positive import PositiveAnchors, ignored_anchors, positive_anchors
from pandanet_core.selection.trace import AnchorTrace, select
from pandanet_core.selection_settings import SelectionRule, SelectionSettings

__all__ = [
    "AnchorExplanation",
    "AnchorPlace",
    "AnchorTrace",
    "Matching",
    "PersonExplanation",
    "PositiveAnchors",
    "SelectionRule",
    "SelectionSettings",
    "explain_anchor",
    "explain_person",
    "grid_iou",
    "ignored_anchors",
    "match",
    "positive_anchors",
    "select",
]
