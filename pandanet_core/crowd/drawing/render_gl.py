"""Drawing a scene with OpenGL through EGL: no screen, and software OpenGL is enough."""

from ctypes.util import find_library
from typing import Any, Protocol

import moderngl
import numpy as np
from numpy.typing import NDArray

from pandanet_core.crowd.drawing.contact_shadows import SIZE_PX as CONTACT_SIZE_PX
from pandanet_core.crowd.drawing.contact_shadows import contact_shadows
from pandanet_core.crowd.drawing.geometry_gl import (
    VERTEX_FORMAT,
    VERTEX_NAMES,
    noise_texture,
    place_vertices,
)
from pandanet_core.crowd.drawing.people_gl import PeopleOnDevice
from pandanet_core.crowd.drawing.programs import Unit, compile_programs, set_uniforms
from pandanet_core.crowd.drawing.targets import Rendering, Targets
from pandanet_core.crowd.people.cast import Cast
from pandanet_core.crowd.scenes.scene import Scene, View, pelvises_of
from pandanet_core.crowd.scenes.sky import HEIGHT_PX, WIDTH_PX, Sky
from pandanet_core.errors import UserError

Floats = NDArray[np.floating[Any]]

NEAR_M, FAR_M = 0.1, 200.0
MOST_PLACE_VERTICES = 36 * 2000
LEVEL_ABOVE_PX = (230, 115, 70, 45)
"""People taller than this in the picture are drawn with level of detail 0, 1, 2, 3; others with 4."""

SHADOW_LEVEL = 3
"""The finest level of detail that casts shadows."""

SOLID_HAIR_LEVEL = 2
"""From this level of detail on, hair has no gaps: its triangles are too coarse for them."""

SHADOW_REACH_M, SHADOW_MARGIN_M, SHADOW_DEPTH_M = 45.0, 3.0, 60.0


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
    """Keeps a cast on the OpenGL device and draws scenes of one picture size."""

    def __init__(
        self, cast: Cast, skies: SkyByName, width: int, height: int, supersampling: int = 1
    ) -> None:
        """UserError where no OpenGL 4.3 can be had through EGL."""
        self._cast, self._skies = cast, skies
        self._gl = gl = open_device()
        self._programs = programs = compile_programs(gl)
        self._targets = Targets(gl, width, height, supersampling)
        self._people = PeopleOnDevice(gl, programs, cast)
        self._panoramas: dict[str, Any] = {}
        self._contact = gl.texture((CONTACT_SIZE_PX, CONTACT_SIZE_PX), 1)
        noise = noise_texture()
        self._noise = gl.texture(noise.shape[1::-1], 3, noise.tobytes())
        self._noise.build_mipmaps()
        self._noise.filter = (moderngl.LINEAR_MIPMAP_NEAREST, moderngl.LINEAR)
        self._place = gl.buffer(reserve=MOST_PLACE_VERTICES * 4 * 17)
        whole = [(self._place, VERTEX_FORMAT, *VERTEX_NAMES)]
        position_only = [(self._place, "3f 56x", "position")]
        self._place_array = gl.vertex_array(programs.place, whole)
        self._place_depth_array = gl.vertex_array(programs.place_depth, position_only)
        corners = gl.buffer(np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4").tobytes())
        self._sky_array = gl.vertex_array(programs.sky, [(corners, "2f", "corner")])
        self._develop_array = gl.vertex_array(programs.develop, [(corners, "2f", "corner")])

    def render(self, scene: Scene) -> Rendering:
        """Draw a scene of at most 64 people."""
        with self._gl:  # another renderer's context may be the current one
            return self._render(scene)

    def _render(self, scene: Scene) -> Rendering:
        pelvises = pelvises_of(scene.people, self._cast.characters)
        distances = np.linalg.norm(pelvises - scene.view.eye, axis=1)
        levels = [
            level_of_detail(scene, self._cast.characters[person.character].stature, distance)
            for person, distance in zip(scene.people, distances.tolist(), strict=True)
        ]
        vertices = place_vertices(scene)
        self._place.write(vertices.tobytes())
        if scene.people:
            skins = np.stack([person.skin for person in scene.people])
            self._people.skins.write(skins.astype(np.float32).tobytes())
        self._people.skins.bind_to_storage_buffer(0)
        to_shadow = shadow_matrix(scene.view, pelvises, self._skies[scene.sky].sun_direction)
        self._set_light(scene, to_shadow)
        self._gl.enable(moderngl.DEPTH_TEST)
        self._draw_shadows(scene, levels, len(vertices), to_shadow)
        self._draw_scene(scene, levels, np.argsort(distances), len(vertices))
        self._gl.disable(moderngl.DEPTH_TEST)
        self._targets.picture.use()
        self._targets.radiance.use(Unit.RADIANCE)
        self._develop_array.render(moderngl.TRIANGLE_STRIP)
        return self._targets.read_back()

    def _draw_shadows(
        self, scene: Scene, levels: list[int], place_count: int, to_shadow: Floats
    ) -> None:
        self._targets.shadow.use()
        self._targets.shadow.clear(depth=1.0)
        set_uniforms(self._programs.person_shadow, to_clip=to_shadow)
        set_uniforms(self._programs.place_depth, to_clip=to_shadow)
        for index, person in enumerate(scene.people):
            first_bone = index * self._people.bone_count
            set_uniforms(self._programs.person_shadow, first_bone=first_bone)
            self._people.shadows[person.character][max(SHADOW_LEVEL, levels[index])].render()
        self._place_depth_array.render(vertices=place_count)

    def _draw_scene(
        self, scene: Scene, levels: list[int], near_to_far: NDArray[np.intp], place_count: int
    ) -> None:
        """People from near to far, so that what is hidden costs little; then the place and the sky."""
        to_clip = clip_matrix(scene.view)
        self._targets.scene.use()
        self._targets.scene.clear(0, 0, 0, 1)
        self._targets.shadow_map.use(Unit.SHADOW)
        set_uniforms(self._programs.person, to_clip=to_clip)
        for index in near_to_far.tolist():
            person = scene.people[index]
            set_uniforms(
                self._programs.person,
                first_bone=index * self._people.bone_count,
                identity=float(person.identity),
                tints=person.tints,
                solid_hair=levels[index] >= SOLID_HAIR_LEVEL,
            )
            self._people.drawn[person.character][levels[index]].render()
        set_uniforms(self._programs.place, to_clip=to_clip)
        set_uniforms(self._programs.place_depth, to_clip=to_clip)
        set_uniforms(
            self._programs.sky,
            from_clip=np.linalg.inv(to_clip),
            eye=scene.view.eye,
            exposure=scene.exposure,
        )
        # Depth first: what stands in front of other things is shaded only once then.
        self._targets.scene_depth.use()
        self._place_depth_array.render(vertices=place_count)
        self._targets.scene.use()
        self._gl.depth_func = "<="
        self._place_array.render(vertices=place_count)
        self._sky_array.render(moderngl.TRIANGLE_STRIP)
        self._gl.depth_func = "<"

    def _set_light(self, scene: Scene, to_shadow: Floats) -> None:
        sky = self._skies[scene.sky]
        if sky.name not in self._panoramas:
            texels = np.clip(sky.panorama, 0, 50).astype(np.float16)
            panorama = self._gl.texture((WIDTH_PX, HEIGHT_PX), 3, texels.tobytes(), dtype="f2")
            panorama.repeat_y = False
            self._panoramas[sky.name] = panorama
        corner, size, picture = contact_shadows(scene, self._cast.characters)
        self._contact.write(picture.tobytes())
        self._people.textures.use(Unit.TEXTURES)
        self._noise.use(Unit.NOISE)
        self._panoramas[sky.name].use(Unit.PANORAMA)
        self._contact.use(Unit.CONTACT)
        for program in (self._programs.person, self._programs.place):
            set_uniforms(
                program,
                harmonics=sky.harmonics,
                sun_direction=sky.sun_direction,
                sun_irradiance=sky.sun_irradiance * scene.light.sun,
                eye=scene.view.eye,
                forward=scene.view.rotation[2],
                exposure=scene.exposure,
                to_shadow=to_shadow,
            )
        area = np.concatenate([corner, 1 / size])
        set_uniforms(self._programs.place, contact_area=area)


def shadow_matrix(view: View, pelvises: Floats, towards_sun: Floats) -> Floats:
    """World to the clip space (4, 4) of a parallel view from the sun over people (N, 3) near enough."""
    near = pelvises[np.linalg.norm(pelvises - view.eye, axis=1) < SHADOW_REACH_M]
    centre, radius = view.eye + 8 * view.rotation[2], 5.0
    if len(near):
        centre = near.mean(0)
        radius = float(np.linalg.norm(near[:, :2] - centre[:2], axis=1).max())
    radius += SHADOW_MARGIN_M
    right = np.cross([0.0, 0, 1], towards_sun + np.array([1e-3, 2e-3, 0]))
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(towards_sun, right), -towards_sun])
    matrix = np.eye(4)
    matrix[:3, :3] = rotation / np.array([[radius], [radius], [SHADOW_DEPTH_M]])
    matrix[:3, 3] = -matrix[:3, :3] @ centre
    return matrix


def level_of_detail(scene: Scene, stature: float, distance: float) -> int:
    """0 is the finest; see LEVEL_ABOVE_PX. `stature` and `distance` in m."""
    height_px = scene.view.camera.fy * stature / max(distance, 0.3)
    return sum(height_px <= limit for limit in LEVEL_ABOVE_PX)


def open_device() -> Any:
    """An OpenGL context without a screen; UserError where there can be none."""
    try:
        return moderngl.create_context(standalone=True, backend="egl", require=430)  # type: ignore[arg-type]
    except Exception as error:
        said = str(error).rstrip(".")
        raise UserError(f"OpenGL 4.3 cannot be used here ({said}): {_remedy(said)}.") from error


def _remedy(said: str) -> str:
    """What to do, by the loader's words."""
    if "not loaded" in said:
        libraries = {"EGL": "libegl1", "GL": "libgl1"}
        missing = [package for name, package in libraries.items() if find_library(name) is None]
        return f"a library is missing; install {' and '.join(missing) or 'libegl1'}"
    if "eglCreateContext" in said:
        return "the graphics driver is too old; update it or install libgl1-mesa-dri"
    return "a graphics driver is missing; install libgl1-mesa-dri"
