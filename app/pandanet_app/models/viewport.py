"""Which part of the picture is seen, and how large: a value, like the 3D view's camera."""

from dataclasses import dataclass, replace

LARGEST_SCALE = 64.0


@dataclass(frozen=True)
class Viewport:
    """Picture pixels to view pixels: view = (picture - origin) * scale.

    In both spaces the centre of the top-left pixel is at (0.5, 0.5).

    Attributes:
        scale: View pixels per picture pixel.
        x_px: Picture position at the view's left edge.
        y_px: Picture position at the view's top edge.
    """

    scale: float
    x_px: float
    y_px: float

    @staticmethod
    def fitted(width: int, height: int, view_width: int, view_height: int) -> "Viewport":
        """The whole picture, centred."""
        scale = min(view_width / width, view_height / height)
        return Viewport(scale, (width - view_width / scale) / 2, (height - view_height / scale) / 2)

    def to_view(self, x_px: float, y_px: float) -> tuple[float, float]:
        """A picture position in the view."""
        return (x_px - self.x_px) * self.scale, (y_px - self.y_px) * self.scale

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """A view position in the picture."""
        return x / self.scale + self.x_px, y / self.scale + self.y_px

    def zoomed(self, factor: float, x: float, y: float) -> "Viewport":
        """Larger by `factor`; what is at (x, y) of the view stays there."""
        scale = min(LARGEST_SCALE, max(1 / LARGEST_SCALE, self.scale * factor))
        at_x, at_y = self.to_picture(x, y)
        return Viewport(scale, at_x - x / scale, at_y - y / scale)

    def panned(self, dx: float, dy: float) -> "Viewport":
        """The picture dragged by (dx, dy) view pixels."""
        return replace(self, x_px=self.x_px - dx / self.scale, y_px=self.y_px - dy / self.scale)

    def kept_in_sight(
        self, width: int, height: int, view_width: int, view_height: int
    ) -> "Viewport":
        """Moved so that the picture cannot be dragged out of the view."""
        seen_x, seen_y = view_width / self.scale, view_height / self.scale
        return replace(
            self, x_px=_kept(self.x_px, seen_x, width), y_px=_kept(self.y_px, seen_y, height)
        )


def _kept(start: float, seen: float, size: float) -> float:
    """Start of what is seen along one axis: inside the picture, or the picture centred in it."""
    if seen >= size:
        return (size - seen) / 2
    return min(max(start, 0.0), size - seen)
