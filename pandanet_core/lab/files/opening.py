"""Opening traces: the frame can be traced again, with other settings too, without its network."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from pandanet_core.anchors import AnchorGrid, to_anchor_space
from pandanet_core.errors import UserError
from pandanet_core.lab.files.header import TraceHeader, from_json
from pandanet_core.lab.files.packing import unpack, unpack_scores
from pandanet_core.lab.files.picture import refuse_too_large
from pandanet_core.lab.files.saving import POSE3D_STEP
from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import FrameTrace, Truth
from pandanet_core.lab.tracing import trace_frame
from pandanet_core.network.pandanet import AnchorOutputs
from pandanet_core.skeleton import skeleton_named


@dataclass(frozen=True, eq=False)
class StoredTrace:
    """A trace that was read.

    Attributes:
        header: What it says about itself, with the settings that it was made with.
        maps: What the network saw; can be read at A+ and at the candidates of those settings.
        truth: Who is to be found, in px of the network's input.
        picture: (height, width, 3) uint8 RGB of maps.size_px; None where none was stored.
    """

    header: TraceHeader
    maps: FrameMaps
    truth: Truth
    picture: NDArray[np.uint8] | None

    def trace(self) -> FrameTrace:
        """The trace as it was made."""
        return trace_frame(self.maps, self.truth, self.header.settings)


def open_trace(path: Path) -> StoredTrace:
    """Read a trace; UserError where there is none, it is damaged, or it was made for a newer
    version."""
    if not path.is_file():
        raise UserError(f"There is no trace {path}; check the path.")
    try:
        arrays = _arrays(path)
        header = from_json(arrays["header"].tobytes(), path)
        return _assemble(header, arrays)
    except UserError:
        raise
    except Exception as error:  # numpy raises whatever a damaged file provokes
        raise UserError(f"{path} is damaged or no trace; write it again.") from error


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    refuse_too_large(path)
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def _assemble(header: TraceHeader, arrays: Mapping[str, NDArray[Any]]) -> StoredTrace:
    skeleton = skeleton_named(header.skeleton)
    sizes = arrays["anchor_sizes"]
    shape = (len(sizes), header.rows, header.columns)
    cells, joints = len(arrays["cells"]), skeleton.joint_count
    candidates, people = len(arrays["candidates"]), len(arrays["truth_boxes"])
    ignored = len(arrays["truth_ignored"])
    expected: dict[str, tuple[tuple[int, ...], type]] = {
        "anchor_sizes": ((shape[0], 2), np.float32),
        "scores": (shape, np.int8),
        "cells": ((cells,), np.int32),
        "cell_scores": ((cells,), np.float32),
        "cell_boxes": ((2, cells, 4), np.uint8),
        "cell_pose2d": ((2, cells, joints, 2), np.uint8),
        "candidates": ((candidates,), np.int32),
        "candidate_boxes": ((candidates, 4), np.float32),
        "candidate_pose3d": ((2, candidates, joints, 3), np.uint8),
        "truth_boxes": ((people, 4), np.float32),
        "truth_pose2d": ((people, joints, 2), np.float32),
        "truth_has_2d": ((people, joints), np.bool_),
        "truth_pose3d_mm": ((people, joints, 3), np.float32),
        "truth_has_3d": ((people, joints), np.bool_),
        "truth_height": ((people,), np.float32),
        "truth_ignored": ((ignored, 4), np.float32),
    }
    for name, (wanted, kind) in expected.items():
        array = arrays[name]
        if array.shape != wanted or array.dtype != kind or not np.isfinite(array).all():
            raise ValueError(name)
    read = _stored_cells(header, arrays, shape)
    truth = Truth(
        boxes=arrays["truth_boxes"],
        pose2d=arrays["truth_pose2d"],
        has_2d=arrays["truth_has_2d"],
        skeleton=skeleton,
        name=header.truth,
        pose3d_mm=arrays["truth_pose3d_mm"],
        has_3d=arrays["truth_has_3d"],
        height_px=arrays["truth_height"],
        ignored_boxes=arrays["truth_ignored"],
    )
    stretch = np.array(header.stretch, np.float32)
    scores = torch.from_numpy(_scores(header, arrays))
    maps = FrameMaps(header.name, skeleton, read.grid, scores, read, header.size_px, stretch)
    return StoredTrace(header, maps, truth, _picture(arrays["picture"], header.size_px))


def _stored_cells(
    header: TraceHeader, arrays: Mapping[str, NDArray[Any]], shape: tuple[int, int, int]
) -> "_StoredCells":
    cells, sizes = arrays["cells"].astype(np.int64), arrays["anchor_sizes"]
    rising = (np.diff(cells) > 0).all()
    inside = not len(cells) or (cells[0] >= 0 and cells[-1] < np.prod(shape))
    at = np.searchsorted(cells, arrays["candidates"])
    if not rising or not inside or not shape[0] or (sizes <= 0).any():
        raise ValueError("cells")
    if (cells[np.minimum(at, len(cells) - 1)] != arrays["candidates"]).any():
        raise ValueError("candidates")
    grid = AnchorGrid(torch.from_numpy(sizes), header.stride, header.rows, header.columns)
    pose2d = unpack(arrays["cell_pose2d"], header.step_px)
    boxes = unpack(arrays["cell_boxes"], header.step_px)
    boxes[at] = arrays["candidate_boxes"]
    pose3d = np.full((*pose2d.shape[:2], 3), np.nan, np.float32)
    pose3d[at] = unpack(arrays["candidate_pose3d"], POSE3D_STEP)
    return _StoredCells(
        grid,
        torch.from_numpy(cells),
        torch.from_numpy(boxes),
        torch.from_numpy(pose2d),
        torch.from_numpy(pose3d),
        header,
    )


def _scores(header: TraceHeader, arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """(N_A, rows, columns): exact where something was read; elsewhere coarse, and no candidates."""
    scores = unpack_scores(arrays["scores"])
    exact = np.full(scores.size, np.nan, np.float32)
    exact[arrays["cells"]] = arrays["cell_scores"]
    least = np.float32(header.kept_score)
    if len(arrays["candidates"]) >= header.settings.top_k:
        least = np.nextafter(exact[arrays["candidates"]].min(), np.float32(0))
    known = exact.reshape(scores.shape)
    return np.where(np.isnan(known), np.minimum(scores, least), known)


def _picture(encoded: NDArray[Any], size_px: tuple[int, int]) -> NDArray[np.uint8] | None:
    if not len(encoded):
        return None
    picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    if picture is None or picture.shape[1::-1] != size_px:
        raise ValueError("picture")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


@dataclass(frozen=True, eq=False)
class _StoredCells:
    """What the network said at R anchors.

    Attributes:
        grid: Its anchors.
        cells: (R,) numbered through the grid, rising.
        boxes: (R, 4) px.
        pose2d_px: (R, K, 2) px.
        pose3d: (R, K, 3); NaN but at candidates.
        header: What decided which anchors these are.
    """

    grid: AnchorGrid
    cells: Tensor
    boxes: Tensor
    pose2d_px: Tensor
    pose3d: Tensor
    header: TraceHeader

    def __call__(
        self, anchor: Tensor, row: Tensor, column: Tensor, with_pose3d: bool = True
    ) -> AnchorOutputs:
        """UserError where one of the anchors was not stored."""
        wanted = (anchor * self.grid.rows + row) * self.grid.columns + column
        at = torch.searchsorted(self.cells, wanted).clamp(max=max(len(self.cells) - 1, 0))
        if len(wanted) and (not len(self.cells) or (self.cells[at] != wanted).any()):
            raise UserError(
                f"The trace of {self.header.name} holds only anchors with a PONO over "
                f"{self.header.settings.positive_above:g} and candidates that score over "
                f"{self.header.kept_score:g}; choose thresholds above these and the network's own "
                "anchors, or open the video with the weights."
            )
        pose2d_px = self.pose2d_px[at]
        anchor_boxes = self.grid.boxes_at(anchor, row, column)
        return AnchorOutputs(
            self.boxes[at],
            to_anchor_space(pose2d_px, anchor_boxes),
            pose2d_px,
            self.pose3d[at] if with_pose3d else self.pose3d[at, :0],
        )
