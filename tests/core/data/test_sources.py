"""Data named on the command line: KIND:FOLDER[:SPLIT][@SHARE]."""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pandanet_core.data.sample import Sample
from pandanet_core.data.sources import Source, open_mixture, open_samples, parse_source
from pandanet_core.errors import UserError
from pandanet_core.skeleton import MUPOTS17
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_sequence


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three pictures to train with, one to validate with."""
    write_sequence(tmp_path, 7, [stick_people(seed, 1) for seed in range(3)])
    write_sequence(tmp_path, 1, [stick_people(3, 1)], "val")
    return tmp_path


@pytest.mark.parametrize(
    ("spec", "source"),
    [
        ("jta:some/folder", Source("jta", Path("some/folder"))),
        ("crowd:/some/folder:val", Source("crowd", Path("/some/folder"), "val")),
        ("jta:folder@0.25", Source("jta", Path("folder"), None, Fraction(1, 4))),
        ("jta:folder:val@1/3", Source("jta", Path("folder"), "val", Fraction(1, 3))),
        ("jta:me@home", Source("jta", Path("me@home"))),
        ("jta:me@home:val@1", Source("jta", Path("me@home"), "val", Fraction(1))),
        ("jta:folder:", Source("jta", Path("folder"))),
        ("jta:C:/data/folder", Source("jta", Path("C:/data/folder"))),
        ("jta:C:\\data:val", Source("jta", Path("C:\\data"), "val")),
        ("crowd:live", Source("live", Path())),
        ("crowd:live@0.5", Source("live", Path(), None, Fraction(1, 2))),
        ("crowd:live:some/crowd@1/4", Source("live", Path("some/crowd"), None, Fraction(1, 4))),
        ("crowd:live:crowd", Source("live", Path("crowd"))),
        ("crowd:./live", Source("crowd", Path("live"))),
        ("crowd:alive:val", Source("crowd", Path("alive"), "val")),
    ],
)
def test_a_specification_is_taken_apart(spec: str, source: Source) -> None:
    assert parse_source(spec) == source


@pytest.mark.parametrize("wrong", ["", "folder", "/some/folder", "voc:folder", "jta", "jta:"])
def test_what_names_no_data_is_refused(wrong: str) -> None:
    with pytest.raises(UserError, match="write KIND:FOLDER"):
        open_samples(wrong)


def test_the_split_of_the_specification_wins(folder: Path) -> None:
    assert len(open_samples(f"jta:{folder}")) == len(open_samples(f"crowd:{folder}:train")) == 3
    assert len(open_samples(f"jta:{folder}", "val")) == len(open_samples(f"jta:{folder}:val")) == 1
    assert len(open_samples(f"jta:{folder}:val@0.5", "train")) == 1


def test_damaged_data_are_refused_with_what_lists_the_damage(folder: Path) -> None:
    file = folder / "annotations/train/seq_7.json"
    file.write_text(file.read_text()[:-20])
    with pytest.raises(UserError) as raised:
        open_mixture([f"jta:{folder}@1"])
    said = str(raised.value)
    assert said.startswith(f"{file} is not a list of rows of 10 numbers")
    assert said.endswith(f"; 'pandanet data check jta:{folder}' lists everything that is damaged.")


def test_a_mixture_has_its_shares_of_every_batch(folder: Path) -> None:
    mixture = open_mixture([f"jta:{folder}@0.25", f"jta:{folder}:val"])
    names = [mixture.draw(0, place)[0].name.split("/")[0] for place in range(16)]
    for batch in range(0, 16, 4):
        assert Counter(names[batch : batch + 4]) == {"seq_7": 1, "seq_1": 3}


def test_data_that_is_named_several_times_counts_as_often(folder: Path) -> None:
    mixture = open_mixture([f"jta:{folder}", *[f"jta:{folder}:val"] * 4])
    assert len(mixture) == 7
    names = [mixture.draw(0, place)[0].name.split("/")[0] for place in range(14)]
    assert Counter(names) == {"seq_7": 6, "seq_1": 8}


def test_a_live_crowd_serves_training_alone() -> None:
    with pytest.raises(UserError, match="crowd:live has no end"):
        open_samples("crowd:live")


def test_a_live_crowd_of_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no crowd in"):
        open_mixture([f"crowd:live:{tmp_path}"])


def test_a_live_crowd_is_begun_by_whoever_begins_it_for_the_machine() -> None:
    class Drawn:
        """What another process has begun."""

        def at(self, number: int) -> Sample:
            return stick_people(number, 1)

    begun: list[Callable[[], object]] = []

    def once(make: Callable[[], object]) -> Drawn:
        begun.append(make)
        return Drawn()

    mixture = open_mixture(["crowd:live@1/2"] * 2, skeleton=MUPOTS17, once=once)
    assert len(begun) == 1, "named twice, begun once"
    sample, _ = mixture.draw(0, 5)
    np.testing.assert_array_equal(sample.image, stick_people(2, 1).image)
    assert sample.skeleton == MUPOTS17
