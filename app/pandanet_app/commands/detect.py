"""`pandanet detect`: people in videos, pictures, folders of pictures and live cameras."""

import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Literal

import tyro

from pandanet_core.errors import UserError
from pandanet_core.weights_notes import DEFAULT_NMS_IOU

if TYPE_CHECKING:
    from pandanet_app.commands.detection.cameras import CameraChoice
    from pandanet_app.commands.detection.outputs import Output
    from pandanet_app.commands.detection.selection import Selection
    from pandanet_core.detector import Detector
    from pandanet_core.video import FrameSource

_INTERRUPTED, _WRONG_USE = 130, 2


@dataclass(frozen=True)
class Detect:
    """Find the people of videos, pictures, folders of pictures or live cameras, in 2D and 3D."""

    inputs: Annotated[tuple[str | Path, ...], tyro.conf.Positional]
    """Videos, pictures, folders of pictures, webcam numbers (0 is the first) or addresses
    (rtsp://...)."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Parquet file, a row a person a frame; with several inputs a folder."""

    overlay: Path | None = None
    """Also write a film (.mp4) with the people drawn on it, or of one picture a picture (.png,
    .jpg); with several inputs a folder."""

    trace: Path | None = None
    """Also write a trace of every frame, for the anchor lab, to this folder; with several inputs to
    a folder in it for each. Every frame then takes about a tenth of a second longer."""

    range: str | None = None
    """Only frames A:B; the first is 0, B is left out, either may be missing."""

    every: int = 1
    """Only every N-th frame."""

    weights: Path | None = None
    """Weights (.safetensors); without, those that come with PandaNet."""

    min_score: float | None = None
    """Leave out people who score less, 0 to 1; without, what the weights recommend, or else 0.3."""

    nms_iou: float = DEFAULT_NMS_IOU
    """Of two people whose boxes overlap more than this, keep the better, 0 to 1."""

    fov: float | None = None
    """Horizontal field of view of the camera in degrees; without, 60 is assumed."""

    intrinsics: Path | None = None
    """Instead of --fov: a JSON file with fx, fy, cx, cy, width, height of the camera in pixels."""

    stature_m: float = 1.70
    """Height that people are taken to have, in metres: it sets the scale of 3D positions."""

    max_side_px: int | None = None
    """Shrink larger pictures to this longer side for the network, in pixels; without, 4096."""

    threads: int | None = None
    """CPU threads of the network; without, one a core."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    """Where the network runs."""

    progress: Literal["rich", "json", "none"] = "rich"
    """A bar, JSON lines on standard output, or nothing."""

    def run(self) -> int:
        """Detect; Ctrl+C keeps the finished frames and exits with 130."""
        from pandanet_app.commands.detection.cameras import CameraChoice
        from pandanet_app.commands.detection.interruption import stop_on_signal
        from pandanet_app.commands.detection.outputs import plan_outputs
        from pandanet_app.commands.detection.selection import Selection
        from pandanet_core.video import open_source

        inputs = [str(text) for text in self.inputs]
        selection = Selection.parse(self.range, self.every)
        cameras = CameraChoice.of_options(self.fov, self.intrinsics)
        outputs = plan_outputs(inputs, self.output, self.overlay, self.trace)
        detector, code = None, 0
        with stop_on_signal() as stop:
            for text, output in zip(inputs, outputs, strict=True):
                try:
                    source = open_source(text)
                except UserError as error:
                    if len(inputs) == 1:
                        raise
                    print(f"pandanet: {error}", file=sys.stderr)
                    code = _WRONG_USE
                    continue
                with source:
                    detector = detector or self._detector()
                    self._detect(source, selection, output, detector, cameras, stop)
                if stop.is_set():
                    return _INTERRUPTED
        return code

    def _detect(
        self,
        source: "FrameSource",
        selection: "Selection",
        output: "Output",
        detector: "Detector",
        cameras: "CameraChoice",
        stop: Event,
    ) -> None:
        from pandanet_app.commands.detection.pipeline import detect_source
        from pandanet_app.commands.detection.progress import show_progress
        from pandanet_app.commands.detection.report import report

        count = selection.count(source)
        if count == 0:
            raise UserError(
                f"--range {self.range} holds no frame of {source.name}, which has frames 0 to "
                f"{(source.frame_count or 0) - 1}."
            )
        with show_progress(self.progress, source.name, count) as show:
            outcome = detect_source(source, selection, output, detector, cameras, show, stop)
        report(source, output, outcome, count, cameras, stop.is_set(), self.progress)

    def _detector(self) -> "Detector":
        from pandanet_core.allocator import keep_blocks_for_the_next_frame
        from pandanet_core.cpu_threads import let_waiting_threads_sleep

        let_waiting_threads_sleep()
        keep_blocks_for_the_next_frame()
        from pandanet_core.detector import Detector, DetectorOptions

        options = DetectorOptions(
            min_score=self.min_score,
            nms_iou=self.nms_iou,
            max_side_px=self.max_side_px,
            threads=self.threads,
            stature_m=self.stature_m,
            device=self.device,
        )
        return Detector(self.weights, options)
