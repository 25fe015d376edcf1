"""A cast on the OpenGL device: textures, and every character at five levels of detail."""

from typing import Any

import moderngl
import numpy as np

from pandanet_core.crowd.drawing.programs import Programs
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character

MOST_PEOPLE = 64

_VERTEX = np.dtype(
    [
        ("position", "3f4"),
        ("normal", "3f4"),
        ("uv", "2f4"),
        ("bones", "4u1"),
        ("shares", "4f4"),
        ("looks", "4u1"),
    ]
)
_DRAWN = ("3f 3f 2f 4u1 4f 4u1", "position", "normal", "uv", "bones", "shares", "looks")
_IN_SHADOW = ("3f 12x 2f 4u1 4f 4u1", "position", "uv", "bones", "shares", "looks")


class PeopleOnDevice:
    """Vertex arrays by character and level of detail: `drawn` and `shadows`."""

    def __init__(self, gl: Any, programs: Programs, cast: Cast) -> None:
        layers = cast.textures
        size = (layers.shape[2], layers.shape[1], len(layers))
        self.textures = gl.texture_array(size, 4, layers.tobytes())
        self.textures.build_mipmaps()
        self.textures.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        self.bone_count = len(cast.rig.bones)
        self.skins = gl.buffer(reserve=MOST_PEOPLE * self.bone_count * 3 * 16)
        self.drawn: list[list[Any]] = []
        self.shadows: list[list[Any]] = []
        for character in cast.characters:
            vertices = gl.buffer(_packed(character).tobytes())
            levels = [gl.buffer(faces.astype(np.uint32).tobytes()) for faces in character.faces]
            drawn, shadow = (vertices, *_DRAWN), (vertices, *_IN_SHADOW)
            self.drawn.append([gl.vertex_array(programs.person, [drawn], i) for i in levels])
            self.shadows.append(
                [gl.vertex_array(programs.person_shadow, [shadow], i) for i in levels]
            )


def _packed(character: Character) -> np.ndarray:
    """Vertices as the shader wants them, one record each."""
    packed = np.zeros(len(character.vertices), _VERTEX)
    packed["position"], packed["normal"] = character.vertices, character.normals
    packed["uv"], packed["bones"], packed["shares"] = (
        character.uvs,
        character.bones,
        character.shares,
    )
    packed["looks"][:, 0], packed["looks"][:, 1] = character.textures, character.materials
    return packed
