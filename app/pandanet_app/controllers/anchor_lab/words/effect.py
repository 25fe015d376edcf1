"""What settings lead to, in numbers; and what is other than in the trace beside it."""

from pandanet_app.models.anchor_scene import AnchorScene
from pandanet_core.lab.difference import Difference, compare
from pandanet_core.lab.fate import count_fates
from pandanet_core.lab.frame_trace import FrameTrace


def effect_lines(scene: AnchorScene) -> list[str]:
    """The trace in numbers; then the one it is compared with, and what is other."""
    if scene.other is None:
        return counts(scene.trace)
    before, now = counts(scene.other), counts(scene.trace)
    return [
        "Left, for comparison: " + " · ".join(before),
        "Right, now: " + " · ".join(now),
        *difference_lines(compare(scene.other, scene.trace)),
    ]


def counts(trace: FrameTrace) -> list[str]:
    """Anchors and people of a trace."""
    kinds, rows, columns = trace.grid.shape
    fates = count_fates(trace.fates)
    lost = [f"{count} {reason.value}" for reason, count in fates.items() if reason is not None]
    people = f"{fates[None]} of {len(trace.truth)} people found"
    return [
        f"A {kinds * rows * columns:,} · A+ {len(trace.positives):,} · "
        f"A++ {int(trace.positives.selected.sum()):,} · {len(trace.readout.scores):,} candidates · "
        f"{len(trace.people.scores)} survivors",
        people + (f" ({', '.join(lost)})" if lost else ""),
    ]


def difference_lines(difference: Difference) -> list[str]:
    """What is other in the second of two traces than in the first."""
    if not difference.same_anchors:
        anchors = "The anchors are others, so that every one of A+ and A++ is."
    else:
        gone, new = (int(mask.sum()) for mask in difference.positives)
        unselected, selected = (int(mask.sum()) for mask in difference.selected)
        anchors = f"Other: A+ {new:,} more and {gone:,} gone; A++ {selected:,} more and {unselected:,} gone"
    lines = [anchors]
    gone_people, new_people = (int(mask.sum()) for mask in difference.people)
    lines.append(
        f"People: {difference.now_found} more of the truth found and {difference.now_lost} lost; "
        f"{new_people} new boxes and {gone_people} gone"
    )
    if not difference.same_truth:
        lines[-1] = f"People: {new_people} new boxes and {gone_people} gone (other truth)"
    for first, second in difference.fates:
        was, now = (fate.reason.value if fate.reason else "found" for fate in (first, second))
        lines.append(f"Person {first.person}: {was} → {now}")
    return lines
