"""Why people were missed: against loops over the network's dense maps, and cases made by hand."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pandanet_core.boxes import box_around_joints
from pandanet_core.camera import Camera
from pandanet_core.data.sample import PeopleRule, Sample
from pandanet_core.detections import Detections
from pandanet_core.detector import Detector, DetectorOptions, Examination
from pandanet_core.evaluation.anchors_of_people import anchors_of_people
from pandanet_core.evaluation.comparison import compare
from pandanet_core.evaluation.measure import measure
from pandanet_core.evaluation.missed import missed_people
from pandanet_core.evaluation.people import annotated_people
from pandanet_core.evaluation.reasons import EXPLANATIONS, Missed, Reason
from pandanet_core.network.pictures import as_batch
from pandanet_core.readout_trace import ReadoutTrace
from pandanet_core.selection import SelectionSettings
from pandanet_core.skeleton import JTA22
from pandanet_core.weights import Weights, load_weights, save_weights
from tests.core import brute_force
from tests.core.random_network import ANCHORS, TINY, noise_picture, upright_network
from tests.core.random_scene import perfect_detections, random_scene

OPTIONS = DetectorOptions(min_score=0.3, nms_iou=0.2, device="cpu")
WIDTH, HEIGHT = 96, 64
POSE_SCORE = 0.5


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_weights(path, Weights(upright_network(), JTA22, torch.zeros(22, 3), {}))
    return path


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding to bfloat16, where a machine is fast at it, would move scores across thresholds."""
    monkeypatch.setattr("pandanet_core.detector._bfloat16_is_fast", lambda device: False)


class DenseMaps:
    """What the network says at every anchor of a picture, by kind, row and column."""

    def __init__(self, weights: Path, image: NDArray[np.uint8]) -> None:
        network = load_weights(weights).network
        with torch.no_grad():
            features = network(as_batch(image))
            self.scores = network.score_logits(features)[0].sigmoid().numpy()
            box, pose2d, _ = (dense[0].numpy() for dense in network.dense_outputs(features))
        self.decoded, self.boxes, self.poses = {}, {}, {}
        for a, i, j in np.ndindex(self.scores.shape):
            anchor = brute_force.anchor_box(ANCHORS[a].tolist(), TINY.stride, i, j)
            decoded = np.array(brute_force.decode(box[a, :, i, j], anchor))
            self.decoded[a, i, j] = decoded
            self.boxes[a, i, j] = decoded.clip(0, [WIDTH, HEIGHT] * 2)
            self.poses[a, i, j] = pose2d[a, :, :, i, j]


def people_like(rng: np.random.Generator, maps: DenseMaps, people: int) -> Sample:
    """Some are where the network sees somebody, more or less; some stand behind others; all are
    upright but a few, whose joints are strewn about."""
    places = rng.choice(list(maps.boxes), people)
    poses = []
    for place in places:
        anchor = np.array(
            brute_force.anchor_box(ANCHORS[place[0]].tolist(), TINY.stride, *place[1:])
        )
        size = anchor[2:] - anchor[:2]
        pose = maps.poses[tuple(place)] * size + (anchor[:2] + anchor[2:]) / 2
        blur = rng.choice([0.02, 0.1, 0.5])
        poses.append(pose + rng.normal(size=pose.shape) * blur * size + rng.normal(size=2) * 2)
    poses.append(poses[0])
    pose2d = np.array(poses, np.float32)
    pose3d = rng.normal(size=(len(pose2d), 22, 3)).astype(np.float32) * 300 + (0, 0, 5000)
    shape = pose2d.shape[:2]
    return Sample(
        image=noise_picture(5, HEIGHT, WIDTH),
        pose2d=pose2d,
        pose3d_mm=pose3d.astype(np.float32),
        occluded=rng.random(shape) < rng.choice([0, 0, 0.97], (len(pose2d), 1)),
        self_occluded=np.zeros(shape, bool),
        has_2d=np.ones(shape, bool),
        has_3d=np.ones(shape, bool),
        boxes=box_around_joints(pose2d),
        camera=Camera.from_fov(WIDTH, HEIGHT),
        skeleton=JTA22,
        name="noise",
    )


def reasons_by_hand(
    maps: DenseMaps, sample: Sample, detections: Detections
) -> dict[int, tuple[Reason, float]]:
    """Reason and score of everybody who was not found; taken from `evaluation` is only who was
    found and who counts."""
    places = [
        place for place in np.ndindex(maps.scores.shape) if maps.scores[place] > OPTIONS.min_score
    ]
    places.sort(key=lambda place: -maps.scores[place])
    boxes = [maps.boxes[place] for place in places]
    by = brute_force.suppress([maps.decoded[place] for place in places], OPTIONS.nms_iou)
    people = sample.boxes.clip(0, [WIDTH, HEIGHT] * 2)
    overlap = np.array([[brute_force.iou(box, person) for person in people] for box in boxes])
    comparison = compare(sample, detections)
    counted = np.flatnonzero(comparison.people.counts).tolist()
    matches = brute_force.match(
        [people[n] for n in counted], ANCHORS.tolist(), TINY.stride, *maps.scores.shape[1:]
    )
    found = {}
    for n in counted:
        finder = comparison.finder[n]
        if finder >= 0 and comparison.detections.scores[finder] >= POSE_SCORE:
            continue
        on = [c for c in range(len(boxes)) if overlap[c].argmax() == n and overlap[c, n] >= 0.5]
        if on and maps.scores[places[on[0]]] >= POSE_SCORE and by[on[0]] >= 0:
            found[n] = Reason.SUPPRESSED, maps.scores[places[on[0]]]
            continue
        found[n] = reason_at_anchors(maps, sample, matches, counted.index(n), n, on, places, by)
    return found


def reason_at_anchors(
    maps: DenseMaps,
    sample: Sample,
    matches: brute_force.Matches,
    number: int,
    n: int,
    on: list[int],
    places: list[tuple[int, ...]],
    by: list[int],
) -> tuple[Reason, float]:
    scores = [maps.scores[places[c]] for c in on]
    if matches.best[number] == 0:
        return Reason.NO_ANCHOR, max(scores, default=np.nan)
    own = [p for p in np.ndindex(maps.scores.shape) if matches.person[p] == number]
    own = [p for p in own if matches.pono[p] > 0.5]
    best = max(scores + [maps.scores[p] for p in own])
    if all(matches.pono[p] * pose_overlap(maps, sample, n, p) <= 0.5 for p in own):
        return Reason.NOT_SELECTED, best
    if best < POSE_SCORE:
        return Reason.BELOW_SCORE, best
    person = sample.boxes[n].clip(0, [WIDTH, HEIGHT] * 2)
    good = [p for p in own if maps.scores[p] >= POSE_SCORE]
    place = max(good, key=lambda p: brute_force.iou(maps.boxes[p], person))
    if brute_force.iou(maps.boxes[place], person) >= 0.5 and by[places.index(place)] >= 0:
        return Reason.SUPPRESSED, maps.scores[place]
    return Reason.POSE_WRONG, maps.scores[place]


def best_quality(maps: DenseMaps, sample: Sample, n: int, counted: list[int]) -> float:
    """The highest product of PONO and pose overlap among a person's anchors (Eq. 9)."""
    people = sample.boxes.clip(0, [WIDTH, HEIGHT] * 2)
    matches = brute_force.match(
        [people[k] for k in counted], ANCHORS.tolist(), TINY.stride, *maps.scores.shape[1:]
    )
    own = np.argwhere((matches.person == counted.index(n)) & (matches.pono > 0.5))
    return max(matches.pono[tuple(p)] * pose_overlap(maps, sample, n, tuple(p)) for p in own)


def pose_overlap(maps: DenseMaps, sample: Sample, n: int, place: tuple[int, ...]) -> float:
    """Mean unit-square IoU of the joints inside the picture, hidden ones too, as in training."""
    anchor = brute_force.anchor_box(ANCHORS[place[0]].tolist(), TINY.stride, *place[1:])
    overlaps = []
    for joint, (x, y) in enumerate(sample.pose2d[n].tolist()):
        if 0 <= x < WIDTH and 0 <= y < HEIGHT:
            dx = (x - (anchor[0] + anchor[2]) / 2) / (anchor[2] - anchor[0])
            dy = (y - (anchor[1] + anchor[3]) / 2) / (anchor[3] - anchor[1])
            seen = maps.poses[place][joint]
            overlaps.append(brute_force.square_overlaps(seen[0] - dx, seen[1] - dy)[0])
    return float(np.mean(overlaps))


def test_reasons_are_those_that_loops_find(weights: Path) -> None:
    """Every reason of the readout comes up among some hundred people."""
    maps = DenseMaps(weights, noise_picture(5, HEIGHT, WIDTH))
    detector = Detector(weights, OPTIONS)
    rng = np.random.default_rng(0)
    seen: Counter[Reason] = Counter()
    for _ in range(10):
        sample = people_like(rng, maps, people=8)
        examined = detector.examine(sample.image, sample.camera)
        assert examined is not None
        missed = missed_in(sample, examined, detector)
        lost = {one.person: one for one in missed if not one.found}

        counted = np.flatnonzero(annotated_people(sample, PeopleRule()).counts).tolist()
        expected = reasons_by_hand(maps, sample, examined.detections)

        assert {n: one.reason for n, one in lost.items()} == {
            n: r for n, (r, _) in expected.items()
        }
        for n, (reason, score) in expected.items():
            np.testing.assert_allclose(lost[n].score, score, rtol=1e-4)
            if reason is Reason.NO_ANCHOR:  # the last person stands exactly where the first does
                assert (n, lost[n].by) == (len(sample) - 1, 0)
            if reason is Reason.NOT_SELECTED:
                said = float(lost[n].evidence.split(" = ")[1].split(",")[0])
                assert said == pytest.approx(best_quality(maps, sample, n, counted), abs=0.006)
        seen.update(one.reason for one in lost.values())
    assert set(seen) == set(Reason) - {Reason.NOT_DETECTED}, seen


def missed_in(sample: Sample, examined: Examination, detector: Detector) -> tuple[Missed, ...]:
    comparison = compare(sample, examined.detections)
    anchors = anchors_of_people(detector.network, examined, comparison, SelectionSettings())
    return missed_people(comparison, measure(comparison).people, POSE_SCORE, examined, anchors)


def examination(boxes: list[list[float]], scores: list[float], by: list[int]) -> Examination:
    """A readout whose candidates are given; the network is not asked."""
    count = len(boxes)
    zeros = np.zeros(count, np.int64)
    trace = ReadoutTrace(
        zeros, zeros, zeros, np.float32(scores), np.float32(boxes).reshape(-1, 4), np.array(by)
    )
    nothing: Any = None
    survivors = trace.survivors
    found = replace(
        Detections.empty(22),
        boxes=trace.boxes[survivors],
        scores=trace.scores[survivors],
        pose2d=np.zeros((len(survivors), 22, 2), np.float32),
        pose3d=np.zeros((len(survivors), 22, 3), np.float32),
        root_mm=np.zeros((len(survivors), 3), np.float32),
        scale_mm=np.ones(len(survivors), np.float32),
    )
    return Examination(found, survivors, trace, nothing, nothing, np.ones(2, np.float32))


def three_people() -> Sample:
    """The first two overlap by 2/3, the third stands apart; everything is visible."""
    sample = random_scene(np.random.default_rng(0), people=3)
    boxes = np.float32([[100, 100, 150, 200], [110, 100, 160, 200], [400, 100, 450, 200]])
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    pose2d = np.repeat(centres[:, None], 22, 1)
    return replace(sample, boxes=boxes, pose2d=pose2d, occluded=np.zeros((3, 22), bool))


def test_who_was_suppressed_and_by_whom() -> None:
    sample = three_people()
    first, second, _ = sample.boxes.tolist()
    examined = examination([first, second], [0.9, 0.8], [-1, 0])
    comparison = compare(sample, examined.detections)

    missed = missed_people(comparison, measure(comparison).people, 0.3, examined)

    assert [(one.person, one.reason) for one in missed] == [
        (0, Reason.POSE_WRONG),
        (1, Reason.SUPPRESSED),
        (2, Reason.NOT_DETECTED),
    ]
    assert missed[1].by == 0
    assert missed[1].score == pytest.approx(0.8)
    assert missed[1].evidence == "in favour of a candidate that scored 0.90, IoU 0.67"
    assert np.isnan(missed[2].score)


def test_suppressed_by_a_box_that_finds_nobody() -> None:
    sample = three_people()
    x0, y0, x1, y1 = sample.boxes[2].tolist()
    examined = examination([[x0, y0, x1, y1 + 150], [x0, y0, x1, y1]], [0.9, 0.8], [-1, 0])
    comparison = compare(sample, examined.detections)

    missed = missed_people(comparison, measure(comparison).people, 0.3, examined)

    assert missed[2].reason is Reason.SUPPRESSED
    assert missed[2].by == -1
    assert missed[2].evidence.endswith("IoU 0.40, which overlaps the person itself by 0.40")


@pytest.mark.parametrize(
    ("score", "narrower_px", "reason"),
    [
        (0.9, 0, None),
        (0.2, 0, Reason.BELOW_SCORE),
        (0.9, 30, Reason.POSE_WRONG),
        (0.2, 30, Reason.BELOW_SCORE),
    ],
)
def test_what_a_table_of_detections_tells(
    score: float, narrower_px: float, reason: Reason | None
) -> None:
    sample = three_people()
    perfect = perfect_detections(sample).take(np.array([2]))
    boxes = perfect.boxes - np.float32([0, 0, narrower_px, 0])
    found = replace(perfect, scores=np.float32([score]), boxes=boxes)
    comparison = compare(sample, found)

    missed = missed_people(comparison, measure(comparison).people, 0.3)

    reasons = {one.person: one.reason for one in missed}
    assert reasons.pop(0) == reasons.pop(1) == Reason.NOT_DETECTED
    assert reasons.get(2) == reason


def test_a_pose_is_wrong_when_most_joints_are() -> None:
    """Without 3D joints, the 2D ones are looked at: a tenth of the height is 10 px here."""
    sample = three_people()
    perfect = perfect_detections(sample)
    off_3d, off_2d = perfect.pose3d.copy(), perfect.pose2d.copy()
    off_3d[0, :12] += 1
    off_3d[1, :11] += 1
    off_2d[0, :12] += (8, 7)
    off_2d[1, :11] += (8, 7)
    off_2d[2] += (7, 7)

    def wrong(sample: Sample, found: Detections) -> list[int]:
        comparison = compare(sample, found)
        missed = missed_people(comparison, measure(comparison).people, 0.3)
        assert all(one.reason is Reason.POSE_WRONG and one.found for one in missed)
        return [one.person for one in missed]

    # Hips are the root: they are right in every pose, whichever joints are moved.
    assert wrong(sample, replace(perfect, pose3d=off_3d)) == [0]
    without_3d = replace(sample, has_3d=np.zeros((3, 22), bool))
    assert wrong(without_3d, replace(perfect, pose3d=off_3d, pose2d=off_2d)) == [0]


def test_every_reason_is_explained() -> None:
    assert set(EXPLANATIONS) == set(Reason)
