"""Who suppressed whom, and what is other in a second trace, against loops."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from pandanet_core.boxes import unit_square_iou
from pandanet_core.lab.difference import compare
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings
from pandanet_core.lab.suppression import pose_overlaps, suppression_around
from pandanet_core.lab.tracing import trace_frame
from tests.core import brute_force
from tests.core.lab.made_up_maps import SIZES, Network, truth_of


def crowd(seed: int, moved_px: float = 3.0) -> tuple[Network, list[list[float]]]:
    """A network that sees something of everybody at many of the anchors near."""
    random = np.random.default_rng(seed)
    low = random.uniform((0, 0), (80, 34), (6, 2))
    boxes = np.concatenate([low, low + random.uniform((10, 24), (20, 34), (6, 2))], 1)
    network = Network()
    truth = truth_of(boxes.tolist())
    random_scores = random.random(network.scores.shape).astype(np.float32)
    for at in np.ndindex(network.scores.shape):
        iou = [brute_force.iou(network.boxes[at], box) for box in boxes]
        person = int(np.argmax(iou))
        if iou[person] > 0.2:
            network.say(at, float(random_scores[at]), truth, person)
            network.boxes[at] += random.normal(0, moved_px, 4)
            network.boxes[at] = np.sort(network.boxes[at].reshape(2, 2), 0).ravel()
            network.pose2d[at] += random.normal(0, moved_px, network.pose2d[at].shape)
    return network, boxes.tolist()


def traced(seed: int, **changed: object) -> FrameTrace:
    network, boxes = crowd(seed)
    settings = replace(LabSettings(min_score=0.4, nms_iou=0.5), **changed)
    return trace_frame(network.maps(), truth_of(boxes), settings)


@pytest.mark.parametrize("seed", range(4))
def test_graphs_hold_what_loops_find(seed: int) -> None:
    trace = traced(seed)
    readout, table = trace.readout, trace.positives
    by = brute_force.suppress(readout.boxes.tolist(), trace.settings.nms_iou)
    assert readout.suppressed_by.tolist() == by
    owner = {}
    for c, box in enumerate(readout.boxes.tolist()):
        iou = [brute_force.iou(box, person) for person in trace.truth.boxes.tolist()]
        owner[c] = int(np.argmax(iou)) if max(iou) >= 0.5 else -1
        for m in range(len(table)):
            here = (table.anchor[m], table.row[m], table.column[m])
            if here == (readout.anchor[c], readout.row[c], readout.column[c]):
                owner[c] = int(table.person[m])
    for person, fate in enumerate(trace.fates):
        graph = suppression_around(trace, person)
        own = {
            c for c in owner if owner[c] == person or (fate.finder >= 0 and by[c] == fate.finder)
        }
        own |= {fate.finder} - {-1}
        edges = {(c, by[c]) for c in own if by[c] >= 0}
        assert set(zip(graph.loser.tolist(), graph.winner.tolist(), strict=True)) == edges
        assert set(graph.candidate.tolist()) == own | {winner for _, winner in edges}
        assert graph.candidate.tolist() == sorted(graph.candidate.tolist())
        assert graph.owner.tolist() == [owner[c] for c in graph.candidate]
        assert graph.survived.tolist() == [by[c] < 0 for c in graph.candidate]
        iou = [
            brute_force.iou(readout.boxes[a], readout.boxes[b])
            for a, b in zip(graph.loser, graph.winner, strict=True)
        ]
        np.testing.assert_allclose(graph.box_iou, iou, rtol=1e-4)
        assert all(graph.box_iou > trace.settings.nms_iou)


def test_pose_overlaps_are_equation_6() -> None:
    random = np.random.default_rng(0)
    first, second = random.normal(50, 10, (2, 20, 17, 2))
    low = random.uniform(0, 40, (20, 2))
    boxes = np.concatenate([low, low + random.uniform(5, 60, (20, 2))], 1)
    size = torch.from_numpy(boxes[:, None, 2:] - boxes[:, None, :2])
    overlap, _ = unit_square_iou(torch.from_numpy(first - second) / size)
    np.testing.assert_allclose(pose_overlaps(first, second, boxes), overlap.mean(1).numpy())


def test_what_is_other_is_marked_and_counted() -> None:
    first = traced(1, positive_above=0.5, selected_above=0.3)
    second = traced(1, positive_above=0.6, selected_above=0.5, min_score=0.8, nms_iou=0.3)

    other = compare(first, second)

    cells = [
        list(zip(t.positives.anchor, t.positives.row, t.positives.column, strict=True))
        for t in (first, second)
    ]
    for marked, a, b in ((other.positives[0], 0, 1), (other.positives[1], 1, 0)):
        assert marked.tolist() == [cell not in cells[b] for cell in cells[a]]
    chosen = [
        {cell for cell, yes in zip(own, t.positives.selected, strict=True) if yes}
        for own, t in zip(cells, (first, second), strict=True)
    ]
    assert other.selected[0].tolist() == [c in chosen[0] - chosen[1] for c in cells[0]]
    assert other.selected[1].tolist() == [c in chosen[1] - chosen[0] for c in cells[1]]
    assert other.same_anchors
    assert other.same_truth
    changed = {
        a.person: (a.reason, b.reason)
        for a, b in zip(first.fates, second.fates, strict=True)
        if a.reason != b.reason
    }
    assert {a.person: (a.reason, b.reason) for a, b in other.fates} == changed
    found = [sum(fate.reason is None for fate in t.fates) for t in (first, second)]
    assert other.now_found - other.now_lost == found[1] - found[0]
    assert other.selected[0].any()
    assert other.people[0].any()


def test_a_trace_is_like_itself() -> None:
    trace = traced(2)
    same = compare(trace, trace)
    assert not any(
        mask.any() for pair in (same.positives, same.selected, same.people) for mask in pair
    )
    assert same.fates == ()


def test_other_anchors_and_other_truths_are_said() -> None:
    network, boxes = crowd(0)
    maps = network.maps()
    own = trace_frame(maps, truth_of(boxes), LabSettings())
    fewer = trace_frame(maps, truth_of(boxes), LabSettings(anchors_px=SIZES[:1]))
    others = trace_frame(maps, truth_of(boxes[:2]), LabSettings())

    assert not compare(own, fewer).same_anchors
    assert compare(own, fewer).positives[0].all()
    assert not compare(own, others).same_truth
    assert compare(own, others).fates == ()
