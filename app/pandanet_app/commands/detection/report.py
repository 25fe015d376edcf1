"""What `pandanet detect` says in the end."""

import json
import sys

from pandanet_app.commands.detection.cameras import CameraChoice
from pandanet_app.commands.detection.outputs import Output
from pandanet_app.commands.detection.pipeline import Outcome
from pandanet_app.commands.detection.progress import Kind
from pandanet_core.camera import DEFAULT_FOV_DEG
from pandanet_core.video import FrameSource

_MOST_WARNINGS = 5


def report(
    source: FrameSource,
    output: Output,
    outcome: Outcome,
    frame_total: int | None,
    cameras: CameraChoice,
    interrupted: bool,
    kind: Kind,
) -> None:
    """Say what was done and where it is; warnings go to standard error."""
    warnings = list(source.warnings[:_MOST_WARNINGS])
    if len(source.warnings) > _MOST_WARNINGS:
        warnings.append(f"{len(source.warnings) - _MOST_WARNINGS} more warnings like these.")
    if cameras.is_assumed:
        warnings.append(
            f"The camera of {source.name} is unknown: a horizontal field of view of "
            f"{DEFAULT_FOV_DEG:g} degrees is assumed (--fov or --intrinsics gives the right one)."
        )
    written = (output.table, output.overlay, output.traces)
    files = [path for path in written if path is not None and path.exists()]
    if kind == "json":
        _print_json(source, outcome, interrupted, [str(path) for path in files], warnings)
        return
    for warning in warnings:
        print(f"pandanet: {warning}", file=sys.stderr)
    of_total = f" of {frame_total}" if frame_total is not None else ""
    rate = outcome.frames / max(outcome.total_s, 1e-9)
    print(
        f"{source.name}: {outcome.people} people in {outcome.frames}{of_total} frames, "
        f"{outcome.total_s:.1f} s ({rate:.1f} frames/s)"
    )
    if interrupted:
        kept = "The finished frames are kept." if outcome.frames else "No frame was finished."
        print(f"Interrupted. {kept}")
    for path in files if outcome.frames else []:
        print(f"  {path}")


def _print_json(
    source: FrameSource, outcome: Outcome, interrupted: bool, files: list[str], warnings: list[str]
) -> None:
    values = {
        "source": source.name,
        "done": True,
        "interrupted": interrupted,
        "frames_done": outcome.frames,
        "people": outcome.people,
        "seconds": round(outcome.total_s, 3),
        "network_s": round(outcome.detecting_s, 3),
        "decoding_s": round(outcome.decoding_s, 3),
        "film_s": round(outcome.film_s, 3),
        "engine": outcome.engine,
        "files": files,
        "warnings": warnings,
    }
    print(json.dumps(values), flush=True)
