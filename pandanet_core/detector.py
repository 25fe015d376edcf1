"""Pictures in, people out: the whole network with its readout and placement in camera space."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core.anchors import AnchorGrid
from pandanet_core.assets import asset_path
from pandanet_core.boxes import clip_boxes
from pandanet_core.camera import Camera, place
from pandanet_core.cpu_threads import use_threads
from pandanet_core.detections import Detections
from pandanet_core.errors import UserError
from pandanet_core.network.layers import fuse_batch_norm
from pandanet_core.network.pandanet import HeadFeatures
from pandanet_core.network.pictures import as_batch
from pandanet_core.readout import find_candidates, read_people
from pandanet_core.readout_trace import People, ReadoutSettings, ReadoutTrace
from pandanet_core.skeleton import Skeleton
from pandanet_core.weights import load_weights
from pandanet_core.weights_notes import DEFAULT_MIN_SCORE, DEFAULT_NMS_IOU, recommended_score

DEFAULT_WEIGHTS = "weights/pandanet-small.safetensors"

MEAN_STATURE_M = 1.70
"""Population mean from which sizes are taken when they are not given: one picture does not show
them."""

BONE_SUM_PER_STATURE = 2.46
"""Sum of JTA22's bone lengths divided by stature (benchmarks/body_proportions.py measures it)."""

LARGEST_SIDE_PX = 4096
"""Longer pictures are shrunk to this before they meet the network, unless told otherwise."""

LEAST_SIDE_PX = 32
"""A picture whose shorter side is below this shows nobody."""


@dataclass(frozen=True)
class DetectorOptions:
    """How to detect.

    Attributes:
        min_score: People who score less are left out; None: what the weights recommend, or 0.3.
        nms_iou: Of two people whose boxes overlap more than this IoU, the better stays.
        top_k: Candidates before NMS.
        max_side_px: Longer pictures are shrunk to this for the network; None: 4096.
        threads: CPU threads; None: torch's choice.
        stature_m: Height that every person is taken to have, metres.
        device: "auto", "cpu" or "cuda".
    """

    min_score: float | None = None
    nms_iou: float = DEFAULT_NMS_IOU
    top_k: int = 1000
    max_side_px: int | None = None
    threads: int | None = None
    stature_m: float = MEAN_STATURE_M
    device: str = "auto"

    def __post_init__(self) -> None:
        for name, value in (("score", self.min_score), ("NMS overlap", self.nms_iou)):
            if value is not None and not 0 <= value <= 1:
                raise UserError(f"The {name} threshold is {value:g}; give one between 0 and 1.")
        if not 0.3 <= self.stature_m <= 3:
            raise UserError(f"The stature is {self.stature_m:g} m; give one between 0.3 and 3 m.")
        if self.max_side_px is not None and self.max_side_px < LEAST_SIDE_PX:
            raise UserError(
                f"The input's longer side is {self.max_side_px} px; give at least {LEAST_SIDE_PX}."
            )


@dataclass(frozen=True, eq=False)
class Examination:
    """Everything that led to the detections of one picture.

    Attributes:
        detections: N people, in the picture's own pixels.
        candidate: (N,) which candidate of the trace each of them was.
        trace: All candidates, in px of the network's input.
        features: What the heads saw, a batch of one.
        grid: The anchors of the network's input.
        stretch: (2,) from px of the network's input to the picture's own, x and y.
    """

    detections: Detections
    candidate: NDArray[np.int64]
    trace: ReadoutTrace
    features: HeadFeatures
    grid: AnchorGrid
    stretch: NDArray[np.float32]


class Detector:
    """Finds people in pictures; keeps no state between them."""

    def __init__(self, weights: Path | None = None, options: DetectorOptions | None = None) -> None:
        """Load weights (the packaged ones when None); UserError when they or the device are not
        usable."""
        self.options = options or DetectorOptions()
        self._device = _choose_device(self.options.device)
        use_threads(self.options.threads)
        loaded = load_weights(weights or asset_path(DEFAULT_WEIGHTS))
        self.skeleton: Skeleton = loaded.skeleton
        self.weights_name = loaded.name
        self.weights_sha256 = loaded.sha256
        self.min_score = self._least_score(recommended_score(loaded.notes))
        self.mean_pose3d: NDArray[np.float32] = loaded.mean_pose3d.numpy()
        self.notes: Mapping[str, Any] = loaded.notes or {}
        self.network = loaded.network
        fuse_batch_norm(self.network)
        self.network.to(self._device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._bfloat16 = _bfloat16_is_fast(self._device)

    def _least_score(self, recommended: float | None) -> float:
        """What the person says goes before what the weights recommend."""
        choices = (self.options.min_score, recommended, DEFAULT_MIN_SCORE)
        return next(score for score in choices if score is not None)

    @property
    def engine(self) -> str:
        """What computes, in words for the window and the reports."""
        precision = "bfloat16" if self._bfloat16 else "float32"
        if self._device.type == "cuda":
            return f"torch {precision}, {torch.cuda.get_device_name(self._device)}"
        return f"torch {precision}, {torch.get_num_threads()} CPU threads"

    @property
    def scale_source(self) -> str:
        """Where people's sizes come from, in words."""
        if self.options.stature_m == MEAN_STATURE_M:
            return f"population mean {MEAN_STATURE_M:.2f} m stature"
        return f"given stature {self.options.stature_m:.2f} m"

    def __call__(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Detections:
        """Find the people of one picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            camera: Its intrinsics; None assumes the default field of view.

        Returns:
            People in falling order of score, in the picture's own pixels.
        """
        return self.detect(image, camera)[0]

    def detect(
        self, image: NDArray[np.uint8], camera: Camera | None = None
    ) -> tuple[Detections, ReadoutTrace | None]:
        """As calling, with the trace of all candidates in pixels of the network's input; None for
        tiny pictures."""
        examined = self.examine(image, camera)
        if examined is None:
            return Detections.empty(self.skeleton.joint_count), None
        return examined.detections, examined.trace

    def examine(self, image: NDArray[np.uint8], camera: Camera | None = None) -> Examination | None:
        """As calling, with everything that led to the detections; None for tiny pictures."""
        height, width = image.shape[:2]
        if min(height, width) < LEAST_SIDE_PX:
            return None
        scale = min(1.0, (self.options.max_side_px or LARGEST_SIDE_PX) / max(height, width))
        size = (max(round(width * scale), 1), max(round(height * scale), 1))
        resized = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        features, grid = self._look(resized)
        settings = ReadoutSettings(self.min_score, self.options.nms_iou, self.options.top_k)
        trace = find_candidates(self.network, features, grid, settings)
        people = read_people(self.network, features, grid, trace)
        stretch = np.array([width / size[0], height / size[1]], np.float32)
        camera = camera or Camera.from_fov(width, height)
        placed = self._place(people, stretch, camera, (width, height))
        inside = (placed.boxes[:, 2] > placed.boxes[:, 0]) & (
            placed.boxes[:, 3] > placed.boxes[:, 1]
        )
        return Examination(
            placed.take(inside), trace.survivors[inside], trace, features, grid, stretch
        )

    @torch.inference_mode()
    def _look(self, image: NDArray[Any]) -> tuple[HeadFeatures, AnchorGrid]:
        """The network's features of a picture, and the anchors it is covered with."""
        batch = as_batch(image).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
            features = self.network(batch)
        return features, self.network.grid(*batch.shape[2:])

    def _place(
        self, people: People, stretch: NDArray[np.float32], camera: Camera, size: tuple[int, int]
    ) -> Detections:
        """People in the picture's own pixels and in camera space; boxes in the padding beside it
        become empty.

        Poses keep the size that the network gives them: an unsure pose is a mean of several and so
        shorter than any of them, and stretching it to the full size would only enlarge its error.
        """
        pose3d = people.pose3d
        pose2d = people.pose2d * stretch
        size_mm = np.full(
            len(pose3d), self.options.stature_m * 1000 * BONE_SUM_PER_STATURE, np.float32
        )
        root = place(pose2d, pose3d * size_mm[:, None, None], camera)
        boxes = clip_boxes(people.boxes * np.tile(stretch, 2), *size)
        return Detections(boxes, people.scores, pose2d, pose3d, root, size_mm)


def _choose_device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "No CUDA device is available; choose the device cpu or auto ('pandanet doctor' says "
            "more)."
        )
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _bfloat16_is_fast(device: torch.device) -> bool:
    """Whether the device computes bfloat16 in hardware; elsewhere it would only be slower."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return (
        bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and torch.cpu._is_avx512_bf16_supported()
    )
