"""How fast the 3D view is, how late its pictures are, and whether its process grows.

Asks the renderer's process for pictures of 1, 20 and 60 walking people, one after the other, as a
playing film or a dragged view does. Prints one table.

    python benchmarks/render3d.py --help
"""

import multiprocessing
import os
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

import numpy as np
import tyro
from rich.console import Console
from rich.table import Table

from pandanet_app.drawing.floor import Floor
from pandanet_app.drawing.scene3d import SceneRequest
from pandanet_app.models.orbit_camera import OrbitCamera
from pandanet_app.rendering.client import SceneRenderer
from pandanet_core.camera import Camera
from pandanet_core.skeleton import JTA22

HEIGHTS_MM = (1720, 1600, 1480, *(1420, 1400, 1130, 880) * 2, 1360, 1250, 1130, 1020, 950)
HEIGHTS_MM += (900, 500, 80) * 2
SIDEWAYS_MM = (0, 0, 0, -50, -200, -240, -250, 50, 200, 240, 250, 0, 0, 0, 0, 0)
SIDEWAYS_MM += (-100,) * 3 + (100,) * 3


@dataclass(frozen=True)
class Options:
    """Speed of the 3D view."""

    frames: int = 600
    """Pictures for each number of people."""
    width: int = 960
    """Width of the picture, px."""
    height: int = 600
    """Height of the picture, px."""
    smooth: bool = False
    """Without steps at the edges, as a view at rest is drawn."""
    picture: bool = False
    """With a 1920 x 1080 picture, another one each time, in the camera's frustum."""


def walking_crowd(count: int, time_s: float) -> np.ndarray:
    """(N, 22, 3) mm, camera space: people in rows who swing their limbs."""
    person = np.stack([SIDEWAYS_MM, 1600 - np.array(HEIGHTS_MM), np.zeros(22)], 1).astype(float)
    columns = int(np.ceil(np.sqrt(count)))
    people = np.tile(person, (count, 1, 1))
    for number in range(count):
        swing = 250 * np.sin(6 * time_s + number)
        people[number, [5, 6, 20, 21], 2] += swing
        people[number, [9, 10, 17, 18], 2] -= swing
        row, column = divmod(number, columns)
        people[number] += (1400 * (column - columns / 2), 0, 6000 + 1400 * row)
    return people


def measure(
    renderer: SceneRenderer, count: int, options: Options
) -> tuple[float, list[float], list[float]]:
    """Pictures per second, latencies in ms, and the process's memory in MB over time."""
    random = np.random.default_rng(0)
    pictures = random.integers(0, 255, (4, 1080, 1920, 3), np.uint8)
    people = [walking_crowd(count, frame / 25) for frame in range(100)]
    request = SceneRequest(
        options.width,
        options.height,
        OrbitCamera(),
        people[0],
        JTA22,
        random.uniform(0.3, 1, (count, 3)),
        camera=Camera.from_fov(1920, 1080),
        floor=Floor(),
        smooth=options.smooth,
    )
    orbit = request.orbit.fitted(request.people_m, options.width, options.height)
    renderer.wait(renderer.render(request))  # the process starts, the window gets its size
    latencies_ms, memory_mb = [], []
    start = perf_counter()
    for frame in range(options.frames):
        request = replace(
            request,
            people_mm=people[frame % len(people)],
            orbit=orbit.orbited(frame * 0.5, 0),
            picture=pictures[frame % 4] if options.picture else None,
        )
        finished = renderer.wait(renderer.render(request))
        latencies_ms.append(1000 * finished.latency_s)
        if frame % 50 == 0:
            memory_mb.append(child_memory_mb())
    return options.frames / (perf_counter() - start), latencies_ms, memory_mb


def child_memory_mb() -> float:
    """Resident memory of the renderer's process; NaN where the system does not tell."""
    statm = Path(f"/proc/{multiprocessing.active_children()[0].pid}/statm")
    if not statm.exists():
        return float("nan")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(options: Options) -> None:
    """Measure and print."""
    size = f"{options.width}x{options.height}{', smooth' if options.smooth else ''}"
    table = Table(title=f"3D view, {size}{', with picture' if options.picture else ''}")
    headings = ("people", "pictures/s", "latency ms, median", "95 %", "memory MB, start", "end")
    for heading in headings:
        table.add_column(heading, justify="right")
    for count in (1, 20, 60):
        renderer = SceneRenderer()
        renderer.start()
        rate, latencies_ms, memory_mb = measure(renderer, count, options)
        renderer.close()
        late = np.quantile(latencies_ms, (0.5, 0.95))
        table.add_row(
            str(count),
            f"{rate:.1f}",
            *(f"{ms:.1f}" for ms in late),
            f"{memory_mb[0]:.0f}",
            f"{memory_mb[-1]:.0f}",
        )
    Console().print(table)


if __name__ == "__main__":
    main(tyro.cli(Options))
