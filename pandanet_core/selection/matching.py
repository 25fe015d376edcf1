"""Every anchor of a picture with the person it overlaps most, as dense maps.

Debug views show these maps, and matching in windows must find the same.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection.overlaps import overlaps_of


@dataclass(frozen=True)
class Matching:
    """Every anchor of one picture with the person it overlaps most (Eq. 1).

    Attributes:
        person: (N_A, H, W) index of the matched person, -1 where no person overlaps.
        iou: (N_A, H, W) IoU with that person, 0 where none.
        pono: (N_A, H, W) Per-Object Normalised Overlap O, 0 where none.
        best_iou: (N,) the largest IoU among the anchors matched to each person; 0 for a person who
            is nobody's best match (hidden behind another).
    """

    person: Tensor
    iou: Tensor
    pono: Tensor
    best_iou: Tensor


def grid_iou(boxes: Tensor, grid: AnchorGrid) -> Tensor:
    """IoU (N, N_A, H, W) of boxes (N, 4) px with every anchor."""
    return overlaps_of(boxes, grid).everywhere()


def match(boxes: Tensor, grid: AnchorGrid) -> Matching:
    """Match every anchor of the grid to the person (boxes (N, 4) px) it overlaps most (Eq. 1).

    The first of several people who overlap it equally gets it.
    """
    if len(boxes) == 0:
        nothing = grid.sizes.new_zeros(grid.shape)
        return Matching(
            torch.full_like(nothing, -1, dtype=torch.long), nothing, nothing, boxes.new_zeros(0)
        )
    iou, person = grid_iou(boxes, grid).max(0)
    best_iou = best_of_each(iou.flatten(), person.flatten(), len(boxes))
    pono = normalised(iou, person, best_iou)
    return Matching(torch.where(iou > 0, person, -1), iou, pono, best_iou)


def best_of_each(iou: Tensor, person: Tensor, people: int) -> Tensor:
    """(people,) the largest IoU (M,) among the anchors matched to each person (M,); 0 without."""
    return iou.new_zeros(people).scatter_reduce(0, person, iou, "amax")


def normalised(iou: Tensor, person: Tensor, best_iou: Tensor) -> Tensor:
    """PONO: IoU divided by the largest of the same person; 0 where nobody overlaps."""
    return iou / best_iou.clamp(min=torch.finfo(iou.dtype).tiny)[person]
