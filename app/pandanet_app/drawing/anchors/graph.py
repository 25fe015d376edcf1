"""Who suppressed whom around one person, as a graph: losers by their overlap with the winner."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pandanet_app.drawing.anchors.text import draw_text, text_height, text_width
from pandanet_core.lab.frame_trace import FrameTrace
from pandanet_core.lab.suppression import SuppressionGraph

Image = NDArray[np.uint8]
Floats = NDArray[np.floating[Any]]
Colour = tuple[int, int, int]

_NOBODY = (140, 146, 156)
_WORDS_LINES = 9.0
"""Winners and their words take so many heights of the text, at the right."""


@dataclass(frozen=True)
class Look:
    """Colours and sizes of a small figure.

    Attributes:
        background, text, line: RGB.
        font_px: Height of the text.
    """

    background: Colour
    text: Colour
    line: Colour
    font_px: int


def graph_places(graph: SuppressionGraph, width: int, height: int, font_px: int) -> Floats:
    """(V, 2) px where each candidate stands: those that lost by box IoU (x) and pose overlap (y)
    with their winner, from 0 to 1; those that did not lose in a column at the right."""
    left, top, right, bottom = _plot_area(width, height, font_px)
    places = np.zeros((len(graph.candidate), 2))
    losers = np.searchsorted(_sorted(graph), graph.loser)
    places[_order(graph)[losers]] = np.stack(
        [
            left + graph.box_iou * (right - left),
            bottom - graph.pose_overlap * (bottom - top),
        ],
        -1,
    )
    others = np.flatnonzero(~np.isin(graph.candidate, graph.loser))
    rows = (np.arange(len(others)) + 0.5) / max(len(others), 1)
    places[others] = np.stack(
        [np.full(len(others), right + 2.0 * font_px), top + rows * (bottom - top)], -1
    )
    return places


def draw_graph(
    graph: SuppressionGraph,
    trace: FrameTrace,
    people: NDArray[np.uint8],
    size: tuple[int, int],
    look: Look,
    chosen: int = -1,
) -> Image:
    """(height, width, 3) RGB.

    Args:
        graph: Candidates around one person.
        trace: Their frame.
        people: (N, 3) RGB of the truth's people.
        size: (width, height) px.
        look: Colours and sizes.
        chosen: The candidate that is marked.
    """
    width, height = size
    canvas = np.full((height, width, 3), look.background, np.uint8)
    _draw_axes(canvas, trace.settings.nms_iou, look)
    places = graph_places(graph, width, height, look.font_px)
    where = dict(zip(graph.candidate.tolist(), places.tolist(), strict=True))
    for loser, winner in zip(graph.loser.tolist(), graph.winner.tolist(), strict=True):
        cv2.line(canvas, _at(where[loser]), _at(where[winner]), look.line, 1, cv2.LINE_AA)
    radius = max(3, round(look.font_px * 0.3))
    for number, owner in zip(
        graph.candidate.tolist()[::-1], graph.owner.tolist()[::-1], strict=True
    ):
        colour = tuple(people[owner].tolist()) if 0 <= owner < len(people) else _NOBODY
        lost = trace.readout.suppressed_by[number] >= 0
        at, large = _at(where[number]), radius if lost else round(1.8 * radius)
        cv2.circle(canvas, at, large, colour, cv2.FILLED, cv2.LINE_AA)
        if number == chosen:
            cv2.circle(canvas, at, large + 2, look.text, 2, cv2.LINE_AA)
        if not lost:
            words = f"#{number}  {trace.readout.scores[number]:.2f}"
            x, y = at[0] + large + 4, at[1] - look.font_px // 2
            draw_text(canvas, words, (x, y), look.text, look.font_px)
    return canvas


def _draw_axes(canvas: Image, nms_iou: float, look: Look) -> None:
    height, width = canvas.shape[:2]
    left, top, right, bottom = (round(v) for v in _plot_area(width, height, look.font_px))
    cv2.rectangle(canvas, (left, top), (right, bottom), look.line, 1)
    at = round(left + nms_iou * (right - left))
    for y in range(top, bottom, 6):
        cv2.line(canvas, (at, y), (at, min(y + 3, bottom)), look.text, 1)
    line = text_height(look.font_px)
    draw_text(canvas, f"NMS {nms_iou:.2f}", (at + 3, top + 2), look.text, look.font_px)
    words = "box IoU with the winner"
    draw_text(
        canvas, words, ((left + right) // 2, bottom + 3), look.text, look.font_px, centred=True
    )
    draw_text(canvas, "0", (left, bottom + 3), look.text, look.font_px)
    draw_text(
        canvas, "1", (right - text_width("1", look.font_px), bottom + 3), look.text, look.font_px
    )
    draw_text(
        canvas, "pose overlap with the winner", (left, top - line - 2), look.text, look.font_px
    )


def _plot_area(width: int, height: int, font_px: int) -> tuple[float, float, float, float]:
    line = text_height(font_px)
    right = max(width - _WORDS_LINES * font_px, width / 3)
    return 4.0, line + 4.0, right, height - line - 6.0


def _order(graph: SuppressionGraph) -> NDArray[np.intp]:
    return np.argsort(graph.candidate, kind="stable")


def _sorted(graph: SuppressionGraph) -> NDArray[np.int64]:
    return graph.candidate[_order(graph)]


def _at(place: list[float]) -> tuple[int, int]:
    return round(place[0]), round(place[1])
