"""The report on anchors against loops over every anchor and person; its figure; the command."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pandanet_app.cli import main
from pandanet_core.anchor_figure import check_figure_path, save_figure
from pandanet_core.anchor_report import AnchorReport, report_anchors
from pandanet_core.errors import UserError
from tests.core import brute_force
from tests.core.drawn_people import stick_people
from tests.core.jta_folder import write_sequence
from tests.full_disk import small_disk
from tests.shared_data import shared_data

WIDTH, HEIGHT, STRIDE, COUNT = 128, 96, 8, 4


def pictures_of_people(seed: int, pictures: int = 5) -> list[np.ndarray]:
    """Boxes of crowded pictures: some stand exactly where somebody else does, one is empty."""
    rng = np.random.default_rng(seed)
    boxes = [np.zeros((0, 4), np.float32)]
    for _ in range(pictures):
        size = np.exp(rng.uniform(2, 4.3, (8, 1))) * rng.uniform((0.3, 0.9), (0.6, 1), (8, 2))
        low = rng.uniform(0, 1, (8, 2)) * ((WIDTH, HEIGHT) - size)
        people = np.concatenate([low, low + size], 1).astype(np.float32)
        people[5] = people[2]
        boxes.append(people)
    return boxes


@pytest.fixture(scope="module")
def boxes() -> list[np.ndarray]:
    return pictures_of_people(0)


@pytest.fixture(scope="module")
def report(boxes: list[np.ndarray]) -> AnchorReport:
    return report_anchors(boxes, WIDTH, HEIGHT, STRIDE, COUNT, seed=3)


def test_people_are_matched_as_the_paper_says(
    boxes: list[np.ndarray], report: AnchorReport
) -> None:
    best, heights = [], []
    for people in boxes:
        matches = brute_force.match(
            people.tolist(), report.anchors.tolist(), STRIDE, HEIGHT // STRIDE, WIDTH // STRIDE
        )
        best += list(matches.best)
        heights += list(people[:, 3] - people[:, 1])
    assert report.everybody.people == len(best) == 40
    assert report.everybody.covered == sum(iou > 0.5 for iou in best)
    assert report.everybody.without_anchor == sum(iou == 0 for iou in best) >= 5
    for band in report.bands:
        own = [
            iou
            for iou, height in zip(best, heights, strict=True)
            if band.low_px <= height < band.high_px
        ]
        assert (band.people, band.covered, band.without_anchor) == (
            len(own),
            sum(iou > 0.5 for iou in own),
            sum(iou == 0 for iou in own),
        )
        assert band.covered_share == pytest.approx(np.mean([iou > 0.5 for iou in own]))
    assert sum(band.people for band in report.bands) == 40
    assert len(report.bands) > 2


def test_mean_iou_and_best_anchors_are_those_of_a_loop(
    boxes: list[np.ndarray], report: AnchorReport
) -> None:
    sizes = [(x1 - x0, y1 - y0) for people in boxes for x0, y0, x1, y1 in people.tolist()]
    fits = [[brute_force.iou((0, 0, *size), (0, 0, *a)) for a in report.anchors] for size in sizes]
    assert report.mean_iou[COUNT - 1] == pytest.approx(np.mean([max(fit) for fit in fits]))
    nearest = [int(np.argmax(fit)) for fit in fits]
    np.testing.assert_allclose(report.nearest_share, np.bincount(nearest, minlength=COUNT) / 40)
    assert len(report.mean_iou) == 20
    assert (np.diff(report.mean_iou) >= -1e-6).all()
    assert report.mean_iou[0] == pytest.approx(
        report_anchors(boxes, WIDTH, HEIGHT, STRIDE, 1, seed=3).mean_iou[0]
    )


def test_more_anchors_than_the_curve_and_hardly_enough_people(boxes: list[np.ndarray]) -> None:
    assert len(report_anchors(boxes, WIDTH, HEIGHT, STRIDE, 30).mean_iou) == 30
    few = [boxes[1][:5], boxes[0]]
    assert len(report_anchors(few, WIDTH, HEIGHT, STRIDE, 4).mean_iou) == 5
    for people in (few, [], boxes[:1]):
        with pytest.raises(UserError, match=r"show \d people, too few for 6 anchors"):
            report_anchors(people, WIDTH, HEIGHT, STRIDE, 6)


def test_text_and_json_say_the_same(report: AnchorReport) -> None:
    values = json.loads(json.dumps(report.to_dict()))
    lines = report.to_text().splitlines()
    by_number = [line.split() for line in lines[3:23]]
    assert by_number[COUNT - 1][-1] == "<"
    assert [float(line[1]) for line in by_number] == pytest.approx(
        [values["mean_iou_by_number"][str(number)] for number in range(1, 21)], abs=5e-5
    )
    name, people, share, without = lines[-1].split()
    everybody = values["everybody"]
    assert name == "all"
    assert int(people) == everybody["people"] == values["people"]
    assert int(without) == everybody["without_anchor"]
    assert float(share.rstrip("%")) == pytest.approx(
        100 * everybody["covered"] / everybody["people"], abs=0.05
    )
    assert values["by_height"][0]["low_px"] == 0
    np.testing.assert_allclose(values["anchors_px"], report.anchors, atol=0.006)


def test_the_figure_is_drawn(report: AnchorReport, tmp_path: Path) -> None:
    save_figure(tmp_path / "anchors.png", report)
    picture = cv2.imread(str(tmp_path / "anchors.png"))
    assert picture.shape == (935, 1320, 3)
    for half in np.array_split(picture, 2):
        for quarter in np.array_split(half, 2, axis=1):
            assert 0.01 < (quarter.min(2) < 250).mean() < 0.9
    save_figure(tmp_path / "anchors.svg", report)
    assert "<svg" in (tmp_path / "anchors.svg").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["anchors.png", "anchors.svg"]


def test_a_figure_that_cannot_be_written_is_refused(report: AnchorReport, tmp_path: Path) -> None:
    for name, message in (
        ("anchors.jpg", "give .* one of these endings"),
        ("anchors", "one of these endings"),
        ("none/anchors.png", "its folder does not exist"),
    ):
        with pytest.raises(UserError, match=message):
            check_figure_path(tmp_path / name)
    with small_disk(tmp_path / "disk", 20_000) as disk:
        (disk / "anchors.png").write_bytes(b"older")
        with pytest.raises(UserError, match="the disk is full"):
            save_figure(disk / "anchors.png", report)
        assert [path.read_bytes() for path in disk.iterdir()] == [b"older"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jta")
    write_sequence(folder, 0, [stick_people(seed, people=3, width=128) for seed in range(6)])
    return folder


def anchors(data: Path, *more: str) -> int:
    return main(["anchors", f"jta:{data}", "--progress", "none", "--workers", "0", *more])


def test_the_command_looks_at_whole_pictures(data: Path, tmp_path: Path) -> None:
    """Halved, as 64 x 96 px is what fits into half the width."""
    report = tmp_path / "anchors.json"
    figure = tmp_path / "anchors.png"
    arguments = ["--whole", "--size", "64x96", "--stride", "8", "--count", "3"]
    assert anchors(data, *arguments, "--json", str(report), "--figure", str(figure)) == 0
    values = json.loads(report.read_text())
    assert values["pictures"] == 6
    assert values["people"] == 18
    assert values["input_px"] == [64, 96]
    assert values["stride_px"] == 8
    sizes = np.concatenate(
        [
            (np.clip(sample.boxes, 0, (128, 96, 128, 96)) / 2)
            @ ([[-1, 0], [0, -1], [1, 0], [0, 1]])
            for sample in (stick_people(seed, people=3, width=128) for seed in range(6))
        ]
    )
    anchors_px = np.array(values["anchors_px"])
    fits = [[brute_force.iou((0, 0, *s), (0, 0, *a)) for a in anchors_px] for s in sizes]
    assert values["mean_iou_by_number"]["3"] == pytest.approx(np.max(fits, 1).mean(), abs=1e-3)
    assert figure.stat().st_size > 10_000


def test_the_command_draws_the_crops_of_a_training(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (0, 0, 1):
        assert anchors(data, "--size", "96x96", "--pictures", "20", "--seed", str(seed)) == 0
    first, again, other = capsys.readouterr().out.split("20 pictures of 96 x 96 px, stride 4")[1:]
    assert first.splitlines()[:20] == again.splitlines()[:20] != other.splitlines()[:20]


def test_data_sets_with_other_joints_are_mixed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs = [f"jta:{data}", f"coco:{shared_data('real/coco_mini')}@0.5"]
    options = ["--recipe", "laptop", "--pictures", "16", "--progress", "none"]
    assert main(["anchors", *specs, *options]) == 0
    assert "people in 16 pictures of 384 x 288 px, stride 8" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--count", "0"], "--count 0 is out of range"),
        (["--count", "101"], "give 1 to 100"),
        (["--pictures", "0"], "--pictures counts from 1"),
        (["--size", "96"], "--size 96 is not understood"),
        (["--size", "100x96"], "multiples of 32"),
        (["--figure", "anchors.jpg"], "one of these endings"),
        (["--json", "none/a.json"], "its folder does not exist"),
        (["--whole", "--pictures", "2", "--count", "50"], "too few for 50 anchors"),
    ],
)
def test_wrong_use_is_one_sentence(
    data: Path,
    more: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert anchors(data, *more) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_without_data_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert anchors(tmp_path) == 2
    assert str(tmp_path) in capsys.readouterr().err
