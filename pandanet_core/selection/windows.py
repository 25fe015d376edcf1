"""Matching that looks only where it matters: the same anchors as the dense maps, much faster."""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection.matching import best_of_each, normalised
from pandanet_core.selection.overlaps import overlaps_of


@dataclass(frozen=True)
class MatchedAnchors:
    """The M anchors of one picture whose PONO exceeds a bound, in the order of the grid.

    Attributes:
        cell: (M,) anchors, numbered through the grid (N_A, H, W).
        person: (M,) index of the matched person.
        iou, pono: (M,) overlap with that person.
        best_iou: (N,) as in Matching.
    """

    cell: Tensor
    person: Tensor
    iou: Tensor
    pono: Tensor
    best_iou: Tensor


def match_in_windows(boxes: Tensor, grid: AnchorGrid, above: float) -> MatchedAnchors:
    """The anchors whose PONO with the person they overlap most exceeds `above`.

    Bit by bit what `match` finds, for these reasons. Let each person n have a bound, and let the
    candidates be all anchors that overlap any person by more than that person's bound, as
    `Overlaps.windows` finds them. At a candidate the overlaps with *all* people are computed, so
    who gets it (Eq. 1) is exact, whoever that is and whatever that person's bound. What is not a
    candidate overlaps n by at most n's bound. So if the best candidate that n gets, IoU m, has
    above · m >= bound, then no other anchor can be in n's A+, nor raise the maximum m that n's
    overlaps are normalised by: both are exact.

    The first bound is `above` times the largest IoU that n has with any anchor. It suffices for
    everybody who gets that anchor. Others stand behind somebody: they get a lower bound from the
    best candidate that they did get, and one of 0, that is every anchor that touches them, if they
    got none. With the second bound the condition holds for all, since m can only have grown.

    Args:
        boxes: (N, 4) px; N may be 0.
        grid: The anchors.
        above: Bound of PONO.
    """
    if len(boxes) == 0:
        none = torch.zeros(0, dtype=torch.long, device=grid.sizes.device)
        return MatchedAnchors(none, none, *(boxes.new_zeros(0) for _ in range(3)))
    overlaps = overlaps_of(boxes, grid)
    # A quotient that rounds to just above `above` may come from an IoU just below the product.
    share = above * (1 - 4 * torch.finfo(overlaps.areas.dtype).eps)
    bound = share * overlaps.largest()
    cell = overlaps.windows(bound)
    iou, person = overlaps.best_at(cell)
    while True:
        best_iou = best_of_each(iou, person, len(boxes))
        lower = torch.minimum(bound, share * best_iou)
        if torch.equal(lower, bound):
            break
        bound, wider = lower, overlaps.windows(lower)
        if len(wider) == len(cell):
            break
        known = torch.isin(wider, cell, assume_unique=True)
        more_iou, more_person = overlaps.best_at(wider[~known])
        cell, iou = wider, _merged(known, iou, more_iou)
        person = _merged(known, person, more_person)
    pono = normalised(iou, person, best_iou)
    kept = (pono > above).nonzero().squeeze(1)
    return MatchedAnchors(cell[kept], person[kept], iou[kept], pono[kept], best_iou)


def anchors_over(boxes: Tensor, grid: AnchorGrid, above: float) -> Tensor:
    """(M,) anchors, numbered through the grid, whose IoU with any of boxes (N, 4) exceeds
    `above`."""
    overlaps = overlaps_of(boxes, grid)
    cell = overlaps.windows(overlaps.areas.new_full((len(boxes),), above))
    return cell[overlaps.best_at(cell)[0] > above]


def _merged(known: Tensor, old: Tensor, new: Tensor) -> Tensor:
    """Values of a longer list, `old` ones where `known` and `new` ones elsewhere, in order."""
    merged = old.new_empty(len(known))
    merged[known], merged[~known] = old, new
    return merged
