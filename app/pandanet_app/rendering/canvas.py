"""Open3D's classic Visualizer, drawing scene requests into arrays.

Importing this imports Open3D, which must not see a display: only the renderer's process does so.
"""

import cv2
import numpy as np
import open3d
from numpy.typing import NDArray

from pandanet_app.drawing.mesh3d import merged
from pandanet_app.drawing.scene3d import SceneRequest
from pandanet_app.drawing.skeleton3d import people_mesh
from pandanet_app.drawing.surroundings3d import picture_corners_m, surroundings_mesh
from pandanet_app.models.orbit_camera import NEAR_PLANE_M, OrbitCamera

FAR_PLANE_M = 1000.0

Vector3d = open3d.utility.Vector3dVector
Vector3i = open3d.utility.Vector3iVector


class Canvas:
    """An invisible window as large as the latest request, with one mesh and one picture in it."""

    def __init__(self) -> None:
        """Open a small window at once: where OpenGL is missing, this raises RuntimeError."""
        open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
        self._mesh = open3d.geometry.TriangleMesh()
        self._picture = _textured_rectangle()
        self._picture_shown = False
        self._open(64, 64)

    def draw(self, request: SceneRequest, out: NDArray[np.uint8]) -> None:
        """Draw the request into out (height, width, 3) RGB."""
        width, height = (
            request.width * request.supersampling,
            request.height * request.supersampling,
        )
        if (width, height) != self._size:
            self._window.destroy_window()
            self._open(width, height)
        self._show_mesh(request)
        self._show_picture(request)
        self._window.get_render_option().background_color = np.array(request.theme.background)
        self._look_through(request.orbit)
        # Reading back draws too; a frame that is drawn and never read back leaks memory.
        pixels = np.asarray(self._window.capture_screen_float_buffer(True))
        if request.supersampling > 1:
            pixels = cv2.resize(
                pixels, (request.width, request.height), interpolation=cv2.INTER_AREA
            )
        np.multiply(pixels, 255, out=out, casting="unsafe")

    def _open(self, width: int, height: int) -> None:
        """A new window: Open3D offers no way to resize one."""
        self._window = open3d.visualization.Visualizer()
        if not self._window.create_window("PandaNet", width, height, visible=False):
            raise RuntimeError("OpenGL is not available")
        options = self._window.get_render_option()
        options.light_on = False
        options.mesh_show_back_face = True
        self._size = (width, height)
        self._mesh_shown = False
        self._picture_shown = False

    def _show_mesh(self, request: SceneRequest) -> None:
        mesh = merged([surroundings_mesh(request), people_mesh(request)])
        # Open3D copies float64 arrays twenty times faster than float32 ones.
        self._mesh.vertices = Vector3d(mesh.vertices)
        self._mesh.vertex_colors = Vector3d(mesh.colours)
        self._mesh.triangles = Vector3i(mesh.triangles)
        if self._mesh_shown:
            self._window.update_geometry(self._mesh)
        else:
            self._window.add_geometry(self._mesh)
            self._mesh_shown = True

    def _show_picture(self, request: SceneRequest) -> None:
        corners = picture_corners_m(request)
        if corners is None:
            if self._picture_shown:
                self._window.remove_geometry(self._picture, reset_bounding_box=False)
                self._picture_shown = False
            return
        self._picture.vertices = Vector3d(corners)
        self._picture.textures = [open3d.geometry.Image(np.ascontiguousarray(request.picture).data)]
        if self._picture_shown:
            self._window.update_geometry(self._picture)
        else:
            self._window.add_geometry(self._picture, reset_bounding_box=False)
            self._picture_shown = True

    def _look_through(self, orbit: OrbitCamera) -> None:
        width, height = self._size
        focal = orbit.focal_px(height)
        parameters = open3d.camera.PinholeCameraParameters()
        parameters.intrinsic = open3d.camera.PinholeCameraIntrinsic(
            width, height, focal, focal, width / 2 - 0.5, height / 2 - 0.5
        )
        parameters.extrinsic = orbit.extrinsic()
        view = self._window.get_view_control()
        view.convert_from_pinhole_camera_parameters(parameters, allow_arbitrary=True)
        view.set_constant_z_near(NEAR_PLANE_M)
        view.set_constant_z_far(FAR_PLANE_M)


def _textured_rectangle() -> "open3d.geometry.TriangleMesh":
    """Two triangles, corners clockwise from the top left, that show a texture."""
    rectangle = open3d.geometry.TriangleMesh(
        Vector3d(np.zeros((4, 3))), Vector3i(np.array([[0, 2, 1], [0, 3, 2]], np.int32))
    )
    corners = {0: (0, 0), 1: (1, 0), 2: (1, 1), 3: (0, 1)}
    uvs = [corners[index] for triangle in ((0, 2, 1), (0, 3, 2)) for index in triangle]
    rectangle.triangle_uvs = open3d.utility.Vector2dVector(np.array(uvs, np.float64))
    rectangle.triangle_material_ids = open3d.utility.IntVector(np.zeros(2, np.int32))
    return rectangle
