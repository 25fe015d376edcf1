"""Writing the trace of a frame: everything that it was made from, so that it can be made again."""

import io
from dataclasses import replace
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
from pandanet_core.lab.frame_trace import FrameTrace, LabSettings
from pandanet_core.network.pandanet import AnchorOutputs
from pandanet_core.readout import best_anchors

POSE3D_STEP = 1e-4
"""Of the sum of a person's bone lengths: less than half a millimetre."""

KEPT_SCORE = 0.1
"""Candidates that score less than the settings ask, but more than this, are stored too: what if?"""

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
    candidate from KEPT_SCORE on: scores and the candidates' boxes as they are, so that suppression
    comes out the same, 2D poses and other boxes to a sixteenth of a pixel, the candidates' 3D poses
    to half a millimetre.

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
    kept_score = min(KEPT_SCORE, trace.settings.min_score)
    candidates, scores, outputs = _candidates(maps, replace(trace.settings, min_score=kept_score))
    positives, truth, grid = trace.positives, trace.truth, trace.own_grid
    at_positives = _cells(grid.shape, positives.anchor, positives.row, positives.column)
    cells, first = np.unique(np.concatenate([at_positives, candidates]), return_index=True)
    pose2d = np.concatenate([positives.pose2d, outputs.pose2d_px.cpu().numpy()])[first]
    step = max(step_for(pose2d), step_for(positives.boxes), step_for(outputs.boxes.cpu().numpy()))
    header = TraceHeader(
        name=trace.name,
        origin=origin or FrameOrigin(),
        program=__version__,
        skeleton=maps.skeleton.name,
        truth=truth.name,
        size_px=trace.size_px,
        stretch=(float(trace.stretch[0]), float(trace.stretch[1])),
        stride=grid.stride,
        rows=grid.rows,
        columns=grid.columns,
        step_px=step,
        kept_score=kept_score,
        settings=trace.settings,
    )
    return {
        "header": np.frombuffer(to_json(header), np.uint8),
        "anchor_sizes": _float32(grid.sizes_px),
        "scores": pack_scores(maps.scores.cpu().numpy()),
        "cells": cells.astype(np.int32),
        "cell_scores": _float32(np.concatenate([positives.scores, scores])[first]),
        "cell_boxes": pack(np.concatenate([positives.boxes, outputs.boxes.cpu()])[first], step),
        "cell_pose2d": pack(pose2d, step),
        "candidates": candidates.astype(np.int32),
        "candidate_boxes": _float32(outputs.boxes.cpu().numpy()),
        "candidate_pose3d": pack(outputs.pose3d.cpu().numpy(), POSE3D_STEP),
        "truth_boxes": _float32(truth.boxes),
        "truth_pose2d": _float32(truth.pose2d),
        "truth_has_2d": truth.has_2d,
        "truth_pose3d_mm": _float32(truth.pose3d_mm),
        "truth_has_3d": truth.has_3d,
        "truth_height": _float32(truth.height_px),
        "truth_ignored": _float32(truth.ignored_boxes),
        "picture": np.zeros(0, np.uint8) if picture is None else _jpeg(picture),
    }


@torch.inference_mode()
def _candidates(
    maps: FrameMaps, settings: LabSettings
) -> tuple[NDArray[np.int64], NDArray[np.float32], AnchorOutputs]:
    """(C,) anchors numbered through the grid, their scores, and what the network says there."""
    at = best_anchors(maps.scores, settings.readout)
    cells = _cells(maps.grid.shape, *(part.cpu().numpy() for part in at))
    return cells, maps.scores[at].cpu().numpy(), maps.read(*at)


def _cells(shape: tuple[int, int, int], *at: NDArray[np.int64]) -> NDArray[np.int64]:
    cells: NDArray[np.int64] = np.ravel_multi_index(at, shape)
    return cells


def _float32(values: NDArray[Any]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _jpeg(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    return np.asarray(encoded, np.uint8).ravel()
