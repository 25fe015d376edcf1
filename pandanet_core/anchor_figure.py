"""Draws an anchor report. Needs matplotlib, so nothing on the way to a detection imports this."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from pandanet_core.anchor_report import COVERING_IOU, AnchorReport
from pandanet_core.errors import UserError
from pandanet_core.files import part_path, publish, write_error

FORMATS = ("png", "svg", "pdf")

_BOXES, _PALE, _ANCHORS = "#5b8db8", "#dde6ee", "#c8553d"
_MOST_POINTS = 5000


def check_figure_path(path: Path) -> None:
    """UserError unless a figure can be written there."""
    if path.suffix.lower().lstrip(".") not in FORMATS:
        raise UserError(f"Figures are .{', .'.join(FORMATS)}; give {path} one of these endings.")
    part_path(path)


def save_figure(path: Path, report: AnchorReport) -> None:
    """Write the figure as its ending says; UserError where that is not possible."""
    check_figure_path(path)
    part = part_path(path)
    try:
        draw_report(report).savefig(part, format=path.suffix.lower().lstrip("."))
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def draw_report(report: AnchorReport) -> Figure:
    """Mean IoU by number of anchors, people by height, box sizes, and the anchors to scale."""
    figure = Figure(figsize=(12, 8.5), dpi=110, layout="constrained")
    axes = figure.subplots(2, 2)
    _draw_mean_iou(axes[0, 0], report)
    _draw_heights(axes[0, 1], report)
    _draw_sizes(axes[1, 0], report)
    _draw_anchors(axes[1, 1], report)
    figure.suptitle(
        f"{len(report.anchors)} anchors for {len(report.sizes):,} people in {report.pictures:,} "
        f"pictures of {report.width_px} x {report.height_px} px, stride {report.stride}"
    )
    return figure


def _draw_mean_iou(axes: Axes, report: AnchorReport) -> None:
    numbers = np.arange(1, len(report.mean_iou) + 1)
    chosen = len(report.anchors)
    axes.plot(numbers, report.mean_iou, "o-", color=_BOXES, markersize=4)
    axes.plot(chosen, report.mean_iou[chosen - 1], "o", color=_ANCHORS, markersize=9)
    axes.annotate(
        f"{chosen}: {report.mean_iou[chosen - 1]:.3f}",
        (chosen, report.mean_iou[chosen - 1]),
        xytext=(8, -16),
        textcoords="offset points",
        color=_ANCHORS,
    )
    axes.set(
        title="How well anchors fit", xlabel="number of anchors", ylabel="mean IoU, common centre"
    )
    axes.set_xticks([1, *range(5, len(numbers) + 1, 5)])
    axes.set_ylim(0, 1)
    axes.grid(alpha=0.3)


def _draw_heights(axes: Axes, report: AnchorReport) -> None:
    places = np.arange(len(report.bands))
    covered = np.array([band.covered_share for band in report.bands])
    without = np.array([band.without_anchor / band.people for band in report.bands])
    for share, below, colour, label in (
        (covered, 0, _BOXES, f"an anchor with IoU over {COVERING_IOU}"),
        (1 - covered - without, covered, _PALE, "only anchors with less"),
        (without, 1 - without, _ANCHORS, "no anchor at all"),
    ):
        axes.bar(places, share, bottom=below, color=colour, label=label)
    axes.set_xticks(places, [f"{band.name}\n{band.people:,}" for band in report.bands])
    axes.set_title("Who is covered", pad=28)
    axes.set(xlabel="height in the picture, px; people", ylabel="share of people", ylim=(0, 1))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, fontsize=9, frameon=False)


def _draw_sizes(axes: Axes, report: AnchorReport) -> None:
    step = max(1, len(report.sizes) // _MOST_POINTS)
    some = report.sizes[::step]
    axes.scatter(
        some[:, 0], some[:, 1], s=4, alpha=0.35, color=_BOXES, linewidths=0, label="people"
    )
    widths, heights = report.anchors.T
    axes.scatter(widths, heights, marker="x", s=60, color=_ANCHORS, linewidths=2, label="anchors")
    for number, (width, height) in enumerate(report.anchors.tolist(), start=1):
        axes.annotate(
            str(number),
            (width, height),
            xytext=(6, 5),
            textcoords="offset points",
            color=_ANCHORS,
            fontweight="bold",
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _place: f"{value:g}")
    axes.set(title="Boxes of people", xlabel="width, px", ylabel="height, px")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize=9, markerscale=1.5)


def _draw_anchors(axes: Axes, report: AnchorReport) -> None:
    """Side by side on a line, as high as they are beside the height of the input."""
    left = 0.0
    gap = float(report.anchors[:, 0].sum()) / 20
    for number, (width, height) in enumerate(report.anchors.tolist(), start=1):
        axes.add_patch(Rectangle((left, 0), width, height, facecolor=_PALE, edgecolor=_ANCHORS))
        axes.text(left + width / 2, height, str(number), ha="center", va="bottom", color=_ANCHORS)
        left += width + gap
    axes.axhline(report.height_px, color="grey", linestyle="--", linewidth=1)
    axes.text(0, report.height_px, "height of the input", va="bottom", color="grey", fontsize=9)
    highest = max(report.height_px, float(report.anchors[:, 1].max()))
    axes.set(
        title="The anchors to scale",
        xlim=(-gap, left),
        ylim=(0, highest * 1.1),
        xticks=[],
        ylabel="height, px",
        aspect="equal",
    )
