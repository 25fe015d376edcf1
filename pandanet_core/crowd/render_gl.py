"""Drawing a scene with OpenGL through EGL: no screen, and software OpenGL is enough."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.contact_shadows import SIZE_PX as CONTACT_SIZE_PX
from pandanet_core.crowd.contact_shadows import contact_shadows
from pandanet_core.crowd.geometry_gl import (
    VERTEX_FORMAT,
    VERTEX_NAMES,
    noise_texture,
    place_vertices,
)
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.people.character import Character
from pandanet_core.crowd.scene import Scene, View
from pandanet_core.crowd.sky import HEIGHT_PX, WIDTH_PX, Sky
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

NEAR_M, FAR_M = 0.1, 200.0
SHADOW_SIZE_PX = 1024
MOST_PEOPLE, MOST_PLACE_VERTICES = 64, 36 * 200
LEVEL_ABOVE_PX = (230, 115, 70, 45)
"""People taller than this in the picture are drawn with level of detail 0, 1, 2, 3; the others with 4."""

SHADOW_LEVEL = 3
"""The finest level of detail that casts shadows."""

SOLID_HAIR_LEVEL = 2
"""From this level of detail on, hair has no gaps: its triangles are too coarse for them."""

# Texture units.
_TEXTURES, _NOISE, _SHADOW, _PANORAMA, _CONTACT, _RADIANCE = range(6)


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


def clip_matrix(view: View) -> Floats:
    """World (x, y, z, 1) to OpenGL's clip space, (4, 4); w is the depth along the optical axis."""
    camera, middle = view.camera, FAR_M - NEAR_M
    width, height = camera.width, camera.height
    projection = np.array(
        [
            [2 * camera.fx / width, 0, 2 * camera.cx / width - 1, 0],
            [0, -2 * camera.fy / height, 1 - 2 * camera.cy / height, 0],
            [0, 0, (FAR_M + NEAR_M) / middle, -2 * FAR_M * NEAR_M / middle],
            [0, 0, 1, 0],
        ]
    )
    to_camera = np.eye(4)
    to_camera[:3, :3] = view.rotation
    to_camera[:3, 3] = -view.rotation @ view.eye
    return projection @ to_camera


class SkyByName(Protocol):
    """A dict of skies, or folders.Skies, which makes them when they are needed."""

    def __getitem__(self, name: str, /) -> Sky: ...


class Renderer:
    """Keeps a cast and its textures on the OpenGL device and draws scenes of one picture size."""

    def __init__(
        self, cast: Cast, skies: SkyByName, width: int, height: int, supersampling: int = 1
    ) -> None:
        """UserError where no OpenGL 4.3 can be had through EGL."""
        try:
            import moderngl

            self._gl = moderngl.create_context(standalone=True, backend="egl", require=430)  # type: ignore[arg-type]
        except Exception as error:
            raise UserError(
                f"OpenGL 4.3 cannot be used here ({error}); install libegl1 and libgl1-mesa-dri and the "
                "Python package moderngl."
            ) from error
        self._moderngl = moderngl
        self._cast, self._skies = cast, skies
        self._panoramas: dict[str, Any] = {}
        self._size, self._inner = (width, height), (width * supersampling, height * supersampling)
        self._make_programs()
        self._make_targets()
        self._bodies = [self._upload(character) for character in cast.characters]
        bones = len(cast.rig.bones)
        self._skins = self._gl.buffer(reserve=MOST_PEOPLE * bones * 3 * 16)
        self._place = self._gl.buffer(reserve=MOST_PLACE_VERTICES * 4 * 17)
        parts = [(self._place, VERTEX_FORMAT, *VERTEX_NAMES)]
        self._place_array = self._gl.vertex_array(self._place_program, parts)
        position_only = [(self._place, "3f 56x", "position")]
        self._place_shadow_array = self._gl.vertex_array(self._place_shadow, position_only)
        corners = self._gl.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())
        self._sky_array = self._gl.vertex_array(self._sky_program, [(corners, "2f", "corner")])
        self._develop_array = self._gl.vertex_array(self._develop, [(corners, "2f", "corner")])

    def render(self, scene: Scene) -> Rendering:
        """Draw a scene of at most 64 people."""
        gl, view = self._gl, scene.view
        to_clip, to_shadow = clip_matrix(view), self._shadow_matrix(scene)
        vertices = place_vertices(scene)
        self._place.write(vertices.tobytes())
        if scene.people:
            self._skins.write(np.stack([person.skin for person in scene.people]).tobytes())
        self._skins.bind_to_storage_buffer(0)
        levels = [self._level(scene, index) for index in range(len(scene.people))]
        self._set_light(scene, to_shadow)

        gl.enable(self._moderngl.DEPTH_TEST)
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        _set(self._person_shadow, to_clip=to_shadow)
        _set(self._place_shadow, to_clip=to_shadow)
        for index, person in enumerate(scene.people):
            _set(self._person_shadow, first_bone=index * len(self._cast.rig.bones))
            self._bodies[person.character][max(SHADOW_LEVEL, levels[index])][1].render()
        self._place_shadow_array.render(vertices=len(vertices))

        self._target.use()
        self._target.clear(0, 0, 0, 1)
        self._shadow_map.use(_SHADOW)
        _set(self._person_program, to_clip=to_clip)
        distance = [
            float(np.linalg.norm(person.skin[0, :, 3] - view.eye)) for person in scene.people
        ]
        for index in np.argsort(distance):
            person = scene.people[index]
            first_bone = int(index) * len(self._cast.rig.bones)
            _set(
                self._person_program,
                first_bone=first_bone,
                identity=float(person.identity),
                tints=person.tints,
            )
            _set(self._person_program, solid_hair=levels[index] >= SOLID_HAIR_LEVEL)
            self._bodies[person.character][levels[index]][0].render()
        _set(self._place_program, to_clip=to_clip)
        self._place_array.render(vertices=len(vertices))
        _set(
            self._sky_program,
            from_clip=np.linalg.inv(to_clip),
            eye=view.eye,
            exposure=scene.exposure,
        )
        gl.depth_func = "<="
        self._sky_array.render(self._moderngl.TRIANGLE_STRIP)
        gl.depth_func = "<"
        gl.disable(self._moderngl.DEPTH_TEST)
        self._picture_target.use()
        self._radiance.use(_RADIANCE)
        self._develop_array.render(self._moderngl.TRIANGLE_STRIP)
        return self._read_back()

    def _read_back(self) -> Rendering:
        (width, height), (wide, high) = self._size, self._inner
        image = np.frombuffer(self._picture.read(alignment=1), np.uint8).reshape(height, width, 3)
        labels = np.frombuffer(self._labels.read(), np.float32).reshape(high, wide, 2)[::-1]
        return Rendering(
            image=np.ascontiguousarray(image[::-1]),
            identity=labels[..., 0].astype(np.int16),
            depth=np.ascontiguousarray(labels[..., 1]),
        )

    def _level(self, scene: Scene, index: int) -> int:
        """Level of detail by the person's height in the picture."""
        person, camera = scene.people[index], scene.view.camera
        distance = max(float(np.linalg.norm(person.skin[0, :, 3] - scene.view.eye)), 0.3)
        height = camera.fy * self._cast.characters[person.character].stature / distance
        return sum(height <= limit for limit in LEVEL_ABOVE_PX)

    def _shadow_matrix(self, scene: Scene) -> Floats:
        """World to the clip space of an orthographic view from the sun over all people."""
        places = np.array([person.skin[0, :, 3] for person in scene.people]).reshape(-1, 3)
        near = (
            places[np.linalg.norm(places - scene.view.eye, axis=1) < 45] if len(places) else places
        )
        centre = near.mean(0) if len(near) else scene.view.eye + 8 * scene.view.rotation[2]
        reach = np.linalg.norm(near[:, :2] - centre[:2], axis=1).max() if len(near) else 5.0
        radius, depth = float(reach) + 3.0, 60.0
        towards = self._skies[scene.sky].sun_direction
        right = np.cross([0.0, 0, 1], towards + np.array([1e-3, 2e-3, 0]))
        right /= np.linalg.norm(right)
        up = np.cross(towards, right)
        rotation = np.stack([right, up, -towards])
        matrix = np.eye(4)
        matrix[:3, :3] = rotation * np.array([[1 / radius], [1 / radius], [1 / depth]])
        matrix[:3, 3] = -matrix[:3, :3] @ centre
        return matrix

    def _set_light(self, scene: Scene, to_shadow: Floats) -> None:
        sky = self._skies[scene.sky]
        if sky.name not in self._panoramas:
            texels = np.clip(sky.panorama, 0, 50).astype(np.float16)
            panorama = self._gl.texture((WIDTH_PX, HEIGHT_PX), 3, texels.tobytes(), dtype="f2")
            panorama.repeat_y = False
            self._panoramas[sky.name] = panorama
        corner, size, picture = contact_shadows(scene, self._cast.characters)
        self._contact.write(picture.tobytes())
        self._textures.use(_TEXTURES)
        self._noise.use(_NOISE)
        self._panoramas[sky.name].use(_PANORAMA)
        self._contact.use(_CONTACT)
        for program in (self._person_program, self._place_program):
            _set(
                program,
                harmonics=sky.harmonics,
                sun_direction=sky.sun_direction,
                sun_irradiance=sky.sun_irradiance,
                eye=scene.view.eye,
                forward=scene.view.rotation[2],
                exposure=scene.exposure,
                to_shadow=to_shadow,
            )
        _set(self._place_program, contact_area=np.concatenate([corner, 1 / size]))

    def _make_programs(self) -> None:
        light = _shader("light.glsl")
        lit = "#version 430\n" + light

        def program(vertex: str, fragment: str) -> Any:
            return self._gl.program(_shader(vertex), fragment)

        self._person_program = program("person.vert", lit + _shader("person.frag"))
        self._person_shadow = program("person.vert", _shader("person_shadow.frag"))
        self._place_program = program("place.vert", lit + _shader("place.frag"))
        self._place_shadow = program("place.vert", _shader("empty.frag"))
        self._sky_program = program("screen.vert", _shader("sky.frag"))
        self._develop = program("screen.vert", _shader("develop.frag"))
        _set(self._person_program, textures=_TEXTURES, shadow_map=_SHADOW)
        _set(self._person_shadow, textures=_TEXTURES)
        _set(self._place_program, noise=_NOISE, contact=_CONTACT, shadow_map=_SHADOW)
        _set(self._sky_program, panorama=_PANORAMA)
        _set(self._develop, radiance=_RADIANCE)

    def _make_targets(self) -> None:
        gl, moderngl = self._gl, self._moderngl
        smooth = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        layers = self._cast.textures
        self._textures = gl.texture_array(
            (layers.shape[2], layers.shape[1], len(layers)), 4, layers.tobytes()
        )
        self._textures.build_mipmaps()
        self._textures.filter = smooth
        noise = noise_texture()
        self._noise = gl.texture(noise.shape[1::-1], 3, noise.tobytes())
        self._noise.build_mipmaps()
        self._noise.filter = smooth
        self._contact = gl.texture((CONTACT_SIZE_PX, CONTACT_SIZE_PX), 1)
        self._shadow_map = gl.depth_texture((SHADOW_SIZE_PX, SHADOW_SIZE_PX))
        self._shadow_map.compare_func = "<="
        self._shadow_map.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._shadow_target = gl.framebuffer(depth_attachment=self._shadow_map)
        self._radiance = gl.texture(self._inner, 4, dtype="f2")
        self._radiance.filter = (moderngl.LINEAR, moderngl.LINEAR)
        self._labels = gl.texture(self._inner, 2, dtype="f4")
        depth = gl.depth_renderbuffer(self._inner)
        self._target = gl.framebuffer([self._radiance, self._labels], depth)
        self._picture = gl.texture(self._size, 3)
        self._picture_target = gl.framebuffer([self._picture])

    def _upload(self, character: Character) -> list[tuple[Any, Any]]:
        """Vertex arrays (to be drawn, to cast shadows) of every level of detail."""
        kind = [
            ("position", "3f4"),
            ("normal", "3f4"),
            ("uv", "2f4"),
            ("bones", "4u1"),
            ("shares", "4f4"),
            ("looks", "4u1"),
        ]
        packed = np.zeros(len(character.vertices), np.dtype(kind))
        packed["position"], packed["normal"], packed["uv"] = (
            character.vertices,
            character.normals,
            character.uvs,
        )
        packed["bones"], packed["shares"] = character.bones, character.shares
        packed["looks"][:, 0], packed["looks"][:, 1] = character.textures, character.materials
        buffer = self._gl.buffer(packed.tobytes())
        drawn = (
            buffer,
            "3f 3f 2f 4u1 4f 4u1",
            "position",
            "normal",
            "uv",
            "bones",
            "shares",
            "looks",
        )
        shadow = (buffer, "3f 12x 2f 4u1 4f 4u1", "position", "uv", "bones", "shares", "looks")
        arrays = []
        for faces in character.faces:
            indices = self._gl.buffer(np.ascontiguousarray(faces, np.uint32).tobytes())
            arrays.append(
                (
                    self._gl.vertex_array(self._person_program, [drawn], indices),
                    self._gl.vertex_array(self._person_shadow, [shadow], indices),
                )
            )
        return arrays


def _set(program: Any, **values: Any) -> None:
    """Set uniforms: numbers as they are, arrays as 32-bit floats, matrices column by column."""
    for name, value in values.items():
        if isinstance(value, np.ndarray):
            matrix = value.T if value.shape == (4, 4) else value
            program[name].write(np.ascontiguousarray(matrix, np.float32).tobytes())
        else:
            program[name].value = value


def _shader(name: str) -> str:
    return (Path(__file__).parent / "shaders" / name).read_text()
