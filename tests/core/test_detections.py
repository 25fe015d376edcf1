"""Tables of detections: what goes in comes out, and nothing is lost when something goes wrong."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pandanet_core.camera import Camera
from pandanet_core.detections import (
    Detections,
    DetectionTable,
    TableHeader,
    TableWriter,
    read_table,
)
from pandanet_core.detections.writer import _add_frame
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.full_disk import small_disk

HEADER = TableHeader(
    skeleton="jta22",
    camera=Camera.from_fov(1280, 720, 60.0),
    scale_source="given",
    source="street.mp4",
    source_sha256="ab" * 32,
    frame_count=100,
    fps=25.0,
    weights="tiny",
    weights_sha256="cd" * 32,
    min_score=0.3,
    nms_iou=0.5,
    version="0.1.0",
)


def people(count: int, seed: int = 0) -> Detections:
    """People of random shapes whose bone lengths sum to 1, 2 to 40 m away."""
    random = np.random.default_rng(seed)
    pose3d = random.normal(size=(count, 22, 3))
    child, parent = np.array(JTA22.bones).T
    pose3d /= np.linalg.norm(pose3d[:, child] - pose3d[:, parent], axis=2).sum(1)[:, None, None]
    return Detections(
        boxes=random.uniform(0, 1280, (count, 4)).astype(np.float32),
        scores=random.uniform(0, 1, count).astype(np.float32),
        pose2d=random.uniform(0, 1280, (count, 22, 2)).astype(np.float32),
        pose3d=pose3d.astype(np.float32),
        root_mm=random.uniform(2000, 40000, (count, 3)).astype(np.float32),
        scale_mm=random.uniform(3000, 5000, count).astype(np.float32),
    )


def assert_same(found: Detections, expected: Detections) -> None:
    for name in ("boxes", "scores", "pose2d", "root_mm", "scale_mm"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    # Stored in camera space: a millimetre position at 40 m has a float32 step of 0.004 mm.
    np.testing.assert_allclose(found.pose3d, expected.pose3d, atol=3e-6)


def test_detections_place_and_filter_people() -> None:
    found = people(5)
    expected = [found.pose3d[i] * found.scale_mm[i] + found.root_mm[i] for i in range(5)]
    np.testing.assert_allclose(found.pose3d_mm, expected, rtol=1e-6)
    assert list(found.above(0.5).scores) == [score for score in found.scores if score >= 0.5]
    assert len(Detections.empty(22)) == 0
    assert Detections.empty(22).pose3d_mm.shape == (0, 22, 3)


def test_detections_refuse_shapes_that_disagree() -> None:
    with pytest.raises(ValueError, match="boxes"):
        replace(people(3), boxes=np.zeros((2, 4), np.float32))
    with pytest.raises(ValueError, match="scores"):
        replace(people(3), scores=np.zeros(3))


def test_a_table_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    frames = {0: people(3, 1), 1: people(0), 2: people(60, 2), 7: people(1, 3)}
    ids = np.array([4, -1, 9], np.int32)
    with TableWriter(path, HEADER) as writer:
        for frame, found in frames.items():
            writer.append(frame, frame / 25, found, ids if frame == 0 else None)
    table = read_table(path)
    for frame, found in frames.items():
        assert_same(table.at(frame), found)
    assert len(table.at(5)) == 0
    assert table.header == replace(HEADER, frames_done=((0, 3), (7, 8)))
    assert table.header.is_done(1)
    assert not table.header.is_done(5)
    np.testing.assert_array_equal(table.track_ids_at(0), ids)
    np.testing.assert_array_equal(table.track_ids_at(7), [-1])
    assert table.time_s[-1] == 7 / 25
    assert [entry.name for entry in tmp_path.iterdir()] == ["people.parquet"]


def test_a_table_without_people_is_a_table(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "nobody.parquet", HEADER) as writer:
        for frame in range(9000):
            writer.append(frame, frame / 25, Detections.empty(22))
    table = read_table(tmp_path / "nobody.parquet")
    assert len(table) == 0
    assert table.header.frames_done == ((0, 9000),)
    assert table.header.frame_count == 9000
    assert table.pose3d.shape == (0, 22, 3)


def test_other_programs_can_read_the_file_and_its_units(tmp_path: Path) -> None:
    found = people(3)
    with TableWriter(tmp_path / "p.parquet", HEADER) as writer:
        writer.append(11, 0.44, found)
    table = pq.read_table(tmp_path / "p.parquet")
    assert ", ".join(table.column_names) == (
        "frame, time_s, track_id, score, box, pose2d, pose3d_mm, root_mm, scale_mm"
    )
    row = table.to_pylist()[1]
    assert (row["frame"], row["time_s"], row["track_id"]) == (11, 0.44, None)
    np.testing.assert_array_equal(np.float32(row["pose3d_mm"]), found.pose3d_mm[1].ravel())
    units = {field.name: field.metadata[b"unit"] for field in table.schema}
    assert units["pose2d"] == units["box"] == b"px"
    assert units["pose3d_mm"] == units["root_mm"] == units["scale_mm"] == b"mm"
    assert units["time_s"] == b"s"
    assert all(units.values())


def test_frames_may_come_in_any_order_but_once(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "p.parquet", HEADER) as writer:
        for frame in (5, 3, 4, 0):
            writer.append(frame, frame / 25, people(2, frame))
        with pytest.raises(ValueError, match="frame 4"):
            writer.append(4, 0.2, people(1))
    table = read_table(tmp_path / "p.parquet")
    assert table.header.frames_done == ((0, 1), (3, 6))
    assert list(table.frame) == [0, 0, 3, 3, 4, 4, 5, 5]
    assert_same(table.at(3), people(2, 3))


@given(st.lists(st.integers(0, 30), unique=True))
def test_ranges_of_done_frames_equal_the_set_of_frames(frames: list[int]) -> None:
    ranges: list[tuple[int, int]] = []
    for frame in frames:
        _add_frame(ranges, frame)
    assert [f for start, stop in ranges for f in range(start, stop)] == sorted(frames)
    assert all(a[1] < b[0] for a, b in pairwise(ranges))


def test_memory_stays_flat_because_groups_are_written_early(tmp_path: Path) -> None:
    with TableWriter(tmp_path / "p.parquet", HEADER) as writer:
        for frame in range(400):
            writer.append(frame, frame / 25, people(60, frame % 3))
        assert writer._pending_rows < 2048
    assert pq.read_metadata(tmp_path / "p.parquet").num_row_groups == 12
    assert_same(read_table(tmp_path / "p.parquet").at(399), people(60, 0))


def write_crowds(
    writer: TableWriter, frames: range, then: type[BaseException] | None = None
) -> None:
    for frame in frames:
        writer.append(frame, frame / 25, people(60, frame % 7))
    if then:
        raise then


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, RuntimeError])
def test_finished_frames_survive_an_exception(
    tmp_path: Path, interruption: type[BaseException]
) -> None:
    path = tmp_path / "p.parquet"
    with pytest.raises(interruption), TableWriter(path, HEADER) as writer:
        write_crowds(writer, range(4), then=interruption)
    table = read_table(path)
    assert table.header.frames_done == ((0, 4),)
    assert_same(table.at(3), people(60, 3))
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.parquet"]


def test_an_exception_before_the_first_frame_keeps_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"older")
    with pytest.raises(KeyboardInterrupt), TableWriter(path, HEADER):
        raise KeyboardInterrupt
    assert path.read_bytes() == b"older"
    assert [entry.name for entry in tmp_path.iterdir()] == ["p.parquet"]


@pytest.mark.parametrize("frame_count", [1, 2000])
def test_a_full_disk_is_one_sentence_and_keeps_the_older_file(
    tmp_path: Path, frame_count: int
) -> None:
    """One frame fails on closing, 2000 fail while frames come in."""
    with small_disk(tmp_path / "disk", 8192) as disk:
        path = disk / "p.parquet"
        path.write_bytes(b"older")
        full = r"Cannot write .*p\.parquet: the (disk is full|file would be larger)"
        with pytest.raises(UserError, match=full), TableWriter(path, HEADER) as writer:
            write_crowds(writer, range(frame_count))
        assert path.read_bytes() == b"older"
        assert [entry.name for entry in disk.iterdir()] == ["p.parquet"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder does not exist"):
        TableWriter(tmp_path / "none" / "p.parquet", HEADER)
    with pytest.raises(UserError, match="that is a folder"):
        TableWriter(tmp_path, HEADER)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        read_table(tmp_path / "none.parquet")
    for name, content in {"empty": b"", "text": b"hello" * 100, "magic": b"PAR1" * 9}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match="not a readable table"):
            read_table(tmp_path / name)
    pq.write_table(pa.table({"a": [1]}), tmp_path / "foreign.parquet")
    with pytest.raises(UserError, match="no detections of PandaNet"):
        read_table(tmp_path / "foreign.parquet")


def write_with(path: Path, header: bytes, drop: str = "") -> None:
    """A table with one person whose header is replaced and one column dropped."""
    with TableWriter(path, HEADER) as writer:
        writer.append(0, 0.0, people(1))
    table = pq.read_table(path)
    table = table.drop_columns([drop]) if drop else table
    pq.write_table(table.replace_schema_metadata({b"pandanet": header}), path)


def good_header() -> dict[str, object]:
    camera = HEADER.camera.to_dict()
    return vars(HEADER) | {"camera": camera, "format": 1, "frames_done": [[0, 1]]}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "newer PandaNet"),
        ({"format": None}, "damaged"),
        ({"skeleton": "octopus8"}, "octopus8"),
        ({"skeleton": 22}, "damaged"),
        ({"camera": None}, "damaged"),
        ({"camera": {"fx": -1}}, "camera"),
        ({"fps": "fast"}, "fps is 'fast'"),
        ({"frame_count": -3}, "frame_count is -3"),
        ({"frame_count": True}, "frame_count is True"),
        ({"frames_done": [[4, 2]]}, "frames_done"),
        ({"frames_done": 7}, "frames_done"),
        ({"skeleton": "coco17"}, "column 'pose2d'"),
    ],
)
def test_damaged_headers(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    path = tmp_path / "p.parquet"
    write_with(path, json.dumps(good_header() | change).encode())
    with pytest.raises(UserError, match=sentence):
        read_table(path)


def test_a_good_header_and_lost_columns(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    write_with(path, json.dumps(good_header()).encode())
    assert isinstance(read_table(path), DetectionTable)
    write_with(path, b"\xff{")
    with pytest.raises(UserError, match="not JSON"):
        read_table(path)
    write_with(path, json.dumps(good_header()).encode(), drop="root_mm")
    with pytest.raises(UserError, match="column 'root_mm'"):
        read_table(path)


def test_every_cut_of_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    with TableWriter(path, HEADER) as writer:
        writer.append(0, 0.0, people(20))
    whole = path.read_bytes()
    for size in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        with pytest.raises(UserError):
            read_table(path)
