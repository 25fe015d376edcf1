"""Traces opened in the anchor lab: without the film and without weights."""

from pathlib import Path

import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_app.controllers.anchor_lab.child.probe import Probe
from pandanet_app.controllers.anchor_lab.messages import LookRequest, Subject
from pandanet_app.models.anchor_lab import AnchorMap, TruthChoice
from pandanet_core.errors import UserError
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.places import frame_path
from pandanet_core.video import open_source
from tests.tiny_weights import write_tiny_weights
from tests.video_files import Recipe, decode_all, write_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "street.mp4", Recipe(count=3))


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory, video: Path) -> Path:
    folder = tmp_path_factory.mktemp("traces")
    weights = write_tiny_weights(folder / "tiny.safetensors")
    arguments = ["detect", video, "-o", folder / "people.parquet", "--trace", folder / "traces"]
    options = ["--weights", weights, "--fov", "60", "--threads", "1", "--progress", "none"]
    assert main([str(word) for word in [*arguments, *options]]) == 0
    return folder / "traces"


def test_a_folder_of_traces_is_a_folder_of_their_pictures(traces: Path, video: Path) -> None:
    with open_source(str(traces)) as source:
        assert source.frame_count == 3
        for frame, image in zip(source.frames(), decode_all(video), strict=True):
            assert abs(frame.image.astype(int) - image).mean() < 12


def test_the_lab_shows_a_trace_as_it_was_made(traces: Path) -> None:
    """Without weights: the packaged network is not even asked."""
    path = frame_path(traces, 2)
    stored = open_trace(path)
    settings, expected = stored.header.settings, stored.trace()
    probe = Probe()
    for source, frame in ((traces, 2), (path, 0)):
        subject = Subject(source, frame, None, TruthChoice.GROUND_TRUTH, 0.3)
        trace = probe.look(LookRequest(subject, settings, AnchorMap.POSE_OVERLAP)).trace
        np.testing.assert_array_equal(trace.readout.suppressed_by, expected.readout.suppressed_by)
        np.testing.assert_array_equal(trace.positives.selected, expected.positives.selected)
        assert repr(trace.fates) == repr(expected.fates)
        with pytest.raises(UserError, match="choose weights for this map"):
            probe.look(LookRequest(subject, settings, AnchorMap.OFFSETS))
    assert len(expected.fates) > 0


def test_a_damaged_trace_is_no_picture(traces: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.trace"
    broken.write_bytes(frame_path(traces, 0).read_bytes()[:-200])
    with pytest.raises(UserError, match="not a picture that can be read"):
        open_source(str(broken))
