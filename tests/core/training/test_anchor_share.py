"""The share of people with an anchor: of two in exactly the same place one has none."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pandanet_core.data.loader import AugmentedBatches
from pandanet_core.data.sample import Sample
from pandanet_core.training.anchor_share import AnchorShare, measure_anchor_share
from tests.core.drawn_people import stick_people
from tests.core.small_training import SIDE_PX, settings


def alone(seed: int) -> Sample:
    return stick_people(seed, 1, SIDE_PX, SIDE_PX)


def twice(seed: int) -> Sample:
    """The same person, counted twice: every anchor is matched to one of the two (Eq. 1)."""
    return alone(seed).people(np.array([0, 0]))


def share_of(samples: list[Sample], **changed: Any) -> AnchorShare | None:
    config = replace(settings(channels=8, steps=1), **changed)
    data = AugmentedBatches(samples, config.batch_size, config.augmentation, config.seed)
    return measure_anchor_share(data, config)


def test_of_two_people_in_one_place_one_has_anchors() -> None:
    samples = [alone(seed) for seed in range(8)] + [twice(seed) for seed in range(8, 16)]
    assert share_of(samples[:8]) == AnchorShare(96, 96, 96)
    assert share_of(samples) == AnchorShare(96, 48 + 96, 48 + 48)


def test_nothing_is_said_of_pictures_without_people() -> None:
    assert share_of([stick_people(0, 0, SIDE_PX, SIDE_PX)] * 8) is None


@pytest.mark.parametrize("stride_4", [False, True])
def test_a_finer_grid_gives_everybody_an_anchor_too(stride_4: bool) -> None:
    network = replace(settings(8, 1).network, sub_pixel=stride_4)
    assert share_of([alone(seed) for seed in range(8)], network=network) == AnchorShare(96, 96, 96)
