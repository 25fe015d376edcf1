"""Why people have anchors or none, against plain loops over every anchor and person."""

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection import (
    AnchorPlace,
    AnchorTrace,
    SelectionRule,
    SelectionSettings,
    explain_anchor,
    explain_person,
    positive_anchors,
    select,
)
from tests.core import brute_force

ROWS, COLUMNS, STRIDE, JOINTS = 4, 6, 8, 4
SIZES = [[12, 26], [30, 30]]
GRID = AnchorGrid(torch.tensor(SIZES, dtype=torch.float64), STRIDE, ROWS, COLUMNS)
ANYWHERE = [AnchorPlace(0, *at) for at in np.ndindex(*GRID.shape)]


@st.composite
def boxes_px(draw: st.DrawFn) -> list[float]:
    """On half pixels, some without area, some outside the picture of 48 x 32 px."""
    x, y = draw(st.integers(-60, 120)) / 2, draw(st.integers(-60, 90)) / 2
    return [x, y, x + draw(st.integers(0, 90)) / 2, y + draw(st.integers(0, 90)) / 2]


def trace_of(pictures: list[Any], rule: SelectionRule = "pose-aware", seed: int = 0) -> AnchorTrace:
    """A trace with made-up predictions, some right and some wrong."""
    boxes = [torch.tensor(people, dtype=torch.float64).reshape(-1, 4) for people in pictures]
    settings = SelectionSettings(rule=rule)
    positives = positive_anchors(boxes, GRID, settings)
    rng = np.random.default_rng(seed)
    count = len(positives)
    return select(
        positives,
        torch.from_numpy(rng.random(count)),
        torch.from_numpy(rng.random((count, JOINTS)) ** rng.choice([0.2, 1, 3])),
        torch.from_numpy(rng.random((count, JOINTS)) < 0.7),
        settings,
    )


def matches_of(people: list[Any]) -> brute_force.Matches:
    return brute_force.match(people, SIZES, STRIDE, ROWS, COLUMNS)


def overlap_with(box: list[float], place: AnchorPlace) -> float:
    at = brute_force.anchor_box(SIZES[place.anchor], STRIDE, place.row, place.column)
    return brute_force.iou(box, at)


RULES = st.sampled_from(["none", "box-aware", "pose-aware"])
EDGE, MIDDLE, FAR, LINE = [0.0, 3, 12, 29], [10.0, 4, 22, 30], [300.0, 0, 320, 40], [9.0, 4, 9, 30]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(boxes_px(), max_size=4), RULES, st.integers(0, 99))
@example([MIDDLE, MIDDLE, EDGE], "pose-aware", 0)  # somebody exactly behind another
@example([FAR, MIDDLE, LINE], "box-aware", 0)  # nobody near, and no area
def test_a_person_is_explained_as_counting_everything_does(
    people: list[Any], rule: SelectionRule, seed: int
) -> None:
    trace = trace_of([[EDGE], people], rule, seed)
    matches = matches_of(people)
    for n, box in enumerate(people):
        found = explain_person(trace, n + 1)
        ious = {place: overlap_with(box, place) for place in ANYWHERE}
        closest = max(ious.values())
        alone = [place for place, iou in ious.items() if closest and iou / closest > 0.5]
        owners = Counter(
            1 + int(matches.person[place.anchor, place.row, place.column]) for place in alone
        )
        owners.pop(n + 1, None)
        own = [m for m, who in enumerate(trace.positives.person.tolist()) if who == n + 1]
        selected = [m for m in own if trace.selected[m]]
        assert (found.person, found.picture) == (n + 1, 1)
        assert found.closest_iou == pytest.approx(closest)
        assert found.best_iou == pytest.approx(matches.best[n])
        assert found.alone == len(alone)
        assert {taker.person: taker.anchors for taker in found.takers} == owners
        assert [taker.anchors for taker in found.takers] == sorted(owners.values(), reverse=True)
        assert (found.positive, found.selected) == (len(own), len(selected))
        assert found.outcome == (
            "selected" if selected
            else "out of reach" if closest == 0
            else "hidden" if matches.best[n] == 0
            else "not selected"
        )  # fmt: skip
        if not own:
            assert found.best is None
            assert found.outcome in ("hidden", "out of reach")
            continue
        assert found.best is not None
        assert found.best.judgement is not None
        assert found.best.person == n + 1
        assert found.best.judgement.quality == max(float(trace.quality[m]) for m in own)
        assert found.best.judgement.selected == bool(selected)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(boxes_px(), max_size=4), RULES, st.integers(0, 99))
@example([MIDDLE, MIDDLE, EDGE], "pose-aware", 0)
def test_every_anchor_is_explained_as_the_equations_say(
    people: list[Any], rule: SelectionRule, seed: int
) -> None:
    trace = trace_of([people, [EDGE]], rule, seed)
    matches = matches_of(people)
    positives = 0
    for place in ANYWHERE:
        found = explain_anchor(trace, place)
        at = (place.anchor, place.row, place.column)
        ious = [overlap_with(box, place) for box in people]
        touching = [n for n in range(len(people)) if ious[n] > 0]
        touching.sort(key=lambda n: -ious[n])
        assert [overlap.person for overlap in found.overlaps] == touching
        assert [overlap.iou for overlap in found.overlaps] == pytest.approx(
            [ious[n] for n in touching]
        )
        assert (-1 if found.person is None else found.person) == matches.person[at]
        assert found.iou == pytest.approx(matches.iou[at])
        assert found.pono == pytest.approx(matches.pono[at])
        best = 0 if found.person is None else matches.best[found.person]
        assert found.best_iou == pytest.approx(best)
        assert (found.judgement is not None) == (matches.pono[at] > 0.5)
        positives += found.judgement is not None
    assert positives == int((trace.positives.picture == 0).sum())


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(boxes_px(), min_size=1, max_size=3), RULES, st.integers(0, 99))
def test_a_judgement_names_the_weaker_factor_and_the_worst_joints(
    people: list[Any], rule: SelectionRule, seed: int
) -> None:
    trace = trace_of([people], rule, seed)
    for index, at in enumerate(zip(*(part.tolist() for part in trace.positives.at), strict=True)):
        judged = explain_anchor(trace, AnchorPlace(*at)).judgement
        assert judged is not None
        assert judged.index == index
        pono = float(trace.positives.pono[index])
        overlap = {"none": 1.0, "box-aware": judged.box_overlap,
                   "pose-aware": judged.pose_overlap}[rule]  # fmt: skip
        assert judged.overlap == overlap
        assert judged.quality == pytest.approx(pono * overlap)
        assert judged.selected == (pono * overlap > 0.5)
        assert {"pono": pono, "overlap": overlap}[judged.weaker] == min(pono, overlap)
        counted = [k for k in range(JOINTS) if trace.counted[index, k]]
        assert sorted(joint.joint for joint in judged.joints) == counted
        overlaps = [joint.overlap for joint in judged.joints]
        assert overlaps == sorted(float(trace.joint_overlap[index, k]) for k in counted)
        assert judged.pose_overlap == pytest.approx(np.mean(overlaps) if overlaps else 1)


def test_a_place_off_the_grid_is_an_error() -> None:
    trace = trace_of([[MIDDLE]])
    for place in (AnchorPlace(0, 2, 0, 0), AnchorPlace(0, 0, 4, 0), AnchorPlace(0, 0, 0, -1)):
        with pytest.raises(IndexError, match="grid"):
            explain_anchor(trace, place)


def test_numbers_are_finite_where_nobody_is() -> None:
    found = explain_anchor(trace_of([[], [MIDDLE]]), AnchorPlace(0, 0, 1, 1))
    assert found.person is None
    assert found.overlaps == ()
    assert math.isfinite(found.pono)
