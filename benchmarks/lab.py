"""How long does the anchor lab take, how large is a trace, and is everybody accounted for?

Four frames of the demo clip, whose people are known, make one picture of 60 people. It is detected
in by the packaged network, traced from the network's maps (matching, selection, suppression, what
became of everybody), traced again with other settings as a slider asks, stored and opened.

    python -m benchmarks.lab --help
"""

import json
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
import torch
import tyro
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pandanet_core.allocator import keep_blocks_for_the_next_frame
from pandanet_core.assets import asset_path
from pandanet_core.boxes import clip_boxes
from pandanet_core.cpu_threads import let_waiting_threads_sleep
from pandanet_core.detections import DetectionTable, read_table
from pandanet_core.detector import Detector, DetectorOptions
from pandanet_core.evaluation.reasons import Reason
from pandanet_core.lab.difference import compare
from pandanet_core.lab.fate import count_fates
from pandanet_core.lab.files.opening import open_trace
from pandanet_core.lab.files.saving import save_trace
from pandanet_core.lab.frame_maps import FrameMaps, maps_of
from pandanet_core.lab.frame_trace import LabSettings, Truth
from pandanet_core.lab.lambda_reader import read_lambda_history
from pandanet_core.lab.suppression import suppression_around
from pandanet_core.lab.tracing import trace_frame
from pandanet_core.loss_settings import LossSettings
from pandanet_core.losses import LossWeights
from pandanet_core.skeleton import JTA22
from pandanet_core.training.run_folder.lambdas import opened_lambdas
from pandanet_core.video import Video

TILES = 2
"""So many frames side by side, and as many rows of them."""


DETECT = """
import sys, time, torch
import numpy as np
from pandanet_core.allocator import keep_blocks_for_the_next_frame
from pandanet_core.detector import Detector, DetectorOptions
width, height, threads, repeats, lab = map(int, sys.argv[1:])
if lab:
    import pandanet_core.lab.files.saving, pandanet_core.lab.tracing
keep_blocks_for_the_next_frame()
detector = Detector(options=DetectorOptions(device="cpu", threads=threads))
image = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
def once():
    began = time.perf_counter()
    detector(image)
    return time.perf_counter() - began
once()
print(min(once() for _ in range(repeats)))
"""
"""The quickest detection, s, with the lab loaded or not; nothing of it is asked for."""


@dataclass(frozen=True)
class Options:
    """One picture's way through the lab."""

    width: int = 928
    """Width of the picture, px."""
    height: int = 576
    """Height of the picture, px."""
    pictures: int = 3
    """Pictures in which everybody is accounted for; the first one is timed."""
    min_score: float = 0.3
    """Least score of a candidate."""
    repeats: int = 15
    """Timed runs of each; the median counts."""
    threads: int = 2
    """CPU threads."""
    points: int = 2000
    """Points of the history of λ."""
    json: bool = False
    """Print JSON instead of a table."""


@dataclass(frozen=True)
class Row:
    """What was measured, in which unit, and what it should be at most."""

    what: str
    value: float
    unit: str
    wanted: float | None = None


def main(options: Options) -> None:
    """Measure and print."""
    torch.set_num_threads(options.threads)
    let_waiting_threads_sleep()
    keep_blocks_for_the_next_frame()
    detector = Detector(options=DetectorOptions(device="cpu", min_score=options.min_score))
    rows = [*measure(detector, options), *measure_history(options)]
    if options.json:
        print(json.dumps([vars(row) for row in rows]))
        return
    table = Table("what", "measured", "at most")
    for row in rows:
        wanted = "" if row.wanted is None else f"{row.wanted:g} {row.unit}"
        table.add_row(row.what, f"{row.value:.4g} {row.unit}", wanted)
    console = Console()
    console.print(
        f"{options.width}x{options.height}, torch {torch.__version__}, {options.threads} threads, "
        f"{platform.processor() or platform.machine()}, medians of {options.repeats}"
    )
    console.print(table)


def measure(detector: Detector, options: Options) -> list[Row]:
    """Tracing, what-if, files, and the sum of all fates."""
    settings = LabSettings(min_score=options.min_score)
    counted: Counter[Reason | None] = Counter()
    rows: list[Row] = []
    people = 0
    for image, truth in mosaics(options):
        maps = look(detector, image, "mosaic")
        trace = trace_frame(maps, truth, settings)
        counted += count_fates(trace.fates)
        people += len(truth)
        rows = rows or measure_picture(detector, image, truth, settings, options)
    words = {reason.value if reason else "found": counted[reason] for reason in [None, *Reason]}
    accounted = sum(count for word, count in words.items() if word != "not detected")
    print(f"people {people}: {', '.join(f'{word} {count}' for word, count in words.items())}")
    return [*rows, Row("people who are not accounted for", people - accounted, "", 0)]


def measure_picture(
    detector: Detector,
    image: NDArray[np.uint8],
    truth: Truth,
    settings: LabSettings,
    options: Options,
) -> list[Row]:
    """Times of one picture, ms, and the size of its trace."""
    examined = detector.examine(image)
    assert examined is not None
    size = (options.width, options.height)

    def whole() -> None:
        maps = maps_of(detector.network, detector.skeleton, examined, size, "mosaic")
        trace_frame(maps, truth, settings)

    maps = look(detector, image, "mosaic")
    trace = trace_frame(maps, truth, settings)
    what_if = {
        name: timed_ms(lambda other=other: trace_frame(maps, truth, other), options.repeats)
        for name, other in changed(settings).items()
    }
    slowest = max(what_if, key=lambda name: what_if[name])
    count = options.repeats
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.trace"
        save_ms = timed_ms(lambda: save_trace(path, maps, trace, picture=image), 3)
        kilobytes = path.stat().st_size / 1e3
        open_ms = timed_ms(lambda: open_trace(path), 3)
        opened = open_trace(path)
    again_ms = timed_ms(opened.trace, count)
    print(
        f"anchors {maps.scores.numel()}, people {len(truth)}, A+ {len(trace.positives)}, A++ "
        f"{int(trace.positives.selected.sum())}, candidates {len(trace.readout.scores)}"
    )
    return [
        Row("detection without a trace: the lab costs", overhead_percent(options), "%", 1),
        Row("a frame's full trace after detection", timed_ms(whole, count), "ms", 25),
        Row(f"what if: slowest ({slowest})", what_if[slowest], "ms", 40),
        Row("two traces compared", timed_ms(lambda: compare(trace, trace), count), "ms"),
        Row(
            "one person's suppression", timed_ms(lambda: suppression_around(trace, 0), count), "ms"
        ),
        Row("a trace on disk, with its picture", kilobytes, "kB", 1000),
        Row("storing a trace", save_ms, "ms"),
        Row("opening a trace", open_ms, "ms"),
        Row("tracing again from disk", again_ms, "ms"),
    ]


def overhead_percent(options: Options) -> float:
    """How much longer detection takes where the lab is loaded; both take turns."""
    sizes = (options.width, options.height, options.threads, options.repeats)
    quickest: dict[int, list[float]] = {0: [], 1: []}
    for lab in (0, 1, 1, 0):
        command = [sys.executable, "-c", DETECT, *map(str, (*sizes, lab))]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        quickest[lab].append(float(said.stdout))
    return 100 * (min(quickest[1]) / min(quickest[0]) - 1)


def changed(settings: LabSettings) -> dict[str, LabSettings]:
    """One of each switch and slider."""
    return {
        "PONO over 0.3": replace(settings, positive_above=0.3),
        "selection over 0.7": replace(settings, selected_above=0.7),
        "score over 0.1": replace(settings, min_score=0.1),
        "NMS at 0.4": replace(settings, nms_iou=0.4),
        "rule none": replace(settings, rule="none"),
        "rule box-aware": replace(settings, rule="box-aware"),
        "1 anchor": replace(settings, anchors_px=((30.0, 70.0),)),
        "40 anchors": replace(
            settings, anchors_px=tuple((8 * 1.06**n, 20 * 1.06**n) for n in range(40))
        ),
    }


def measure_history(options: Options) -> list[Row]:
    """Opening the λ of a long training."""
    random = torch.Generator().manual_seed(0)
    weights = LossWeights(10, JTA22.joint_count, LossSettings()).state_dict()
    entry = {name: torch.randn(log.shape, generator=random) for name, log in weights.items()}
    with tempfile.TemporaryDirectory() as folder:
        run, sizes = Path(folder), torch.rand(10, 2, generator=random) * 100
        with opened_lambdas(run, 0, sizes, JTA22.name, entry, []) as keep:
            for point in range(1, options.points):
                keep(100 * point, {name: log + point * 1e-4 for name, log in entry.items()})
        opening_ms = timed_ms(lambda: read_lambda_history(run), 3)
        assert len(read_lambda_history(run)) == options.points
    return [Row(f"history of λ, {options.points} points, opened", opening_ms / 1e3, "s", 1)]


def look(detector: Detector, image: NDArray[np.uint8], name: str) -> FrameMaps:
    """What the network sees in a picture."""
    examined = detector.examine(image)
    assert examined is not None
    size = (image.shape[1], image.shape[0])
    return maps_of(detector.network, detector.skeleton, examined, size, name)


def mosaics(options: Options) -> list[tuple[NDArray[np.uint8], Truth]]:
    """Pictures of TILES² frames each, the fullest first, and their people."""
    table = read_table(asset_path("demo.parquet"))
    each = TILES * TILES
    fullest = sorted(range(table.header.frame_count), key=lambda frame: -len(table.at(frame)))
    with Video(asset_path("demo.mp4")) as video:
        return [
            _mosaic(video, table, fullest[first :: options.pictures][:each], options)
            for first in range(options.pictures)
        ]


def _mosaic(
    video: Video, table: DetectionTable, frames: list[int], options: Options
) -> tuple[NDArray[np.uint8], Truth]:
    tile = np.array([options.width // TILES, options.height // TILES])
    image = np.zeros((options.height, options.width, 3), np.uint8)
    boxes, pose2d, pose3d_mm = [], [], []
    for place, frame in enumerate(frames):
        row, column = divmod(place, TILES)
        corner = np.array([column, row]) * tile
        picture = video.read(frame).image
        scale = tile / (picture.shape[1], picture.shape[0])
        shrunk = cv2.resize(picture, tile.tolist(), interpolation=cv2.INTER_AREA)
        image[corner[1] : corner[1] + tile[1], corner[0] : corner[0] + tile[0]] = shrunk
        people = table.at(frame)
        inside = clip_boxes(people.boxes * np.tile(scale, 2), int(tile[0]), int(tile[1]))
        boxes.append(inside + np.tile(corner, 2).astype(np.float32))
        pose2d.append((people.pose2d * scale + corner).astype(np.float32))
        pose3d_mm.append(people.pose3d_mm)
    return image, _truth(np.concatenate(boxes), np.concatenate(pose2d), np.concatenate(pose3d_mm))


def _truth(
    boxes: NDArray[np.float32], pose2d: NDArray[np.float32], pose3d_mm: NDArray[np.float32]
) -> Truth:
    known = np.ones(pose2d.shape[:2], bool)
    return Truth(
        boxes=boxes,
        pose2d=pose2d,
        has_2d=known,
        skeleton=JTA22,
        name="the demo clip",
        pose3d_mm=pose3d_mm,
        has_3d=known,
        height_px=boxes[:, 3] - boxes[:, 1],
    )


def timed_ms(work: Callable[[], object], repeats: int) -> float:
    """Median time in ms, after one run that does not count."""
    work()
    times = []
    for _ in range(repeats):
        began = perf_counter()
        work()
        times.append(perf_counter() - began)
    return median(times) * 1e3


if __name__ == "__main__":
    main(tyro.cli(Options))
