"""Where OpenGL draws to: the picture, who is where at what depth, and the shadow map."""

from dataclasses import dataclass
from typing import Any

import moderngl
import numpy as np
from numpy.typing import NDArray

SHADOW_SIZE_PX = 1024


@dataclass(frozen=True)
class Rendering:
    """A drawn scene.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        identity: (H', W') int16, supersampled: a person's identity, 0 ground or sky, -1 other things.
        depth: (H', W') float32 distance along the optical axis, m.
    """

    image: NDArray[np.uint8]
    identity: NDArray[np.int16]
    depth: NDArray[np.float32]


class Targets:
    """Framebuffers for pictures of one size; the scene is drawn `supersampling` times as large."""

    def __init__(self, gl: Any, width: int, height: int, supersampling: int) -> None:
        self._size = (width, height)
        self._inner = (width * supersampling, height * supersampling)
        linear = (moderngl.LINEAR, moderngl.LINEAR)
        self.radiance = gl.texture(self._inner, 4, dtype="f2")
        self.radiance.filter = linear
        self._labels = gl.texture(self._inner, 2, dtype="f4")
        depth = gl.depth_renderbuffer(self._inner)
        self.scene = gl.framebuffer([self.radiance, self._labels], depth)
        self.scene_depth = gl.framebuffer(depth_attachment=depth)
        self._picture = gl.texture(self._size, 3)
        self.picture = gl.framebuffer([self._picture])
        self.shadow_map = gl.depth_texture((SHADOW_SIZE_PX, SHADOW_SIZE_PX))
        self.shadow_map.compare_func = "<="
        self.shadow_map.filter = linear
        self.shadow = gl.framebuffer(depth_attachment=self.shadow_map)

    def read_back(self) -> Rendering:
        """What was drawn, first row on top."""
        (width, height), (wide, high) = self._size, self._inner
        image = np.frombuffer(self._picture.read(alignment=1), np.uint8).reshape(height, width, 3)
        labels = np.frombuffer(self._labels.read(), np.float32).reshape(high, wide, 2)[::-1]
        return Rendering(
            image=np.ascontiguousarray(image[::-1]),
            identity=labels[..., 0].astype(np.int16),
            depth=np.ascontiguousarray(labels[..., 1]),
        )
