"""A frame's trace against dense maps, the detector, the evaluation, and loops."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from pandanet_core.boxes import box_around_joints
from pandanet_core.data.sample import Sample
from pandanet_core.detector import Detector, DetectorOptions, Examination
from pandanet_core.errors import UserError
from pandanet_core.evaluation.anchors_of_people import anchors_of_people
from pandanet_core.evaluation.comparison import compare as compare_with_truth
from pandanet_core.evaluation.measure import measure
from pandanet_core.evaluation.missed import missed_people
from pandanet_core.evaluation.truth import truth_of_sample
from pandanet_core.lab.frame_maps import FrameMaps, maps_of
from pandanet_core.lab.frame_trace import LabSettings
from pandanet_core.lab.maps import box_map, pono_map, pose_overlap_map, quality_map
from pandanet_core.lab.tracing import settings_of, trace_frame
from pandanet_core.lab.truths import truth_of_people
from pandanet_core.selection import SelectionSettings, match
from pandanet_core.skeleton import COCO17, JTA22, Skeleton
from pandanet_core.weights import Weights, save_weights
from tests.core import brute_force
from tests.core.lab.made_up_maps import SIZES, Network, anchor_box, truth_of
from tests.core.random_network import noise_picture, upright_network
from tests.core.random_scene import random_scene

WIDTH, HEIGHT = 96, 64


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Detector:
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    notes = {"selection": "box-aware"}
    save_weights(path, Weights(upright_network(), JTA22, torch.zeros(22, 3), {}, notes=notes))
    return Detector(path, DetectorOptions(min_score=0.3, nms_iou=0.2, device="cpu"))


@pytest.fixture(scope="module")
def examined(detector: Detector) -> Examination:
    found = detector.examine(noise_picture(5, HEIGHT, WIDTH))
    assert found is not None
    return found


@pytest.fixture(scope="module")
def maps(detector: Detector, examined: Examination) -> FrameMaps:
    return maps_of(detector.network, JTA22, examined, (WIDTH, HEIGHT), "noise")


@pytest.fixture(scope="module")
def sample(examined: Examination) -> Sample:
    """People about where the network sees some, and one more behind the first."""
    random = np.random.default_rng(3)
    poses = examined.detections.pose2d[:6]
    pose2d = np.concatenate([poses, poses[:1]]).astype(np.float32)
    pose2d += random.normal(size=(7, 1, 2)).astype(np.float32) * 2
    pose2d[-1] = pose2d[0]
    scene = random_scene(random, people=7)
    return replace(
        scene,
        image=noise_picture(5, HEIGHT, WIDTH),
        pose2d=pose2d,
        boxes=box_around_joints(pose2d),
        occluded=np.zeros((7, 22), bool),
    )


def test_people_are_those_of_the_detector(maps: FrameMaps, examined: Examination) -> None:
    truth = truth_of_people(examined.detections, JTA22, (WIDTH, HEIGHT))
    trace = trace_frame(maps, truth, LabSettings(min_score=0.3, nms_iou=0.2))

    for name in ("anchor", "row", "column", "scores", "suppressed_by"):
        np.testing.assert_array_equal(getattr(trace.readout, name), getattr(examined.trace, name))
    found = examined.detections
    kept = np.isin(examined.trace.survivors, examined.candidate)
    np.testing.assert_allclose(trace.people.pose2d[kept], found.pose2d, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(trace.people.pose3d[kept], found.pose3d, atol=1e-5)
    # Taken as truth, everybody is found; who lies on somebody else's box may be found by that one.
    assert {fate.finder >= 0 for fate in trace.fates} == {True}


def test_settings_are_those_of_detector_and_weights(detector: Detector) -> None:
    expected = LabSettings("box-aware", min_score=0.3, nms_iou=0.2, top_k=1000)
    assert settings_of(detector) == expected
    assert LabSettings().selection == SelectionSettings()


@pytest.mark.parametrize(
    "sizes", [None, ((20.0, 40.0),), tuple((6.0 + n, 9.0 + 2 * n) for n in range(40))]
)
@pytest.mark.parametrize("positive_above", [0.2, 0.5, 0.9])
def test_matched_anchors_are_those_of_the_dense_maps(
    maps: FrameMaps, sample: Sample, sizes: Any, positive_above: float
) -> None:
    truth = truth_of_sample(sample, JTA22)
    settings = LabSettings(positive_above=positive_above, anchors_px=sizes)

    trace = trace_frame(maps, truth, settings)

    own = maps.grid.sizes.tolist()
    loops = brute_force.match(
        truth.boxes.tolist(), list(sizes or own), maps.grid.stride, *maps.grid.shape[1:]
    )
    table = trace.positives
    at = (table.anchor, table.row, table.column)
    by_hand = loops.pono > positive_above
    found = np.zeros(by_hand.shape, bool)
    found[at] = True
    near = abs(loops.pono - positive_above) < 1e-5
    assert (found == by_hand)[~near].all()
    np.testing.assert_allclose(table.pono, loops.pono[at], rtol=1e-4)
    assert (table.person == loops.person[at]).mean() > 0.99  # equal overlaps may go to either
    np.testing.assert_allclose(trace.best_iou, loops.best, rtol=1e-4)
    dense = pono_map(maps, truth, settings)
    np.testing.assert_allclose(dense, loops.pono, atol=1e-5)
    np.testing.assert_array_equal(
        dense, match(torch.from_numpy(truth.boxes), _grid(maps, sizes)).pono
    )
    for values, filled in (
        (table.quality, quality_map(trace)),
        (table.pose_overlap, pose_overlap_map(trace)),
    ):
        np.testing.assert_array_equal(filled[at], values)
        assert np.isnan(filled).sum() == filled.size - len(table)


def _grid(maps: FrameMaps, sizes: Any) -> Any:
    return replace(maps.grid, sizes=torch.tensor(sizes)) if sizes else maps.grid


def test_the_report_of_the_evaluation_says_the_same(
    detector: Detector, examined: Examination, maps: FrameMaps, sample: Sample
) -> None:
    comparison = compare_with_truth(sample, examined.detections)
    selection = SelectionSettings()
    anchors = anchors_of_people(detector.network, examined, comparison, selection)
    said = missed_people(comparison, measure(comparison).people, 0.3, examined, anchors)

    trace = trace_frame(
        maps, truth_of_sample(sample, JTA22), LabSettings(min_score=0.3, nms_iou=0.2)
    )

    lost = {
        (fate.person, fate.reason, fate.evidence, fate.by)
        for fate in trace.fates
        if fate.reason is not None
    }
    assert {(one.person, one.reason, one.evidence, one.by) for one in said} == lost
    assert lost


def test_what_other_anchors_are_read_as() -> None:
    """Each says what the most similar of the network's own says at its cell; the others are not
    read."""
    network = Network()
    truth = truth_of([anchor_box(network, (1, 4, 5))])
    network.say((1, 4, 5), 0.9, truth, 0)
    network.scores[0] = 0.95

    trace = trace_frame(network.maps(), truth, LabSettings(anchors_px=((27.0, 40.0),) * 2))

    assert trace.readout.anchor.tolist() == [1]
    assert (trace.grid.shape, trace.own_grid.shape) == ((2, 8, 12), (2, 8, 12))
    assert trace.fates[0].reason is None
    here = np.flatnonzero((trace.positives.row == 4) & (trace.positives.column == 5))
    assert trace.positives.anchor[here].tolist() == [0, 1]
    assert trace.positives.candidate[here].tolist() == [0, 0]
    np.testing.assert_array_equal(trace.positives.boxes[here[0]], truth.boxes[0])
    np.testing.assert_allclose(trace.positives.pose_overlap[here], 1, rtol=1e-5)


def test_the_networks_own_anchors_named_change_nothing() -> None:
    network = Network()
    truth = truth_of([anchor_box(network, (1, 4, 5))])
    network.say((1, 4, 5), 0.9, truth, 0)

    own, named = (
        trace_frame(network.maps(), truth, LabSettings(anchors_px=sizes)) for sizes in (None, SIZES)
    )

    np.testing.assert_array_equal(own.positives.selected, named.positives.selected)
    np.testing.assert_allclose(own.positives.quality, named.positives.quality, rtol=1e-5)
    assert own.fates == named.fates


def test_boxes_of_one_kind(maps: FrameMaps) -> None:
    boxes = box_map(maps, 2)

    one = torch.tensor([2]), torch.tensor([3]), torch.tensor([7])
    np.testing.assert_allclose(boxes[3, 7], maps.read(*one).boxes[0].numpy(), rtol=1e-5)
    assert boxes.shape == (*maps.grid.shape[1:], 4)


def test_a_truth_with_other_joints_keeps_those_in_common() -> None:
    sample = random_scene(np.random.default_rng(1), people=4)

    truth = truth_of_sample(sample, COCO17)

    assert truth.pose2d.shape[1:] == (17, 2)
    known = truth.has_2d.any(0)
    assert known.sum() == 12  # shoulders to ankles
    joint = COCO17.index("left knee")
    ours = sample.pose2d[:, JTA22.index("left knee")]
    theirs = truth.pose2d[truth.has_2d[:, joint], joint]
    assert all((theirs_one == ours).all(1).any() for theirs_one in theirs)


def test_a_truth_with_no_joint_in_common_is_refused() -> None:
    sample = random_scene(np.random.default_rng(1), people=1)
    horse = Skeleton("horse", ("head", "tail"), (-1, 0), (0, 1), (0,))

    with pytest.raises(UserError, match=r"joints jta22, none of which is one of horse"):
        truth_of_sample(sample, horse)


def test_stretched_truths_are_traced_alike(maps: FrameMaps, sample: Sample) -> None:
    truth = truth_of_sample(sample, JTA22)
    twice = truth.stretched(np.array([2.0, 2.0]))

    again = trace_frame(maps, twice.stretched(np.array([0.5, 0.5])), LabSettings())

    # Scores of people without anchor are NaN, which is equal to nothing.
    assert repr(again.fates) == repr(trace_frame(maps, truth, LabSettings()).fates)
    np.testing.assert_array_equal(twice.boxes, truth.boxes * 2)
