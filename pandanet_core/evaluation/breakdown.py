"""Cuts through a measurement: by height, distance, visibility and joint group (Tables 3 and 4)."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pandanet_core.evaluation.measure import MeasuredPeople
from pandanet_core.joint_groups import joint_groups as groups_of_names
from pandanet_core.skeleton import Skeleton

Group = tuple[str, NDArray[np.bool_]]
"""What a group of people is called, and a mask (P,) of who belongs to it."""

HEIGHTS_PX = (0, 20, 30, 50, 80, 130, 200)
DISTANCES_M = (0, 10, 20, 30, 40)
"""Table 3's camera distances."""
VISIBLE_SHARES = (0, 0.25, 0.5, 0.75, 1)


def joint_groups(skeleton: Skeleton) -> list[tuple[str, list[int]]]:
    """Table 4's groups of joints, and hands and feet: name and joint indices, those that the
    skeleton has."""
    return groups_of_names(skeleton.joints)


def by_height(people: MeasuredPeople) -> Iterator[Group]:
    """Height of the whole box in px, also of what lies outside the picture."""
    return _bins(people.height_px, HEIGHTS_PX, " px")


def by_distance(people: MeasuredPeople) -> Iterator[Group]:
    """Distance from the camera in metres."""
    return _bins(people.distance_mm / 1000, DISTANCES_M, " m")


def by_cut(people: MeasuredPeople) -> Iterator[Group]:
    """Whole, or cut by the picture's edge."""
    yield "whole", ~people.cut
    yield "cut by the picture's edge", people.cut


def by_visibility(people: MeasuredPeople) -> Iterator[Group]:
    """Share of the joints that are inside the picture and not hidden by others."""
    for low, high in pairwise(VISIBLE_SHARES):
        share = people.share_visible
        yield f"{low:.0%} to {high:.0%}", (share >= low) & (share < high)
    yield "all joints", people.share_visible >= 1


def _bins(values: NDArray[np.floating[Any]], edges: tuple[int, ...], unit: str) -> Iterator[Group]:
    for low, high in pairwise(edges):
        yield f"{low} to {high}{unit}", (values >= low) & (values < high)
    yield f"from {edges[-1]}{unit}", values >= edges[-1]
