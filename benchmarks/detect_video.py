"""How fast is `pandanet detect` on a video, everything included, and does its memory stay flat?

The command itself runs twice, as anybody would start it: for a table alone, and for a film beside
it. Wanted on 2 quiet cores: 8 frames/s on the street (795 frames of 768x576), memory under 2 GB and
flat. Processor time per frame says what a busy machine hides.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tyro
from shared_data import SHARED_DATA

WANTED_FRAMES_PER_S, WANTED_MB = 8.0, 2000
SHARES = (0.1, 0.25, 0.5, 0.75, 1.0)


@dataclass
class Run:
    """One run of the command."""

    last: dict[str, Any] = field(default_factory=dict)
    """What the command reports in the end."""
    memory_mb: list[tuple[float, float]] = field(default_factory=list)
    """Share of the frames that were done, resident memory then."""
    cpu_s: float = 0.0

    def memory_at(self, share: float) -> float:
        """The largest among the tenth of the frames before `share`."""
        return max(mb for done, mb in self.memory_mb if share - 0.1 <= done <= share)


@dataclass(frozen=True)
class DetectVideo:
    """Frames/s, memory and where the time goes, decoding and writing included."""

    video: Path = SHARED_DATA / "real" / "pets09_s2l1" / "vtest.avi"
    """The video to look at."""

    weights: Path | None = None
    """Weights; those that come with PandaNet if none are given."""

    threads: int | None = None
    """CPU threads of the network; one a core if not given."""

    frames: int | None = None
    """Only so many frames from the start."""

    def run(self) -> None:
        """Print the tables."""
        if not self.video.exists():
            print(f"Skipped: there is no {self.video}; set PANDANET_DATA or name a video.")
            return
        print(
            f"{self.video.name}; {os.cpu_count()} cores of {processor()}, load before "
            f"{os.getloadavg()[0]:.1f}; Python {platform.python_version()}, "
            f"torch {version('torch')}, PyAV {version('av')}, OpenCV {version('opencv-python')}\n"
        )
        runs = {what: self._measure(what) for what in ("table", "table and film")}
        print(
            "| written | engine | frames | people | frames/s | CPU ms a frame | network ms "
            "| decoding ms | film ms | waiting for the network |"
        )
        print("|" + " --- |" * 10)
        for what, run in runs.items():
            print(f"| {what} | {' | '.join(speeds(run))} |")
        print("\n| MB at | 10 % | 25 % | 50 % | 75 % | 100 % | largest |")
        print("|" + " --- |" * 7)
        for what, run in runs.items():
            values = [*map(run.memory_at, SHARES), max(mb for _, mb in run.memory_mb)]
            print(f"| {what} | {' | '.join(f'{value:.0f}' for value in values)} |")
        print(f"\nWanted: {WANTED_FRAMES_PER_S:g} frames/s, under {WANTED_MB} MB, flat.")

    def _measure(self, what: str) -> Run:
        with tempfile.TemporaryDirectory() as folder:
            command = [str(Path(sys.executable).with_name("pandanet")), "detect", str(self.video)]
            command += ["-o", f"{folder}/people.parquet", "--progress", "json"]
            options = {
                "--overlay": f"{folder}/people.mp4" if "film" in what else None,
                "--weights": self.weights,
                "--threads": self.threads,
                "--range": None if self.frames is None else f"0:{self.frames}",
            }
            for name, value in options.items():
                command += [name, str(value)] if value is not None else []
            return observe(command)


def observe(command: list[str]) -> Run:
    """Run the command, reading its progress lines and, beside them, its memory."""
    run, share = Run(), 0.0
    before_s = sum(os.times()[2:4])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        over = threading.Event()

        def sample() -> None:
            while not over.wait(0.2):
                run.memory_mb.append((share, resident_mb(process.pid)))

        thread = threading.Thread(target=sample)
        thread.start()
        assert process.stdout is not None
        for line in process.stdout:
            run.last = json.loads(line)
            share = run.last["frames_done"] / run.last.get("frames_total", run.last["frames_done"])
        over.set()
        thread.join()
    if process.returncode:
        sys.exit(process.returncode)
    run.cpu_s = sum(os.times()[2:4]) - before_s
    return run


def resident_mb(pid: int) -> float:
    """Resident memory of a process; 0 once it has gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def speeds(run: Run) -> list[str]:
    """Cells of the first table; decoding and film run beside the network, on their own threads."""
    last, frames = run.last, run.last["frames_done"]
    milliseconds = [run.cpu_s, last["network_s"], last["decoding_s"], last["film_s"]]
    return [
        last["engine"],
        str(frames),
        str(last["people"]),
        f"{frames / last['seconds']:.2f}",
        *[f"{1000 * seconds / frames:.1f}" for seconds in milliseconds],
        f"{100 * last['network_s'] / last['seconds']:.0f} %",
    ]


def processor() -> str:
    """The processor's name."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    tyro.cli(DetectVideo).run()
