"""What is known of an anchor, in words: for the read-out and the tables."""

import numpy as np

from pandanet_app.models.anchor_lab import AnchorSpot
from pandanet_app.models.anchor_scene import AnchorScene, place_of
from pandanet_core.lab.frame_trace import FrameTrace

WINNER = "winner"
_WORST_JOINTS = 4


def read_out(scene: AnchorScene, spot: AnchorSpot) -> tuple[str, str]:
    """Two lines: which anchor it is and what matched it; and what became of it."""
    trace = scene.trace
    width, height = trace.grid.sizes_px[spot.anchor]
    x, y = ((cell + 0.5) * trace.grid.stride for cell in (spot.column, spot.row))
    x, y = x * trace.stretch[0], y * trace.stretch[1]
    score = float(scene.scores[spot.anchor, spot.row, spot.column])
    first = (
        f"Anchor {spot.anchor} of {len(trace.grid.sizes_px)} ({width:.0f} × {height:.0f} px) at "
        f"row {spot.row}, column {spot.column} (x {x:.0f}, y {y:.0f} px)  ·  score {score:.2f}"
    )
    place = place_of(trace.positives, spot)
    if place is None:
        candidate = candidate_at(trace, spot)
        became = "" if candidate < 0 else f"  ·  {candidate_words(trace, candidate)}"
        above = trace.settings.positive_above
        return (
            first,
            f"Not in A+: its PONO with whom it overlaps most is {above:.2f} or less{became}",
        )
    positives = trace.positives
    person = int(positives.person[place])
    second = (
        f"Person {person}: IoU {positives.iou[place]:.2f}, PONO {positives.pono[place]:.2f}, pose "
        f"overlap {positives.pose_overlap[place]:.2f}, {_decision(trace, place)}  ·  "
        f"{outcome(trace, place)}"
    )
    joints = _worst_joints(trace, place)
    return first, f"{second}  ·  worst joints: {joints}" if joints else second


def outcome(trace: FrameTrace, place: int) -> str:
    """What became of an anchor of A+."""
    candidate = int(trace.positives.candidate[place])
    if candidate >= 0:
        return candidate_words(trace, candidate)
    score = float(trace.positives.scores[place])
    if score < trace.settings.min_score:
        return f"scores below {trace.settings.min_score:.2f}"
    return f"not among the {trace.settings.top_k} best"


def candidate_words(trace: FrameTrace, candidate: int) -> str:
    """What became of a candidate of the readout."""
    winner = int(trace.readout.suppressed_by[candidate])
    if winner < 0:
        return WINNER
    return f"suppressed by #{winner} ({trace.readout.scores[winner]:.2f})"


def candidate_at(trace: FrameTrace, spot: AnchorSpot) -> int:
    """The candidate of the readout that stands at an anchor, -1 for none."""
    readout = trace.readout
    same = (readout.anchor == spot.anchor) & (readout.row == spot.row)
    found = np.flatnonzero(same & (readout.column == spot.column))
    return int(found[0]) if len(found) else -1


def _decision(trace: FrameTrace, place: int) -> str:
    """The comparison that made an anchor a member of A++, or did not (Eq. 9)."""
    settings, quality = trace.settings, trace.positives.quality[place]
    product = {
        "none": "PONO",
        "box-aware": "PONO × box overlap",
        "pose-aware": "PONO × pose overlap",
    }
    sign, member = (">", "A++") if trace.positives.selected[place] else ("≤", "A+ only, ambiguous")
    return (
        f"{product[settings.rule]} = {quality:.2f} {sign} {settings.selected_above:.2f}: {member}"
    )


def _worst_joints(trace: FrameTrace, place: int) -> str:
    counted = np.flatnonzero(trace.positives.counted[place])
    overlap = trace.positives.joint_overlap[place]
    worst = counted[np.argsort(overlap[counted], kind="stable")][:_WORST_JOINTS]
    names = trace.truth.skeleton.joints
    return ", ".join(f"{names[joint].replace('_', ' ')} {overlap[joint]:.2f}" for joint in worst)
