"""Texture look-ups as OpenGL does them: linear between texels, and between levels of detail."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d


@dataclass(frozen=True)
class MipTexture:
    """Square layers with all their smaller copies; they repeat beyond their edges.

    Attributes:
        texels: (all texels, C) uint8, level by level, layer by layer, row by row.
        starts: (levels,) int64, where each level begins.
        size: Width and height of level 0 in texels, a power of two.
    """

    texels: Tensor
    starts: Tensor
    size: int

    @staticmethod
    def of(layers: Tensor) -> "MipTexture":
        """From layers (L, size, size, C) uint8: each level halves the one before."""
        levels, starts, start = [], [], 0
        current = layers
        while True:
            levels.append(current.reshape(-1, layers.shape[3]))
            starts.append(start)
            start += len(levels[-1])
            if current.shape[1] == 1:
                break
            halves = avg_pool2d(current.permute(0, 3, 1, 2).float(), 2)
            current = halves.add(0.5).floor().to(torch.uint8).permute(0, 2, 3, 1)
        return MipTexture(
            torch.cat(levels), torch.tensor(starts, device=layers.device), layers.shape[1]
        )

    def at(self, layer: Tensor, place: Tensor, footprint: Tensor) -> Tensor:
        """Values (N, C) from 0 to 1.

        Args:
            layer: (N,) int64.
            place: (N, 2) in texture widths; a layer repeats with period 1.
            footprint: (N,) how many texture widths a pixel spans; see `footprint_of`.
        """
        deepest = len(self.starts) - 1
        level = (footprint * self.size).clamp(min=1e-9).log2().clamp(0, deepest)
        fine = level.floor()
        finer = self._linear(fine.long(), layer, place)
        coarser = self._linear((fine.long() + 1).clamp(max=deepest), layer, place)
        return torch.lerp(finer, coarser, (level - fine)[:, None]) / 255

    def _linear(self, level: Tensor, layer: Tensor, place: Tensor) -> Tensor:
        size = self.size >> level
        first = self.starts[level] + layer * size * size
        at = (place - place.floor()) * size[:, None] - 0.5
        low = at.floor()
        share = at - low
        left, top = low.long().unbind(1)
        last = size - 1
        right, bottom = (left + 1) & last, (top + 1) & last
        left, top = left & last, top & last
        across, along = share[:, :1], share[:, 1:]
        upper = torch.lerp(
            self._texel(first + top * size + left), self._texel(first + top * size + right), across
        )
        lower = torch.lerp(
            self._texel(first + bottom * size + left),
            self._texel(first + bottom * size + right),
            across,
        )
        return torch.lerp(upper, lower, along)

    def _texel(self, index: Tensor) -> Tensor:
        return self.texels[index].float()


def footprint_of(right: Tensor, down: Tensor) -> Tensor:
    """How far (N,) a place moves between pixels at most, from its slopes (N, 2) to the right and down."""
    return torch.maximum(right.square().sum(1), down.square().sum(1)).sqrt()


def linear_at(pictures: Tensor, which: Tensor, place: Tensor, around: bool = False) -> Tensor:
    """Values (N, C) between the pixels of pictures (P, H, W, C).

    Args:
        which: (N,) int64 picture.
        place: (N, 2) x and y; a picture spans 0 to 1.
        around: Whether the last column meets the first, as in a panorama.
    """
    height, width = pictures.shape[1:3]
    at = place * torch.tensor([width, height], device=place.device) - 0.5
    low = at.floor()
    (across, along), (left, top) = (at - low)[..., None].unbind(1), low.long().unbind(1)

    def pixel(column: Tensor, row: Tensor) -> Tensor:
        column = column % width if around else column.clamp(0, width - 1)
        return pictures[which, row.clamp(0, height - 1), column].float()

    upper = torch.lerp(pixel(left, top), pixel(left + 1, top), across)
    lower = torch.lerp(pixel(left, top + 1), pixel(left + 1, top + 1), across)
    return torch.lerp(upper, lower, along)
