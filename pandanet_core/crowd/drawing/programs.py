"""The shader programs and the texture units that they read from."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np


class Unit(IntEnum):
    """Texture units."""

    TEXTURES = 0
    NOISE = 1
    SHADOW = 2
    PANORAMA = 3
    CONTACT = 4
    RADIANCE = 5


@dataclass(frozen=True)
class Programs:
    """Compiled programs: people drawn and in shadow maps, places drawn and their depth, sky, development."""

    person: Any
    person_shadow: Any
    place: Any
    place_depth: Any
    sky: Any
    develop: Any


def compile_programs(gl: Any) -> Programs:
    """Compile the shaders of this folder for an OpenGL context."""
    lit = "#version 430\n" + _shader("light.glsl")
    programs = Programs(
        person=gl.program(_shader("person.vert"), lit + _shader("person.frag")),
        person_shadow=gl.program(_shader("person.vert"), _shader("person_shadow.frag")),
        place=gl.program(_shader("place.vert"), lit + _shader("place.frag")),
        place_depth=gl.program(_shader("place.vert"), _shader("empty.frag")),
        sky=gl.program(_shader("screen.vert"), _shader("sky.frag")),
        develop=gl.program(_shader("screen.vert"), _shader("develop.frag")),
    )
    set_uniforms(programs.person, textures=Unit.TEXTURES, shadow_map=Unit.SHADOW)
    set_uniforms(programs.person_shadow, textures=Unit.TEXTURES)
    set_uniforms(programs.place, noise=Unit.NOISE, contact=Unit.CONTACT, shadow_map=Unit.SHADOW)
    set_uniforms(programs.sky, panorama=Unit.PANORAMA)
    set_uniforms(programs.develop, radiance=Unit.RADIANCE)
    return programs


def set_uniforms(program: Any, **values: Any) -> None:
    """Set uniforms: numbers as they are, arrays as 32-bit floats, matrices column by column."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            matrix = value.T if value.shape == (4, 4) else value
            program[name].write(np.ascontiguousarray(matrix, np.float32).tobytes())
        else:
            program[name].value = int(value) if isinstance(value, IntEnum) else value


def _shader(name: str) -> str:
    return (Path(__file__).parent / "shaders" / name).read_text()
