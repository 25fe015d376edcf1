"""HTML and SVG as strings that cannot be mistaken for text."""

import base64
from html import escape


class Markup(str):
    """Text that is markup already; every other string is escaped where it enters a page."""

    __slots__ = ()


_VOID = ("img", "meta")
"""Elements without content and without an end."""


def tag(name: str, /, *content: str, **attributes: str | int | float | None) -> Markup:
    """An element.

    Args:
        name: Of the element.
        content: Markup, or text that is escaped.
        attributes: Their names with _ for - and without a _ at the end (class_); None leaves one out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{together(*content)}</{name}>")


def together(*content: str) -> Markup:
    """Pieces one after the other."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in content))


def jpeg_image(encoded: bytes, width: int, height: int, alt: str) -> Markup:
    """A picture that is part of the page."""
    data = base64.b64encode(encoded).decode()
    return tag("img", src=f"data:image/jpeg;base64,{data}", width=width, height=height, alt=alt)
