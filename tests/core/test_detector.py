"""The detector: a picture in, the people that the dense maps, loops and the camera say out."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from pandanet_core.camera import Camera, place
from pandanet_core.detector import BONE_SUM_PER_STATURE, Detector, DetectorOptions
from pandanet_core.errors import UserError
from pandanet_core.network.pictures import as_batch
from pandanet_core.skeleton import JTA22
from pandanet_core.weights import Weights, load_weights, save_weights
from tests.core import brute_force
from tests.core.random_network import ANCHORS, TINY, noise_picture, upright_network

OPTIONS = DetectorOptions(min_score=0.55, nms_iou=0.4, device="cpu")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save_weights(path, Weights(upright_network(), JTA22, torch.zeros(22, 3), {}))
    return path


@pytest.fixture(autouse=True)
def _float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding to bfloat16, where a machine is fast at it, would change who is found in noise."""
    monkeypatch.setattr("pandanet_core.detector._bfloat16_is_fast", lambda device: False)


def read_by_hand(weights: Path, image: NDArray[Any]) -> list[tuple[Any, ...]]:
    """(score, box, pose2d, pose3d) of every survivor, from the unfused network's dense maps."""
    network = load_weights(weights).network
    height, width = image.shape[:2]
    with torch.no_grad():
        features = network(as_batch(image))
        scores = network.score_logits(features)[0].sigmoid().numpy()
        box, pose2d, pose3d = (dense[0].numpy() for dense in network.dense_outputs(features))
    candidates = []
    for a, i, j in sorted(np.ndindex(scores.shape), key=lambda at: -scores[at]):
        if scores[a, i, j] > OPTIONS.min_score:
            anchor = brute_force.anchor_box(ANCHORS[a].tolist(), TINY.stride, i, j)
            centre = (np.array(anchor[:2]) + anchor[2:]) / 2
            pixels = pose2d[a, :, :, i, j] * ANCHORS[a].numpy() + centre
            decoded = brute_force.decode(box[a, :, i, j], anchor)
            candidates.append((scores[a, i, j], decoded, pixels, pose3d[a, :, :, i, j]))
    by = brute_force.suppress([candidate[1] for candidate in candidates], OPTIONS.nms_iou)
    survivors = [c for c, winner in zip(candidates, by, strict=True) if winner < 0]
    clipped = [(s, np.clip(b, 0, [width, height] * 2), p, q) for s, b, p, q in survivors]
    return [person for person in clipped if brute_force.area(person[1]) > 0]


def test_detections_are_what_the_networks_maps_say(weights: Path) -> None:
    image = noise_picture(1, 70, 90)
    camera = Camera(80, 80, 40, 37, 90, 70)
    found = Detector(weights, OPTIONS)(image, camera)
    expected = read_by_hand(weights, image)
    assert len(found) == len(expected) > 3
    size_mm = 1700 * BONE_SUM_PER_STATURE
    np.testing.assert_allclose(found.scale_mm, size_mm)
    for n, (score, box, pose2d, pose3d) in enumerate(expected):
        assert found.scores[n] == pytest.approx(score, abs=1e-4)
        np.testing.assert_allclose(found.boxes[n], box, atol=1e-2)
        np.testing.assert_allclose(found.pose2d[n], pose2d, atol=1e-2)
        np.testing.assert_allclose(found.pose3d[n], pose3d, atol=1e-4)
        root = place(pose2d[None], (pose3d * size_mm)[None], camera)[0]
        np.testing.assert_allclose(found.root_mm[n], root, rtol=1e-2, atol=5)


def test_a_larger_picture_is_shrunk_and_found_in_its_own_pixels(weights: Path) -> None:
    small = noise_picture(3)
    large = small.repeat(2, 0).repeat(2, 1)
    shrunk = Detector(weights, replace(OPTIONS, max_side_px=96))(large)
    plain = Detector(weights, OPTIONS)(small)
    assert len(shrunk) == len(plain) > 3
    np.testing.assert_allclose(shrunk.boxes, plain.boxes * 2, rtol=1e-5)
    np.testing.assert_allclose(shrunk.pose2d, plain.pose2d * 2, rtol=1e-5)
    np.testing.assert_allclose(shrunk.root_mm, plain.root_mm, rtol=1e-3)


def test_shrinking_to_whole_pixels_does_not_shift_anybody(weights: Path) -> None:
    """65 x 99 at 64 px becomes 42 x 64: not the same factor in both directions."""
    image = noise_picture(4, 65, 99)
    shrunk = cv2.resize(image, (64, 42), interpolation=cv2.INTER_AREA)
    found = Detector(weights, replace(OPTIONS, max_side_px=64))(image)
    small = Detector(weights, OPTIONS)(shrunk)
    factors = np.array([99 / 64, 65 / 42])
    assert len(found) == len(small) > 2
    np.testing.assert_allclose(found.boxes, small.boxes * np.tile(factors, 2), atol=1e-3)
    np.testing.assert_allclose(found.pose2d, small.pose2d * factors, atol=1e-3)


@pytest.mark.parametrize("size", [(1, 1), (31, 400), (1, 5000), (33, 33), (40, 20_000)])
@pytest.mark.parametrize("max_side_px", [None, 32])
def test_pictures_of_odd_sizes(
    weights: Path, size: tuple[int, int], max_side_px: int | None
) -> None:
    """Too small to show anybody, or so long that shrinking leaves nothing of the other side."""
    options = replace(OPTIONS, max_side_px=max_side_px)
    found, trace = Detector(weights, options).detect(noise_picture(5, *size))
    assert (trace is None) == (min(size) < 32)
    assert trace is not None or len(found) == 0
    assert found.pose2d.shape[1:] == (22, 2)
    width, height = found.boxes[:, 2] - found.boxes[:, 0], found.boxes[:, 3] - found.boxes[:, 1]
    assert ((width > 0) & (height > 0)).all()
    assert (found.boxes >= 0).all()
    assert (found.boxes <= [size[1], size[0]] * 2).all()


def test_nobody_is_found_where_nothing_scores(weights: Path) -> None:
    found = Detector(weights, DetectorOptions(min_score=1.0, device="cpu"))(noise_picture(6))
    assert len(found) == 0
    assert found.pose3d_mm.shape == (0, 22, 3)


def test_sizes_follow_the_given_stature_and_so_do_distances(weights: Path) -> None:
    tall = Detector(weights, OPTIONS)(noise_picture(7))
    small_detector = Detector(weights, replace(OPTIONS, stature_m=0.85))
    small = small_detector(noise_picture(7))
    np.testing.assert_allclose(small.scale_mm * 2, tall.scale_mm, rtol=1e-5)
    free = small.pose3d_mm[..., 2].min(1) > 150  # where the least distance of 0.1 m plays no part
    assert free.any()
    np.testing.assert_allclose(small.root_mm[free] * 2, tall.root_mm[free], rtol=1e-3, atol=1)
    assert small_detector.scale_source == "given stature 0.85 m"
    assert "1.70 m" in Detector(weights, OPTIONS).scale_source


def test_a_picture_is_not_changed_and_leaves_nothing_behind(weights: Path) -> None:
    detector = Detector(weights, OPTIONS)
    image = noise_picture(8)
    before = image.copy()
    first = detector(image)
    detector(noise_picture(9, 200, 100))
    again = detector(image[:, :, ::-1][:, :, ::-1])  # a view with negative strides
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(first.boxes, again.boxes)
    np.testing.assert_array_equal(first.root_mm, again.root_mm)
    assert (np.diff(first.scores) <= 0).all()


def test_weights_are_named(weights: Path) -> None:
    detector = Detector(weights, OPTIONS)
    assert detector.weights_name == "random"
    assert detector.weights_sha256 == load_weights(weights).sha256
    assert detector.skeleton is JTA22
    assert "float32" in detector.engine


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_score": 1.1}, "score threshold is 1.1; give one between 0 and 1"),
        ({"min_score": float("nan")}, "score threshold is nan"),
        ({"nms_iou": -0.1}, "NMS overlap threshold is -0.1"),
        ({"stature_m": 170.0}, "stature is 170 m; give one between 0.3 and 3 m"),
        ({"max_side_px": 16}, "longer side is 16 px; give at least 32"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        DetectorOptions(**options)


def test_missing_weights_and_missing_gpus_are_named(weights: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no weights file"):
        Detector(tmp_path / "none.safetensors", OPTIONS)
    if not torch.cuda.is_available():
        with pytest.raises(UserError, match="No CUDA device is available"):
            Detector(weights, DetectorOptions(device="cuda"))


def test_an_examination_says_which_candidate_became_whom(weights: Path) -> None:
    """In a picture that is shrunk, and whose padding holds somebody who is left out."""
    detector = Detector(weights, replace(OPTIONS, max_side_px=84))
    image = cv2.resize(noise_picture(3), (150, 140))

    examined = detector.examine(image)

    assert examined is not None
    assert len(examined.detections) > 1
    trace, chosen = examined.trace, examined.candidate
    assert (trace.suppressed_by[chosen] == -1).all()
    np.testing.assert_array_equal(trace.scores[chosen], examined.detections.scores)
    own_px = trace.boxes[chosen] * np.tile(examined.stretch, 2)
    np.testing.assert_allclose(own_px.clip(0, [150, 140] * 2), examined.detections.boxes, rtol=1e-5)
    assert examined.grid.shape == tuple(detector.network.score_logits(examined.features).shape[1:])
    assert detector.examine(image[:20]) is None
