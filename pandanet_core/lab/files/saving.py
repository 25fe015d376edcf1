"""Writing the trace of a frame: everything that it was made from, so that it can be made again."""

import io
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pandanet_core import __version__
from pandanet_core.files import part_path, publish, write_error
from pandanet_core.lab.files.header import FrameOrigin, TraceHeader, to_json
from pandanet_core.lab.files.packing import pack, pack_scores, step_for
from pandanet_core.lab.frame_maps import FrameMaps
from pandanet_core.lab.frame_trace import FrameTrace
from pandanet_core.readout_trace import ReadoutTrace

POSE3D_STEP = 1e-4
"""Of the sum of a person's bone lengths: less than half a millimetre."""

_JPEG_QUALITY = 80


def save_trace(
    path: Path,
    maps: FrameMaps,
    trace: FrameTrace,
    origin: FrameOrigin | None = None,
    picture: NDArray[np.uint8] | None = None,
) -> None:
    """Write a trace, about half a megabyte for 60 people; a kill leaves no half of one.

    Stored are the truth, the scores of all anchors, and what the network says at A+ and at every
    candidate: scores and boxes as they are, 2D poses to a sixteenth of a pixel, and the candidates'
    3D poses to half a millimetre.

    Args:
        path: File to write, NAME.trace.
        maps: What the trace was made from.
        trace: Made with the network's own anchors.
        origin: Where the frame comes from.
        picture: (height, width, 3) uint8 RGB of maps.size_px, to be looked at without the source.

    Raises:
        UserError: The disk does not take it.
        ValueError: The trace was made with other anchors.
    """
    if trace.settings.anchors_px is not None:
        raise ValueError("a trace with other anchors than the network's cannot be stored")
    part = part_path(path)
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **_arrays(maps, trace, origin, picture))
    try:
        part.write_bytes(content.getbuffer())
        publish(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise write_error(error, path) from error


def _arrays(
    maps: FrameMaps,
    trace: FrameTrace,
    origin: FrameOrigin | None,
    picture: NDArray[np.uint8] | None,
) -> dict[str, NDArray[Any]]:
    positives, readout, truth = trace.positives, trace.readout, trace.truth
    shape = trace.own_grid.shape
    at_positives = np.ravel_multi_index((positives.anchor, positives.row, positives.column), shape)
    at_candidates = np.ravel_multi_index((readout.anchor, readout.row, readout.column), shape)
    cells, first = np.unique(np.concatenate([at_positives, at_candidates]), return_index=True)
    scores = np.concatenate([positives.scores, readout.scores])[first]
    boxes = np.concatenate([positives.boxes, readout.boxes])[first]
    pose2d = np.concatenate([positives.pose2d, trace.candidate_pose2d])[first]
    step = step_for(pose2d)
    return {
        "header": np.frombuffer(to_json(_header(maps, trace, origin, step)), np.uint8),
        "anchor_sizes": trace.own_grid.sizes_px.astype(np.float32),
        "scores": pack_scores(maps.scores.cpu().numpy()),
        "cells": cells.astype(np.int32),
        "cell_scores": scores.astype(np.float32),
        "cell_boxes": boxes.astype(np.float32),
        "cell_pose2d": pack(pose2d, step),
        "candidates": at_candidates.astype(np.int32),
        "candidate_pose3d": pack(_pose3d(maps, readout), POSE3D_STEP),
        "truth_boxes": truth.boxes.astype(np.float32),
        "truth_pose2d": truth.pose2d.astype(np.float32),
        "truth_has_2d": truth.has_2d,
        "truth_pose3d_mm": truth.pose3d_mm.astype(np.float32),
        "truth_has_3d": truth.has_3d,
        "truth_height": truth.height_px.astype(np.float32),
        "truth_ignored": truth.ignored_boxes.astype(np.float32),
        "picture": np.zeros(0, np.uint8) if picture is None else _jpeg(picture),
    }


@torch.inference_mode()
def _pose3d(maps: FrameMaps, readout: ReadoutTrace) -> NDArray[np.float32]:
    """(C, K, 3) of the candidates."""
    device = maps.scores.device
    at = (torch.from_numpy(part) for part in (readout.anchor, readout.row, readout.column))
    pose3d: NDArray[np.float32] = maps.read(*(part.to(device) for part in at)).pose3d.cpu().numpy()
    return pose3d


def _header(
    maps: FrameMaps, trace: FrameTrace, origin: FrameOrigin | None, step: float
) -> TraceHeader:
    return TraceHeader(
        name=trace.name,
        origin=origin or FrameOrigin(),
        program=__version__,
        skeleton=maps.skeleton.name,
        truth=trace.truth.name,
        size_px=trace.size_px,
        stretch=(float(trace.stretch[0]), float(trace.stretch[1])),
        stride=trace.own_grid.stride,
        rows=trace.own_grid.rows,
        columns=trace.own_grid.columns,
        pose_step_px=step,
        settings=trace.settings,
    )


def _jpeg(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    return np.asarray(encoded, np.uint8).ravel()
