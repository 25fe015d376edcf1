"""IoU of boxes with the anchors of a grid, wherever it is wanted.

What a box shares with an anchor is a product of what they share in x, which depends on the anchor's
column alone, and in y, which depends on its row alone. Two small tables hold both; every IoU in
this package is read off them by the same arithmetic, so that dense maps, windows and explanations
agree bit by bit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.boxes import box_areas

CELLS_AT_ONCE = 2048
"""Anchors whose IoU with every box is held at once: half a megabyte for 60 boxes."""


@dataclass(frozen=True)
class Overlaps:
    """N boxes against a grid of anchors.

    Attributes:
        x: (N_A, W, N) px that an anchor of a column shares with a box in x.
        y: (N_A, H, N) px that an anchor of a row shares with a box in y.
        best_x, best_y: (N_A, N) px, the largest over columns and over rows.
        areas: (N_A, N) px², anchor's and box's area together.
    """

    x: Tensor
    y: Tensor
    best_x: Tensor
    best_y: Tensor
    areas: Tensor

    def largest(self) -> Tensor:
        """(N,) the largest IoU that each box has with any anchor."""
        return iou_of(self.best_x * self.best_y, self.areas).amax(0)

    def everywhere(self) -> Tensor:
        """(N, N_A, H, W) IoU of every box with every anchor."""
        shared = self.y[:, :, None] * self.x[:, None]
        return iou_of(shared, self.areas[:, None, None]).permute(3, 0, 1, 2)

    def at(self, cells: Tensor) -> Tensor:
        """(M, N) IoU of the anchors `cells` (M,), numbered through the grid, with every box."""
        columns = self.x.shape[1]
        rows_before = cells.div(columns, rounding_mode="floor")
        anchor = rows_before.div(self.y.shape[1], rounding_mode="floor")
        column = cells - rows_before * columns
        # Whole lines are fetched and worked on in place: most of the time of matching is spent here.
        shared = self.x.flatten(0, 1).index_select(0, anchor * columns + column)
        shared *= self.y.flatten(0, 1).index_select(0, rows_before)
        union = self.areas.index_select(0, anchor).sub_(shared)
        return shared.div_(union)

    def best_at(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """(M,) the largest IoU at each of the anchors `cells` (M,), and the first box that has it.

        Small parts stay in the processor's cache and off the system's allocator.
        """
        parts = [self.at(part).max(1) for part in cells.split(CELLS_AT_ONCE)]
        return torch.cat([part.values for part in parts]), torch.cat(
            [part.indices for part in parts]
        )

    def windows(self, bound: Tensor) -> Tensor:
        """Where to look for anchors whose IoU with box n exceeds `bound` (N,).

        For each box and kind of anchor, the columns where the IoU would exceed the bound if the
        rows fitted as well as any row does, times the rows likewise. An IoU grows with the shared
        area, and does so in floating point too, since every operation rounds monotonically; hence
        no anchor outside its box's windows exceeds the bound.

        Returns:
            (M,) anchors in the window of any box, numbered through the grid, ascending.
        """
        areas = self.areas[:, None]
        columns = iou_of(self.x * self.best_y[:, None], areas) > bound
        rows = iou_of(self.y * self.best_x[:, None], areas) > bound
        # (N_A, H, N) x (N_A, N, W): how many boxes' windows reach an anchor.
        reached = torch.bmm(rows.float(), columns.float().transpose(1, 2)) > 0
        return reached.flatten().nonzero().squeeze(1)


def overlaps_of(boxes: Tensor, grid: AnchorGrid) -> Overlaps:
    """The overlaps of boxes (N, 4) px with a grid; inverted boxes have no area."""
    half = grid.sizes / 2
    x = _shared(boxes[:, 0], boxes[:, 2], grid.columns, grid.stride, half[:, 0])
    y = _shared(boxes[:, 1], boxes[:, 3], grid.rows, grid.stride, half[:, 1])
    areas = grid.sizes.prod(1)[:, None] + box_areas(boxes)
    return Overlaps(x, y, x.amax(1), y.amax(1), areas)


def iou_of(shared: Tensor, areas: Tensor) -> Tensor:
    """IoU from the shared area and the sum of both areas; anchors have an area, so it is finite."""
    return shared / (areas - shared)


def _shared(low: Tensor, high: Tensor, cells: int, stride: int, half: Tensor) -> Tensor:
    """Lengths (N_A, cells, N) that intervals from low to high (N,) share with intervals of half
    length (N_A,) round the centre of each cell."""
    centre = (torch.arange(cells, device=half.device, dtype=half.dtype) + 0.5) * stride
    upper = torch.minimum((centre + half[:, None])[..., None], high)
    lower = torch.maximum((centre - half[:, None])[..., None], low)
    return (upper - lower).clamp_(min=0)
