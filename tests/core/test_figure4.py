"""Figure 4 of the paper on one row of anchors, small enough to work out with a pencil.

Two people, both 4 px wide and as high as the anchors, overlap by 1 px::

    x     0  1  2  3  4  5  6  7  8  9 10 11
    P          [2.5 ....... 6.5]                centre 4.5
    Q                   [5.5 ....... 9.5]       centre 7.5

Anchors are 4 px wide too, one a pixel; the one of column c has its centre at c + 0.5. An anchor
whose centre is d px from a person's has IoU (4 - d) / (4 + d) with that person:

    d      0    1    2    3    4
    IoU    1   3/5  1/3  1/7   0
"""

import pytest
import torch

from pandanet_core.anchors import AnchorGrid, to_anchor_space
from pandanet_core.boxes import iou_and_giou, unit_square_iou
from pandanet_core.selection import (
    AnchorPlace,
    AnchorTrace,
    SelectionRule,
    SelectionSettings,
    explain_anchor,
    explain_person,
    match,
    positive_anchors,
    select,
)

GRID = AnchorGrid(torch.tensor([[4.0, 8.0]]), stride=1, rows=1, columns=12)
P, Q = 0, 1
PEOPLE = torch.tensor([[2.5, -3.5, 6.5, 4.5], [5.5, -3.5, 9.5, 4.5]])
HEAD_AND_FEET = torch.tensor(
    [[[4.5, -2.5], [4.5, 3.5]], [[7.5, -2.5], [7.5, 3.5]]]
)  # of P and of Q


def columns_of(mask: torch.Tensor) -> set[int]:
    return set(mask[0, 0].nonzero().flatten().tolist())


def test_a_is_matched_to_whom_it_overlaps_most() -> None:
    """P reaches columns 1 to 7 and Q 4 to 10 (d < 4); where both do, the nearer one wins."""
    matching = match(PEOPLE, GRID)
    assert columns_of(matching.person == P) == {1, 2, 3, 4, 5}
    assert columns_of(matching.person == Q) == {6, 7, 8, 9, 10}
    assert columns_of(matching.person == -1) == {0, 11}


def test_a_plus_is_what_lies_within_one_pixel_of_a_persons_centre() -> None:
    """Both people have an anchor with IoU 1, so PONO is IoU: 1 and 3/5 exceed 1/2, 1/3 does not."""
    positives = positive_anchors([PEOPLE], GRID, SelectionSettings())
    assert set(positives.column[positives.person == P].tolist()) == {3, 4, 5}
    assert set(positives.column[positives.person == Q].tolist()) == {6, 7, 8}


def predictions_of_a_network_that_mixes_people_up() -> tuple[torch.Tensor, torch.Tensor]:
    """Boxes (6, 4) and poses (6, 2, 2) at columns 3 to 8, right but for the ambiguous ones.

    Column 5 (box 3.5 to 7.5) covers half of Q beside P: it gives P's box exactly and P's head, but
    Q's feet, 3 px away. Column 6 covers half of P beside Q: it gives Q's pose, but a box that
    spans P and Q.
    """
    boxes, poses = PEOPLE[[P, P, P, Q, Q, Q]].clone(), HEAD_AND_FEET[[P, P, P, Q, Q, Q]].clone()
    poses[2, 1] = HEAD_AND_FEET[Q, 1]
    boxes[3] = torch.tensor([2.5, -3.5, 9.5, 4.5])
    return boxes, poses


def trace_of(rule: SelectionRule) -> AnchorTrace:
    settings = SelectionSettings(rule=rule)
    positives = positive_anchors([PEOPLE], GRID, settings)
    assert positives.column.tolist() == [3, 4, 5, 6, 7, 8]
    anchors = GRID.boxes_at(positives.anchor, positives.row, positives.column)
    boxes, poses = predictions_of_a_network_that_mixes_people_up()
    true_poses = to_anchor_space(HEAD_AND_FEET[positives.person], anchors)
    joint_overlap, _ = unit_square_iou(to_anchor_space(poses, anchors) - true_poses)
    box_overlap, _ = iou_and_giou(boxes, PEOPLE[positives.person])
    return select(
        positives, box_overlap, joint_overlap, torch.ones(6, 2, dtype=torch.bool), settings
    )


@pytest.mark.parametrize(
    ("rule", "selected", "qualities"),
    [
        # O alone: all of A+.
        ("none", {3, 4, 5, 6, 7, 8}, [3 / 5, 1, 3 / 5, 3 / 5, 1, 3 / 5]),
        # Column 6: its box is 7 px wide instead of 4, IoU 4/7, and 3/5 · 4/7 = 12/35 < 1/2.
        # Column 5 passes, because its box is right: too coarse for poses, as the paper says.
        ("box-aware", {3, 4, 5, 7, 8}, [3 / 5, 1, 3 / 5, 12 / 35, 1, 3 / 5]),
        # Column 5: the head overlaps fully, the feet are 3/4 anchor widths off: (1 - 3/4) /
        # (2 - 1/4) = 1/7. The mean is 4/7, and 3/5 · 4/7 = 12/35 < 1/2. Column 6 passes: its
        # pose is right.
        ("pose-aware", {3, 4, 6, 7, 8}, [3 / 5, 1, 12 / 35, 3 / 5, 1, 3 / 5]),
    ],
)
def test_a_plus_plus(rule: SelectionRule, selected: set[int], qualities: list[float]) -> None:
    trace = trace_of(rule)
    assert columns_of(trace.label_map(1, GRID)[0][None, 0]) == selected
    assert trace.quality.tolist() == pytest.approx(qualities)
    assert trace.people_selected().tolist() == [True, True]


def test_the_pose_aware_trace_says_why_column_5_was_dropped() -> None:
    trace = trace_of("pose-aware")
    assert trace.joint_overlap[2].tolist() == pytest.approx([1, 1 / 7])
    assert trace.pose_overlap[2] == pytest.approx(4 / 7)
    assert trace.positives.pono[2] == pytest.approx(3 / 5)
    assert trace.box_overlap[2] == pytest.approx(1)
    assert trace.selected.tolist() == [True, True, False, True, True, True]


def test_the_explanation_of_column_5_names_p_the_pose_and_the_feet() -> None:
    found = explain_anchor(trace_of("pose-aware"), AnchorPlace(0, 0, 0, 5))
    overlaps = [(overlap.person, overlap.iou) for overlap in found.overlaps]
    # 1 px from P's centre, 2 px from Q's.
    assert overlaps == [(P, pytest.approx(3 / 5)), (Q, pytest.approx(1 / 3))]
    assert found.person == P
    assert (found.iou, found.best_iou, found.pono) == pytest.approx((3 / 5, 1, 3 / 5))
    judgement = found.judgement
    assert judgement is not None
    assert not judgement.selected
    assert judgement.quality == pytest.approx(12 / 35)
    assert judgement.weaker == "overlap"  # 4/7 < 3/5
    worst = judgement.joints[0]
    assert worst.joint == 1
    assert worst.overlap == pytest.approx(1 / 7)


def test_the_explanation_of_column_10_is_that_it_lies_too_far_from_q() -> None:
    found = explain_anchor(trace_of("pose-aware"), AnchorPlace(0, 0, 0, 10))
    assert found.person == Q
    assert found.pono == pytest.approx(1 / 7)
    assert found.judgement is None


def test_somebody_who_stands_where_p_does_is_hidden_and_p_took_the_anchors() -> None:
    """Alone, the third would have columns 3, 4 and 5, as P has; P comes first and gets all."""
    people = torch.cat([PEOPLE, PEOPLE[:1]])
    positives = positive_anchors([people], GRID, SelectionSettings())
    right = torch.ones(len(positives), 2)
    trace = select(positives, right[:, 0], right, right.bool(), SelectionSettings())
    hidden = explain_person(trace, 2)
    assert hidden.outcome == "hidden"
    assert (hidden.closest_iou, hidden.best_iou) == (1, 0)
    assert hidden.alone == 3
    assert [(taker.person, taker.anchors) for taker in hidden.takers] == [(P, 3)]
    assert (hidden.positive, hidden.best) == (0, None)
    assert explain_person(trace, Q).outcome == "selected"


def test_somebody_all_of_whose_poses_are_wrong_is_not_selected() -> None:
    """Every head is 3/4 anchor widths off and every foot a whole one: overlaps 1/7 and 0."""
    positives = positive_anchors([PEOPLE], GRID, SelectionSettings())
    joints = torch.tensor([[1 / 7, 0.0]]).repeat(6, 1)
    trace = select(positives, torch.ones(6), joints, joints >= 0, SelectionSettings())
    found = explain_person(trace, P)
    assert found.outcome == "not selected"
    assert (found.positive, found.selected, found.takers) == (3, 0, ())
    assert found.best is not None
    assert found.best.place == AnchorPlace(0, 0, 0, 4)
    judgement = found.best.judgement
    assert judgement is not None
    assert judgement.quality == pytest.approx(1 / 14)
    assert judgement.weaker == "overlap"
    assert [joint.joint for joint in judgement.joints] == [1, 0]
