"""Light of the sky and of the sun, and the dark spots under feet: shaders/light.glsl in torch."""

from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from pandanet_core.crowd.drawing.contact_shadows import REACH_M
from pandanet_core.crowd.drawing.contact_shadows import SIZE_PX as CONTACT_SIZE_PX
from pandanet_core.crowd.drawing.torch_renderer.expansion import Rectangles
from pandanet_core.crowd.drawing.torch_renderer.posing import to_shadow
from pandanet_core.crowd.drawing.torch_renderer.scene_batch import SceneBatch
from pandanet_core.crowd.drawing.torch_renderer.textures import linear_at
from pandanet_core.skeleton import JTA22

_OFF_SURFACE_M, _SHADOW_BIAS = 0.03, 0.0015
_CONTACT_JOINTS = [JTA22.index(n) for n in ("left ankle", "right ankle", "left hip", "head centre")]
_CONTACT_MARGIN_M = 2.0
_UNITS = 1 << 20
"""Darkness is summed in whole numbers: their sum does not depend on the order of threads."""


def irradiance(harmonics: Tensor, normal: Tensor) -> Tensor:
    """Diffuse light (N, 3) on unit normals (N, 3) from harmonics (N, 9, 3)."""
    x, y, z = normal.unbind(1)
    weights = torch.stack(
        [
            torch.full_like(x, 0.282095),
            0.488603 * y * (2 / 3),
            0.488603 * z * (2 / 3),
            0.488603 * x * (2 / 3),
            1.092548 * x * y / 4,
            1.092548 * y * z / 4,
            0.315392 * (3 * z * z - 1) / 4,
            1.092548 * x * z / 4,
            0.546274 * (x * x - y * y) / 4,
        ],
        1,
    )
    return (pi * (weights[..., None] * harmonics).sum(1)).clamp(min=0)


def sunlit(
    batch: SceneBatch, maps: Tensor, picture: Tensor, point: Tensor, normal: Tensor
) -> Tensor:
    """Share (N,) of the sun that reaches points (N, 3), between four texels of the maps (B, S, S)."""
    size = maps.shape[1]
    place = to_shadow(batch, picture, point + normal * _OFF_SURFACE_M)
    outside = ((place < 0) | (place > 1)).any(1)
    at = place[:, :2] * size - 0.5
    low = at.floor()
    (across, along), (left, top) = (at - low).unbind(1), low.long().unbind(1)
    reference = place[:, 2] - _SHADOW_BIAS

    def lit(column: Tensor, row: Tensor) -> Tensor:
        stored = maps[picture, row.clamp(0, size - 1), column.clamp(0, size - 1)]
        return (reference <= stored).float()

    upper = torch.lerp(lit(left, top), lit(left + 1, top), across)
    lower = torch.lerp(lit(left, top + 1), lit(left + 1, top + 1), across)
    return torch.lerp(upper, lower, along).masked_fill(outside, 1.0)


@dataclass(frozen=True)
class ContactShadows:
    """How dark the ground is near feet, seats and heads: contact_shadows.py on the device.

    Attributes:
        corner, size: (B, 2) m, the rectangle of the ground that a map covers.
        maps: (B, 512, 512, 1) darkness from 0 to 1.
    """

    corner: Tensor
    size: Tensor
    maps: Tensor

    def darkness(self, picture: Tensor, point: Tensor) -> Tensor:
        """At points (N, 3) of the ground, (N,)."""
        place = (point[:, :2] - self.corner[picture]) / self.size[picture]
        inside = ((place > 0) & (place < 1)).all(1)
        return linear_at(self.maps, picture, place)[:, 0] * inside


def contact_shadows_of(batch: SceneBatch) -> ContactShadows:
    """Draw the maps of a batch."""
    count, people = len(batch.eye), batch.people
    points = people.joints[:, _CONTACT_JOINTS].reshape(-1, 3)
    picture = people.picture.repeat_interleave(len(_CONTACT_JOINTS))
    near = (points - batch.eye[picture]).square().sum(1).sqrt() < REACH_M
    points, picture = points[near], picture[near]
    whose = picture[:, None].expand(-1, 2)
    empty = torch.zeros(count, 2, device=points.device)
    low = empty.scatter_reduce(0, whose, points[:, :2], "amin", include_self=False)
    high = empty.scatter_reduce(0, whose, points[:, :2], "amax", include_self=False)
    corner, size = low - _CONTACT_MARGIN_M, high - low + 2 * _CONTACT_MARGIN_M
    height = points[:, 2].clamp(min=0)
    pixel = size[picture] / CONTACT_SIZE_PX
    at = (points[:, :2] - corner[picture]) / pixel
    spread = (0.1 + 0.35 * height)[:, None] / pixel
    middle, reach = at.long(), (3 * spread).ceil().long()
    first = (middle - reach).clamp(min=0)
    extent = (middle + reach + 1).clamp(max=CONTACT_SIZE_PX) - first
    spots = Rectangles(
        torch.arange(len(points), device=points.device),
        first[:, 0],
        first[:, 1],
        extent[:, 0],
        extent[:, 1],
    )
    sums = torch.zeros(
        count * CONTACT_SIZE_PX * CONTACT_SIZE_PX, dtype=torch.int64, device=points.device
    )
    strength = 0.65 / (1 + 3 * height)
    for part in spots.in_parts(1 << 22):
        spot, column, row = part.pixels()
        offset = (torch.stack([column, row], 1) + 0.5 - at[spot]) / spread[spot]
        dark = strength[spot] * (-0.5 * offset.square().sum(1)).exp()
        index = (picture[spot] * CONTACT_SIZE_PX + row) * CONTACT_SIZE_PX + column
        sums.index_add_(0, index, (torch.log1p(-dark) * _UNITS).round().long())
    dark = ((1 - (sums / _UNITS).exp()) * 255).floor() / 255
    return ContactShadows(corner, size, dark.view(count, CONTACT_SIZE_PX, CONTACT_SIZE_PX, 1))
