"""The second renderer: whole batches of scenes in torch, on CUDA or CPU, without OpenGL.

It draws what drawing/render_gl.py draws: the same levels of detail, shadows, light, patterns and
identities. The steps, each one for all pictures at once:

1. scene_batch.py: scenes become tensors; people are sorted from near to far as OpenGL draws them.
2. posing.py: linear blend skinning; people and places become one list of triangles.
3. rasterizer.py: triangles to pixels, for the cameras and, with the suns as cameras, for the
   shadow maps. At 512 x 320 with 20 people there are about 170,000 triangles a picture, most of them
   near pixel size thanks to the levels of detail. Testing all pixels of their bounding rectangles
   is about three candidates for each triangle that holds a pixel's centre; a hierarchy of tiles
   would cost more than it saves there, and serves large triangles alone. In all, 0.3 to 1 million
   candidates a picture, and up to 3 million in a shadow map of 1024 x 1024.
4. shading.py, light.py, textures.py: each pixel is shaded once, for what it shows (deferred).
5. Colour, identity and depth of the pixels; `render` copies them to the host.

Sums of floating-point numbers never depend on the order of threads (scatter operations use minimum
or whole numbers), so that a scene looks the same every time, alone or among others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from pandanet_core.crowd.drawing.geometry_gl import noise_texture
from pandanet_core.crowd.drawing.render_gl import FAR_M, NEAR_M, SkyByName
from pandanet_core.crowd.drawing.targets import SHADOW_SIZE_PX, Rendering
from pandanet_core.crowd.drawing.torch_renderer.cast_meshes import CastMeshes
from pandanet_core.crowd.drawing.torch_renderer.light import contact_shadows_of
from pandanet_core.crowd.drawing.torch_renderer.posing import Holes, PosedPeople, gathered, pose
from pandanet_core.crowd.drawing.torch_renderer.rasterizer import Canvas, Drawn, rasterize
from pandanet_core.crowd.drawing.torch_renderer.scene_batch import SceneBatch, batch_of
from pandanet_core.crowd.drawing.torch_renderer.shading import (
    Light,
    developed,
    shade_people,
    shade_places,
    shade_sky,
)
from pandanet_core.crowd.drawing.torch_renderer.textures import MipTexture
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Material
from pandanet_core.crowd.scenes.scene import Scene

PIXELS_AT_ONCE = {"cpu": 1, "cuda": 3_000_000}
"""Larger batches are drawn in parts (of one picture at least), so that memory does not grow with
them; small parts suit a processor's cache, large ones keep a GPU busy."""

SKY_DEPTH_M = 1e6
_BRIGHTEST_TEXEL = 50


@dataclass(frozen=True)
class Renderings:
    """B drawn scenes, still on the device.

    Attributes:
        image: (B, H, W, 3) uint8 RGB.
        identity: (B, H', W') int16, supersampled: a person's identity, 0 ground or sky, -1 other
            things.
        depth: (B, H', W') float32 distance along the optical axis, m; 1e6 for the sky.
    """

    image: Tensor
    identity: Tensor
    depth: Tensor


class TorchRenderer:
    """Keeps a cast on a device and draws scenes of one picture size."""

    def __init__(
        self,
        cast: Cast,
        skies: SkyByName,
        width: int,
        height: int,
        device: torch.device | str,
        supersampling: int = 1,
    ) -> None:
        """Copy the cast to the device. Scenes are drawn `supersampling` times as large."""
        self._cast, self._skies, self._supersampling = cast, skies, supersampling
        self._size = (width * supersampling, height * supersampling)
        self._device = torch.device(device)
        self._meshes = CastMeshes.of(cast, self._device)
        self._noise = MipTexture.of(torch.from_numpy(noise_texture()[None]).to(self._device))
        self._panoramas: dict[str, Tensor] = {}

    def render(self, scenes: Sequence[Scene]) -> list[Rendering]:
        """Draw scenes; the pictures come back to the host."""
        return [drawing for part in self.render_on_device(scenes) for drawing in _on_host(part)]

    def render_on_device(self, scenes: Sequence[Scene]) -> Iterator[Renderings]:
        """Draw scenes part by part; the pictures stay where they were made."""
        width, height = self._size
        most = max(1, PIXELS_AT_ONCE[self._device.type] // (width * height))
        for start in range(0, len(scenes), most):
            yield self._render(scenes[start : start + most])

    @torch.no_grad()
    def _render(self, scenes: Sequence[Scene]) -> Renderings:
        batch = batch_of(scenes, self._cast, self._skies, self._device, self._supersampling)
        light = Light(self._shadow_maps(batch), contact_shadows_of(batch))
        people = pose(self._meshes, batch.people, batch.people.level)
        canvas = Canvas(len(scenes), *self._size, NEAR_M, FAR_M)
        everything = gathered(people, batch, shadows=False)
        holes = self._holes(people, len(everything.faces), batch.people.solid_hair)
        drawn = rasterize(everything.seen_by_cameras(batch), canvas, holes.keeps)
        return self._shaded(batch, light, people, drawn, canvas)

    def _shadow_maps(self, batch: SceneBatch) -> Tensor:
        """How far from the sun's plane the first thing is, (B, 1024, 1024) from 0 to 1."""
        people = pose(self._meshes, batch.people, batch.people.shadow_level)
        everything = gathered(people, batch, shadows=True)
        canvas = Canvas(len(batch.eye), SHADOW_SIZE_PX, SHADOW_SIZE_PX, 0.0, 1.0)
        solid_hair = torch.ones_like(batch.people.solid_hair)
        holes = self._holes(people, len(everything.faces), solid_hair)
        drawn = rasterize(everything.seen_by_suns(batch, SHADOW_SIZE_PX), canvas, holes.keeps)
        return drawn.depth.clamp(max=1.0).view(-1, SHADOW_SIZE_PX, SHADOW_SIZE_PX)

    def _holes(self, people: PosedPeople, triangles: int, solid_hair: Tensor) -> Holes:
        """Which triangles may have holes: not places, and not hair where it is solid."""
        hair = self._meshes.material[people.face] == Material.HAIR
        holed = self._meshes.has_holes[people.face] & ~(hair & solid_hair[people.person])
        of_places = holed.new_zeros(triangles - len(holed))
        return Holes(self._meshes, people, torch.cat([holed, of_places]))

    def _shaded(
        self, batch: SceneBatch, light: Light, people: PosedPeople, drawn: Drawn, canvas: Canvas
    ) -> Renderings:
        width, height, pixels = canvas.width, canvas.height, canvas.width * canvas.height
        radiance = torch.zeros(len(drawn.slot), 3, device=self._device)
        identity = torch.zeros(len(drawn.slot), dtype=torch.int64, device=self._device)
        is_empty = drawn.slot < 0
        # Slots are in the order of triangles, of which people's come first.
        is_person = ~is_empty & (drawn.slot < (drawn.triangle < len(people.faces)).sum())
        where = is_person.nonzero()[:, 0]
        radiance[where], identity[where] = shade_people(
            batch, light, self._meshes, people, drawn.at(where, canvas), where // pixels
        )
        where = (~is_empty & ~is_person).nonzero()[:, 0]
        seen = drawn.at(where, canvas).shifted(-len(people.faces))
        radiance[where], identity[where] = shade_places(
            batch, light, self._noise, seen, where // pixels
        )
        where = is_empty.nonzero()[:, 0]
        radiance[where] = shade_sky(
            batch,
            torch.stack([self._panorama(name) for name in batch.skies]),
            where // pixels,
            where % width,
            where % pixels // width,
        )
        shape = (canvas.pictures, height, width)
        return Renderings(
            image=developed(self._reduced(radiance.view(*shape, 3))),
            identity=identity.to(torch.int16).view(shape),
            depth=drawn.depth.clamp(max=SKY_DEPTH_M).view(shape),
        )

    def _reduced(self, radiance: Tensor) -> Tensor:
        """Supersampled radiance (B, H', W', 3) at the size of the pictures."""
        if self._supersampling == 1:
            return radiance
        return avg_pool2d(radiance.movedim(3, 1), self._supersampling).movedim(1, 3)

    def _panorama(self, name: str) -> Tensor:
        """A sky's panorama (512, 1024, 3); half precision, as OpenGL keeps it."""
        if name not in self._panoramas:
            texels = np.clip(self._skies[name].panorama, 0, _BRIGHTEST_TEXEL).astype(np.float16)
            self._panoramas[name] = torch.from_numpy(texels).to(self._device)
        return self._panoramas[name]


def _on_host(drawn: Renderings) -> list[Rendering]:
    arrays = (drawn.image.cpu().numpy(), drawn.identity.cpu().numpy(), drawn.depth.cpu().numpy())
    return [
        Rendering(image, identity, depth) for image, identity, depth in zip(*arrays, strict=True)
    ]
