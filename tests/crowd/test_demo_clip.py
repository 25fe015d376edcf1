"""The demo clip that comes with PandaNet fits its truth."""

import av
import numpy as np

from pandanet_core.assets import asset_path
from pandanet_core.camera import project
from pandanet_core.detections import read_table
from pandanet_core.files import sha256_of


def test_the_truth_is_of_this_very_clip_and_people_overlap() -> None:
    clip, table = asset_path("demo.mp4"), read_table(asset_path("demo.parquet"))
    assert clip.stat().st_size <= 4_000_000
    assert table.header.source_sha256 == sha256_of([clip])
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (1280, 720, 25)
        assert sum(1 for _ in container.demux(stream) if _.size) == table.header.frame_count == 250
    counts = np.bincount(table.frame, minlength=250)
    assert counts.min() >= 10
    assert 12 <= counts.mean() <= 16
    pixels = project(table.at(120).pose3d_mm, table.header.camera)
    np.testing.assert_allclose(pixels, table.at(120).pose2d, atol=0.05)
    assert np.mean([_overlaps(table.at(frame).boxes) for frame in range(0, 250, 25)]) > 3


def _overlaps(boxes: np.ndarray) -> int:
    """Pairs of boxes (N, 4) that share pixels."""
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    return int(((high > low).all(-1).sum() - len(boxes)) // 2)
