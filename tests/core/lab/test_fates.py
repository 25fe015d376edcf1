"""What became of everybody: a case of each reason made by hand, and the sum over any frame."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from pandanet_core.evaluation.reasons import Reason
from pandanet_core.lab.fate import Fate, count_fates
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings, Truth
from pandanet_core.lab.tracing import trace_frame
from tests.core import brute_force
from tests.core.lab.made_up_maps import COLUMNS, ROWS, SIZES, Network, anchor_box, truth_of

PLACE = (0, 4, 5)
"""An anchor in the middle of the picture."""

FIVE = set(Reason) - {Reason.NOT_DETECTED}


def alone(network: Network) -> Truth:
    """One person, exactly where an anchor is."""
    return truth_of([anchor_box(network, PLACE)])


def traced(network: Network, truth: Truth, **changed: object) -> FrameTrace:
    return trace_frame(network.maps(), truth, replace(LabSettings(), **changed))


def fate(network: Network, truth: Truth, **changed: object) -> Fate:
    """Of the first person."""
    return traced(network, truth, **changed).fates[0]


def test_found() -> None:
    network = Network()
    truth = alone(network)
    network.say(PLACE, 0.9, truth, 0)

    trace = traced(network, truth)

    (found,) = trace.fates
    assert (found.reason, found.evidence, found.finder) == (None, "", 0)
    assert found.score == pytest.approx(0.9)
    positives = trace.positives
    best = found.anchor
    assert (positives.anchor[best], positives.row[best], positives.column[best]) == PLACE
    assert positives.candidate[best] == 0
    assert positives.pono[best] == positives.iou[best] == 1


def test_found_but_the_pose_is_wrong() -> None:
    network = Network()
    truth = alone(network)
    network.say(PLACE, 0.9, truth, 0)
    network.pose2d[PLACE] += (0, 6)  # a fifth of the height of 30 px

    lost = fate(network, truth)

    assert (lost.reason, lost.finder) == (Reason.POSE_WRONG, 0)
    assert lost.evidence == "joints off by 20% of the height on average"


def test_selected_but_the_box_is_wrong() -> None:
    network = Network()
    truth = alone(network)
    network.say(PLACE, 0.9, truth, 0)
    network.boxes[PLACE] = truth.boxes[0] + (0, 0, 0, -18)  # 12 of 30 px are left

    lost = fate(network, truth)

    assert (lost.reason, lost.finder, lost.by) == (Reason.POSE_WRONG, -1, -1)
    assert lost.evidence == "its best anchor's box overlaps 0.40"


def test_read_as_somebody_else() -> None:
    """The only candidate stands at the first person's anchor and finds the second."""
    network = Network()
    x0, y0, x1, y1 = anchor_box(network, PLACE)
    truth = truth_of([[x0, y0, x1, y1], [x0 + 4, y0, x1 + 4, y1]])
    network.say(PLACE, 0.9, truth, 0)
    network.boxes[PLACE] = truth.boxes[1] - (1, 0, 1, 0)
    network.pose2d[PLACE] = truth.pose2d[1]

    first, second = traced(network, truth).fates

    assert (first.reason, first.by, second.reason) == (Reason.POSE_WRONG, 1, None)
    assert first.evidence == "its best anchor's box overlaps 0.65, but somebody else's 0.87"


def test_suppressed_by_whom() -> None:
    network = Network()
    x0, y0, x1, y1 = anchor_box(network, PLACE)
    truth = truth_of([[x0, y0, x1, y1], [x0, y0 + 5, x1, y1 + 5]])
    network.say(PLACE, 0.8, truth, 0)
    network.say((0, 5, 5), 0.9, truth, 1)

    first, second = traced(network, truth, nms_iou=0.6).fates

    assert second.reason is None
    assert (first.reason, first.by, first.candidate) == (Reason.SUPPRESSED, 1, 1)
    assert first.evidence == "in favour of a candidate that scored 0.90, IoU 0.71"
    kept = traced(network, truth, nms_iou=0.75)
    assert count_fates(kept.fates) == {None: 2}


def test_no_anchor_for_who_stands_behind_somebody() -> None:
    network = Network()
    truth = truth_of([anchor_box(network, PLACE)] * 2)

    first, second = traced(network, truth).fates

    assert second.reason is Reason.NO_ANCHOR
    assert (second.by, second.anchor) == (0, -1)
    assert second.evidence.endswith("anchors would do, but each overlaps somebody else more")
    assert np.isnan(second.score)
    assert first.reason is not Reason.NO_ANCHOR


def test_no_anchor_for_a_box_without_area() -> None:
    lost = fate(Network(), truth_of([[40, 30, 40, 50]]))

    assert lost.reason is Reason.NO_ANCHOR
    assert lost.evidence == "no anchor overlaps this box, the closest by 0.00"


def test_matched_but_never_selected() -> None:
    """Every pose is a point in the middle of its anchor: no joint is near."""
    network = Network()
    network.scores[:] = 0.2
    truth = truth_of([anchor_box(network, PLACE)], spread=0.5)

    trace = traced(network, truth)

    (lost,) = trace.fates
    assert lost.reason is Reason.NOT_SELECTED
    assert not trace.positives.selected.any()
    best = trace.positives.quality.argmax()
    assert lost.anchor == best
    assert f"= {trace.positives.quality[best]:.2f}, needs over 0.50" in lost.evidence
    worst = trace.positives.joint_overlap[best].argmin()
    assert lost.evidence.endswith(f"worst joint: {truth.skeleton.joints[worst]}")


def test_selected_but_below_the_score() -> None:
    network = Network()
    truth = alone(network)
    network.say(PLACE, 0.25, truth, 0)

    lost = fate(network, truth, min_score=0.3)

    assert lost.reason is Reason.BELOW_SCORE
    assert lost.evidence.endswith("anchors: 0.25")
    assert fate(network, truth, min_score=0.2).reason is None


def test_not_among_the_best_of_the_picture() -> None:
    network = Network()
    truth = alone(network)
    network.say(PLACE, 0.5, truth, 0)
    network.scores[1, 0, 0] = 0.9

    lost = fate(network, truth, top_k=1)

    assert lost.reason is Reason.BELOW_SCORE
    assert lost.evidence.endswith("but not among the best candidates of the picture")


def test_nobody_is_there() -> None:
    network = Network()
    network.scores[PLACE] = 0.9

    trace = traced(network, truth_of([]))

    assert trace.fates == ()
    assert len(trace.positives) == 0
    assert len(trace.people.scores) == 1


def test_ignored_people_are_found_for_nobody() -> None:
    network = Network()
    truth = truth_of([anchor_box(network, (0, 2, 2)), anchor_box(network, PLACE)], ignored=1)
    network.scores[PLACE] = 0.9

    (lost,) = traced(network, truth).fates

    assert lost.reason is not None


SOMEWHERE = some.tuples(
    some.floats(-10, 100), some.floats(-10, 70), some.floats(0, 60), some.floats(0, 60)
).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])


@settings(max_examples=60, deadline=None)
@given(
    boxes=some.lists(SOMEWHERE, max_size=7),
    seed=some.integers(0, 10**6),
    sizes=some.sampled_from([SIZES, SIZES[:1], tuple((6.0 + n, 14.0 + 2 * n) for n in range(40))]),
    rule=some.sampled_from(["none", "box-aware", "pose-aware"]),
    thresholds=some.tuples(*[some.floats(0, 1)] * 4),
    top_k=some.sampled_from([1, 20, 1000]),
    twice=some.booleans(),
)
def test_found_and_the_five_reasons_are_everybody(
    boxes: list[list[float]],
    seed: int,
    sizes: tuple[tuple[float, float], ...],
    rule: str,
    thresholds: tuple[float, float, float, float],
    top_k: int,
    twice: bool,
) -> None:
    """And found are those whom greedy matching of the survivors, by hand, gives a detection."""
    random = np.random.default_rng(seed)
    network = Network(sizes)
    truth = truth_of(boxes + boxes[:1] * twice)
    network.scores[:] = random.random(network.scores.shape) ** 6
    network.boxes += random.normal(size=network.boxes.shape).astype(np.float32) * 4
    network.pose2d += random.normal(size=network.pose2d.shape).astype(np.float32) * 4
    for person in range(len(truth)):
        at = tuple(random.integers(0, n) for n in (len(sizes), ROWS, COLUMNS))
        network.say(at, random.random(), truth, person)
    positive, selected, score, nms = thresholds

    trace = traced(
        network,
        truth,
        rule=rule,
        positive_above=positive,
        selected_above=selected,
        min_score=score,
        nms_iou=nms,
        top_k=top_k,
    )

    assert [one.person for one in trace.fates] == list(range(len(truth)))
    counted = count_fates(trace.fates)
    assert set(counted) <= FIVE | {None}
    assert counted.total() == len(truth)
    assert {one.person for one in trace.fates if one.finder >= 0} == found_by_hand(trace)


def found_by_hand(trace: FrameTrace) -> set[int]:
    width, height = trace.size_px
    free = set(range(len(trace.truth)))
    for box in trace.people.boxes.clip(0, [width, height] * 2):
        iou = {n: brute_force.iou(box, trace.truth.boxes[n]) for n in free}
        best = max(sorted(iou, reverse=True), key=lambda n: iou[n], default=None)
        if best is not None and iou[best] >= trace.settings.found_iou:
            free.remove(best)
    return set(range(len(trace.truth))) - free
