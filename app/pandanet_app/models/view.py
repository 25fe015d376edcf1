"""Where one looks from: the part of the picture and the 3D camera."""

from pandanet_app.models.base import Model
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_app.models.viewport import Viewport


class ViewState(Model):
    """Where one looks from.

    Attributes:
        viewport: Part of the picture that is seen, in device pixels of the view; None fits it.
        orbit: Camera of the 3D view that the person chose; None looks at everybody.
        show_3d: Whether the 3D view is there; without it, its process does not start.
    """

    viewport: Viewport | None = None
    orbit: OrbitCamera | None = None
    show_3d: bool = True
