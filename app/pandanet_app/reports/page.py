"""A report as one page: everything is in the file, and nothing is fetched or run."""

from collections.abc import Mapping
from pathlib import Path

from pandanet_app.reports.charts import chart
from pandanet_app.reports.markup import Markup, jpeg_image, tag, together
from pandanet_app.reports.pictures import draw_missed, draw_outcome
from pandanet_app.reports.style import STYLE
from pandanet_core.data.sample import Sample, Samples
from pandanet_core.errors import UserError
from pandanet_core.evaluation.evaluator import PictureOutcome
from pandanet_core.evaluation.reasons import Missed
from pandanet_core.evaluation.report import Report
from pandanet_core.evaluation.table import Table, Value, shown
from pandanet_core.files import write_text

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""Browsers then load nothing and run nothing, whatever names are in the data."""

_MOST_PEOPLE = 12
"""Of a picture so many missed people are shown close by."""

_LONG_WORDS = 12
"""Longer texts in a table are sentences, not values."""

_WORST = "The worst pictures"
_WORST_NOTE = (
    "Coloured: what was found with the score that poses need. Numbered boxes: people who were "
    "missed (red) or whose pose is wrong (amber); close by, their annotated pose is white."
)


def write_page(path: Path, report: Report, samples: Samples) -> None:
    """Write the page; the pictures it shows are read from the data again.

    Raises UserError where it cannot be written; an older file then stays as it was.
    """
    write_text(path, page(report, samples))


def page(report: Report, samples: Samples) -> str:
    """The page as HTML."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", report.title),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        tag("header", tag("h1", report.title), _facts(report.facts), _contents(report)),
        tag(
            "main",
            *(_table(table) for table in report.tables[:1]),
            tag("div", *map(chart, report.curves), class_="charts"),
            *(_table(table) for table in report.tables[1:]),
            _worst(report, samples),
        ),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _facts(facts: Mapping[str, Value]) -> Markup:
    rows = [together(tag("dt", name), tag("dd", shown(value))) for name, value in facts.items()]
    return tag("details", tag("summary", "What was measured, and how"), tag("dl", *rows))


def _contents(report: Report) -> Markup:
    titles = [table.title for table in report.tables]
    if report.pictures:
        titles.append(_WORST)
    links = [tag("li", tag("a", title, href=f"#{_anchor(title)}")) for title in titles]
    return tag("nav", tag("ul", *links), aria_label="Contents")


def _table(table: Table) -> Markup:
    heading = tag("h2", table.title, id=_anchor(table.title))
    note = tag("p", table.note, class_="note")
    if not table.rows:
        return tag("section", heading, note, tag("p", "Nobody."))
    words = {
        name
        for row in table.rows
        for name, value in row.items()
        if isinstance(value, str) and len(value) > _LONG_WORDS
    } - {next(iter(table.rows[0]))}
    names = [tag("th", name, scope="col", class_=_kind(name, words)) for name in table.rows[0]]
    rows = [
        tag(
            "tr",
            *(
                tag("td", shown(value, table.digits), class_=_kind(name, words))
                for name, value in row.items()
            ),
        )
        for row in table.rows
    ]
    body = tag("table", tag("thead", tag("tr", *names)), tag("tbody", *rows))
    return tag("section", heading, note, tag("div", body, class_="scroll", tabindex=0))


def _kind(name: str, words: set[str]) -> str | None:
    return "words" if name in words else None


def _worst(report: Report, samples: Samples) -> Markup:
    if not report.pictures:
        return Markup("")
    pictures = [_picture(outcome, samples) for outcome in report.pictures]
    heading = tag("h2", _WORST, id=_anchor(_WORST))
    return tag("section", heading, tag("p", _WORST_NOTE, class_="note"), *pictures)


def _picture(outcome: PictureOutcome, samples: Samples) -> Markup:
    """One of the worst; where its file cannot be read any more, that is said instead."""
    try:
        return _drawn_picture(outcome, samples[outcome.index])
    except UserError as error:
        return tag("article", tag("h3", outcome.name), tag("p", str(error)))


def _drawn_picture(outcome: PictureOutcome, sample: Sample) -> Markup:
    wrong_poses = sum(person.found for person in outcome.missed)
    lost = len(outcome.missed) - wrong_poses
    words = (
        f"{outcome.name}: {lost} of {outcome.counted} people missed, {wrong_poses} with a wrong "
        f"pose, {int(outcome.wrong.sum())} false alarms"
    )
    drawn = draw_outcome(outcome, sample)
    people = [
        _person(number, missed, outcome, sample)
        for number, missed in enumerate(outcome.missed[:_MOST_PEOPLE], start=1)
    ]
    more = len(outcome.missed) - _MOST_PEOPLE
    return tag(
        "article",
        tag("h3", words),
        jpeg_image(drawn.jpeg, drawn.width, drawn.height, words),
        tag("ol", *people, class_="people"),
        tag("p", f"And {more} more, in the JSON file.", class_="note") if more > 0 else Markup(""),
    )


def _person(number: int, missed: Missed, outcome: PictureOutcome, sample: Sample) -> Markup:
    drawn = draw_missed(outcome, sample, missed)
    kind = "wrong-pose" if missed.found else None
    numbers = {person.person: place for place, person in enumerate(outcome.missed, start=1)}
    words = missed.evidence
    if missed.by >= 0:
        who = f"number {numbers[missed.by]}" if missed.by in numbers else "somebody who was found"
        words += f" ({who})"
    return tag(
        "li",
        jpeg_image(drawn.jpeg, drawn.width, drawn.height, f"Person {number} close by"),
        tag("div", tag("b", f"{number}  {missed.reason.value}"), tag("p", words)),
        class_=kind,
    )


def _anchor(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())
