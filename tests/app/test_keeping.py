"""What was found is kept in a file until somebody saves it or throws it away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pandanet_app.controllers.keeping import Keeper, kept_of
from pandanet_app.controllers.opening import open_path
from pandanet_app.controllers.saving import Snapshot
from pandanet_app.controllers.tasks import TaskRunner
from pandanet_app.models.people import People
from pandanet_app.models.scene import Layers
from pandanet_app.models.session import SourceInfo
from pandanet_app.models.state import AppState
from pandanet_core.detections import read_table
from pandanet_core.errors import UserError
from pandanet_core.skeleton import JTA22
from tests.app.detection_run import CAMERA
from tests.app.marker_film import HEIGHT, WIDTH, MarkerDetector, film_picture, write_film
from tests.app.ui_queue import UiQueue

FRAMES = 12


class Found:
    """Somebody finds people in a film, and a keeper keeps them."""

    def __init__(self, film: Path, every_s: float) -> None:
        self.state, self.ui = AppState(), UiQueue()
        self.tasks = TaskRunner(self.ui.post)
        self.people = People(JTA22, FRAMES, CAMERA)
        self.film = film
        self.keeper = Keeper(self.state, self.tasks, self._snapshot, every_s)

    def find(self, frame: int) -> None:
        """The people of one more frame."""
        people = MarkerDetector()(film_picture(frame), CAMERA)
        self.people.add([(frame, frame / 25, people)], CAMERA)
        self.state.session.unsaved = True
        self.keeper.people_found()

    def until_kept(self, path: Path) -> None:
        """More and more people are found, the same again; wait until the file holds them all."""

        def kept() -> bool:
            self.keeper.people_found()
            return path.exists() and frames_in(path) == self.people.done.sum()

        self.ui.run_until(kept)
        self.ui.run_until(lambda: not self.keeper.busy)

    def _snapshot(self) -> Snapshot:
        info = SourceInfo(self.film, self.film.name, FRAMES, 25.0, WIDTH, HEIGHT)
        return Snapshot(
            info, self.people.copy(), CAMERA, 0.05, "green", "", "given", Layers(), (0, 12), 0.5
        )


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.mp4", FRAMES)


@pytest.fixture
def found(film: Path) -> Iterator[Found]:
    """Kept as often as possible."""
    found = Found(film, 0.0)
    yield found
    found.tasks.close()


def frames_in(path: Path) -> int:
    return sum(stop - start for start, stop in read_table(path).header.frames_done)


def test_while_people_are_found_a_file_grows_beside_the_film(found: Found) -> None:
    path = found.film.with_name("film.unsaved.parquet")
    for frame in range(FRAMES):
        found.find(frame)
        if frame in (3, FRAMES - 1):
            found.until_kept(path)
    kept = read_table(path).at(7)
    expected = MarkerDetector()(film_picture(7), CAMERA)
    assert kept.boxes == pytest.approx(expected.boxes)
    assert len(kept) == 3, "those of low scores, too"
    assert kept_of(found.film) == [path]
    found.state.session.unsaved = False
    assert not path.exists()


def test_writing_takes_a_small_share_of_the_time(film: Path) -> None:
    found = Found(film, 3600.0)
    found.find(0)
    assert not found.keeper.busy
    assert found.keeper.keep_now() == film.with_name("film.unsaved.parquet")
    found.tasks.close()


def test_what_is_kept_opens_with_its_film_and_is_told_of(found: Found) -> None:
    found.find(3)
    path = found.keeper.keep_now()
    assert path is not None
    told = open_path(found.film)
    told.reader.close()
    assert "film.unsaved.parquet" in told.note
    opened = open_path(path)
    assert opened.reader.read(3).index == 3
    assert opened.people is not None
    assert opened.people.done.nonzero()[0].tolist() == [3]
    assert opened.note == ""
    opened.reader.close()


def test_what_others_kept_is_not_overwritten(found: Found) -> None:
    other = found.film.with_name("film.unsaved.parquet")
    other.write_bytes(b"of another window")
    found.find(0)
    path = found.keeper.keep_now()
    assert path == found.film.with_name("film.unsaved-2.parquet")
    found.keeper.drop()
    assert not path.exists()
    assert other.read_bytes() == b"of another window"


def test_where_the_films_folder_takes_no_file_it_is_kept_at_home(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    nowhere = film.parent / "read-only" / "film.mp4"
    found = Found(nowhere, 3600.0)
    found.find(0)
    path = found.keeper.keep_now()
    assert path == home / "film.unsaved.parquet"
    assert read_table(path).header.source == str(nowhere)
    found.keeper.drop()
    home.rmdir()
    with pytest.raises(UserError, match="Cannot write"):
        found.keeper.keep_now()
    found.tasks.close()


def test_saved_people_are_not_kept(found: Found) -> None:
    assert found.keeper.keep_now() is None
