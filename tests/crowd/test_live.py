"""Live crowds: real processes draw, are waited for, killed and cleaned up."""

import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.crowd.generate import make_crowd
from pandanet_core.crowd.live import SHOWN_TIMES, LiveCrowd
from pandanet_core.crowd.live_drawing import ERROR_FILE, is_asked_for, sign_of_life
from pandanet_core.crowd.settings import CrowdSettings, settings_of_folder
from pandanet_core.data.jta import JtaPictures
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError

pytestmark = pytest.mark.usefixtures("small_casts", "renderer")
BLOCK_PICTURES, SMALL_BLOCK = 10, 2
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
    with LiveCrowd(TINY, processes=1, block_pictures=SMALL_BLOCK) as live:
        for block in range(8):
            live.at(first_of(block, SMALL_BLOCK))
        kept = {int(path.name) for path in live.folder.iterdir() if path.name.isdigit()}
    assert 7 in kept
    assert 0 not in kept
    assert len(kept) <= 7


def first_of(block: int, size: int = BLOCK_PICTURES) -> int:
    """Number of the first picture that is handed out of a block of `size` pictures."""
    return block * size * SHOWN_TIMES


def copy_of(live: LiveCrowd) -> LiveCrowd:
    """What another process reads with."""
    copy: LiveCrowd = pickle.loads(pickle.dumps(live))
    return copy


class Answer(threading.Thread):
    """Asks for a picture beside everything else; a question that nobody answers fails a test."""

    def __init__(self, crowd: LiveCrowd, number: int) -> None:
        super().__init__(daemon=True)
        self._ask: Callable[[], Sample] = lambda: crowd.at(number)
        self._answer: Sample | UserError | None = None
        self.start()

    def run(self) -> None:
        try:
            self._answer = self._ask()
        except UserError as error:
            self._answer = error

    def wait(self) -> Sample:
        """The picture, or the error that asking for it raised."""
        self.join(120)
        assert self._answer is not None, "still waiting"
        if isinstance(self._answer, UserError):
            raise self._answer
        return self._answer


def gone_within(seconds: float, folder: Path) -> bool:
    end = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not folder.exists()


def test_a_killed_drawing_process_is_said() -> None:
    """One of two is enough: the blocks that were its to draw will never come."""
    with LiveCrowd(TINY, processes=2, block_pictures=SMALL_BLOCK) as live:
        live.at(0)
        killed = live._processes[1]
        assert killed.pid is not None
        os.kill(killed.pid, signal.SIGKILL)
        killed.join()
        os.utime(sign_of_life(live.folder, 1), (0, 0))  # as minutes later
        for reader in (live, copy_of(live)):
            with pytest.raises(UserError, match="has ended"):
                Answer(reader, first_of(51, SMALL_BLOCK)).wait()
            assert Answer(reader, first_of(50, SMALL_BLOCK)).wait().name.startswith("seq_50/")


def test_an_earlier_block_may_be_asked_for_after_a_later_one() -> None:
    """Two loader processes whose batches lie astride a boundary, before anything is drawn."""
    with LiveCrowd(TINY, processes=1, block_pictures=SMALL_BLOCK) as live:
        later = Answer(copy_of(live), first_of(7, SMALL_BLOCK))
        while later.is_alive() and not is_asked_for(live.folder, 7):
            time.sleep(0.01)
        earlier = Answer(live, first_of(7, SMALL_BLOCK) - 1)
        assert earlier.wait().name.startswith("seq_6/")
        assert later.wait().name.startswith("seq_7/")


def test_a_block_that_was_thrown_away_is_drawn_again() -> None:
    """As where several trainings, one after the other, use the same live crowd."""
    with LiveCrowd(TINY, processes=1, block_pictures=SMALL_BLOCK) as live:
        first = live.at(0)
        for block in range(20, 26):
            live.at(first_of(block, SMALL_BLOCK))
        assert gone_within(60, live.folder / "0")
        np.testing.assert_array_equal(Answer(live, 0).wait().image, first.image)
        following = Answer(live, first_of(1, SMALL_BLOCK)).wait()
        assert following.name.startswith("seq_1/")


def test_what_goes_wrong_while_drawing_is_said() -> None:
    with LiveCrowd(TINY, processes=1, block_pictures=BLOCK_PICTURES) as live:
        live.at(0)
        (live.folder / ERROR_FILE).write_text("No OpenGL.")
        with pytest.raises(UserError, match=r"No OpenGL\."):
            live.at(first_of(50))


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
