"""Curves as SVG, drawn with the page's own colours."""

import math
from dataclasses import dataclass

from pandanet_app.reports.markup import Markup, tag, together
from pandanet_core.evaluation.curves import Curve, Series

WIDTH, HEIGHT = 560, 330
LEFT, RIGHT, TOP, BOTTOM = 56, 20, 10, 52
"""Room beside the axes, in units of the SVG."""
_COLOURS = 5
_MARK_RADIUS = 5


@dataclass(frozen=True)
class Axes:
    """From values to places in the SVG; y is a share from 0 to 100 %.

    Attributes:
        x_low, x_high: Values at the left and the right end.
    """

    x_low: float
    x_high: float

    def x(self, value: float) -> float:
        """Place of a value along x."""
        share = (value - self.x_low) / (self.x_high - self.x_low)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        """Place of a value along y."""
        return HEIGHT - BOTTOM - value / 100 * (HEIGHT - TOP - BOTTOM)


def chart(curve: Curve) -> Markup:
    """A figure with the curve, its legend and its title."""
    axes = _axes(curve)
    lines = [_line(series, axes, place) for place, series in enumerate(curve.series)]
    picture = tag(
        "svg",
        tag("title", curve.title),
        _grid(curve, axes),
        *lines,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=f"{curve.title}: {curve.y_label} over {curve.x_label}",
    )
    legend = [
        tag("li", tag("span", class_=f"swatch c{place % _COLOURS}{_mark(series)}"), series.name)
        for place, series in enumerate(curve.series)
    ]
    return tag(
        "figure",
        tag("figcaption", curve.title),
        picture,
        tag("ul", *legend, class_="legend"),
    )


def _mark(series: Series) -> str:
    return " mark" if len(series.x) == 1 else ""


def _axes(curve: Curve) -> Axes:
    if curve.x_names:
        return Axes(-0.5, len(curve.x_names) - 0.5)
    return Axes(0.0, curve.x_high)


def _line(series: Series, axes: Axes, place: int) -> Markup:
    """A line, or for a single point a mark; hovering tells the value."""
    colour = f"c{place % _COLOURS}"
    points = [(axes.x(x), axes.y(y)) for x, y in zip(series.x, series.y, strict=True)]
    if len(points) == 1:
        (x, y), value = points[0], f"{series.name}: {series.x[0]:g}, {series.y[0]:.1f}"
        return tag(
            "circle",
            tag("title", value),
            cx=f"{x:.2f}",
            cy=f"{y:.2f}",
            r=_MARK_RADIUS,
            class_=colour,
        )
    path = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    return tag("polyline", tag("title", series.name), points=path, class_=colour)


def _grid(curve: Curve, axes: Axes) -> Markup:
    """Lines, numbers and names of both axes."""
    parts = []
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in range(0, 101, 20):
        y = axes.y(value)
        parts.append(tag("line", x1=LEFT, x2=right, y1=f"{y:.2f}", y2=f"{y:.2f}", class_="grid"))
        parts.append(tag("text", str(value), x=LEFT - 6, y=f"{y + 5:.2f}", class_="end"))
    for place, name in _ticks(curve, axes):
        x = f"{axes.x(place):.2f}"
        parts.append(tag("line", x1=x, x2=x, y1=TOP, y2=bottom, class_="grid"))
        parts.append(tag("text", name, x=x, y=bottom + 19, class_="middle"))
    middle = (LEFT + right) / 2
    parts.append(tag("text", curve.x_label, x=middle, y=HEIGHT - 8, class_="middle label"))
    turned = f"translate(14 {(TOP + bottom) / 2}) rotate(-90)"
    parts.append(tag("text", curve.y_label, transform=turned, class_="middle label"))
    return together(*parts)


def _ticks(curve: Curve, axes: Axes) -> list[tuple[float, str]]:
    if curve.x_names:
        return [(float(place), name) for place, name in enumerate(curve.x_names)]
    rough = (axes.x_high - axes.x_low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    count = math.floor(axes.x_high / step + 1e-9)
    return [(number * step, f"{number * step:g}") for number in range(count + 1)]
