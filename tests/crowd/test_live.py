"""Live crowds: real processes draw, are waited for, killed and cleaned up."""

import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.generate import make_crowd
from pandanet_core.crowd.live import SHOWN_TIMES, LiveCrowd
from pandanet_core.crowd.live_drawing import ALIVE_FILE, ERROR_FILE
from pandanet_core.crowd.settings import CrowdSettings, settings_of_folder
from pandanet_core.data.jta import JtaPictures
from pandanet_core.errors import UserError

pytestmark = pytest.mark.usefixtures("small_casts", "renderer")
BLOCK_PICTURES = 10
TINY = CrowdSettings(width=96, height=64, people=(1, 3), height_px=(15, 60), seed=5)


def test_a_live_crowd_is_the_crowd_on_disk(tmp_path: Path) -> None:
    """Each picture of a block is handed out as often as it shall be, and is make_crowd's."""
    make_crowd(tmp_path / "crowd", TINY, BLOCK_PICTURES, 1, lambda what, done, total: None)
    on_disk = JtaPictures(tmp_path / "crowd", "train")
    images = [on_disk[index].image.tobytes() for index in range(BLOCK_PICTURES)]
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as live:
        folder = live.folder
        seen = [live.at(number) for number in range(BLOCK_PICTURES * SHOWN_TIMES)]
    shown = Counter(images.index(sample.image.tobytes()) for sample in seen)
    assert shown == dict.fromkeys(range(BLOCK_PICTURES), SHOWN_TIMES)
    for sample in seen[:20]:
        same = on_disk[images.index(sample.image.tobytes())]
        np.testing.assert_array_equal(sample.pose3d_mm, same.pose3d_mm)
    assert not folder.exists()


def test_other_processes_and_later_runs_see_the_same_pictures() -> None:
    first = BLOCK_PICTURES * SHOWN_TIMES * 7 - 2  # the last of a block and the first of the next
    with LiveCrowd(TINY, processes=2, block_pictures=BLOCK_PICTURES) as live:
        here = [live.at(first + n).image for n in range(4)]
        copy = pickle.loads(pickle.dumps(live))
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            there = pool.map(_images_of, [(copy, first)])[0]
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as later:
        again = [later.at(first + n).image for n in range(4)]
    for images in (there, again):
        for ours, theirs in zip(here, images, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def _images_of(asked: tuple[LiveCrowd, int]) -> list[np.ndarray]:
    live, first = asked
    return [live.at(first + n).image for n in range(4)]


def test_blocks_behind_are_thrown_away() -> None:
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as live:
        for block in range(8):
            live.at(block * BLOCK_PICTURES * SHOWN_TIMES)
        kept = {int(path.name) for path in live.folder.iterdir() if path.name.isdigit()}
    assert 7 in kept
    assert 0 not in kept
    assert len(kept) <= 7


def test_a_killed_drawing_process_is_said() -> None:
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as live:
        live.at(0)
        (process,) = live._processes
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        copy = pickle.loads(pickle.dumps(live))
        copy._owner = 0  # as in another process
        os.utime(live.folder / ALIVE_FILE, (0, 0))
        for reader in (live, copy):
            with pytest.raises(UserError, match="have ended"):
                reader.at(50 * BLOCK_PICTURES * SHOWN_TIMES)


def test_what_goes_wrong_while_drawing_is_said() -> None:
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as live:
        live.at(0)
        (live.folder / ERROR_FILE).write_text("No OpenGL.")
        with pytest.raises(UserError, match=r"No OpenGL\."):
            live.at(50 * BLOCK_PICTURES * SHOWN_TIMES)


def test_without_opengl_torch_draws_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLCONTEXT_LINUX_LIBEGL", "libthere-is-none.so")
    with pytest.warns(UserWarning, match="Until then torch draws"):
        live = LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES)
    with live:
        assert live.settings.renderer == "torch"
        assert live.at(0).image.std() > 5


def test_a_folder_says_how_its_crowd_was_made(tmp_path: Path) -> None:
    made = replace(TINY, hdri=tmp_path)
    (tmp_path / "crowd.json").write_text(
        json.dumps({"format": 1, "splits": {"train": {"settings": made.to_dict()}}})
    )
    assert settings_of_folder(tmp_path, "train") == made
    with pytest.raises(UserError, match="nothing of the split val"):
        settings_of_folder(tmp_path, "val")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"splits": {"train": {"settings": {"seed": "x"}}}}']
)
def test_a_damaged_record_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "crowd.json").write_text(text)
    with pytest.raises(UserError, match=r"crowd\.json"):
        settings_of_folder(tmp_path, "train")


HOLDER = """
import time
from pandanet_core.crowd import generate
from pandanet_core.crowd.live import LiveCrowd
from tests.crowd.test_live import BLOCK_PICTURES, TINY
if __name__ == "__main__":
    generate.CAST_SIZE["train"] = 3
    live = LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES)
    live.at(0)
    print(live.folder, *(p.pid for p in live._processes), flush=True)
    time.sleep(60)
"""


def test_nothing_is_left_when_the_training_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "holder.py"
    script.write_text(HOLDER)
    holder = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert holder.stdout is not None
    folder, pid = holder.stdout.readline().split()
    assert Path(folder).is_dir()
    holder.kill()
    holder.wait()
    end = time.monotonic() + 20
    while (Path(folder).exists() or _alive(int(pid))) and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(folder).exists()
    assert not _alive(int(pid))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
