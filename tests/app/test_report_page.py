"""The report's page: it says what the JSON says, needs nothing but itself, and is readable."""

import base64
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pandanet_app.reports.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH
from pandanet_app.reports.page import page
from pandanet_app.reports.pictures import MISSED, WRONG_POSE, colour_of, draw_missed, draw_outcome
from pandanet_app.reports.style import STYLE
from pandanet_core.data.sample import Sample
from pandanet_core.errors import UserError
from pandanet_core.evaluation.curves import evaluation_curves
from pandanet_core.evaluation.evaluator import EvaluationSettings, Evaluator
from pandanet_core.evaluation.protocols.jta import JtaMeter
from pandanet_core.evaluation.protocols.meter import MeterSettings
from pandanet_core.evaluation.reasons import Missed, Reason
from pandanet_core.evaluation.report import Report
from pandanet_core.evaluation.summary import report_tables
from pandanet_core.evaluation.table import shown
from pandanet_core.skeleton import JTA22
from tests.core.drawn_people import stick_people
from tests.core.random_scene import noisy_detections

NAME = 'seq_1/<script>alert("7")</script>&amp;'
"""A file may be called so."""


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    drawn = [stick_people(seed, people=5, width=320, height=200) for seed in range(4)]
    return [replace(sample, name=NAME) for sample in drawn]


@pytest.fixture(scope="module")
def report(samples: list[Sample]) -> Report:
    rng = np.random.default_rng(4)
    evaluator = Evaluator(
        EvaluationSettings(worst_pictures=3),
        JtaMeter(MeterSettings(JTA22, tuple(range(22)), pose_score=0.3)),
        rng.normal(size=(22, 3)) * 0.1,
    )
    for index, sample in enumerate(samples):
        evaluator.add(index, sample, noisy_detections(rng, sample, 2))
    evaluation = evaluator.finish()
    return Report(
        f"Weights of {NAME}",
        {"date": "2020-06-14", "people": 20, "weights": None},
        (
            *JtaMeter(MeterSettings(JTA22, tuple(range(22)), 0.3)).tables(evaluation.measurement),
            *report_tables(evaluation, JTA22, pose_score=0.3),
        ),
        evaluation_curves(evaluation.measurement, range(22), 0.3, beside_jta=True),
        evaluation.worst,
    )


@pytest.fixture(scope="module")
def html(report: Report, samples: list[Sample]) -> str:
    return page(report, samples)


class Reader(HTMLParser):
    """Elements with their attributes, and the text of those that are asked for."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.texts: dict[str, list[str]] = {name: [] for name in ("h1", "h2", "h3", "b", "p", "a")}
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("img", "meta"):
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        if self._open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data
        if self._open[-1] in self.texts:
            self.texts[self._open[-1]][-1] += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def test_tables_say_what_the_json_says(html: str, report: Report) -> None:
    read = Reader(html)
    values = json.loads(report.to_json())["tables"]

    assert read.texts["h2"] == [table["title"] for table in values] + ["The worst pictures"]
    filled = [table for table in values if table["rows"]]
    assert len(read.tables) == len(filled) > 8
    for shown_table, table in zip(read.tables, filled, strict=True):
        assert shown_table[0] == list(table["rows"][0])
        assert shown_table[1:] == [
            [shown(value, 1) for value in row.values()] for row in table["rows"]
        ]


def test_the_page_needs_nothing_but_itself(html: str) -> None:
    read = Reader(html)

    names = {tag for tag, _ in read.elements}
    assert not names & {"script", "link", "iframe", "object", "embed", "base", "form", "video"}
    for tag, attributes in read.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("src", "srcset", "href", "data", "action", "poster"):
                assert re.match(r"(data:image/jpeg;base64,|#)", value or ""), (tag, name, value)
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    policy = next(meta["content"] for meta in read.all("meta") if meta.get("http-equiv"))
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {(link["href"] or "")[1:] for link in read.all("a")} == set(ids)


def test_names_from_files_stay_text(html: str, report: Report) -> None:
    read = Reader(html)

    assert read.texts["h1"] == [report.title]
    assert all(text.startswith(f"{NAME}: ") for text in read.texts["h3"])
    assert "<script" not in html


def test_pictures_are_whole_and_tell_what_they_show(html: str, report: Report) -> None:
    read = Reader(html)
    images = read.all("img")

    assert len(images) == sum(1 + len(picture.missed) for picture in report.pictures)
    for image in images:
        data = (image["src"] or "").removeprefix("data:image/jpeg;base64,")
        with Image.open(io.BytesIO(base64.b64decode(data))) as decoded:
            decoded.load()
            assert decoded.size == (int(image["width"] or 0), int(image["height"] or 0))
        assert image["alt"]
    reasons = [missed.reason.value for picture in report.pictures for missed in picture.missed]
    assert [text.split("  ")[1] for text in read.texts["b"]] == reasons


def test_lines_are_drawn_where_the_values_are(html: str, report: Report) -> None:
    """From places in the SVG back to values, by where the axes' ends must be."""
    read = Reader(html)
    drawn = [
        [tuple(map(float, point.split(","))) for point in (line["points"] or "").split()]
        for line in read.all("polyline")
    ]
    marks = [[(float(mark["cx"] or 0), float(mark["cy"] or 0))] for mark in read.all("circle")]

    for curve in report.curves:
        low, high = (-0.5, len(curve.x_names) - 0.5) if curve.x_names else (0.0, curve.x_high)
        for series in curve.series:
            points = np.array((marks if len(series.x) == 1 else drawn).pop(0))
            x = low + (points[:, 0] - LEFT) / (WIDTH - LEFT - RIGHT) * (high - low)
            y = 100 * (HEIGHT - BOTTOM - points[:, 1]) / (HEIGHT - TOP - BOTTOM)
            np.testing.assert_allclose(x, series.x, atol=0.01 * (high - low))
            np.testing.assert_allclose(y, series.y, atol=0.01)
    assert drawn == marks == []


def test_whoever_was_missed_is_marked(report: Report, samples: list[Sample]) -> None:
    outcome = report.pictures[0]
    outcome = replace(outcome, detections=outcome.detections.take(np.zeros(0, int)))
    sample = samples[outcome.index]

    drawn = pixels(draw_outcome(outcome, sample).jpeg)

    height, width = drawn.shape[:2]
    for missed in outcome.missed:
        x0, y0, x1, y1 = sample.boxes[missed.person] * width / sample.image.shape[1]
        sides = [(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2), ((x0 + x1) / 2, y1)]
        inside = [(x, y) for x, y in sides if 3 < x < width - 3 and 3 < y < height - 3]
        for x, y in np.rint(inside).astype(int):
            around = drawn[y - 3 : y + 4, x - 3 : x + 4]
            assert np.abs(around - np.array(colour_of(missed))).sum(2).min() < 150
        assert inside
    reasons = {missed.reason for missed in outcome.missed}
    assert Reason.POSE_WRONG in reasons or Reason.NOT_DETECTED in reasons


def test_a_picture_that_is_gone_is_named(report: Report) -> None:
    class Gone:
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Sample:
            raise UserError(f"The picture {index} is gone.")

    texts = Reader(page(report, Gone())).texts["p"]

    for outcome in report.pictures:
        assert f"The picture {outcome.index} is gone." in texts


def test_colours_of_marks() -> None:
    wrong, lost = (Missed(0, Reason.POSE_WRONG, 0.5, "", found=found) for found in (True, False))

    assert (colour_of(wrong), colour_of(lost)) == (WRONG_POSE, MISSED)


def test_close_by_the_annotated_pose_is_white(report: Report, samples: list[Sample]) -> None:
    outcome = report.pictures[0]
    missed, sample = outcome.missed[0], samples[outcome.index]
    outcome = replace(outcome, detections=outcome.detections.take(np.zeros(0, int)))
    dark = replace(sample, image=np.zeros_like(sample.image))

    drawn = pixels(draw_missed(outcome, dark, missed).jpeg)

    x0, y0, x1, y1 = sample.boxes[missed.person]
    side = 1.5 * max(x1 - x0, y1 - y0, 32)
    start = np.array([(x0 + x1 - side) / 2, (y0 + y1 - side) / 2])
    joints = (sample.pose2d[missed.person] - start) * drawn.shape[0] / side
    for x, y in np.rint(joints - 0.5).astype(int):
        assert drawn[y - 1 : y + 2, x - 1 : x + 2].max() > 100
    assert (drawn.max(2) > 100).mean() < 0.1


def pixels(jpeg: bytes) -> np.ndarray[Any, Any]:
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def themes() -> dict[str, dict[str, str]]:
    """The colours of both themes by name, as the style sheet defines them."""
    light, dark = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    found = {
        name: dict(re.findall(r"--([\w-]+): (#\w{6});", text))
        for name, text in (("light", light), ("dark", dark))
    }
    assert found["light"].keys() == found["dark"].keys() != set()
    return found


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.1)."""
    values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("behind", ["page", "panel"])
def test_texts_and_lines_stand_out(theme: str, behind: str) -> None:
    """WCAG's 4.5 for texts, and for the curves' colours, which are text colours too."""
    colours = themes()[theme]
    for name in ("text", "quiet", "missed", "wrong-pose", "c0", "c1", "c2", "c3", "c4"):
        high, low = sorted((luminance(colours[name]), luminance(colours[behind])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, name


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    pytest.skip("needs Chromium to look at a page (apt-get install chromium)")


def photograph(page_file: Path, *settings: str) -> np.ndarray[Any, Any]:
    """The page as Chromium shows it, 1000 device pixels wide."""
    target = page_file.with_suffix(".png")
    command = [chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={page_file.parent / 'profile'}", *settings]
    command += [f"--screenshot={target}", page_file.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(target) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize(("theme", "scheme"), [("light", 1), ("dark", 0)])
def test_a_browser_shows_it_in_the_readers_colours_at_200_percent(
    html: str, tmp_path: Path, theme: str, scheme: int
) -> None:
    """Opened from disk: page and texts have the theme's colours, the curves theirs, and nothing
    runs into the right margin."""
    file = tmp_path / "report.html"
    file.write_text(html, encoding="utf-8")
    zoomed = ["--window-size=500,1400", "--force-device-scale-factor=2"]

    seen = photograph(file, f"--blink-settings=preferredColorScheme={scheme}", *zoomed)

    colours = {name: rgb(value) for name, value in themes()[theme].items()}
    assert seen.shape == (2800, 1000, 3)
    assert (seen[:, -20:] == colours["page"]).all(), "the right margin is not empty"
    assert (seen == colours["page"]).all(2).mean() > 0.3
    for name in ("text", "quiet", "panel", "c0", "c1"):
        assert (seen == colours[name]).all(2).sum() > 50, name


def rgb(colour: str) -> list[int]:
    return [int(colour[place : place + 2], 16) for place in (1, 3, 5)]
