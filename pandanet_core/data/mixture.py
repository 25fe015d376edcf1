"""Several data sets in one training, each with its share of every batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from pandanet_core.data.sample import EndlessSamples, Sample, Samples
from pandanet_core.errors import UserError


@dataclass(frozen=True)
class Part:
    """One data set of a mixture.

    Attributes:
        samples: Its pictures.
        share: Its share of every batch, above 0 and at most 1; None: parts without a share fill
            what the others leave, in proportion to their sizes. Pictures without end have no size:
            they need a share, unless they are all there is.
    """

    samples: Samples | EndlessSamples
    share: Fraction | None = None


class JoinedSamples:
    """Several data sets one after the other."""

    def __init__(self, parts: Sequence[Samples]) -> None:
        self._parts = tuple(parts)
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._ends[-1]) if self._parts else 0

    def __getitem__(self, index: int) -> Sample:
        part = int(np.searchsorted(self._ends, index, side="right"))
        start = int(self._ends[part - 1]) if part else 0
        return self._parts[part][index - start]


class Mixture:
    """An endless list of pictures drawn from several data sets.

    The parts without a share are shuffled together; every part with a share is shuffled alone. A
    part's pictures all come once before one of them comes again; those without end come in their
    own order. What stands at a place of the list is a function of the seed and the place alone.

    Attributes:
        parts: As given.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        """UserError when shares are impossible or a part has no pictures."""
        self.parts = tuple(_share_of_endless(parts))
        if not all(part_size(part) != 0 for part in parts):
            raise UserError("A data set of the mixture has no pictures; leave it out.")
        pool = JoinedSamples([part.samples for part in self.parts if part.share is None])  # type: ignore[misc]
        shared = [(part.samples, part.share) for part in self.parts if part.share is not None]
        rest = 1 - sum((share for _, share in shared), Fraction())
        _check_shares([share for _, share in shared], rest, len(pool) > 0)
        streams: list[tuple[Samples | EndlessSamples, Fraction]] = [(pool, rest)] if rest else []
        streams += shared
        self._streams = tuple(samples for samples, _ in streams)
        self._shares = tuple(share for _, share in streams)
        self._orders: dict[int, tuple[tuple[int, int], NDArray[np.int64]]] = {}

    def __len__(self) -> int:
        """Number of pictures of all parts that have an end."""
        return sum(part_size(part) or 0 for part in self.parts)

    def draw(self, seed: int, place: int) -> tuple[Sample, np.random.Generator]:
        """The picture at a place (from 0) of the endless list, and its own random numbers."""
        stream, drawn_before = deal(place, self._shares)
        samples = self._streams[stream]
        if not isinstance(samples, Samples):
            return samples.at(drawn_before), np.random.default_rng([seed, drawn_before, stream])
        epoch, position = divmod(drawn_before, len(samples))
        index = int(self._order(seed, stream, epoch, len(samples))[position])
        random = np.random.default_rng([seed, epoch, position, stream])
        return samples[index], random

    def _order(self, seed: int, stream: int, epoch: int, count: int) -> NDArray[np.int64]:
        """The shuffled numbers of a stream's pictures; the last order of each is remembered."""
        remembered = self._orders.get(stream)
        if remembered is None or remembered[0] != (seed, epoch):
            random = np.random.default_rng([seed, epoch, 0, stream])
            remembered = (seed, epoch), random.permutation(count)
            self._orders[stream] = remembered
        return remembered[1]


def part_size(part: Part) -> int | None:
    """Number of a part's pictures; None where there is no end."""
    return len(part.samples) if isinstance(part.samples, Samples) else None


def _share_of_endless(parts: Sequence[Part]) -> list[Part]:
    """The parts, with everything for pictures without end where they are alone."""
    endless = [part for part in parts if part_size(part) is None and part.share is None]
    if endless and len(parts) > 1:
        raise UserError(
            "crowd:live has no end, so it needs a share beside other data; write crowd:live@0.5, "
            "say."
        )
    return [Part(part.samples, Fraction(1)) for part in parts] if endless else list(parts)


def deal(place: int, shares: Sequence[Fraction]) -> tuple[int, int]:
    """Which of several streams a place of the endless list belongs to, and how many places before
    it belong to that stream.

    Each stream takes its share of the places that the streams before it leave, as evenly spread
    as whole numbers allow. So where all shares of a batch are whole numbers of pictures, every
    batch has exactly these.

    Args:
        place: From 0.
        shares: One for each stream; they sum to 1.
    """
    left = Fraction(1)
    for stream, share in enumerate(shares):
        taken_before = place * share // left
        if (place + 1) * share // left > taken_before:
            return stream, int(taken_before)
        place -= taken_before
        left -= share
    raise ValueError("the shares do not sum to 1")


def _check_shares(shares: Sequence[Fraction], rest: Fraction, has_pool: bool) -> None:
    wrong = [share for share in shares if not 0 < share <= 1]
    if wrong:
        raise UserError(f"{float(wrong[0]):g} is no share of a batch; give one above 0, up to 1.")
    if rest < 0 or (rest == 0 and has_pool):
        raise UserError(
            f"The shares of a batch sum to {float(1 - rest):g} and leave nothing for other data; "
            "make them smaller."
        )
    if rest > 0 and not has_pool:
        raise UserError(
            f"The shares of a batch sum to {float(1 - rest):g}; make them 1, or name data without "
            "a share for the rest."
        )
