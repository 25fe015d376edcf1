"""Mixtures: exact shares of every batch, each picture once an epoch, decided by the seed alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from pandanet_core.data.loader import AugmentedBatches, Batch, batches
from pandanet_core.data.mixture import JoinedSamples, Mixture, Part, deal
from pandanet_core.data.sample import Sample
from pandanet_core.data.transforms import Augmentation
from pandanet_core.errors import UserError
from tests.core.data.test_loader import equal
from tests.core.drawn_people import stick_people

HALF, QUARTER = Fraction(1, 2), Fraction(1, 4)
CROP = Augmentation(64, 64)


def named(names: str) -> list[Sample]:
    """A picture of each name."""
    blank = stick_people(0, 1, 32, 32)
    return [replace(blank, name=name) for name in names]


def drawn(mixture: Mixture, places: Sequence[int], seed: int = 0) -> str:
    return "".join(mixture.draw(seed, place)[0].name for place in places)


shares_of_streams = st.lists(st.integers(1, 12), min_size=1, max_size=5).map(
    lambda weights: [Fraction(weight, sum(weights)) for weight in weights]
)


@given(shares_of_streams)
def test_places_are_dealt_as_counting_them_one_by_one_says(shares: list[Fraction]) -> None:
    counts = [0] * len(shares)
    for place in range(200):
        stream, before = deal(place, shares)
        assert before == counts[stream]
        counts[stream] += 1
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - 200 * share) < len(shares)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 1000))
def test_shares_that_are_whole_pictures_are_exact_in_every_batch(
    pictures: list[int], batch: int
) -> None:
    size = sum(pictures)
    shares = [Fraction(count, size) for count in pictures]
    streams = Counter(deal(batch * size + place, shares)[0] for place in range(size))
    assert [streams[stream] for stream in range(len(pictures))] == pictures


def test_half_and_half_with_an_odd_batch_takes_turns() -> None:
    mixture = Mixture([Part(named("abc"), HALF), Part(named("XY"), HALF)])
    batches = [drawn(mixture, range(5 * n, 5 * n + 5)) for n in range(20)]
    large = [sum(name.isupper() for name in batch) for batch in batches]
    assert set(large) == {2, 3}
    assert sum(large) == 50


def test_every_part_comes_once_before_it_comes_again() -> None:
    mixture = Mixture([Part(named("abc"), HALF), Part(named("VWXYZ"), HALF)])
    names = drawn(mixture, range(60))
    small, large = [n for n in names if n.islower()], [n for n in names if n.isupper()]
    assert all(set(small[n : n + 3]) == set("abc") for n in range(0, 30, 3))
    assert all(set(large[n : n + 5]) == set("VWXYZ") for n in range(0, 30, 5))
    assert len({tuple(large[n : n + 5]) for n in range(0, 30, 5)}) > 2, "the same order each time"


def test_parts_without_a_share_fill_the_rest_in_proportion_to_their_sizes() -> None:
    mixture = Mixture([Part(named("ab")), Part(named("X"), HALF), Part(named("cdef"))])
    names = drawn(mixture, range(24))
    assert names.count("X") == 12
    assert sorted(names.replace("X", "")) == sorted("abcdef" * 2)
    assert len(mixture) == 7


def test_a_part_that_is_named_twice_comes_twice() -> None:
    """As in settings of runs that name a folder four times to see it more often."""
    rare, often = named("a"), named("bc")
    mixture = Mixture([Part(often), Part(rare), Part(often), Part(often)])
    assert Counter(drawn(mixture, range(14))) == {"a": 2, "b": 6, "c": 6}


def test_without_shares_the_order_is_that_of_earlier_versions() -> None:
    """So that a run can be resumed: numbers are drawn as they were when runs had no shares."""
    samples = named("abcdefg")
    mixture = Mixture([Part(samples[:3]), Part(samples[3:])])
    for place in range(30):
        epoch, position = divmod(place, 7)
        order = np.random.default_rng([5, epoch]).permutation(7)
        sample, random = mixture.draw(5, place)
        assert sample.name == "abcdefg"[order[position]]
        assert random.random() == np.random.default_rng([5, epoch, position]).random()


def test_a_place_is_decided_by_the_seed_and_itself_alone() -> None:
    def mixture() -> Mixture:
        return Mixture([Part(named("abcde"), QUARTER), Part(named("VWXYZ"))])

    forwards, backwards = mixture(), mixture()
    expected = drawn(forwards, range(40))
    assert drawn(backwards, range(39, -1, -1)) == expected[::-1]
    assert drawn(mixture(), range(40), seed=1) != expected
    randoms = [forwards.draw(0, place)[1].random() for place in range(40)]
    assert randoms == [backwards.draw(0, place)[1].random() for place in range(40)]
    assert len(set(randoms)) == 40, "two places share their random numbers"


def together(parts: Sequence[Batch]) -> Batch:
    joined = {}
    for name in vars(parts[0]):
        values = [getattr(part, name) for part in parts]
        joined[name] = sum(values, ()) if isinstance(values[0], tuple) else torch.cat(values)
    return Batch(**joined)


@pytest.mark.parametrize("ranks", [2, 3, 6])
def test_the_ranks_parts_are_the_batch_of_a_single_rank(ranks: int) -> None:
    pictures = [stick_people(n, 2) for n in range(5)]
    mixture = Mixture([Part(pictures[:3], HALF), Part(pictures[3:], HALF)])
    whole = AugmentedBatches(mixture, 6, CROP, seed=1)
    own = [AugmentedBatches(mixture, 6, CROP, 1, rank, ranks) for rank in range(ranks)]
    for number in (0, 3, 4):
        parts = [part[number] for part in own]
        assert {len(part.images) for part in parts} == {6 // ranks}
        assert equal(together(parts), whole[number])


def test_any_number_of_ranks_and_workers_makes_the_same_batches() -> None:
    pictures = [stick_people(n, 2) for n in range(5)]
    mixture = Mixture([Part(pictures[:2], QUARTER), Part(pictures[2:])])
    expected = AugmentedBatches(mixture, 4, CROP, seed=2)
    for ranks, workers in ((1, 2), (2, 1), (2, 0)):
        streams = [
            batches(AugmentedBatches(mixture, 4, CROP, 2, rank, ranks), 5, workers)
            for rank in range(ranks)
        ]
        for number in range(5, 10):
            parts = [next(stream) for stream in streams]
            assert equal(together(parts), expected[number])
        for stream in streams:
            stream.close()


def test_a_batch_that_cannot_be_divided_among_the_ranks_is_refused() -> None:
    with pytest.raises(UserError, match="make it a multiple of 3"):
        AugmentedBatches(named("a"), 8, CROP, seed=0, ranks=3)


@pytest.mark.parametrize(
    ("shares", "complaint"),
    [
        ([HALF, QUARTER], "sum to 0.75; make them 1"),
        ([HALF, HALF, None], "sum to 1 and leave nothing"),
        ([HALF, 2 * HALF], "sum to 1.5 and leave nothing"),
        ([-HALF, None], "-0.5 is no share"),
        ([0 * HALF, None], "0 is no share"),
    ],
)
def test_impossible_shares_are_refused(shares: list[Fraction | None], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        Mixture([Part(named("a"), share) for share in shares])


def test_parts_without_pictures_are_refused() -> None:
    with pytest.raises(UserError, match="no pictures"):
        Mixture([Part([], HALF), Part(named("a"), HALF)])
    with pytest.raises(UserError, match="no pictures"):
        Mixture([Part([])])


def test_joined_data_sets_follow_each_other() -> None:
    joined = JoinedSamples([named("ab"), named("c"), named("def")])
    assert "".join(joined[n].name for n in range(len(joined))) == "abcdef"


class Numbered:
    """Pictures without end that carry their number."""

    def at(self, number: int) -> Sample:
        return replace(stick_people(0, 1, 32, 32), name=f"{number},")


def test_pictures_without_end_come_in_their_order_and_share() -> None:
    mixture = Mixture([Part(Numbered(), QUARTER), Part(named("abc"))])
    names = [mixture.draw(3, place)[0].name for place in range(40)]
    assert [name for name in names if name.endswith(",")] == [f"{n}," for n in range(10)]
    assert all(sum(n.endswith(",") for n in names[b : b + 4]) == 1 for b in range(0, 40, 4))
    assert len(mixture) == 3
    alone = Mixture([Part(Numbered())])
    assert drawn(alone, range(4)) == "0,1,2,3,"
    randoms = [alone.draw(3, place)[1].random() for place in (0, 1, 1)]
    assert randoms[0] != randoms[1] == randoms[2]


def test_pictures_without_end_need_a_share_beside_others() -> None:
    with pytest.raises(UserError, match=r"crowd:live@0\.5"):
        Mixture([Part(Numbered()), Part(named("a"))])
