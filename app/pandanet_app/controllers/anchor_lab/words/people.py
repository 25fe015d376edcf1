"""What the lab tells about one person of the truth."""

import numpy as np

from pandanet_app.models.anchor_lab import AnchorSpot
from pandanet_app.models.anchor_scene import spot_of
from pandanet_core.lab.frame_trace import FrameTrace

EXPLANATION = {
    "pose-aware": "PONO × pose overlap",
    "box-aware": "PONO × box overlap",
    "none": "PONO",
}
"""What each rule compares with its threshold."""


def candidate_spot(trace: FrameTrace, candidate: int) -> AnchorSpot:
    """The anchor that a candidate of the readout stands at."""
    readout = trace.readout
    kind, row, column = (
        int(part[candidate]) for part in (readout.anchor, readout.row, readout.column)
    )
    return AnchorSpot(kind, row, column)


def telling_spot(trace: FrameTrace, person: int) -> AnchorSpot | None:
    """The anchor that tells most about a person: the winner; else the candidate that lost; else the
    anchor of the best quality; None without any."""
    fate = trace.fates[person]
    if fate.candidate >= 0:
        return candidate_spot(trace, fate.candidate)
    return spot_of(trace.positives, fate.anchor) if fate.anchor >= 0 else None


def sentence(trace: FrameTrace, person: int) -> str:
    """What became of a person, with the number of the person's anchors."""
    positives, fate = trace.positives, trace.fates[person]
    own = positives.person == person
    matched, selected = int(own.sum()), int((own & positives.selected).sum())
    read = int((own & (positives.candidate >= 0)).sum())
    anchors = f"{matched} anchors in A+, {selected} in A++, {read} candidates"
    if fate.reason is None:
        return f"Person {person}: found by candidate #{fate.finder}, score {fate.score:.2f}. {anchors}."
    score = "" if np.isnan(fate.score) else f", best score {fate.score:.2f}"
    by = f" (person {fate.by})" if fate.by >= 0 else ""
    return f"Person {person}: {fate.reason.value}{by}: {fate.evidence}{score}. {anchors}."
