"""How fast is a generated video made, labels, motion blur and H.264 included?

Wanted on two quiet cores with software OpenGL: 1280x720 with 20 people 4 frames/s.
"""

import resource
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import tyro

from pandanet_core.crowd.settings import CameraKind, CrowdSettings
from pandanet_core.crowd.video import FPS, make_video


@dataclass(frozen=True)
class CrowdVideoSpeed:
    """Frames a second from the first batch of frames to the last."""

    seconds: float = 3.0
    width: int = 1280
    height: int = 720
    people: int = 20
    workers: int = 2
    camera: CameraKind = "moving"
    motion: Path | None = None
    hdri: Path | None = None
    makehuman: Path | None = None

    def run(self) -> None:
        """Print the rate on the clock, and what it would be if the cores were free."""
        settings = CrowdSettings(
            width=self.width,
            height=self.height,
            people=(self.people, self.people),
            height_px=(0.1 * self.height, 0.8 * self.height),
            camera=self.camera,
            motion=self.motion,
            hdri=self.hdri,
            makehuman=self.makehuman,
        )
        first: list[tuple[float, int]] = []
        last = 0.0

        def watch(what: str, done: int, total: int) -> None:
            nonlocal last
            last = time.perf_counter()
            if what == "frames" and done and not first:
                first.append((last, done))

        with TemporaryDirectory() as folder:
            made = make_video(Path(folder), settings, self.seconds, self.workers, watch)
        (began, done), busy = first[0], _processor_seconds()
        print(f"{self.width}x{self.height}, {self.people} people, {self.workers} workers:")
        print(f"  {(made - done) / (last - began):.1f} frames/s on the clock (wanted: 4)")
        print(f"  {busy / made:.2f} processor seconds a frame, getting ready included")
        print(f"  {made / FPS:g} s of film")


def _processor_seconds() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


if __name__ == "__main__":
    tyro.cli(CrowdVideoSpeed).run()
