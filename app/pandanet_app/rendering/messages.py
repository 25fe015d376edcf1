"""What the client and the renderer's process say to each other."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pandanet_core.errors import UserError


class RendererUnavailable(UserError):
    """The 3D view cannot be drawn on this machine, or its process has ended."""


@dataclass(frozen=True)
class Ready:
    """The process has an OpenGL context and waits for requests."""


@dataclass(frozen=True)
class Failed:
    """The process cannot draw and ends; `reason` says why, in the words of whatever failed."""

    reason: str


@dataclass(frozen=True)
class Drawn:
    """A picture of height x width pixels (RGB, rows without gaps) lies in the shared memory."""

    generation: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class RenderedImage:
    """A finished picture.

    Attributes:
        generation: What `SceneRenderer.render` returned for its request.
        image: (height, width, 3) uint8 RGB, contiguous; the receiver owns it.
        latency_s: Seconds from the request to the finished picture.
    """

    generation: int
    image: NDArray[np.uint8]
    latency_s: float
