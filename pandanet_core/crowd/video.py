"""A video of a crowd."""

from pathlib import Path

from pandanet_core.crowd.generate import Progress
from pandanet_core.crowd.settings import CrowdSettings


def make_video(
    folder: Path, settings: CrowdSettings, seconds: float, workers: int, progress: Progress
) -> int:
    raise NotImplementedError
