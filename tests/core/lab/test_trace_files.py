"""Traces on disk: what comes back, and what is refused."""

import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from pandanet_core.errors import UserError
from pandanet_core.lab.files.header import FrameOrigin
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.packing import pack, step_for, unpack
from pandanet_core.lab.files.places import frame_path, probe_path, probes_of, traces_in
from pandanet_core.lab.files.saving import save_trace
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings
from pandanet_core.lab.tracing import trace_frame
from tests.core.lab.made_up_maps import SIZE_PX, SIZES, Network, truth_of
from tests.core.lab.test_suppression import crowd
from tests.full_disk import small_disk

SETTINGS = LabSettings(min_score=0.4, nms_iou=0.5)


def frame(seed: int = 0) -> tuple[Network, FrameTrace]:
    network, boxes = crowd(seed)
    truth = truth_of([*boxes, [0, 0, 9, 9]], ignored=1)
    return network, trace_frame(network.maps(), truth, SETTINGS)


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    network, trace = frame()
    path = frame_path(tmp_path, 7)
    save_trace(path, network.maps(), trace)
    return path


@pytest.mark.parametrize("seed", range(3))
def test_what_is_stored_comes_back(tmp_path: Path, seed: int) -> None:
    network, trace = frame(seed)
    picture = np.full((SIZE_PX[1], SIZE_PX[0], 3), (250, 120, 10), np.uint8)
    origin = FrameOrigin("street.mp4", 12, 0.4, "small", "ab" * 32)
    save_trace(tmp_path / "one.trace", network.maps(), trace, origin, picture)

    opened = open_trace(tmp_path / "one.trace")

    again = opened.trace()
    assert (opened.header.origin, opened.header.settings) == (origin, SETTINGS)
    assert opened.picture is not None
    assert abs(opened.picture.astype(int) - picture).max() < 12
    for name in ("anchor", "row", "column", "person", "iou", "pono", "scores", "candidate"):
        ours, theirs = (getattr(t.positives, name) for t in (trace, again))
        np.testing.assert_array_equal(ours, theirs)
    for name in ("anchor", "row", "column", "scores", "boxes", "suppressed_by"):
        ours, theirs = (getattr(t.readout, name) for t in (trace, again))
        np.testing.assert_array_equal(ours, theirs)
    assert [fate.reason for fate in again.fates] == [fate.reason for fate in trace.fates]
    np.testing.assert_allclose(again.positives.pose2d, trace.positives.pose2d, atol=1 / 32)
    np.testing.assert_allclose(again.positives.boxes, trace.positives.boxes, atol=1 / 32)
    np.testing.assert_allclose(again.people.pose3d, trace.people.pose3d, atol=6e-5)
    near = abs(trace.positives.quality - 0.5) < 0.01
    assert (again.positives.selected == trace.positives.selected)[~near].all()
    np.testing.assert_array_equal(opened.truth.ignored_boxes, trace.truth.ignored_boxes)
    # Scores where nothing was read are coarse, and never those of a candidate.
    coarse = opened.maps.scores.numpy() - network.scores
    assert abs(coarse).max() < 0.04


def test_other_thresholds_can_be_tried_as_far_as_they_were_stored(stored: Path) -> None:
    network, trace = frame()
    opened = open_trace(stored)
    for changed in (
        {"min_score": 0.2},
        {"min_score": 0.9},
        {"nms_iou": 0.2},
        {"positive_above": 0.7},
        {"rule": "box-aware"},
        {"rule": "none", "selected_above": 0.8},
    ):
        settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
        ours = trace_frame(network.maps(), trace.truth, settings)
        theirs = trace_frame(opened.maps, opened.truth, settings)
        assert [a.reason for a in ours.fates] == [b.reason for b in theirs.fates]
    for beyond in ({"min_score": 0.05}, {"positive_above": 0.2}, {"anchors_px": SIZES[1:]}):
        with pytest.raises(UserError, match=r"PONO over 0\.5 and candidates that score over 0\.1;"):
            trace_frame(opened.maps, opened.truth, replace(SETTINGS, **beyond))  # type: ignore[arg-type]


def test_a_frame_without_people_and_candidates(tmp_path: Path) -> None:
    network = Network()
    trace = trace_frame(network.maps(), truth_of([]), SETTINGS)
    save_trace(tmp_path / "nobody.trace", network.maps(), trace)

    again = open_trace(tmp_path / "nobody.trace").trace()

    assert (len(again.truth), len(again.positives), len(again.people.scores)) == (0, 0, 0)


def test_other_anchors_cannot_be_stored(tmp_path: Path) -> None:
    network, boxes = crowd(0)
    settings = replace(SETTINGS, anchors_px=SIZES[:1])
    trace = trace_frame(network.maps(), truth_of(boxes), settings)
    with pytest.raises(ValueError, match="other anchors"):
        save_trace(tmp_path / "x.trace", network.maps(), trace)


def test_no_trace_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no trace .*; check the path"):
        open_trace(tmp_path / "gone.trace")
    (tmp_path / "text.trace").write_text("hello")
    with pytest.raises(UserError, match="damaged or no trace"):
        open_trace(tmp_path / "text.trace")


def test_every_cut_and_many_a_changed_byte_is_refused_or_harmless(stored: Path) -> None:
    whole = stored.read_bytes()
    for length in range(0, len(whole), max(len(whole) // 40, 1)):
        stored.write_bytes(whole[:length])
        with pytest.raises(UserError, match="damaged"):
            open_trace(stored)
    random = np.random.default_rng(0)
    refused = 0
    for place in random.integers(0, len(whole), 150):
        changed = bytearray(whole)
        changed[place] ^= 1 << random.integers(8)
        stored.write_bytes(changed)
        try:
            open_trace(stored).trace()
        except UserError as error:
            assert any(word in str(error) for word in ("damaged", "newer", "unknown"))  # noqa: PT017
            refused += 1
    assert refused > 100


def rewritten(path: Path, **arrays: np.ndarray) -> Path:
    """The same trace with other arrays."""
    with np.load(path) as file:
        content = dict(file) | arrays
    np.savez_compressed(path.open("wb"), **content)
    return path


def header_of(path: Path, **changed: object) -> np.ndarray:
    with np.load(path) as file:
        header = json.loads(file["header"].tobytes()) | changed
    return np.frombuffer(json.dumps(header).encode(), np.uint8)


def test_a_newer_version_is_named(stored: Path) -> None:
    rewritten(stored, header=header_of(stored, format_version=2))
    with pytest.raises(UserError, match=r"newer version of PandaNet \(format 2\); update"):
        open_trace(stored)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "pandanet-weights"},
        {"format_version": "1"},
        {"skeleton": "nobody's"},
        {"stride": 0},
        {"rows": 10**9},
        {"rows": 9},
        {"step_px": float("nan")},
        {"settings": {"rule": "any"}},
        {"size_px": [96]},
    ],
)
def test_headers_that_make_no_sense(stored: Path, changed: dict[str, object]) -> None:
    rewritten(stored, header=header_of(stored, **changed))
    with pytest.raises(UserError, match=r"damaged|unknown to this version"):
        open_trace(stored)


@pytest.mark.parametrize(
    "changed",
    [
        {"cells": np.array([3, 2], np.int32)},
        {"cells": np.array([-1], np.int32)},
        {"candidates": np.array([10**6], np.int32)},
        {"anchor_sizes": np.zeros((2, 2), np.float32)},
        {"truth_boxes": np.full((6, 4), np.nan, np.float32)},
        {"scores": np.zeros((2, 8, 12), np.float64)},
        {"picture": np.zeros(10, np.uint8)},
    ],
)
def test_arrays_that_make_no_sense(stored: Path, changed: dict[str, np.ndarray]) -> None:
    rewritten(stored, **changed)
    with pytest.raises(UserError, match="damaged"):
        open_trace(stored)


def test_nothing_is_unpickled(stored: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(marker),)

    rewritten(stored, truth_boxes=np.array([Trap()], object))
    with pytest.raises(UserError, match="damaged"):
        open_trace(stored)
    assert not marker.exists()


def test_archives_that_unpack_to_too_much_are_refused(stored: Path) -> None:
    zeros = io.BytesIO()
    np.save(zeros, np.zeros(2**28 + 1, np.uint8))
    with zipfile.ZipFile(stored, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more.npy", zeros.getbuffer())
    with pytest.raises(UserError, match="damaged"):
        open_trace(stored)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    network, trace = frame()
    with (
        small_disk(tmp_path / "disk", 4096) as disk,
        pytest.raises(UserError, match="disk is full"),
    ):
        save_trace(disk / "one.trace", network.maps(), trace)
    assert not list((tmp_path / "disk").iterdir())


WRITE = """
import sys
from pathlib import Path
from pandanet_core.lab.files.saving import save_trace
from tests.core.lab.test_trace_files import frame
network, trace = frame()
print("ready", flush=True)
while True:
    save_trace(Path(sys.argv[1]), network.maps(), trace)
"""


def test_a_kill_leaves_no_half_of_one(tmp_path: Path) -> None:
    path = tmp_path / "one.trace"
    program = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    program.stdout.readline()
    while not path.exists():
        time.sleep(0.01)
    time.sleep(0.05)
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert len(open_trace(path).truth) == 6


def test_places(tmp_path: Path) -> None:
    (tmp_path / "probes").mkdir()
    names = [probe_path(tmp_path, step, picture) for step in (50, 1000) for picture in (0, 1)]
    for name in reversed(names):
        name.touch()
    (tmp_path / "probes" / "step_00000050_picture_0.trace.part").touch()
    assert list(probes_of(tmp_path)) == names
    assert traces_in(tmp_path / "nowhere") == ()


@pytest.mark.parametrize("largest", [10, 1999, 5000, 70_000])
def test_packed_values_come_back_to_the_step(largest: float) -> None:
    values = np.random.default_rng(0).uniform(-largest, largest, (50, 3, 2)).astype(np.float32)
    values[7] = largest
    step = step_for(values)
    assert step >= 1 / 16
    assert largest / step <= 32_767
    np.testing.assert_allclose(unpack(pack(values, step), step), values, atol=step * 0.51)
    assert torch.from_numpy(unpack(pack(values[:0], step), step)).shape == (0, 3, 2)
