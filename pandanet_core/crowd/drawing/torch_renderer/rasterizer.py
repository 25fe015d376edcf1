"""Triangles to pixels, in plain torch: the same code for CPU and CUDA.

Triangles are given in *homogeneous pixels* (x w, y w, w), so that what lies behind the camera needs
no clipping (Olano and Greer 1997): the three edge functions, linear in the pixel, are cross products
of the corners; a pixel is covered where all three are positive at its centre, and their shares of
their sum are the perspective-correct barycentric coordinates. Edge functions are 64-bit floats, and
those of neighbours are each other's exact negatives; a centre on an edge belongs to the
neighbour whose inside lies to the right (or below, where that does not decide): shared edges leave
neither holes nor doubles.

Every triangle's bounding rectangle is cut into pixels (large ones first into tiles, most of which
the triangle does not touch), and all these candidates are tested at once, some millions at a time.
The nearest wins: the bits of its depth and the number of its triangle form one 64-bit integer, of
which `scatter_reduce` keeps the least. That is exact, does not depend on the order of threads, and lets
the triangle that was given first win a draw, as OpenGL's depth test "less" does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from pandanet_core.crowd.drawing.torch_renderer.expansion import Rectangles

NEAREST_W = 0.1
"""What is nearer than this (m, the OpenGL renderer's near plane) is cut away."""

MOST_CANDIDATES = {"cpu": 1 << 16, "cuda": 1 << 22}
"""Pixels tested at once: what fits a processor's cache, and what fills a GPU."""

TILE_PX = 8
LARGEST_UNTILED_PX = 128
_EMPTY = (1 << 63) - 1


@dataclass(frozen=True)
class Triangles:
    """T triangles over V vertices.

    Attributes:
        homogeneous: (V, 3) float32 homogeneous pixels.
        depth: (V,) float32, what is compared: the least wins.
        faces: (T, 3) int64.
        pictures: (T,) int64, the picture that a triangle is drawn to.
    """

    homogeneous: Tensor
    depth: Tensor
    faces: Tensor
    pictures: Tensor


@dataclass(frozen=True)
class Canvas:
    """So many pictures of a size, and the depths that they show."""

    pictures: int
    width: int
    height: int
    nearest: float
    farthest: float


@dataclass(frozen=True)
class Fragments:
    """M points of triangles at pixel centres.

    Attributes:
        triangle: (M,) int64 number of the triangle.
        edges: (M, 3, 3) float64: the coefficients of x, y and 1 of its edge functions.
        values: (M, 3) float64: the edge functions' values here, all positive.
    """

    triangle: Tensor
    edges: Tensor
    values: Tensor

    def __getitem__(self, chosen: Tensor) -> "Fragments":
        return Fragments(self.triangle[chosen], self.edges[chosen], self.values[chosen])

    def shifted(self, by: int) -> "Fragments":
        """The same with other numbers of the triangles."""
        return Fragments(self.triangle + by, self.edges, self.values)

    @property
    def shares(self) -> Tensor:
        """(M, 3) float64 perspective-correct barycentric coordinates."""
        return self.values / self.values.sum(1, keepdim=True)

    def slopes(self, corners: Tensor, here: Tensor) -> tuple[Tensor, Tensor]:
        """How much a quantity changes per pixel to the right and down.

        Args:
            corners: (M, 3, C) its values at the triangles' corners.
            here: (M, C) its values at the fragments.
        """
        total = self.values.sum(1, keepdim=True)

        def slope(axis: int) -> Tensor:
            along = self.edges[:, :, axis]
            change = (along[..., None] * corners).sum(1) - here * along.sum(1, keepdim=True)
            return (change / total).to(here.dtype)

        return slope(0), slope(1)


Keeps = Callable[[Fragments], Tensor]
"""Which fragments (M,) are there at all: cloth and hair have holes."""


@dataclass(frozen=True)
class Drawn:
    """What each pixel of all pictures shows, one after the other: pictures, rows, columns.

    Attributes:
        depth: (pixels,) float32; infinity where nothing is.
        slot: (pixels,) int64 row of `triangle` and `edges`; -1 where nothing is.
        triangle: (S,) numbers of the triangles that can be seen at all.
        edges: (S, 3, 3) their edge functions.
    """

    depth: Tensor
    slot: Tensor
    triangle: Tensor
    edges: Tensor

    def at(self, pixels: Tensor, canvas: Canvas) -> Fragments:
        """The fragments that are seen at pixels (M,) where something is."""
        slot = self.slot[pixels]
        inside = pixels % (canvas.width * canvas.height)
        edges = self.edges[slot]
        down = torch.div(inside, canvas.width, rounding_mode="floor")
        return Fragments(
            self.triangle[slot], edges, _edge_values(edges, inside - down * canvas.width, down)
        )


def rasterize(triangles: Triangles, canvas: Canvas, keeps: Keeps | None = None) -> Drawn:
    """Draw triangles; the nearest fragment of those that `keeps` accepts is seen."""
    triangle, rectangles = _rectangles(triangles, canvas)
    edges = _edges(triangles.homogeneous[triangles.faces[triangle]].double())
    large = rectangles.width * rectangles.height > LARGEST_UNTILED_PX
    if large.any():
        tiles = rectangles[large].tiles(TILE_PX)
        rectangles = rectangles[~large] + tiles[_touched(edges[tiles.owner], tiles)]
    depth = triangles.depth[triangles.faces[triangle]]
    first_pixel = triangles.pictures[triangle] * (canvas.width * canvas.height)
    size = canvas.pictures * canvas.width * canvas.height
    keys = torch.full((size,), _EMPTY, dtype=torch.int64, device=edges.device)
    for part in rectangles.in_parts(MOST_CANDIDATES[edges.device.type]):
        slot, column, row = part.pixels()
        at_edges = edges[slot]
        values = _edge_values(at_edges, column, row)
        inside = (values.amin(1) >= 0).nonzero()[:, 0]
        slot, column, row = slot[inside], column[inside], row[inside]
        fragments = Fragments(triangle[slot], at_edges[inside], values[inside])
        here = (fragments.shares * depth[slot]).sum(1).float()
        kept = (here >= canvas.nearest) & (here <= canvas.farthest) & _own_their_edges(fragments)
        if keeps is not None:
            kept &= keeps(fragments)
        key = (here.view(torch.int32).long() << 32) | slot
        pixel = first_pixel[slot] + row * canvas.width + column
        keys.scatter_reduce_(0, pixel[kept], key[kept], "amin")
    empty = keys == _EMPTY
    found = (keys >> 32).int().view(torch.float32).masked_fill(empty, torch.inf)
    return Drawn(found, (keys & 0xFFFFFFFF).masked_fill(empty, -1), triangle, edges)


def _rectangles(triangles: Triangles, canvas: Canvas) -> tuple[Tensor, Rectangles]:
    """Triangles (S,) whose bounding rectangles hold pixel centres, and these (owners 0 .. S - 1)."""
    points = triangles.homogeneous
    in_front = points[:, 2] >= NEAREST_W
    screen = points[:, :2] / points[:, 2:].clamp(min=NEAREST_W)
    corners = screen[triangles.faces]
    low, high = corners.amin(1), corners.amax(1)
    count_in_front = in_front[triangles.faces].sum(1)
    cut = ((count_in_front > 0) & (count_in_front < 3)).nonzero()[:, 0]
    low[cut], high[cut] = _extent_in_front(points[triangles.faces[cut]])
    limit = torch.tensor([canvas.width, canvas.height], device=points.device)
    # A thousandth of a pixel more than needed: 32-bit rounding must not lose a centre.
    first = (low - 0.501).ceil().clamp(min=0)
    last = torch.minimum((high - 0.499).floor(), limit - 1.0)
    seen = (count_in_front > 0) & (last >= first).all(1)
    triangle = seen.nonzero()[:, 0]
    corner = first[triangle].long()
    size = last[triangle].long() - corner + 1
    owner = torch.arange(len(triangle), device=points.device)
    return triangle, Rectangles(owner, corner[:, 0], corner[:, 1], size[:, 0], size[:, 1])


def _extent_in_front(corners: Tensor) -> tuple[Tensor, Tensor]:
    """Least and largest screen coordinates (N, 2) of the parts in front of triangles (N, 3, 3)."""
    following = corners.roll(-1, 1)
    w, next_w = corners[..., 2:], following[..., 2:]
    crosses = (w >= NEAREST_W) != (next_w >= NEAREST_W)
    share = torch.where(crosses, (NEAREST_W - w) / (next_w - w), 0)
    crossing = (corners + share * (following - corners))[..., :2] / NEAREST_W
    points = torch.cat([corners[..., :2] / w.clamp(min=NEAREST_W), crossing], 1)
    there = torch.cat([w >= NEAREST_W, crosses], 1)
    return (
        points.masked_fill(~there, torch.inf).amin(1),
        points.masked_fill(~there, -torch.inf).amax(1),
    )


def _edges(corners: Tensor) -> Tensor:
    """Edge functions (S, 3, 3) of triangles (S, 3, 3), positive inside; 0 for those seen edge on."""
    x, y, w = corners.unbind(2)
    next_x, next_y, next_w = (part.roll(-1, 1) for part in (x, y, w))
    # Written out: a fused multiply-add would make neighbours' edges differ by more than the sign.
    along_edge = torch.stack(
        [y * next_w - w * next_y, w * next_x - x * next_w, x * next_y - y * next_x], 2
    )
    edges = along_edge.roll(-1, 1)
    twice_area = (corners[:, 0] * edges[:, 0]).sum(1)
    return edges * twice_area.sign()[:, None, None]


def _edge_values(edges: Tensor, column: Tensor, row: Tensor) -> Tensor:
    """Edge functions (M, 3) at the centres of pixels."""
    a, b, c = edges.unbind(2)
    x, y = column[:, None].double() + 0.5, row[:, None].double() + 0.5
    return torch.addcmul(torch.addcmul(c, a, x), b, y)


def _own_their_edges(fragments: Fragments) -> Tensor:
    """False (M,) for centres that lie on an edge exactly and belong to the neighbour there."""
    a, b = fragments.edges[..., 0], fragments.edges[..., 1]
    return ((fragments.values > 0) | (a > 0) | ((a == 0) & (b > 0))).all(1)


def _touched(edges: Tensor, tiles: Rectangles) -> Tensor:
    """Which tiles (N,) a triangle can cover: at some corner of the tile each edge function is positive."""
    a, b, c = edges.unbind(2)
    left, top = tiles.left[:, None].double() + 0.5, tiles.top[:, None].double() + 0.5
    right, bottom = left + tiles.width[:, None] - 1, top + tiles.height[:, None] - 1
    greatest = torch.maximum(a * left, a * right) + torch.maximum(b * top, b * bottom) + c
    return (greatest >= 0).all(1)
