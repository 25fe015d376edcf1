"""What the figure and each of its cells say, in words."""

from pandanet_app.drawing.lambda_figure.content import LambdaContent
from pandanet_app.drawing.lambda_figure.panels import (
    Cell,
    HeatPanel,
    Source,
    Subject,
    Values,
    value_text,
)
from pandanet_core.lab.lambda_words import in_words

MEANING = (
    "A λ grows where the loss that it weighs is small: where the network is sure, and also at sizes "
    "of anchors that few people match. All of them start at 1."
)
"""What to know before the words are taken for the whole truth."""


def reading(content: LambdaContent, cell: Cell, values: Values) -> str:
    """One line: the value to three digits, then which λ it is, and of which anchor and joint.

    Args:
        content: What the figure shows.
        cell: Where.
        values: The figure's numbers.
    """
    panel = content.panels[cell.panel]
    if isinstance(panel, HeatPanel):
        family, place = panel.source.family, f"{panel.rows[cell.row]}, {panel.columns[cell.column]}"
        number = float(values[panel.source][cell.row, cell.column])
        said = _said(content, panel.source, number)
    else:
        family, place = panel.sources[0].family, panel.rows[cell.row]
        said = ", ".join(
            _said(content, source, float(values[source][cell.row])) for source in panel.sources
        )
    return f"{said} · {family.value} · {place}"


def _said(content: LambdaContent, source: Source, value: float) -> str:
    if content.second is None:
        return value_text(value)
    if source.subject is Subject.RATIO:
        first, second = content.first.short_name, content.second.short_name
        return f"{second} is {value_text(value)} times {first}"
    run = content.first if source.subject is Subject.FIRST else content.second
    return f"{value_text(value)} in {run.short_name}"


def shown_steps(content: LambdaContent, step: int) -> str:
    """Which runs are shown, and at which of their steps."""
    runs = [content.first] if content.second is None else [content.first, content.second]
    said = [f"{run.name} at step {run.shown_step(step):,}" for run in runs]
    return "λ of " + " and ".join(said)


def words(content: LambdaContent, step: int) -> tuple[str, ...]:
    """What the λ say, in sentences; with two runs, whose they are comes first."""
    if content.second is None:
        return in_words(content.first.history, step)
    return tuple(
        f"{run.name}: {sentence}"
        for run in (content.first, content.second)
        for sentence in in_words(run.history, step)
    )
