"""What a view of the anchors shows, in a sentence for who has read the paper."""

from pandanet_app.models.anchor_lab import AnchorView
from pandanet_app.models.anchor_scene import AnchorScene


def explain_view(scene: AnchorScene) -> str:
    """What is on the picture."""
    trace, view = scene.trace, scene.view
    kinds, rows, columns = trace.grid.shape
    positives, settings = trace.positives, trace.settings
    if view is AnchorView.GRID:
        return (
            f"A: {kinds} anchors at each of {rows} × {columns} positions, {kinds * rows * columns:,} "
            "in all; coloured by size. Zoom in to see each, point at one to see its box."
        )
    chosen = int(positives.selected.sum())
    if view is AnchorView.POSITIVE:
        return (
            f"A+: {len(positives):,} anchors match {len(trace.truth)} people (PONO > "
            f"{settings.positive_above:.2f}), in each person's colour; brighter: higher PONO."
        )
    decides = {
        "none": "PONO",
        "box-aware": "PONO × box overlap",
        "pose-aware": "PONO × pose overlap",
    }
    quality = f"{decides[settings.rule]} > {settings.selected_above:.2f}"
    if view is AnchorView.SELECTED:
        return (
            f"A++: {chosen:,} of {len(positives):,} anchors in A+ may be read ({quality}); brighter: "
            "higher product."
        )
    return (
        f"A+ − A++: {len(positives) - chosen:,} anchors match, but are ambiguous: what the network "
        f"gives there does not fit well enough ({quality} fails)."
    )


def truth_words(truth_name: str, people: int, ground_truth: str) -> str:
    """Who is to be found, and how that is known."""
    count = f"{people} people" if people != 1 else "1 person"
    if ground_truth:
        return f"{count} · ground truth: {ground_truth}"
    return f"{count} · truth: {truth_name}"
