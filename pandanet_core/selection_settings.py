"""How anchors are chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pandanet_core.setting_ranges import refuse_outside

SelectionRule = Literal["none", "box-aware", "pose-aware"]
"""Table 1's variants: O > t, O * box overlap > t, O * pose overlap > t."""


@dataclass(frozen=True)
class SelectionSettings:
    """How anchors are chosen (spec, section 4).

    Attributes:
        rule: Table 1's variant.
        positive_above: A+ = anchors whose PONO exceeds this.
        selected_above: A++ = anchors whose quality exceeds this (Eq. 9).
        ignored_above: Anchors whose IoU with a person who is no object to find exceeds this carry
            no classification loss.
    """

    rule: SelectionRule = "pose-aware"
    positive_above: float = 0.5
    selected_above: float = 0.5
    ignored_above: float = 0.35

    def __post_init__(self) -> None:
        """UserError names a threshold that is no share."""
        refuse_outside(self, 0, 1, "positive_above", "selected_above", "ignored_above")


def selection_of(notes: Mapping[str, Any]) -> SelectionSettings:
    """How weights chose A++ when they learned, by the notes in their file; the paper's way where
    these say nothing."""
    named = (rule for rule in get_args(SelectionRule) if rule == notes.get("selection"))
    return SelectionSettings(next(named, SelectionSettings.rule))
