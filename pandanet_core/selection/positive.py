"""A+ of a batch, and the anchors that are not judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from pandanet_core.anchors import AnchorGrid
from pandanet_core.selection.matching import grid_iou, match
from pandanet_core.selection.windows import anchors_over, match_in_windows
from pandanet_core.selection_settings import SelectionSettings


@dataclass(frozen=True)
class PositiveAnchors:
    """A+ of a batch: M anchors, and the P people of all its pictures in one list.

    Attributes:
        picture: (M,) number of the picture in the batch.
        anchor: (M,) kind of anchor, 0..N_A - 1.
        row, column: (M,) output cell.
        person: (M,) index of the matched person among the batch's P people.
        iou, pono: (M,) overlap of the anchor with that person.
        best_iou: (P,) as in Matching.
        person_boxes: (P, 4) px, what was matched.
        person_picture: (P,) number of each person's picture.
        grid: The anchors that they were matched with.
    """

    picture: Tensor
    anchor: Tensor
    row: Tensor
    column: Tensor
    person: Tensor
    iou: Tensor
    pono: Tensor
    best_iou: Tensor
    person_boxes: Tensor
    person_picture: Tensor
    grid: AnchorGrid

    def __len__(self) -> int:
        return len(self.picture)

    @property
    def at(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Picture, kind, row and column: an index into maps (B, N_A, H, W)."""
        return self.picture, self.anchor, self.row, self.column


def positive_anchors(
    people_boxes: Sequence[Tensor], grid: AnchorGrid, settings: SelectionSettings
) -> PositiveAnchors:
    """A+ of a batch from the boxes (N, 4) px of each picture's people, in the order of the grids.

    On a CPU matching looks in windows. A GPU makes the dense maps: it would have to be waited for
    at the size of every window, and so is waited for once, for the number of anchors found.
    """
    find = _in_windows if grid.sizes.device.type == "cpu" else _in_dense_maps
    picture, anchor, row, column, person, iou, pono, best_iou = find(
        people_boxes, grid, settings.positive_above
    )
    whose = [torch.full_like(boxes[:, 0], n) for n, boxes in enumerate(people_boxes)]
    return PositiveAnchors(
        picture,
        anchor,
        row,
        column,
        person,
        iou,
        pono,
        best_iou,
        torch.cat(list(people_boxes)),
        torch.cat(whose).long(),
        grid,
    )


def _in_windows(
    people_boxes: Sequence[Tensor], grid: AnchorGrid, above: float
) -> tuple[Tensor, ...]:
    """The first eight fields of PositiveAnchors."""
    found = [match_in_windows(boxes, grid, above) for boxes in people_boxes]
    cells = torch.cat([picture.cell for picture in found])
    row_of_grids = cells.div(grid.columns, rounding_mode="floor")
    anchor = row_of_grids.div(grid.rows, rounding_mode="floor")
    return (
        torch.cat([torch.full_like(picture.cell, n) for n, picture in enumerate(found)]),
        anchor,
        row_of_grids - anchor * grid.rows,
        cells - row_of_grids * grid.columns,
        torch.cat(
            [
                picture.person + first
                for picture, first in zip(found, _first_person(people_boxes), strict=True)
            ]
        ),
        torch.cat([picture.iou for picture in found]),
        torch.cat([picture.pono for picture in found]),
        torch.cat([picture.best_iou for picture in found]),
    )


def _in_dense_maps(
    people_boxes: Sequence[Tensor], grid: AnchorGrid, above: float
) -> tuple[Tensor, ...]:
    """The same; `nonzero` is the only step that waits for the device."""
    found = [match(boxes, grid) for boxes in people_boxes]
    pono = torch.stack([picture.pono for picture in found])
    at = (pono > above).nonzero(as_tuple=True)
    person = torch.stack(
        [
            picture.person + first
            for picture, first in zip(found, _first_person(people_boxes), strict=True)
        ]
    )
    iou = torch.stack([picture.iou for picture in found])
    return *at, person[at], iou[at], pono[at], torch.cat([picture.best_iou for picture in found])


def _first_person(people_boxes: Sequence[Tensor]) -> list[int]:
    """Where each picture's people begin in the batch's list."""
    return list(accumulate((len(boxes) for boxes in people_boxes[:-1]), initial=0))


def ignored_anchors(
    ignored_boxes: Sequence[Tensor],
    positives: PositiveAnchors,
    grid: AnchorGrid,
    settings: SelectionSettings,
) -> Tensor:
    """(B, N_A, H, W) anchors on people who are no objects to find: right or wrong, they are not
    judged, unless they are in A+."""
    ignored = torch.zeros(
        len(ignored_boxes), *grid.shape, dtype=torch.bool, device=grid.sizes.device
    )
    for picture, boxes in enumerate(ignored_boxes):
        if len(boxes) == 0:
            continue
        if ignored.device.type == "cpu":
            over = anchors_over(boxes, grid, settings.ignored_above)
            ignored[picture].view(-1)[over] = True
        else:
            ignored[picture] = grid_iou(boxes, grid).amax(0) > settings.ignored_above
    ignored[positives.at] = False
    return ignored
