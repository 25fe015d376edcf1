"""Colours and size of text of the figure."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """How the figure looks, RGB and px.

    Attributes:
        background: Behind everything.
        text: Titles and values.
        quiet: Labels and ticks.
        line: Lines of the grid, and cells without a value.
        series: Bars of the first and of the second run.
        font_px: Height of the letters.
    """

    background: Colour
    text: Colour
    quiet: Colour
    line: Colour
    series: tuple[Colour, Colour]
    font_px: int

    @property
    def small_px(self) -> int:
        """Height of the numbers within cells."""
        return max(8, round(self.font_px * 0.85))


def dark_look(font_px: int = 13) -> Look:
    """Light text on dark."""
    return Look(
        background=(29, 32, 37),
        text=(232, 234, 237),
        quiet=(167, 173, 184),
        line=(58, 63, 72),
        series=((86, 180, 233), (230, 159, 0)),
        font_px=font_px,
    )


def light_look(font_px: int = 13) -> Look:
    """Dark text on light."""
    return Look(
        background=(248, 249, 251),
        text=(25, 28, 32),
        quiet=(82, 90, 102),
        line=(195, 202, 212),
        series=((0, 114, 178), (184, 84, 0)),
        font_px=font_px,
    )
