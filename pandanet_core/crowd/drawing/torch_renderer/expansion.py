"""Lists of unequal length, flattened: the pattern behind every batched step of this renderer."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rectangles:
    """N rectangles of whole pixels, each with an owner.

    Attributes:
        owner: (N,) int64.
        left, top, width, height: (N,) int64.
    """

    owner: Tensor
    left: Tensor
    top: Tensor
    width: Tensor
    height: Tensor

    def __len__(self) -> int:
        return len(self.owner)

    def __getitem__(self, chosen: Tensor | slice) -> "Rectangles":
        return Rectangles(
            self.owner[chosen],
            self.left[chosen],
            self.top[chosen],
            self.width[chosen],
            self.height[chosen],
        )

    def __add__(self, other: "Rectangles") -> "Rectangles":
        return Rectangles(
            torch.cat([self.owner, other.owner]),
            torch.cat([self.left, other.left]),
            torch.cat([self.top, other.top]),
            torch.cat([self.width, other.width]),
            torch.cat([self.height, other.height]),
        )

    def pixels(self) -> tuple[Tensor, Tensor, Tensor]:
        """Owner, column and row (M,) of every pixel of every rectangle."""
        which, place = expanded(self.width * self.height)
        width = self.width[which]
        down = torch.div(place, width, rounding_mode="floor")
        return self.owner[which], self.left[which] + place - down * width, self.top[which] + down

    def tiles(self, size: int) -> "Rectangles":
        """The rectangles cut into pieces of at most size x size px."""
        across = torch.div(self.width + size - 1, size, rounding_mode="floor")
        along = torch.div(self.height + size - 1, size, rounding_mode="floor")
        which, place = expanded(across * along)
        down = torch.div(place, across[which], rounding_mode="floor")
        x, y = (place - down * across[which]) * size, down * size
        return Rectangles(
            self.owner[which],
            self.left[which] + x,
            self.top[which] + y,
            (self.width[which] - x).clamp(max=size),
            (self.height[which] - y).clamp(max=size),
        )

    def in_parts(self, most_pixels: int) -> Iterator["Rectangles"]:
        """Consecutive parts that hold about so many pixels each."""
        if not len(self):
            return
        part = torch.div(
            torch.cumsum(self.width * self.height, 0), most_pixels, rounding_mode="floor"
        )
        start = 0
        for count in torch.unique_consecutive(part, return_counts=True)[1].tolist():
            yield self[slice(start, start + count)]
            start += count


def expanded(counts: Tensor) -> tuple[Tensor, Tensor]:
    """For lists of counts (N,) elements: which list each element is of, and its place in that list."""
    total = int(counts.sum())
    which = torch.repeat_interleave(
        torch.arange(len(counts), device=counts.device), counts, output_size=total
    )
    starts = torch.cumsum(counts, 0) - counts
    return which, torch.arange(total, device=counts.device) - starts[which]
