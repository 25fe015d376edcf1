"""Colours of what is seen: the fragment shaders person, place and sky in torch, once per pixel."""

from dataclasses import dataclass
from math import pi, sqrt

import torch
from torch import Tensor
from torch.nn.functional import normalize

from pandanet_core.crowd.drawing.torch_renderer.cast_meshes import CastMeshes
from pandanet_core.crowd.drawing.torch_renderer.light import (
    ContactShadows,
    irradiance,
    sunlit,
)
from pandanet_core.crowd.drawing.torch_renderer.posing import PosedPeople, texels
from pandanet_core.crowd.drawing.torch_renderer.rasterizer import Fragments
from pandanet_core.crowd.drawing.torch_renderer.scene_batch import ON_GROUND_M, SceneBatch
from pandanet_core.crowd.drawing.torch_renderer.textures import (
    MipTexture,
    footprint_of,
    linear_at,
)
from pandanet_core.crowd.people.character import Material

BRIGHTEST_SKY = 8.0
_TILES, _WINDOWS, _PLANKS = 1, 2, 3


@dataclass(frozen=True)
class Light:
    """What lights a batch: shadow maps (B, S, S) and spots on the ground."""

    shadow_maps: Tensor
    contact: ContactShadows


def shade_people(
    batch: SceneBatch,
    light: Light,
    meshes: CastMeshes,
    people: PosedPeople,
    seen: Fragments,
    picture: Tensor,
) -> tuple[Tensor, Tensor]:
    """Radiance (N, 3) and identities (N,) of fragments of people."""
    texel = texels(meshes, people, seen)[:, :3]
    material = meshes.material[people.face[seen.triangle]]
    person = people.person[seen.triangle]
    cloth = material >= Material.TOP
    tint = batch.people.tints[person, material]
    albedo = texel**2.2
    dyed = cloth & (material != Material.HAIR)
    albedo = torch.where(dyed[:, None], _hue_turned(albedo, tint[:, 3:]).clamp(min=0), albedo)
    albedo = albedo * tint[:, :3]
    shares = seen.shares.float()[..., None]
    corners = people.faces[seen.triangle]
    world = (shares * people.position[corners]).sum(1)
    normal = normalize((shares * people.normal[corners]).sum(1), dim=1)
    to_eye = normalize(batch.eye[picture] - world, dim=1)
    inner_side = cloth & ((normal * to_eye).sum(1) < 0)
    normal = torch.where(inner_side[:, None], -normal, normal)
    towards_sun, sun_irradiance = batch.sun_direction[picture], batch.sun_irradiance[picture]
    sun = (normal * towards_sun).sum(1).clamp(min=0)
    sun = (sun * sunlit(batch, light.shadow_maps, picture, world, normal))[:, None]
    halfway = (normal * normalize(towards_sun + to_eye, dim=1)).sum(1).clamp(min=0)
    gloss = torch.where(cloth, 0.09 * halfway**8, 0.24 * halfway**24)[:, None]
    is_open = 0.55 + 0.45 * (world[:, 2:] / 0.6).clamp(0, 1)
    diffuse = irradiance(batch.harmonics[picture], normal) * is_open + sun_irradiance * sun
    radiance = (albedo * diffuse + sun_irradiance * gloss * sun) / pi
    return radiance * batch.exposure[picture, None], batch.people.identity[person]


def shade_places(
    batch: SceneBatch, light: Light, noise: MipTexture, seen: Fragments, picture: Tensor
) -> tuple[Tensor, Tensor]:
    """Radiance (N, 3) and identities (N,), 0 or -1, of fragments of places."""
    corners = batch.place.vertices.view(-1, 3, 17)[seen.triangle]
    shares = seen.shares.float()[..., None]
    inner = (shares * corners[..., :9]).sum(1)
    world, normal, local = inner[:, :3], normalize(inner[:, 3:6], dim=1), inner[:, 6:8]
    slopes = seen.slopes(corners[..., 6:8], local)
    albedo = _place_albedo(
        batch, noise, corners[:, 2, 9:], local, footprint_of(*slopes), normal, picture
    )
    low = world[:, 2] < 0.01
    shaded = 1 - light.contact.darkness(picture, world)
    is_open = torch.where(low, shaded, 0.6 + 0.4 * (world[:, 2] / 0.5).clamp(0, 1))[:, None]
    sun = (normal * batch.sun_direction[picture]).sum(1).clamp(min=0)
    sun = (sun * sunlit(batch, light.shadow_maps, picture, world, normal))[:, None]
    sky_light = irradiance(batch.harmonics[picture], normal) * is_open
    sun_light = batch.sun_irradiance[picture] * sun * (0.6 + 0.4 * is_open)
    radiance = albedo * (sky_light + sun_light) / pi * batch.exposure[picture, None]
    return radiance, -(world[:, 2] > ON_GROUND_M).long()


def shade_sky(
    batch: SceneBatch, panoramas: Tensor, picture: Tensor, column: Tensor, row: Tensor
) -> Tensor:
    """Radiance (N, 3) of pixels that show nothing but one of the panoramas (S, H, W, 3)."""
    pixel = torch.stack([column + 0.5, row + 0.5, torch.ones_like(column)], 1)
    x, y, z = normalize((batch.from_pixels[picture] * pixel[:, None]).sum(2), dim=1).unbind(1)
    place = torch.stack([0.5 + torch.atan2(x, y) / (2 * pi), z.clamp(-1, 1).acos() / pi], 1)
    radiance = linear_at(panoramas, batch.sky[picture], place, around=True)
    return radiance.clamp(max=BRIGHTEST_SKY) * batch.exposure[picture, None]


def developed(radiance: Tensor) -> Tensor:
    """Radiance (..., 3) to uint8: filmic curve (Narkowicz 2015) and gamma."""
    curve = radiance * (2.51 * radiance + 0.03) / (radiance * (2.43 * radiance + 0.59) + 0.14)
    return (curve.clamp(0, 1) ** (1 / 2.2) * 255 + 0.5).to(torch.uint8)


def _hue_turned(colour: Tensor, angle: Tensor) -> Tensor:
    """Colours (N, 3) turned about grey by angles (N, 1) in rad."""
    red, green, blue = colour.unbind(1)
    across = torch.stack([blue - green, red - blue, green - red], 1) / sqrt(3)
    cosine = angle.cos()
    grey = colour.sum(1, keepdim=True) / 3
    return colour * cosine + across * angle.sin() + grey * (1 - cosine)


def _place_albedo(
    batch: SceneBatch,
    noise: MipTexture,
    looks: Tensor,
    local: Tensor,
    footprint: Tensor,
    normal: Tensor,
    picture: Tensor,
) -> Tensor:
    """Colours (N, 3) of surfaces; looks (N, 8) are two albedos, pattern and scale."""
    pattern, scale = looks[:, 6].long(), looks[:, 7:]

    def mottle(frequency: float, channel: int) -> Tensor:
        layer = torch.zeros_like(pattern)
        return noise.at(layer, local * frequency, footprint * frequency)[:, channel] - 0.5

    mixed = mottle(0.31, 0) * 1.1 + mottle(0.023, 1) * 1.2 + mottle(1.7, 2) + mottle(0.11, 1) * 0.8
    albedo = torch.lerp(looks[:, :3], looks[:, 3:6], (mixed + 0.5).clamp(0, 1)[:, None])
    stretch = torch.tensor([4.0, 0.6], device=local.device)
    cell = local * scale
    cell = torch.where((pattern == _PLANKS)[:, None], cell * stretch, cell)
    edge = (cell - cell.floor() - 0.5).abs().amax(1)
    joint = ((edge - 0.485) / 0.01).clamp(0, 1)
    joint = joint * joint * (3 - 2 * joint)
    tiled = (1 - 0.5 * joint) * (0.85 + 0.3 * _random(cell.floor()))
    has_cells = (pattern == _TILES) | (pattern == _PLANKS)
    albedo = albedo * torch.where(has_cells, tiled, 1.0)[:, None]
    panes = local * torch.tensor([0.4, 0.33], device=local.device)
    x, y = (panes - panes.floor()).unbind(1)
    glazed = (pattern == _WINDOWS) & (normal[:, 2].abs() < 0.5)
    glazed = glazed & (x >= 0.25) & (x <= 0.75) & (y >= 0.3) & (y <= 0.85)
    up = torch.tensor([[0.0, 0, 1]], device=local.device).expand(len(batch.harmonics), 3)
    from_above = irradiance(batch.harmonics, up)[picture] / pi
    glass = torch.tensor([0.05, 0.07, 0.1], device=local.device) + 0.15 * from_above * _random(
        panes.floor()
    ).unsqueeze(1)
    return torch.where(glazed[:, None], glass, albedo)


def _random(cell: Tensor) -> Tensor:
    """A number (N,) from 0 to 1 for each cell (N, 2)."""
    value = (cell[:, 0] * 12.9 + cell[:, 1] * 78.2).sin() * 43758.5
    return value - value.floor()
