"""Where traces are, without reading them."""

from pathlib import Path

SUFFIX = ".trace"
PROBES = "probes"
"""Folder of a run for the traces of fixed pictures."""


def traces_in(folder: Path) -> tuple[Path, ...]:
    """The traces of a folder, in the order of their names; none where there is no folder."""
    return tuple(sorted(folder.glob(f"*{SUFFIX}")))


def frame_path(folder: Path, frame: int) -> Path:
    """Where the trace of a frame goes."""
    return folder / f"frame_{frame:08d}{SUFFIX}"


def probe_path(run: Path, step: int, picture: int) -> Path:
    """Where the trace of a fixed picture after so many steps of a training goes."""
    return run / PROBES / f"step_{step:08d}_picture_{picture}{SUFFIX}"


def probes_of(run: Path) -> tuple[Path, ...]:
    """The traces of a training's fixed pictures, in the order of their steps."""
    return traces_in(run / PROBES)
