"""Reading a run's log while it grows, is cut off, damaged, and loses steps; and who holds a run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.training.run_folder.holder import ended_abruptly, holder_of
from pandanet_core.training.run_folder.lock import locked
from pandanet_core.training.run_folder.log import opened_log
from pandanet_core.training.run_folder.log_reader import LogReader


def test_a_growing_log_is_read_as_the_json_module_reads_it(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [
        {"step": float(step), "loss": float(random.normal())}
        | ({"bce": float(random.random())} if step > 700 else {})
        | ({"gone": 1.0} if step < 300 else {})
        for step in range(1, 2001)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows).encode()
    reader, log = LogReader(tmp_path), tmp_path / "log.jsonl"
    assert len(reader.read()) == 0
    for end in (*sorted(random.integers(0, len(text), 30)), len(text)):  # mostly within a line
        log.open("ab").write(text[log.stat().st_size if log.exists() else 0 : end])
        table = reader.read()
        whole = text[:end].count(b"\n")
        assert len(table) == table.last_step == whole
        for name in ("step", "loss", "bce", "gone"):
            expected = [row.get(name, np.nan) for row in rows[:whole]]
            if name in table.columns:
                np.testing.assert_array_equal(table[name], np.float32(expected))
    assert table.damaged == 0


def test_steps_that_a_kill_lost_are_forgotten_and_tables_stay(tmp_path: Path) -> None:
    reader = LogReader(tmp_path)
    with opened_log(tmp_path, 0, False) as log:
        for step in range(1, 11):
            log({"step": float(step), "loss": 1.0})
    before = reader.read()
    with opened_log(tmp_path, 6, False) as log:  # goes on from a checkpoint at step 6
        log({"step": 7.0, "loss": 2.0})
        after = reader.read()
    assert after["step"].tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert after["loss"].tolist() == [1, 1, 1, 1, 1, 1, 2]
    assert before["step"].tolist() == list(range(1, 11))
    (tmp_path / "log.jsonl").unlink()
    assert len(reader.read()) == 0


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[1]", b'{"loss": 1}', b'{"step": "3"}', b"\xff\x00", b'{"step": true}',
     b'{"step": 1' + b"0" * 400 + b"}", b"[" * 100_000],
)  # fmt: skip
def test_damaged_lines_are_counted_and_left_out(line: bytes, tmp_path: Path) -> None:
    good = b'{"step": %d, "loss": 2.5, "note": "words"}\n'
    (tmp_path / "log.jsonl").write_bytes(good % 1 + line + b"\n" + good % 2)
    table = LogReader(tmp_path).read()
    assert table["step"].tolist() == [1, 2]
    assert table["loss"].tolist() == [2.5, 2.5]
    assert table.damaged == 1
    assert "note" not in table.columns


def test_who_trains_in_a_folder_is_asked_of_the_system(tmp_path: Path) -> None:
    assert holder_of(tmp_path) is None
    assert not ended_abruptly(tmp_path)
    program = (
        "import sys, pathlib; from pandanet_core.training.run_folder.lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    for kill in (False, True):
        holding = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert holding.stdout is not None
        holding.stdout.readline()
        holder = holder_of(tmp_path)
        assert holder is not None
        assert holder.pid == holding.pid
        assert holder.is_here
        assert holder.since
        assert not ended_abruptly(tmp_path)
        if kill:
            os.kill(holder.pid, signal.SIGKILL)
        holding.communicate()
        assert holder_of(tmp_path) is None
        assert ended_abruptly(tmp_path) == kill
    with locked(tmp_path):  # asking took nothing from anybody
        pass
    assert not ended_abruptly(tmp_path)
